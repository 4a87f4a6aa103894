package org.zoufang.app.today

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.app.PAGE_SIZE
import org.zoufang.app.Ways
import org.zoufang.app.appointments.isForToday
import org.zoufang.app.appointments.isOfAppointments
import org.zoufang.app.appointments.upcomingAppointments
import org.zoufang.app.enrol.EnrolModel
import org.zoufang.app.enrol.EnrolState
import org.zoufang.app.notices.isOfNotices
import org.zoufang.app.toDraft
import org.zoufang.app.visit.beginVisit
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.SyncNow
import org.zoufang.bridge.TakingUpNow
import org.zoufang.bridge.attempt
import org.zoufang.client.Groups
import org.zoufang.core.AppointmentView
import org.zoufang.core.Change
import org.zoufang.core.DraftView
import org.zoufang.core.DueHome
import org.zoufang.core.DueList
import org.zoufang.core.HomeView
import org.zoufang.core.Message
import org.zoufang.core.Page
import org.zoufang.core.RecordKind
import org.zoufang.core.SearchHit
import org.zoufang.core.SearchView
import org.zoufang.core.SyncStatus
import org.zoufang.core.VisitOutcome

/** Homes that are due and stand before all others, until more are asked for: as many as a worker visits in a day. */
private const val DUE_FIRST = 10
/** Most that a search shows. */
private const val FOUND_MOST = 50u

/** What Today says of homes, drafts and homes' addresses changes with these. */
private val HOME_KINDS =
    setOf(RecordKind.HOUSEHOLD, RecordKind.DWELLING, RecordKind.VISIT, RecordKind.MATTER, RecordKind.ASSIGNMENT, RecordKind.ORG_UNIT)

/** What is due changes with these too. */
private val DUE_KINDS = HOME_KINDS + setOf(
    RecordKind.CADENCE_RULE, RecordKind.MUST_VISIT_LIST, RecordKind.VISIT_TASK, RecordKind.APPOINTMENT, RecordKind.CALENDAR,
    RecordKind.CARE_NEED, RecordKind.RESIDENCY,
)

/** What Today reads or begins; what stands against one is shown until the same succeeds. */
enum class TodayPart { HOMES, DUE, APPOINTMENTS, DRAFTS, UNREAD, SEARCH, STATUS, VISIT }

/** A draft, and the address of its home. */
data class DraftRow(val draft: DraftView, val home: String)

/** The list of the day. */
data class TodayState(
    /** The homes of the pages that were asked for; nothing while the first is being read. */
    val homes: List<HomeView>? = null,
    /** All homes of the own micro-grids, and those of them whose latest visit is one of this month that took place. */
    val homesCount: Int = 0,
    val visitedCount: Int = 0,
    val drafts: List<DraftRow> = emptyList(),
    /** Appointments that are not over, by time. */
    val appointments: List<AppointmentView> = emptyList(),
    /** Notices in force that are unread. */
    val unreadCount: Int = 0,
    /** What is to be visited today; nothing until it is read. */
    val due: DueList? = null,
    /** All homes that are due are asked for, not the first alone. */
    val showsAllDue: Boolean = false,
    val query: String = "",
    /** What the search found; nothing while there is no query. */
    val found: SearchView? = null,
    val status: SyncStatus? = null,
    val sync: SyncNow = SyncNow(),
    /** The way back to a server that does not know this phone any more. */
    val rejoining: EnrolState = EnrolState(),
    /** What was not sent from databases that were set aside. */
    val takingUp: TakingUpNow = TakingUpNow(),
    /** What stands against what: each until the same succeeds, or a person has read it. */
    val problems: Map<TodayPart, Problem> = emptyMap(),
    val now: Instant,
    val zone: ZoneId,
) {
    /** The homes that are due and on screen: the most pressing, as the core sorts them. */
    val dueHomes: List<DueHome> get() = due?.homes.orEmpty().let { if (showsAllDue) it else it.take(DUE_FIRST) }
    /** Those of today, and those whose time has passed without a word on what came of them. */
    val appointmentsOfToday: List<AppointmentView> get() = appointments.filter { it.isForToday(now, zone) }
    /** The problem that is shown. */
    val problem: Problem? get() = TodayPart.entries.firstNotNullOfOrNull { problems[it] }
    /** Also while one runs: what is being typed does not vanish under a person's fingers. */
    val needsRejoining: Boolean get() = status?.lastError?.text?.id == "device.unknown" || rejoining.isBusy || rejoining.enrolled != null
    val hasMore: Boolean get() = homes != null && homes.size < homesCount
    /** Why the last sync failed; nothing while one runs. */
    val failure: Message? get() = if (sync.isRunning) null else status?.lastError?.text ?: sync.problem?.message
}

/** Reads the list of the day, searches, and shows how the phone stands towards its server. */
class TodayModel(private val open: OpenClient, private val scope: CoroutineScope, private val clock: Clock, private val ways: Ways) {
    private val current = MutableStateFlow(TodayState(now = clock.instant(), zone = clock.zone))
    private val wanted = MutableStateFlow(PAGE_SIZE)
    private val minutes = flow { while (true) { delay(1.minutes); emit(Unit) } }
    private val asked = MutableSharedFlow<Unit>(extraBufferCapacity = 1, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    /** The way back to a server that does not know this phone any more. */
    val rejoining = EnrolModel.back(open, scope)
    /** What is on screen. */
    val state: StateFlow<TodayState> = current.asStateFlow()

    init {
        scope.launch {
            // That work has arrived is told as a change of the status alone, and takes the marks off homes.
            val isOfHomes = { change: Change -> change.status || change.kinds.any { it in HOME_KINDS } }
            open.readings(isOfHomes, asked) { readHomes(wanted.value, startOfMonth()) }.collect { outcome ->
                show(TodayPart.HOMES, outcome) { copy(homes = it.homes, homesCount = it.count, visitedCount = it.visitedCount) }
            }
        }
        scope.launch {
            val isOfDue = { change: Change -> change.kinds.any { it in DUE_KINDS } }
            // What is due changes with the hour too: at midnight, and when an appointment's time has passed.
            open.readings(isOfDue, minutes) { tasks.due(null) }.collect { outcome -> show(TodayPart.DUE, outcome) { copy(due = it) } }
        }
        scope.launch {
            open.readings(::isOfAppointments, minutes) { upcomingAppointments() }.collect { outcome -> show(TodayPart.APPOINTMENTS, outcome) { copy(appointments = it) } }
        }
        scope.launch {
            open.readings(::isOfNotices, minutes) { notices.unreadCount() }.collect { outcome -> show(TodayPart.UNREAD, outcome) { copy(unreadCount = it.toInt()) } }
        }
        scope.launch { open.readings({ it.drafts }) { readDrafts() }.collect { outcome -> show(TodayPart.DRAFTS, outcome) { copy(drafts = it) } } }
        scope.launch { open.statuses().collect { outcome -> show(TodayPart.STATUS, outcome) { copy(status = it) } } }
        scope.launch { open.syncs.now.collect { sync -> current.update { it.copy(sync = sync, now = clock.instant()) } } }
        scope.launch { rejoining.state.collect { now -> current.update { it.copy(rejoining = now) } } }
        scope.launch { open.takingUp.now.collect { now -> current.update { it.copy(takingUp = now) } } }
        scope.launch { searchAsAsked() }
        // How old things are is said in minutes.
        scope.launch { minutes.collect { current.update { it.copy(now = clock.instant()) } } }
    }

    /** The end of the list is near: one page more. */
    fun showMore() {
        val shown = current.value.homes?.size ?: return
        if (current.value.hasMore && wanted.value <= shown) {
            wanted.value = shown + PAGE_SIZE
            asked.tryEmit(Unit)
        }
    }

    /** More homes are due than are shown. */
    fun showAllDue() = current.update { it.copy(showsAllDue = true) }

    /** Begins the visit that is due, for its appointment where it has one. */
    fun visit(due: DueHome) {
        scope.launch {
            val appointment = due.tasks.firstNotNullOfOrNull { it.appointment }
            when (val outcome = attempt { open.client.call { beginVisit(due.home.household, appointment?.id) } }) {
                is Outcome.Done -> {
                    current.update { it.copy(problems = it.problems - TodayPart.VISIT) }
                    ways.toVisit(outcome.value)
                }
                is Outcome.Refused -> current.update { it.copy(problems = it.problems + (TodayPart.VISIT to outcome.problem)) }
            }
        }
    }

    /** What is searched for was changed. */
    fun search(query: String) = current.update {
        if (query.isBlank()) it.copy(query = query, found = null, problems = it.problems - TodayPart.SEARCH) else it.copy(query = query)
    }

    /** A person has read what went wrong. */
    fun dismissProblem() = current.update { state -> state.copy(problems = state.problems.filterValues { it != state.problem }) }

    /** A person asks for a sync. */
    fun sync() = open.syncs.ask()

    /** A person ends the sync that runs. */
    fun cancelSync() = open.syncs.cancel()

    /** Tries again to take up what was not sent from databases that were set aside. */
    fun takeUp() = open.takingUp.ask()

    /** A person has read what was taken up. Remembered even when the page is left at once. */
    fun acknowledgeTakenUp() {
        open.scope.launch { open.takingUp.acknowledge() }
    }

    /** A person wants what was set aside gone now. Goes on even when the page is left at once. */
    fun forgetSetAside() {
        open.scope.launch { open.takingUp.forget() }
    }

    /** To what can be done when the database is damaged. */
    fun openDamage() {
        current.value.problem?.let(ways::damaged)
    }

    fun openHome(household: UUID) = ways.toHome(household)
    fun openHit(hit: SearchHit) {
        hit.household?.let(ways::toHome)
    }
    fun openDraft(draft: DraftView) = ways.toDraft(draft)
    fun openHeld() = ways.toHeld()
    fun openAppointment(appointment: UUID) = ways.toAppointment(appointment)
    fun openAppointments() = ways.toAppointments()
    fun openNotices() = ways.toNotices()
    fun openOthers() = ways.toProfiles()

    private suspend fun searchAsAsked() {
        val queries = MutableStateFlow("")
        scope.launch { current.collect { queries.value = it.query } }
        queries.collectLatest { query ->
            if (query.isBlank()) return@collectLatest
            open.readings({ it.kinds.isNotEmpty() }) { search.find(query, FOUND_MOST) }.collect { outcome ->
                show(TodayPart.SEARCH, outcome) { if (this.query == query) copy(found = it) else this }
            }
        }
    }

    private fun <T> show(part: TodayPart, outcome: Outcome<T>, change: TodayState.(T) -> TodayState) = current.update {
        when (outcome) {
            is Outcome.Done -> it.change(outcome.value).copy(problems = it.problems - part, now = clock.instant())
            is Outcome.Refused -> it.copy(problems = it.problems + (part to outcome.problem))
        }
    }

    private fun startOfMonth(): Instant {
        val today = clock.instant().atZone(clock.zone).toLocalDate()
        return today.withDayOfMonth(1).atStartOfDay(clock.zone).toInstant()
    }
}

private class Homes(val homes: List<HomeView>, val count: Int, val visitedCount: Int)

/** The first [wanted] homes, and the counts of all: the list is gone through once, and only what is shown is kept. */
private fun Groups.readHomes(wanted: Int, monthStart: Instant): Homes {
    val kept = ArrayList<HomeView>(wanted)
    var count = 0
    var visitedCount = 0
    do {
        val page = households.list(Page(count.toUInt(), PAGE_SIZE.toUInt()))
        count += page.size
        visitedCount += page.count { it.lastVisit?.run { at >= monthStart && outcome == VisitOutcome.DONE } ?: false }
        if (kept.size < wanted) kept += page
    } while (page.size == PAGE_SIZE)
    return Homes(kept, count, visitedCount)
}

private fun Groups.readDrafts(): List<DraftRow> = drafts.list().map { draft ->
    // A home that is no longer on this phone leaves its draft without an address.
    val home = draft.household?.let { id -> runCatching { households.find(id).addressText }.getOrNull() }
    DraftRow(draft, home.orEmpty())
}
