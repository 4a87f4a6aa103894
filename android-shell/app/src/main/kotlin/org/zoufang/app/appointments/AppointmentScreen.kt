package org.zoufang.app.appointments

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.Ask
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.MainButton
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.Writing
import org.zoufang.app.words.Words
import org.zoufang.app.words.of
import org.zoufang.app.words.timesOf
import org.zoufang.core.AppointmentView
import org.zoufang.core.RecordKind
import org.zoufang.core.TimeSlot
import org.zoufang.core.Word

/** What a person can do with an appointment. */
class AppointmentEvents(
    val back: () -> Unit,
    val openHome: () -> Unit,
    val visit: () -> Unit,
    val agree: (TimeSlot) -> Unit,
    val write: (String) -> Unit,
    val ask: (AppointmentEnd?) -> Unit,
    val say: (AppointmentEnd) -> Unit,
)

/** An appointment: what it is, the visit that it is for, and what became of it. */
@Composable
fun AppointmentScreen(state: ShownAppointment, events: AppointmentEvents) = Ground {
    val words = LocalWords.current
    val appointment = state.appointment
    Head(words.of(Word.OfRecord(RecordKind.APPOINTMENT)), appointment?.title.orEmpty(), events.back)
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 8.dp), Arrangement.spacedBy(8.dp)) {
        state.problem?.let { ProblemCard(it) }
        if (appointment != null) {
            AppointmentLines(appointment, state.now, state.zone)
            Text(words.story(appointment), color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
            TextButton(events.openHome, Modifier.heightIn(min = TOUCH_LEAST).testTag("to-home")) { Text(words.toHome) }
            Times(state, events.agree)
            Ends(state, events)
        }
    }
    if (appointment?.isAgreed == true) {
        Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
            MainButton(words.visit, state.isSaving, "visit", Modifier.padding(EDGE, 8.dp), onTap = events.visit)
        }
    }
    state.asked?.let { end -> Ask(words.nameOf(end), words.endAsked, words.nameOf(end), "end", { events.say(end) }) { events.ask(null) } }
}

/** Times to agree on, a button each. */
@Composable
private fun ColumnScope.Times(state: ShownAppointment, onAgree: (TimeSlot) -> Unit) {
    if (state.slots.isEmpty()) return
    val words = LocalWords.current
    Title(words.proposedTimes)
    state.slots.forEachIndexed { number, slot ->
        Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), Alignment.CenterVertically) {
            Text(words.timesOf(slot, state.now, state.zone), Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge)
            val place = Modifier.heightIn(min = TOUCH_LEAST).testTag("agree-$number")
            OutlinedButton({ onAgree(slot) }, place, enabled = !state.isSaving) { Text(words.agree) }
        }
    }
}

/** What may be said to have come of it. */
@Composable
private fun ColumnScope.Ends(state: ShownAppointment, events: AppointmentEvents) {
    if (state.ends.isEmpty()) return
    val words = LocalWords.current
    Title(words.whatBecame)
    state.ends.forEach { end ->
        val place = Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("end-${end.name}")
        OutlinedButton({ events.ask(end) }, place, enabled = !state.isSaving) { Text(words.nameOf(end)) }
    }
    Writing(words.cancelReason, state.reason, "cancel-reason", lines = 1..3, onWrite = events.write)
}

/** Who asked for it, who comes, and why it was moved or called off. */
private fun Words.story(appointment: AppointmentView): String = listOfNotNull(
    askedBy(of(Word.OfParty(appointment.proposedBy))), appointment.staffName?.let(::comes),
    appointment.missedBy?.let { notThere(of(Word.OfParty(it))) }, appointment.reason,
).joinToString(" · ")

/** What a person says of it, on the button and in the question. */
private fun Words.nameOf(end: AppointmentEnd): String = when (end) {
    AppointmentEnd.KEPT -> appointmentKept
    AppointmentEnd.MISSED_BY_RESIDENT -> residentMissed
    AppointmentEnd.MISSED_BY_MANAGER -> managerMissed
    AppointmentEnd.CANCELLED -> cancelAppointment
}
