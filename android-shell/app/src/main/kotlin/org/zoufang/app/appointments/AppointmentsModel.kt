package org.zoufang.app.appointments

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.app.allPages
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.client.Groups
import org.zoufang.core.AppointmentState
import org.zoufang.core.AppointmentView
import org.zoufang.core.Change
import org.zoufang.core.RecordKind

private val KINDS = setOf(RecordKind.APPOINTMENT, RecordKind.HOUSEHOLD, RecordKind.DWELLING, RecordKind.ASSIGNMENT)

/** Whether a change concerns appointments: one was taken down or changed, or its home was, or it has arrived. */
internal fun isOfAppointments(change: Change): Boolean = change.status || change.kinds.any { it in KINDS }

/** The appointments that are not over. */
data class AppointmentsState(
    /** By time, those whose time has passed first; nothing until they are read. */
    val appointments: List<AppointmentView>? = null,
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
)

/** Reads the appointments of the own micro-grids. */
class AppointmentsModel(open: OpenClient, scope: CoroutineScope, private val clock: Clock, private val ways: Ways) {
    private val current = MutableStateFlow(AppointmentsState(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<AppointmentsState> = current.asStateFlow()

    init {
        scope.launch {
            open.readings(::isOfAppointments) { upcomingAppointments() }.collect { outcome ->
                current.update {
                    when (outcome) {
                        is Outcome.Done -> it.copy(appointments = outcome.value, problem = null, now = clock.instant())
                        is Outcome.Refused -> it.copy(problem = outcome.problem)
                    }
                }
            }
        }
    }

    fun openAppointment(appointment: UUID) = ways.toAppointment(appointment)
    fun back() = ways.back()
}

/** All that are not over, by time. */
internal fun Groups.upcomingAppointments(): List<AppointmentView> = allPages { appointments.upcoming(it) }

/** A time is agreed, and it is not over. */
val AppointmentView.isAgreed: Boolean get() = state == AppointmentState.AGREED || state == AppointmentState.CHANGED

/** Whether it belongs on the first page: its agreed time is today, or has passed without a word. */
internal fun AppointmentView.isForToday(now: Instant, zone: ZoneId): Boolean {
    fun dayOf(at: Instant) = at.atZone(zone).toLocalDate()
    return isOverdue || (isAgreed && slot?.let { dayOf(it.from) == dayOf(now) } ?: false)
}
