package org.zoufang.app.today

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.words.dayOf
import org.zoufang.app.words.of
import org.zoufang.core.ConflictSide
import org.zoufang.core.ConflictView
import org.zoufang.core.QuarantineView
import org.zoufang.core.Word

/** What a person can do with what is held. */
class HeldEvents(val back: () -> Unit, val settle: (ConflictView, ConflictSide) -> Unit)

/** What stands against each other, a button a side to settle it, and what waits for a supervisor, to be read. */
@Composable
fun HeldScreen(state: HeldState, events: HeldEvents) = Ground {
    val words = LocalWords.current
    Head(words.heldTitle, "", events.back)
    LazyColumn(Modifier.fillMaxSize(), contentPadding = PaddingValues(EDGE, 8.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
        state.problem?.let { item { ProblemCard(it) } }
        if (state.conflicts.isNotEmpty()) item { Title(words.conflicts) }
        items(state.conflicts) { Conflict(it, state, events.settle) }
        if (state.quarantined.isNotEmpty()) item { Title(words.quarantine) }
        items(state.quarantined) { Quarantined(it) }
    }
}

@Composable
private fun Plain(tag: String, content: @Composable () -> Unit) {
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.surfaceContainerLowest, MaterialTheme.colorScheme.onSurface)
    Card(Modifier.fillMaxWidth().testTag(tag), colors = card, elevation = CardDefaults.cardElevation(1.dp)) {
        Column(Modifier.padding(EDGE, 10.dp), Arrangement.spacedBy(4.dp)) { content() }
    }
}

@Composable
private fun Conflict(conflict: ConflictView, state: HeldState, onSettle: (ConflictView, ConflictSide) -> Unit) = Plain("conflict") {
    val words = LocalWords.current
    Text(words.labelled(conflict.title, words.of(Word.OfField(conflict.field))), style = MaterialTheme.typography.titleMedium)
    Text(words.settleExplained, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
    Text(words.before(conflict.base.text.ifEmpty { words.emptyValue }), style = MaterialTheme.typography.bodyMedium)
    conflict.sides.forEach { side ->
        Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), Alignment.CenterVertically) {
            Column(Modifier.weight(1f)) {
                Text(side.value.text.ifEmpty { words.emptyValue }, style = MaterialTheme.typography.bodyLarge)
                val by = words.writtenBy(side.whoName ?: words.someone, words.dayOf(side.at, state.now, state.zone))
                Text(by, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
            }
            val choose = Modifier.heightIn(min = TOUCH_LEAST).testTag("settle-${side.value.text}")
            OutlinedButton({ onSettle(conflict, side) }, choose) { Text(words.settle) }
        }
    }
}

@Composable
private fun Quarantined(held: QuarantineView) = Plain("quarantined") {
    val words = LocalWords.current
    Text(words.labelled(words.of(Word.OfRecord(held.kind)), held.title), style = MaterialTheme.typography.titleMedium)
    Text(words.said(held.reason), style = MaterialTheme.typography.bodyMedium)
    held.field?.let { Text(words.of(Word.OfField(it)), style = MaterialTheme.typography.bodyMedium) }
    held.decision?.let { decided ->
        Text(words.said(decided.what), style = MaterialTheme.typography.bodyMedium)
        decided.answer?.let { Text(it, style = MaterialTheme.typography.bodyMedium) }
    }
}
