package org.zoufang.app

import java.time.Clock
import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import org.zoufang.app.appointments.AppointmentModel
import org.zoufang.app.appointments.AppointmentsModel
import org.zoufang.app.enrol.EnrolModel
import org.zoufang.app.home.HomeModel
import org.zoufang.app.matter.MatterModel
import org.zoufang.app.notices.NoticeModel
import org.zoufang.app.notices.NoticesModel
import org.zoufang.app.profiles.ProfilesModel
import org.zoufang.app.today.HeldModel
import org.zoufang.app.today.TodayModel
import org.zoufang.app.visit.VisitModel
import org.zoufang.bridge.ClientOwner
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Opening
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Place
import org.zoufang.bridge.Problem
import org.zoufang.bridge.canBeSetAside
import org.zoufang.core.VisitView

/** What is on screen. */
sealed interface AppState {
    /** The client is being opened. */
    data object Starting : AppState
    /** It did not open. */
    data class Failed(val problem: Problem, val canSetAside: Boolean = false, val asksWhetherToSetAside: Boolean = false) : AppState
    /** One page above the other; the last is seen. */
    data class Working(val pages: List<Page>, val isPractice: Boolean) : AppState
}

/** A page with its model, which lives as long as the page is open. */
sealed class Page(internal val scope: CoroutineScope) {
    class Enrol(val model: EnrolModel, scope: CoroutineScope) : Page(scope)
    class Today(val model: TodayModel, scope: CoroutineScope) : Page(scope)
    class Profiles(scope: CoroutineScope) : Page(scope)
    class Notices(val model: NoticesModel, scope: CoroutineScope) : Page(scope)
    class Notice(val model: NoticeModel, scope: CoroutineScope) : Page(scope)
    class Appointments(val model: AppointmentsModel, scope: CoroutineScope) : Page(scope)
    class Appointment(val model: AppointmentModel, scope: CoroutineScope) : Page(scope)
    class Held(val model: HeldModel, scope: CoroutineScope) : Page(scope)
    class Home(val model: HomeModel, scope: CoroutineScope) : Page(scope)
    class Visit(val model: VisitModel, scope: CoroutineScope) : Page(scope)
    class Matter(val model: MatterModel, scope: CoroutineScope) : Page(scope)
}

/** The app: from the client's opening to the page that is seen. Outlives every turn of the phone; [scope] ends it. */
class AppModel(private val owner: ClientOwner, private val scope: CoroutineScope, private val clock: Clock) : Ways {
    private val pages = MutableStateFlow<List<Page>>(emptyList())
    private val shown = MutableStateFlow<AppState>(AppState.Starting)
    private val retries = MutableStateFlow(0)
    /** Whose work the phone holds, and practice. */
    val profiles = ProfilesModel(owner, scope)
    @Volatile private var known: OpenClient? = null
    private var watch: Job? = null

    /** What is on screen now. */
    val state: StateFlow<AppState> = shown.asStateFlow()

    init {
        scope.launch {
            combine(owner.opening, retries) { opening, _ -> opening }.collectLatest { show(it) }
        }
    }

    /** Tries again to open. */
    fun retry() {
        owner.open()
        retries.update { it + 1 }
    }

    /** Whether to set the database aside is asked once. */
    fun askWhetherToSetAside(asks: Boolean) = shown.update { if (it is AppState.Failed) it.copy(asksWhetherToSetAside = asks) else it }

    /** Moves the database that does not open out of the way and begins anew; nothing is deleted. */
    fun setAside() {
        askWhetherToSetAside(false)
        owner.setAside()
    }

    /** The text of a supervisor's picture was shared with the app; of use where a code is asked for alone. */
    fun take(text: String) {
        when (val page = pages.value.lastOrNull()) {
            is Page.Enrol -> page.model.fill(text)
            is Page.Today -> if (page.model.state.value.needsRejoining) page.model.rejoining.fill(text)
            else -> Unit
        }
    }

    /** Whether there is a page to go back to. */
    fun hasBack(): Boolean = pages.value.size > 1

    override fun back() {
        if (hasBack()) pages.update { it.last().scope.cancel(); it.dropLast(1) }
    }

    override fun toHome(household: UUID) = push { open, scope -> Page.Home(HomeModel(open, household, scope, clock, this), scope) }
    override fun toProfiles() = push { _, scope -> Page.Profiles(scope) }
    override fun toNotices() = push { open, scope -> Page.Notices(NoticesModel(open, scope, clock, this), scope) }
    override fun toNotice(notice: UUID) = push { open, scope -> Page.Notice(NoticeModel(open, notice, scope, clock, this), scope) }
    override fun toAppointments() = push { open, scope -> Page.Appointments(AppointmentsModel(open, scope, clock, this), scope) }
    override fun toAppointment(appointment: UUID) =
        push { open, scope -> Page.Appointment(AppointmentModel(open, appointment, scope, clock, this), scope) }
    override fun toHeld() = push { open, scope -> Page.Held(HeldModel(open, scope, clock), scope) }
    override fun toVisit(draft: UUID) = push { open, scope -> Page.Visit(VisitModel(open, draft, scope, this), scope) }
    override fun toMatter(draft: UUID) = push { open, scope -> Page.Matter(MatterModel(open, draft, scope, this), scope) }

    override fun visitSaved(visit: VisitView) {
        back()
        if (pages.value.lastOrNull() !is Page.Home) toHome(visit.household)
        (pages.value.last() as Page.Home).model.visitSaved(visit.id)
    }

    override fun matterSaved() {
        back()
        (pages.value.last() as? Page.Home)?.model?.matterSaved()
    }

    override fun damaged(problem: Problem) {
        val place = known?.place ?: return
        watch?.cancel()
        clear()
        // Trying again begins from the first page.
        known = null
        shown.value = failed(problem, place)
    }

    override fun enrolled() {
        known?.syncs?.ask()
        known?.let(::showToday)
    }

    /** Practice is begun anew instead: its banner says how. */
    private fun failed(problem: Problem, place: Place) =
        AppState.Failed(problem, canSetAside = problem.canBeSetAside && place != Place.Practice)

    private suspend fun show(opening: Opening) {
        when (opening) {
            is Opening.Underway -> shown.value = AppState.Starting
            is Opening.Failed -> shown.value = failed(opening.problem, opening.place)
            is Opening.Ready -> {
                // The same client after a while in the background: the pages are as they were left.
                if (opening.open !== known) begin(opening.open)
                pages.collectLatest { if (it.isNotEmpty()) shown.value = AppState.Working(it, opening.open.isPractice) }
            }
        }
    }

    /** Shows the first page of a client, and the page for the code whenever it turns out that the phone is not enrolled, or no longer. */
    private fun begin(open: OpenClient) {
        clear()
        known = open
        watch?.cancel()
        watch = scope.launch {
            open.statuses().collect { outcome ->
                when (outcome) {
                    is Outcome.Refused -> if (pages.value.isEmpty()) shown.value = failed(outcome.problem, open.place).also { known = null }
                    // An erased phone's client is about to give way to a new one.
                    is Outcome.Done -> if (!outcome.value.revoked) showFirst(open, outcome.value.enrolled)
                }
            }
        }
    }

    private fun showFirst(open: OpenClient, isEnrolled: Boolean) {
        val isEnrolling = pages.value.firstOrNull() is Page.Enrol
        if (isEnrolled && pages.value.isEmpty()) showToday(open)
        if (!isEnrolled && !isEnrolling) {
            clear()
            push { _, scope -> Page.Enrol(EnrolModel.first(open, scope, this), scope) }
        }
    }

    private fun showToday(open: OpenClient) {
        val before = pages.value
        val scope = pageScope()
        pages.value = listOf(Page.Today(TodayModel(open, scope, clock, this), scope))
        before.forEach { it.scope.cancel() }
    }

    private fun push(page: (OpenClient, CoroutineScope) -> Page) {
        val open = known ?: return
        pages.update { it + page(open, pageScope()) }
    }

    private fun clear() {
        val before = pages.value
        pages.value = emptyList()
        before.forEach { it.scope.cancel() }
    }

    private fun pageScope(): CoroutineScope = scope + SupervisorJob(scope.coroutineContext.job)
}
