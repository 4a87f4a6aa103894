package org.zoufang.app.appointments

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.RowCard
import org.zoufang.app.look.UnsentMark
import org.zoufang.app.words.Words
import org.zoufang.app.words.of
import org.zoufang.app.words.timesOf
import org.zoufang.core.AppointmentView
import org.zoufang.core.SyncState
import org.zoufang.core.Word

/** What a person can do with the list of appointments. */
class AppointmentsEvents(val back: () -> Unit, val openAppointment: (UUID) -> Unit)

/** The appointments that are not over, by time. */
@Composable
fun AppointmentsScreen(state: AppointmentsState, events: AppointmentsEvents) = Ground {
    val words = LocalWords.current
    Head(words.appointments, "", events.back)
    LazyColumn(
        Modifier.fillMaxSize().testTag("appointments"), contentPadding = PaddingValues(EDGE, 8.dp),
        verticalArrangement = Arrangement.spacedBy(8.dp),
    ) {
        state.problem?.let { item("problem") { ProblemCard(it) } }
        val appointments = state.appointments ?: return@LazyColumn
        if (appointments.isEmpty()) item("none") { Text(words.noAppointments, style = MaterialTheme.typography.bodyLarge) }
        items(appointments, key = { it.id }) { AppointmentCard(it, state.now, state.zone, events.openAppointment) }
    }
}

/** An appointment in a list: whose, what for and when, where it stands. */
@Composable
internal fun AppointmentCard(appointment: AppointmentView, now: Instant, zone: ZoneId, onTap: (UUID) -> Unit) =
    RowCard("appointment-${appointment.id}", onTap = { onTap(appointment.id) }) {
        Text(appointment.title, style = MaterialTheme.typography.titleMedium)
        AppointmentLines(appointment, now, zone)
    }

/** What for and when, and where it stands. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun AppointmentLines(appointment: AppointmentView, now: Instant, zone: ZoneId) {
    val words = LocalWords.current
    Text(words.plan(appointment, now, zone), style = MaterialTheme.typography.bodyMedium)
    if (appointment.note.isNotEmpty()) {
        Text(appointment.note, color = MaterialTheme.colorScheme.onSurfaceVariant, maxLines = 2, style = MaterialTheme.typography.bodyMedium)
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        val state = words.of(Word.OfAppointment(appointment.state))
        Mark(state, MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
        if (appointment.isOverdue) Mark(words.timeHasPassed)
        if (appointment.clashes.isNotEmpty()) Mark(words.clashesWith(appointment.clashes.size))
        if (appointment.hasConflict) Mark(words.clash)
        UnsentMark(appointment.sync == SyncState.QUEUED)
        if (appointment.sync == SyncState.QUARANTINED) Mark(words.quarantine)
    }
}

/** What for, and when if a time is agreed. */
private fun Words.plan(appointment: AppointmentView, now: Instant, zone: ZoneId): String =
    listOfNotNull(of(Word.OfPurpose(appointment.purpose)), appointment.slot?.let { timesOf(it, now, zone) }).joinToString(" · ")
