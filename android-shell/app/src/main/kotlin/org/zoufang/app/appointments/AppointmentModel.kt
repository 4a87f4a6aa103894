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
import org.zoufang.app.visit.beginVisit
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.client.Groups
import org.zoufang.core.AppointmentParty
import org.zoufang.core.AppointmentState
import org.zoufang.core.AppointmentView
import org.zoufang.core.TimeSlot

/** What becomes of an appointment, as a person says it. It cannot be taken back, so each is asked about once. */
enum class AppointmentEnd {
    /** It took place; a visit for it says so by itself. */
    KEPT, MISSED_BY_RESIDENT, MISSED_BY_MANAGER, CANCELLED
}

/** An appointment on screen. */
data class ShownAppointment(
    /** Nothing until it is read. */
    val appointment: AppointmentView? = null,
    /** Why it is called off, if there is a reason to be told. */
    val reason: String = "",
    /** What is being asked about. */
    val asked: AppointmentEnd? = null,
    val isSaving: Boolean = false,
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
) {
    /** What may be said of it as it stands: one without an agreed time can only be called off. */
    val ends: List<AppointmentEnd> get() = when {
        appointment?.isAgreed == true -> AppointmentEnd.entries
        isProposed -> listOf(AppointmentEnd.CANCELLED)
        else -> emptyList()
    }
    /** Times to agree on. */
    val slots: List<TimeSlot> get() = if (isProposed) appointment?.slots.orEmpty() else emptyList()
    private val isProposed: Boolean get() = appointment?.state == AppointmentState.PROPOSED
}

/** One appointment: agrees on a time, begins its visit, and says what came of it. */
class AppointmentModel(
    private val open: OpenClient,
    private val id: UUID,
    private val scope: CoroutineScope,
    private val clock: Clock,
    private val ways: Ways,
) {
    private val current = MutableStateFlow(ShownAppointment(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<ShownAppointment> = current.asStateFlow()

    init {
        scope.launch { open.readings(::isOfAppointments) { appointments.find(id) }.collect(::show) }
    }

    fun openHome() {
        current.value.appointment?.let { ways.toHome(it.household) }
    }

    /** Begins the visit that it is for, or goes on with the one that is being written at its home. */
    fun visit() {
        val household = current.value.appointment?.household ?: return
        scope.launch {
            when (val outcome = attempt { open.client.call { beginVisit(household, id) } }) {
                is Outcome.Done -> ways.toVisit(outcome.value)
                is Outcome.Refused -> current.update { it.copy(problem = outcome.problem) }
            }
        }
    }

    /** Agrees on a time; whose phone this is comes. A second tap that comes when one is agreed already is none. */
    fun agree(slot: TimeSlot) {
        if (current.value.appointment?.isAgreed != true) save { appointments.agree(id, slot) }
    }

    fun write(reason: String) = current.update { it.copy(reason = reason) }
    fun ask(end: AppointmentEnd?) = current.update { it.copy(asked = end) }

    /** Says what became of it. */
    fun say(end: AppointmentEnd) {
        val reason = current.value.reason.ifBlank { null }
        save {
            when (end) {
                AppointmentEnd.KEPT -> appointments.keep(id, null)
                AppointmentEnd.MISSED_BY_RESIDENT -> appointments.miss(id, AppointmentParty.RESIDENT)
                AppointmentEnd.MISSED_BY_MANAGER -> appointments.miss(id, AppointmentParty.MANAGER)
                AppointmentEnd.CANCELLED -> appointments.cancel(id, reason)
            }
        }
    }

    fun back() = ways.back()

    private fun save(act: Groups.() -> AppointmentView) {
        if (current.value.isSaving) return
        current.update { it.copy(isSaving = true, asked = null, problem = null) }
        scope.launch {
            // One change: between two, a tap would meet what the screen showed before.
            val outcome = attempt { open.client.call(act) }
            show(outcome, isSaving = false)
        }
    }

    private fun show(outcome: Outcome<AppointmentView>, isSaving: Boolean? = null) = current.update {
        when (outcome) {
            is Outcome.Done ->
                it.copy(appointment = outcome.value, problem = null, now = clock.instant(), isSaving = isSaving ?: it.isSaving)
            is Outcome.Refused -> it.copy(problem = outcome.problem, isSaving = isSaving ?: it.isSaving)
        }
    }
}
