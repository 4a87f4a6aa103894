package org.zoufang.app

import kotlin.test.assertTrue
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource
import org.zoufang.app.appointments.AppointmentEnd
import org.zoufang.app.appointments.AppointmentEvents
import org.zoufang.app.appointments.AppointmentScreen
import org.zoufang.app.appointments.AppointmentsEvents
import org.zoufang.app.appointments.AppointmentsScreen
import org.zoufang.app.appointments.AppointmentsState
import org.zoufang.app.appointments.ShownAppointment
import org.zoufang.app.enrol.EnrolEvents
import org.zoufang.app.enrol.EnrolScreen
import org.zoufang.app.enrol.EnrolState
import org.zoufang.app.home.HomeContent
import org.zoufang.app.home.HomeEvents
import org.zoufang.app.home.HomeScreen
import org.zoufang.app.home.HomeState
import org.zoufang.app.home.Saved
import org.zoufang.app.look.LocalBanner
import org.zoufang.app.look.colours
import org.zoufang.app.matter.MatterEvents
import org.zoufang.app.matter.MatterScreen
import org.zoufang.app.matter.MatterState
import org.zoufang.app.notices.NoticeEvents
import org.zoufang.app.notices.NoticeScreen
import org.zoufang.app.notices.NoticeState
import org.zoufang.app.notices.NoticesEvents
import org.zoufang.app.notices.NoticesScreen
import org.zoufang.app.notices.NoticesState
import org.zoufang.app.profiles.Elsewhere
import org.zoufang.app.profiles.PracticeBanner
import org.zoufang.app.profiles.ProfilesEvents
import org.zoufang.app.profiles.ProfilesScreen
import org.zoufang.app.profiles.ProfilesState
import org.zoufang.app.start.SetAsideEvents
import org.zoufang.app.start.StartScreen
import org.zoufang.app.today.BackEvents
import org.zoufang.app.today.DraftRow
import org.zoufang.app.today.HeldEvents
import org.zoufang.app.today.HeldScreen
import org.zoufang.app.today.HeldState
import org.zoufang.app.today.TodayEvents
import org.zoufang.app.today.TodayPart
import org.zoufang.app.today.TodayScreen
import org.zoufang.app.today.TodayState
import org.zoufang.app.visit.VisitEvents
import org.zoufang.app.visit.VisitScreen
import org.zoufang.app.visit.VisitState
import org.zoufang.bridge.KnownProfile
import org.zoufang.bridge.NextStep
import org.zoufang.bridge.Problem
import org.zoufang.bridge.SyncNow
import org.zoufang.bridge.TakingUpNow
import org.zoufang.core.MatterState as MatterStands
import org.zoufang.core.MatterTrack
import org.zoufang.core.MatterUrgency
import org.zoufang.core.RecordKind
import org.zoufang.core.SearchHit
import org.zoufang.core.SearchView
import org.zoufang.core.SyncFailure
import org.zoufang.core.SyncPhase
import org.zoufang.core.SyncProgress
import org.zoufang.core.SyncState
import org.zoufang.core.TakenUp

/** Draws every screen in several states, in both languages, on a usual phone and on a narrow one with large text. */
class ScreensTest {
    private val enrol = EnrolEvents({}, null, {}, {})
    private val today = TodayEvents({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, BackEvents(enrol, {}, {}, {}, {}, {}))
    private val home = HomeEvents({}, {}, {}, {})
    private val visit = VisitEvents({}, {}, {}, {}, {}, {}, { _, _ -> }, {}, {}, {})
    private val matter = MatterEvents({}, {}, {}, {}, {}, {}, {}, {}, {})
    private val profiles = ProfilesEvents({}, {}, {}, {}, {}, {})
    private val alone = ProfilesState(listOf(KnownProfile(null, 1, null, emptyList(), 0, isOpen = true)))
    private val shared = ProfilesState(
        listOf(
            KnownProfile(null, 1, "测试管理员甲", listOf("测试微网格一", "测试微网格二"), 3, isOpen = false),
            KnownProfile("p2", 2, "测试管理员丁", listOf("测试微网格三"), 0, isOpen = true),
        ),
    )
    private val listed = TodayState(
        homes = Samples.homes, homesCount = 42, visitedCount = 17, status = Samples.status, now = Samples.now, zone = Samples.zone,
    )
    private val content = HomeContent(
        Samples.homes[1], Samples.residents,
        listOf(
            Samples.visit(1, 1, "家中两位老人，暖气正常。", sync = SyncState.QUEUED),
            Samples.visit(2, 24 * 30, "问了医保缴费，已告知办理地点和所需材料。"),
        ),
        listOf(
            Samples.matter(1, "楼道灯不亮，晚上老人下楼不方便", MatterStands.REPORTED, MatterUrgency.URGENT, true, SyncState.QUEUED),
            Samples.matter(2, "想申请加装扶手", MatterStands.IN_PROGRESS, MatterUrgency.NORMAL, false, SyncState.ACKNOWLEDGED),
        ),
        Samples.drafts.take(1),
    )

    @ParameterizedTest
    @EnumSource
    fun `the start, and why it did not open`(phone: Phone) {
        render("start-opening", phone) { StartScreen(null, {}) }
        render("start-failed", phone) { StartScreen(Samples.locked, {}) { Elsewhere(shared, profiles) } }
    }

    @ParameterizedTest
    @EnumSource
    fun `a database that is set aside, and what came back from it`(phone: Phone) {
        val offered = SetAsideEvents(false, {}, {})
        render("start-damaged", phone) { StartScreen(Samples.damaged, {}, offered) { Elsewhere(shared, profiles) } }
        render("start-no-key", phone) { StartScreen(Samples.noKey, {}, offered) { Elsewhere(alone, profiles) } }
        render("start-aside-asked", phone) { StartScreen(Samples.damaged, {}, SetAsideEvents(true, {}, {})) }
        render("enrol-set-aside", phone) { EnrolScreen(EnrolState(wasSetAside = true), enrol) { Elsewhere(alone, profiles) } }
        fun shown(now: TakingUpNow) = listed.copy(takingUp = now.copy(isWaiting = true))
        render("taking-up-waits", phone) { TodayScreen(shown(TakingUpNow()).copy(status = Samples.status.copy(complete = false)), today) }
        render("taking-up-runs", phone) { TodayScreen(shown(TakingUpNow(isRunning = true)), today) }
        render("taken-up", phone) { TodayScreen(shown(TakingUpNow(taken = Samples.takenUp)), today) }
        val damaged = Samples.damaged.copy(message = Samples.damaged.message.copy(id = "store.damaged"))
        render("today-damaged", phone) { TodayScreen(listed.copy(problems = mapOf(TodayPart.HOMES to damaged)), today) }
        render("taken-up-none", phone) { TodayScreen(shown(TakingUpNow(taken = TakenUp(0uL, 0uL, emptyList()))), today) }
    }

    @ParameterizedTest
    @EnumSource
    fun `a server that does not know the phone any more`(phone: Phone) {
        val unknown = listed.copy(status = Samples.status.copy(unsentCount = 3uL, lastError = SyncFailure(Samples.unknown, Samples.now)))
        render("rejoin", phone) { TodayScreen(unknown, today) }
        render("rejoin-wrong", phone) { TodayScreen(unknown.copy(rejoining = EnrolState(text = "zoufang:1:测试", problem = Samples.wrongCode)), today) }
        render("rejoined", phone) { TodayScreen(listed.copy(rejoining = EnrolState(enrolled = Samples.enrolled)), today) }
    }

    @ParameterizedTest
    @EnumSource
    fun `the page for the code`(phone: Phone) {
        render("enrol-empty", phone) { EnrolScreen(EnrolState(), enrol) { Elsewhere(alone, profiles) } }
        render("enrol-wrong", phone) { EnrolScreen(EnrolState(text = "zoufang:1:测试", problem = Samples.wrongCode, wasRevoked = true), enrol) }
        render("enrol-digits", phone) { EnrolScreen(EnrolState(enrolled = Samples.enrolled), enrol) }
    }

    @ParameterizedTest
    @EnumSource
    fun `the list of the day`(phone: Phone) {
        render("today", phone) { TodayScreen(listed, today) }
        val waiting = Samples.status.copy(
            complete = false, unsentCount = 3uL, oldestUnsentAt = Samples.now.minusSeconds(7300),
            lastError = SyncFailure(Samples.unreachable, Samples.now), conflictsCount = 1uL, quarantinedCount = 2uL,
        )
        val drafts = Samples.drafts.map { DraftRow(it, "1号楼1单元101") }
        render("today-unsent", phone) { TodayScreen(listed.copy(status = waiting, drafts = drafts), today) }
        val progress = SyncNow(isRunning = true, progress = SyncProgress(SyncPhase.PULLING, 120uL, 400uL))
        render("today-syncing", phone) { TodayScreen(listed.copy(sync = progress, homes = emptyList(), homesCount = 0, visitedCount = 0), today) }
        render("today-due", phone) { TodayScreen(listed.copy(due = Samples.due, unreadCount = 2), today) }
        val allDone = Samples.due.copy(homes = emptyList(), progress = Samples.due.progress.map { it.copy(visitedCount = it.homesCount) })
        render("today-none-due", phone) { TodayScreen(listed.copy(due = allDone), today) }
        val hit = SearchHit(RecordKind.VISIT, Samples.homes[0].household, Samples.homes[0].household, "1号楼1单元101", "note", "…两位老人，暖气正常…", 6u, 2u)
        val found = SearchView(listOf(hit), isComplete = false)
        render("today-found", phone) { TodayScreen(listed.copy(query = "暖气", found = found), today) }
    }

    @ParameterizedTest
    @EnumSource
    fun `whose work the phone holds, and practice`(phone: Phone) {
        render("profiles", phone) { ProfilesScreen(shared, profiles) {} }
        val practising = shared.copy(isPractice = true)
        @Composable
        fun inPractice(state: ProfilesState = practising, page: @Composable () -> Unit) =
            CompositionLocalProvider(LocalBanner provides { PracticeBanner(state, profiles) }, page)
        render("practice-today", phone) { inPractice { TodayScreen(listed.copy(status = Samples.status.copy(practice = true)), today) } }
        render("practice-visit", phone) { inPractice { VisitScreen(VisitState("1号楼1单元101", Samples.visitFields), visit) } }
        render("practice-anew", phone) {
            inPractice(practising.copy(asksWhetherToBeginAnew = true)) { HomeScreen(HomeState(content, now = Samples.now, zone = Samples.zone), home) }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun appointments(phone: Phone) {
        render("today-appointments", phone) { TodayScreen(listed.copy(appointments = Samples.appointments), today) }
        val listed = AppointmentsState(Samples.appointments, now = Samples.now, zone = Samples.zone)
        render("appointments", phone) { AppointmentsScreen(listed, AppointmentsEvents({}, {})) }
        val events = AppointmentEvents({}, {}, {}, {}, {}, {}, {})
        fun shown(number: Int, asked: AppointmentEnd? = null) =
            ShownAppointment(Samples.appointments[number], asked = asked, now = Samples.now, zone = Samples.zone)
        render("appointment-agreed", phone) { AppointmentScreen(shown(0), events) }
        render("appointment-proposed", phone) { AppointmentScreen(shown(2), events) }
        render("appointment-asked", phone) { AppointmentScreen(shown(0, AppointmentEnd.MISSED_BY_RESIDENT), events) }
    }

    @ParameterizedTest
    @EnumSource
    fun notices(phone: Phone) {
        val none = NoticesEvents({}, {})
        render("notices", phone) { NoticesScreen(NoticesState(Samples.notices, now = Samples.now, zone = Samples.zone), none) }
        render("notices-none", phone) { NoticesScreen(NoticesState(emptyList(), now = Samples.now, zone = Samples.zone), none) }
        val names = listOf("notice-unread", "notice-read", "notice-withdrawn")
        for ((name, notice) in names.zip(Samples.notices)) {
            render(name, phone) { NoticeScreen(NoticeState(notice, now = Samples.now, zone = Samples.zone), NoticeEvents({}, {})) }
        }
    }

    @ParameterizedTest
    @EnumSource
    fun `what people have to settle`(phone: Phone) {
        val held = HeldState(listOf(Samples.conflict), listOf(Samples.quarantined), now = Samples.now, zone = Samples.zone)
        render("held", phone) { HeldScreen(held, HeldEvents({}) { _, _ -> }) }
    }

    @ParameterizedTest
    @EnumSource
    fun `a home`(phone: Phone) {
        render("home", phone) { HomeScreen(HomeState(content, now = Samples.now, zone = Samples.zone), home) }
        val bare = HomeContent(Samples.homes[3], emptyList(), emptyList(), emptyList(), emptyList())
        val saved = Saved.Visit(Samples.homes[3].household)
        render("home-saved", phone) { HomeScreen(HomeState(bare, saved, now = Samples.now, zone = Samples.zone), home) }
    }

    @ParameterizedTest
    @EnumSource
    fun `a visit that is written`(phone: Phone) {
        val address = Samples.homes[1].addressText
        val noOutcome = Problem(Samples.invalid, NextStep.MEND_FIELD, "outcome")
        render("visit", phone) { VisitScreen(VisitState(address, Samples.visitFields), visit) }
        val given = Samples.emptyVisit.copy(notices = listOf(Samples.notices[0].id))
        render("visit-notices", phone) { VisitScreen(VisitState(address, given), visit, Samples.notices.take(2)) }
        val forAppointment = Samples.emptyVisit.copy(appointment = Samples.due.homes[1].tasks.single().appointment?.id)
        render("visit-appointment", phone) { VisitScreen(VisitState(address, forAppointment), visit) }
        render("visit-mend", phone) { VisitScreen(VisitState(address, Samples.emptyVisit, problem = noOutcome), visit) }
        render("visit-discard", phone) { VisitScreen(VisitState(address, Samples.visitFields, asksWhetherToDiscard = true), visit) }
    }

    @ParameterizedTest
    @EnumSource
    fun `a matter that is written`(phone: Phone) {
        val address = Samples.homes[1].addressText
        render("matter", phone) { MatterScreen(MatterState(address, Samples.matterFields), matter) }
        val noSummary = Samples.matterFields.copy(summary = "", done = null, track = MatterTrack.HARD)
        val problem = Problem(Samples.invalid, NextStep.MEND_FIELD, "summary")
        render("matter-mend", phone) { MatterScreen(MatterState(address, noSummary, problem = problem), matter) }
    }

    @Test
    fun `every text stands out from its ground`() {
        val pairs = colours.run {
            listOf(
                onPrimary to primary, onPrimaryContainer to primaryContainer, onSecondaryContainer to secondaryContainer,
                onTertiaryContainer to tertiaryContainer, onBackground to background, onSurface to surfaceContainerLowest,
                onSurfaceVariant to background, onSurfaceVariant to surfaceContainerLowest, primary to background, primary to surfaceContainerLowest,
                primary to primaryContainer, tertiary to surfaceContainerLowest, error to background, error to surfaceContainerLowest,
                onErrorContainer to errorContainer, primary to errorContainer, onSurface to surfaceContainerHigh, primary to surfaceContainerHigh,
            )
        }
        for ((text, ground) in pairs) {
            val (light, dark) = listOf(text.brightness(), ground.brightness()).sortedDescending()
            val contrast = (light + 0.05) / (dark + 0.05)
            assertTrue(contrast >= 4.5, "$text on $ground: $contrast")
        }
    }

    /** Relative luminance, as WCAG 2 defines it. */
    private fun androidx.compose.ui.graphics.Color.brightness(): Double {
        fun linear(part: Float) = if (part <= 0.04045f) part / 12.92 else Math.pow((part + 0.055) / 1.055, 2.4)
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}
