package org.zoufang.app.profiles

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.ButtonDefaults
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.Ask
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.TOUCH_LEAST

/** Stands at the head of every page of practice: that nothing here is real, and the way back. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
fun PracticeBanner(state: ProfilesState, events: ProfilesEvents) {
    val words = LocalWords.current
    Surface(Modifier.testTag("practice"), color = MaterialTheme.colorScheme.tertiaryContainer, contentColor = MaterialTheme.colorScheme.onTertiaryContainer) {
        Column(Modifier.fillMaxWidth().padding(start = EDGE, end = EDGE, top = 8.dp)) {
            Text(words.practiceBanner, style = MaterialTheme.typography.titleSmall)
            FlowRow(Modifier.fillMaxWidth(), Arrangement.SpaceBetween) {
                Way(words.leavePractice, "practice-leave", events.leavePractice)
                Way(words.beginAnew, "practice-anew") { events.askWhetherToBeginAnew(true) }
            }
        }
    }
    if (state.asksWhetherToBeginAnew) {
        Ask(words.beginAnew, words.beginAnewAsked, words.beginAnew, "anew", events.beginAnew) { events.askWhetherToBeginAnew(false) }
    }
}

@Composable
private fun Way(text: String, tag: String, onTap: () -> Unit) {
    val colours = ButtonDefaults.textButtonColors(contentColor = MaterialTheme.colorScheme.onTertiaryContainer)
    TextButton(onTap, Modifier.heightIn(min = TOUCH_LEAST).testTag(tag), colors = colours, contentPadding = ButtonDefaults.TextButtonWithIconContentPadding) {
        Text(text)
    }
}
