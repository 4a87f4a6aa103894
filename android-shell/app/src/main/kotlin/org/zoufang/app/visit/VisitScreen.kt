package org.zoufang.app.visit

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import java.util.UUID
import org.zoufang.app.look.AskDiscard
import org.zoufang.app.look.Choice
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Foot
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.NoticeCard
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.Writing
import org.zoufang.app.look.YesNo
import org.zoufang.app.words.of
import org.zoufang.core.Duty
import org.zoufang.core.NoticeView
import org.zoufang.core.VisitDraftFields
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.Word

/** Fields that have their own place on this page; what is said of another stands at its head. */
private val SHOWN = setOf("mode", "outcome", "duties", "note", "notices")

/** What a person can do with a visit that is being written. */
class VisitEvents(
    val back: () -> Unit,
    val chooseMode: (VisitMode) -> Unit,
    val chooseOutcome: (VisitOutcome) -> Unit,
    val toggleDuty: (Duty) -> Unit,
    val writeNote: (String) -> Unit,
    val markFollowUp: (Boolean) -> Unit,
    val give: (UUID, Boolean) -> Unit,
    val save: () -> Unit,
    val askWhetherToDiscard: (Boolean) -> Unit,
    val discard: () -> Unit,
)

/** A visit, while it is written. */
@Composable
fun VisitScreen(state: VisitState, events: VisitEvents, notices: List<NoticeView> = emptyList()) = Ground {
    val words = LocalWords.current
    Head(words.visit, state.address, events.back)
    val fields = state.fields
    val field = state.problem?.field?.takeIf { it in SHOWN }
    fun problemOf(name: String) = state.problem?.takeIf { field == name }?.let { words.titleOf(it.message) }
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 4.dp), Arrangement.spacedBy(4.dp)) {
        state.problem?.takeIf { field == null }?.let { problem ->
            ProblemCard(problem, fieldLabel = problem.field?.let { words.of(Word.OfField(it)) })
        }
        if (fields != null) {
            if (fields.appointment != null) NoticeCard(words.forAppointment)
            Choice(
                words.outcome, VisitOutcome.entries, setOfNotNull(fields.outcome), { words.of(Word.OfOutcome(it)) },
                "outcome", problemOf("outcome"), events.chooseOutcome,
            )
            Choice(
                words.mode, VisitMode.entries, setOfNotNull(fields.mode), { words.of(Word.OfMode(it)) },
                "mode", problemOf("mode"), events.chooseMode,
            )
            Choice(
                words.duties, Duty.entries, fields.duties.toSet(), { words.of(Word.OfDuty(it)) },
                "duty", problemOf("duties"), events.toggleDuty,
            )
            Writing(words.note, fields.note, "note", lines = 4..Int.MAX_VALUE, problem = problemOf("note"), onWrite = events.writeNote)
            YesNo(words.needsFollowUp, fields.needsFollowUp, "follow-up", events.markFollowUp)
            Given(fields, notices, problemOf("notices"), events.give)
            TextButton({ events.askWhetherToDiscard(true) }, Modifier.heightIn(min = TOUCH_LEAST).testTag("discard")) { Text(words.discard) }
        }
    }
    if (fields != null) Foot(state.isSaving, events.save)
    if (state.asksWhetherToDiscard) AskDiscard(events.discard) { events.askWhetherToDiscard(false) }
}

/** Which notices were given at this home. */
@Composable
private fun Given(fields: VisitDraftFields, notices: List<NoticeView>, problem: String?, onGive: (UUID, Boolean) -> Unit) {
    if (notices.isEmpty()) return
    val words = LocalWords.current
    Title(words.noticesGiven)
    notices.forEach { notice -> YesNo(notice.title, notice.id in fields.notices, "give-${notice.id}") { onGive(notice.id, it) } }
    if (problem != null) Text(words.labelled(words.noticesGiven, problem), color = MaterialTheme.colorScheme.error, style = MaterialTheme.typography.bodyMedium)
}
