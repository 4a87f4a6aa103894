package org.zoufang.app.look

import androidx.compose.foundation.ExperimentalFoundationApi
import androidx.compose.foundation.background
import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.WindowInsets
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawing
import androidx.compose.foundation.layout.windowInsetsPadding
import androidx.compose.foundation.relocation.BringIntoViewRequester
import androidx.compose.foundation.relocation.bringIntoViewRequester
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.compositionLocalOf
import androidx.compose.runtime.remember
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.clip
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp
import org.zoufang.bridge.Problem

/** The least height of what a finger touches. */
val TOUCH_LEAST = 48.dp
/** The blank at a screen's edges. */
val EDGE = 16.dp
/** From this setting of the phone's text size on, less stands side by side. */
private const val LARGE_TEXT = 1.3f

/** What stands at the head of every page while it is given: the mark of practice. */
val LocalBanner = compositionLocalOf<(@Composable () -> Unit)?> { null }

/** A page: its ground, clear of the phone's own bars and of the keyboard. */
@Composable
fun Ground(modifier: Modifier = Modifier, content: @Composable ColumnScope.() -> Unit) {
    Surface(modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) {
        Column(Modifier.windowInsetsPadding(WindowInsets.safeDrawing)) {
            LocalBanner.current?.invoke()
            content()
        }
    }
}

/** The head of a page that lies above another; with large text, the way back stands above the title and leaves it the whole width. */
@Composable
fun Head(title: String, below: String, onBack: () -> Unit) {
    if (LocalDensity.current.fontScale < LARGE_TEXT) {
        Row(Modifier.fillMaxWidth().padding(end = EDGE, top = 4.dp), verticalAlignment = Alignment.CenterVertically) {
            Back(onBack)
            Titles(title, below, Modifier.weight(1f))
        }
    } else {
        Column(Modifier.fillMaxWidth()) {
            Back(onBack)
            Titles(title, below, Modifier.padding(horizontal = EDGE))
        }
    }
}

@Composable
private fun Back(onBack: () -> Unit) {
    TextButton(onBack, Modifier.heightIn(min = TOUCH_LEAST).testTag("back")) { Text("‹ ${LocalWords.current.back}", maxLines = 1) }
}

@Composable
private fun Titles(title: String, below: String, modifier: Modifier) {
    Column(modifier) {
        Text(title, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleLarge)
        if (below.isNotEmpty()) Text(below, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
    }
}

/** Scrolls what it is given to into sight whenever [news] is new: what went wrong may stand far from the button that was tapped. */
@OptIn(ExperimentalFoundationApi::class)
@Composable
fun inSightOn(news: Any): Modifier {
    val request = remember { BringIntoViewRequester() }
    LaunchedEffect(news) { request.bringIntoView() }
    return Modifier.bringIntoViewRequester(request)
}

/** The title of a part of a page. */
@Composable
fun Title(text: String, modifier: Modifier = Modifier) {
    Text(
        text, modifier.padding(top = 12.dp, bottom = 4.dp).semantics { heading() },
        color = MaterialTheme.colorScheme.primary, style = MaterialTheme.typography.titleSmall,
    )
}

/** What went wrong and what to do; read out by a screen reader when it appears. */
@Composable
fun ProblemCard(problem: Problem, modifier: Modifier = Modifier, fieldLabel: String? = null, onRetry: (() -> Unit)? = null) {
    val words = LocalWords.current
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.errorContainer, MaterialTheme.colorScheme.onErrorContainer)
    val inSight = inSightOn(problem)
    Card(modifier.fillMaxWidth().then(inSight).testTag("problem").semantics { liveRegion = LiveRegionMode.Polite }, colors = card) {
        Column(Modifier.padding(EDGE, 12.dp), Arrangement.spacedBy(4.dp)) {
            val title = words.titleOf(problem.message)
            Text(if (fieldLabel == null) title else words.labelled(fieldLabel, title), style = MaterialTheme.typography.titleMedium)
            Text(words.detailOf(problem.message), style = MaterialTheme.typography.bodyMedium)
            if (onRetry != null) TextButton(onRetry, Modifier.heightIn(min = TOUCH_LEAST).testTag("retry")) { Text(words.retry) }
        }
    }
}

/** Something good that happened, with what may follow from it. */
@Composable
fun NoticeCard(text: String, modifier: Modifier = Modifier, action: String? = null, onAction: () -> Unit = {}) {
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.primaryContainer, MaterialTheme.colorScheme.onPrimaryContainer)
    Card(modifier.fillMaxWidth().testTag("notice").semantics { liveRegion = LiveRegionMode.Polite }, colors = card) {
        Column(Modifier.padding(EDGE, 12.dp)) {
            Text(text, style = MaterialTheme.typography.titleMedium)
            if (action != null) TextButton(onAction, Modifier.heightIn(min = TOUCH_LEAST).testTag("notice-action")) { Text(action) }
        }
    }
}

/** A mark of one or two words. */
@Composable
fun Mark(text: String, ground: Color = MaterialTheme.colorScheme.tertiaryContainer, colour: Color = MaterialTheme.colorScheme.onTertiaryContainer) {
    Text(
        text, Modifier.clip(RoundedCornerShape(6.dp)).background(ground).padding(8.dp, 2.dp),
        color = colour, style = MaterialTheme.typography.labelMedium, maxLines = 1, overflow = TextOverflow.Ellipsis,
    )
}

/** That something lies on this phone alone; practice, which is never sent, has no such mark. */
@Composable
fun UnsentMark(isUnsent: Boolean) {
    if (isUnsent && LocalBanner.current == null) Mark(LocalWords.current.unsent)
}

/** One of a list, all of which is tapped. */
@Composable
fun RowCard(tag: String, isActive: Boolean = true, onTap: () -> Unit, content: @Composable () -> Unit) {
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.surfaceContainerLowest, MaterialTheme.colorScheme.onSurface)
    Card(Modifier.fillMaxWidth().testTag(tag), colors = card, elevation = CardDefaults.cardElevation(1.dp)) {
        val touched = Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).clickable(isActive, onClick = onTap)
        Column(touched.padding(EDGE, 10.dp), Arrangement.spacedBy(4.dp)) {
            content()
        }
    }
}
