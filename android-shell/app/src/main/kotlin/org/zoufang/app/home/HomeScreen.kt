package org.zoufang.app.home

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Button
import androidx.compose.material3.HorizontalDivider
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.NoticeCard
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.UnsentMark
import org.zoufang.app.words.Words
import org.zoufang.app.words.dayOf
import org.zoufang.app.words.of
import org.zoufang.core.DraftFields
import org.zoufang.core.DraftView
import org.zoufang.core.HomeView
import org.zoufang.core.MatterUrgency
import org.zoufang.core.MatterView
import org.zoufang.core.ResidentView
import org.zoufang.core.SyncState
import org.zoufang.core.VisitView
import org.zoufang.core.Word

/** What a person can do at a home. */
class HomeEvents(val back: () -> Unit, val visit: () -> Unit, val matter: () -> Unit, val goOn: (DraftView) -> Unit)

/** A home: who lives there, what was, and what may be begun. */
@Composable
fun HomeScreen(state: HomeState, events: HomeEvents) = Ground {
    val words = LocalWords.current
    val content = state.content
    Head(content?.home?.addressText.orEmpty(), content?.home?.microGridName.orEmpty(), events.back)
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 8.dp), Arrangement.spacedBy(4.dp)) {
        state.problem?.let { ProblemCard(it) }
        when (state.saved) {
            is Saved.Visit -> NoticeCard(words.visitSaved, action = words.matterOfVisit, onAction = events.matter)
            is Saved.Matter -> NoticeCard(words.matterSaved)
            null -> Unit
        }
        if (content != null) Content(content, state, events)
    }
    if (content != null) Begin(events)
}

@Composable
private fun ColumnScope.Content(content: HomeContent, state: HomeState, events: HomeEvents) {
    val words = LocalWords.current
    if (content.drafts.isNotEmpty()) {
        Title(words.unfinished)
        content.drafts.forEach { DraftLine(it, events.goOn) }
    }
    Title(words.contact)
    Contact(content.home)
    Title(words.residents)
    Lines(content.residents) { Text(words.resident(it), style = MaterialTheme.typography.bodyLarge) }
    Title(words.matters)
    Lines(content.matters) { MatterLine(it, state) }
    Title(words.visits)
    Lines(content.visits) { VisitLine(it, state) }
}

@Composable
private fun <T> Lines(all: List<T>, line: @Composable (T) -> Unit) {
    if (all.isEmpty()) Text(LocalWords.current.none, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyLarge)
    all.forEachIndexed { number, one ->
        if (number > 0) HorizontalDivider()
        Column(Modifier.fillMaxWidth().padding(vertical = 6.dp), Arrangement.spacedBy(2.dp)) { line(one) }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Contact(home: HomeView) {
    val words = LocalWords.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
        Text(home.contact ?: words.noContact, style = MaterialTheme.typography.bodyLarge)
        home.phone?.let { Text(it, style = MaterialTheme.typography.bodyLarge) }
        if (home.hasConflict) Mark(words.clash)
    }
}

private fun Words.resident(resident: ResidentView): String =
    listOfNotNull(resident.name, resident.birthYear?.toString(), of(Word.OfResidency(resident.kind))).joinToString(" · ")

@Composable
private fun DraftLine(draft: DraftView, onTap: (DraftView) -> Unit) {
    val words = LocalWords.current
    val text = when (val fields = draft.fields) {
        is DraftFields.OfVisit -> words.labelled(words.visit, fields.fields.note)
        is DraftFields.OfMatter -> words.labelled(words.matter, fields.fields.summary)
    }
    val place = Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("draft-${draft.id}")
    OutlinedButton({ onTap(draft) }, place, shape = MaterialTheme.shapes.medium) {
        Text(text, Modifier.weight(1f), maxLines = 2)
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun VisitLine(visit: VisitView, state: HomeState) {
    val words = LocalWords.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
        val title = listOf(
            words.dayOf(visit.startedAt, state.now, state.zone), words.of(Word.OfMode(visit.mode)), words.of(Word.OfVisit(visit.state)),
        )
        Text(title.joinToString(" · "), style = MaterialTheme.typography.bodyLarge)
        UnsentMark(visit.sync == SyncState.QUEUED)
        if (visit.sync == SyncState.QUARANTINED) Mark(words.quarantine)
    }
    if (visit.note.isNotBlank()) Quiet(visit.note)
    val given = visit.notices.mapNotNull { it.title }
    if (given.isNotEmpty()) Quiet(words.labelled(words.noticesGiven, words.several(given)))
}

@Composable
private fun Quiet(text: String) = Text(text, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun MatterLine(matter: MatterView, state: HomeState) {
    val words = LocalWords.current
    Text(matter.summary, style = MaterialTheme.typography.bodyLarge)
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        Mark(words.of(Word.OfMatter(matter.state)), MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
        if (matter.urgency == MatterUrgency.URGENT) Mark(words.of(Word.OfUrgency(matter.urgency)))
        if (matter.isOverdue) Mark(words.overdue)
        UnsentMark(matter.sync == SyncState.QUEUED)
        if (matter.answeredAt == null) {
            val due = words.due(words.dayOf(matter.due, state.now, state.zone))
            Text(due, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
        }
    }
}

/** What may be begun here, always within reach. */
@Composable
private fun Begin(events: HomeEvents) {
    val words = LocalWords.current
    Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
        Row(Modifier.fillMaxWidth().padding(EDGE, 8.dp), Arrangement.spacedBy(12.dp)) {
            OutlinedButton(events.matter, Modifier.weight(1f).heightIn(min = 52.dp).testTag("matter")) {
                Text(words.matter, style = MaterialTheme.typography.titleMedium)
            }
            Button(events.visit, Modifier.weight(1f).heightIn(min = 52.dp).testTag("visit")) {
                Text(words.visit, style = MaterialTheme.typography.titleMedium)
            }
        }
    }
}
