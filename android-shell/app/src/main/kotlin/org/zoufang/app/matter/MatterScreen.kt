package org.zoufang.app.matter

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.AskDiscard
import org.zoufang.app.look.Choice
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Foot
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Writing
import org.zoufang.app.words.of
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterTrack
import org.zoufang.core.MatterUrgency
import org.zoufang.core.Word

/** Fields that have their own place on this page; what is said of another stands at its head. */
private val SHOWN = setOf("kind", "track", "urgency", "summary", "done")

/** What a person can do with a matter that is being written. */
class MatterEvents(
    val back: () -> Unit,
    val chooseKind: (MatterKind) -> Unit,
    val chooseTrack: (MatterTrack) -> Unit,
    val chooseUrgency: (MatterUrgency) -> Unit,
    val writeSummary: (String) -> Unit,
    val writeDone: (String) -> Unit,
    val save: () -> Unit,
    val askWhetherToDiscard: (Boolean) -> Unit,
    val discard: () -> Unit,
)

/** A matter, while it is written. */
@Composable
fun MatterScreen(state: MatterState, events: MatterEvents) = Ground {
    val words = LocalWords.current
    Head(words.matter, state.address, events.back)
    val fields = state.fields
    val field = state.problem?.field?.takeIf { it in SHOWN }
    fun problemOf(name: String) = state.problem?.takeIf { field == name }?.let { words.titleOf(it.message) }
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 4.dp), Arrangement.spacedBy(4.dp)) {
        state.problem?.takeIf { field == null }?.let { problem ->
            ProblemCard(problem, fieldLabel = problem.field?.let { words.of(Word.OfField(it)) })
        }
        if (fields != null) {
            Writing(
                words.summary, fields.summary, "summary", lines = 3..Int.MAX_VALUE,
                problem = problemOf("summary"), onWrite = events.writeSummary,
            )
            Choice(
                words.kind, MatterKind.entries, setOfNotNull(fields.kind), { words.of(Word.OfMatterKind(it)) },
                "kind", problemOf("kind"), events.chooseKind,
            )
            Choice(
                words.track, MatterTrack.entries, setOfNotNull(fields.track), { words.of(Word.OfTrack(it)) },
                "track", problemOf("track"), events.chooseTrack,
            )
            if (state.showsDone) {
                Writing(
                    words.done, fields.done.orEmpty(), "done", lines = 2..Int.MAX_VALUE,
                    explained = words.doneExplained, problem = problemOf("done"), onWrite = events.writeDone,
                )
            }
            Choice(
                words.urgency, MatterUrgency.entries, setOfNotNull(fields.urgency), { words.of(Word.OfUrgency(it)) },
                "urgency", problemOf("urgency"), events.chooseUrgency,
            )
            TextButton({ events.askWhetherToDiscard(true) }, Modifier.heightIn(min = TOUCH_LEAST).testTag("discard")) { Text(words.discard) }
        }
    }
    if (fields != null) Foot(state.isSaving, events.save)
    if (state.asksWhetherToDiscard) AskDiscard(events.discard) { events.askWhetherToDiscard(false) }
}
