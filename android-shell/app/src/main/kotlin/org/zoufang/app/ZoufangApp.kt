package org.zoufang.app

import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.ui.text.font.FontFamily
import org.zoufang.app.appointments.AppointmentEvents
import org.zoufang.app.appointments.AppointmentModel
import org.zoufang.app.appointments.AppointmentScreen
import org.zoufang.app.appointments.AppointmentsEvents
import org.zoufang.app.appointments.AppointmentsScreen
import org.zoufang.app.enrol.EnrolEvents
import org.zoufang.app.enrol.EnrolModel
import org.zoufang.app.enrol.EnrolScreen
import org.zoufang.app.enrol.Scanner
import org.zoufang.app.home.HomeEvents
import org.zoufang.app.home.HomeModel
import org.zoufang.app.home.HomeScreen
import org.zoufang.app.look.LocalBanner
import org.zoufang.app.look.Look
import org.zoufang.app.matter.MatterEvents
import org.zoufang.app.matter.MatterModel
import org.zoufang.app.matter.MatterScreen
import org.zoufang.app.notices.NoticeEvents
import org.zoufang.app.notices.NoticeScreen
import org.zoufang.app.notices.NoticesEvents
import org.zoufang.app.notices.NoticesScreen
import org.zoufang.app.profiles.Elsewhere
import org.zoufang.app.profiles.PracticeBanner
import org.zoufang.app.profiles.ProfilesEvents
import org.zoufang.app.profiles.ProfilesModel
import org.zoufang.app.profiles.ProfilesScreen
import org.zoufang.app.start.SetAsideEvents
import org.zoufang.app.start.StartScreen
import org.zoufang.app.today.BackEvents
import org.zoufang.app.today.HeldEvents
import org.zoufang.app.today.HeldScreen
import org.zoufang.app.today.TodayEvents
import org.zoufang.app.today.TodayModel
import org.zoufang.app.today.TodayScreen
import org.zoufang.app.visit.VisitEvents
import org.zoufang.app.visit.VisitModel
import org.zoufang.app.visit.VisitScreen
import org.zoufang.app.words.Words

/** The whole app: each page is drawn from its model's state, and what happens on it goes to its model. */
@Composable
fun ZoufangApp(model: AppModel, words: Words, scanner: Scanner? = null, font: FontFamily = FontFamily.Default) = Look(words, font) {
    val state by model.state.collectAsState()
    when (val shown = state) {
        is AppState.Starting -> StartScreen(problem = null, onRetry = model::retry)
        is AppState.Failed -> ShownFailed(shown, model)
        // What a page remembers, such as how far it is scrolled, belongs to that page.
        is AppState.Working -> shown.pages.lastOrNull()?.let { page ->
            key(page) { if (shown.isPractice) Practising(model.profiles) { Shown(page, model, scanner) } else Shown(page, model, scanner) }
        }
    }
}

/** Puts the mark of practice on every page. */
@Composable
private fun Practising(model: ProfilesModel, page: @Composable () -> Unit) {
    val state by model.state.collectAsState()
    CompositionLocalProvider(LocalBanner provides { PracticeBanner(state, model.events()) }, page)
}

@Composable
private fun ShownFailed(shown: AppState.Failed, model: AppModel) {
    val state by model.profiles.state.collectAsState()
    val events = model.profiles.events()
    val aside = SetAsideEvents(shown.asksWhetherToSetAside, model::askWhetherToSetAside, model::setAside).takeIf { shown.canSetAside }
    StartScreen(shown.problem, model::retry, aside) {
        if (state.isPractice) PracticeBanner(state, events)
        Elsewhere(state, events)
    }
}

@Composable
private fun Shown(page: Page, model: AppModel, scanner: Scanner?) = when (page) {
    is Page.Enrol -> ShownEnrol(page.model, model.profiles, scanner)
    is Page.Today -> ShownToday(page.model, scanner)
    is Page.Profiles -> {
        val state by model.profiles.state.collectAsState()
        ProfilesScreen(state, model.profiles.events(), model::back)
    }
    is Page.Notices -> {
        val state by page.model.state.collectAsState()
        NoticesScreen(state, NoticesEvents(page.model::back, page.model::openNotice))
    }
    is Page.Notice -> {
        val state by page.model.state.collectAsState()
        NoticeScreen(state, NoticeEvents(page.model::back, page.model::giveReceipt))
    }
    is Page.Appointments -> {
        val state by page.model.state.collectAsState()
        AppointmentsScreen(state, AppointmentsEvents(page.model::back, page.model::openAppointment))
    }
    is Page.Appointment -> ShownAppointment(page.model)
    is Page.Held -> {
        val state by page.model.state.collectAsState()
        HeldScreen(state, HeldEvents(model::back, page.model::settle))
    }
    is Page.Home -> ShownHome(page.model)
    is Page.Visit -> ShownVisit(page.model)
    is Page.Matter -> ShownMatter(page.model)
}

private fun ProfilesModel.events() = ProfilesEvents(::choose, ::add, ::practise, ::leavePractice, ::askWhetherToBeginAnew, ::beginAnew)

private fun EnrolModel.events(scanner: Scanner?) = EnrolEvents(::write, scanner?.let { { scan(it) } }, ::enrol, ::startFirstSync)

private fun TodayModel.backEvents(scanner: Scanner?) =
    BackEvents(rejoining.events(scanner), ::takeUp, ::acknowledgeTakenUp, ::forgetSetAside, ::openDamage, ::dismissProblem)

@Composable
private fun ShownEnrol(model: EnrolModel, profiles: ProfilesModel, scanner: Scanner?) {
    val state by model.state.collectAsState()
    val others by profiles.state.collectAsState()
    EnrolScreen(state, model.events(scanner)) {
        // The code works once: what has begun is not left for another database.
        Elsewhere(others, profiles.events(), isEnabled = !state.isBusy)
    }
}

@Composable
private fun ShownToday(model: TodayModel, scanner: Scanner?) {
    val state by model.state.collectAsState()
    TodayScreen(
        state,
        TodayEvents(
            model::search, model::openHome, model::openHit, model::openDraft, model::openHeld, model::showMore, model::sync, model::cancelSync,
            model::openOthers, model::visit, model::showAllDue, model::openNotices, model::openAppointment,
            model::openAppointments, model.backEvents(scanner),
        ),
    )
}

@Composable
private fun ShownAppointment(model: AppointmentModel) {
    val state by model.state.collectAsState()
    AppointmentScreen(
        state,
        AppointmentEvents(model::back, model::openHome, model::visit, model::agree, model::write, model::ask, model::say),
    )
}

@Composable
private fun ShownHome(model: HomeModel) {
    val state by model.state.collectAsState()
    HomeScreen(state, HomeEvents(model::back, model::visit, model::matter, model::goOn))
}

@Composable
private fun ShownVisit(model: VisitModel) {
    val state by model.state.collectAsState()
    val notices by model.notices.collectAsState()
    VisitScreen(
        state,
        VisitEvents(
            model::back, { model.choose(it) }, { model.choose(it) }, model::toggle, model::write, model::markFollowUp, model::give, model::save,
            model::askWhetherToDiscard, model::discard,
        ),
        notices,
    )
}

@Composable
private fun ShownMatter(model: MatterModel) {
    val state by model.state.collectAsState()
    MatterScreen(
        state,
        MatterEvents(
            model::back, { model.choose(it) }, { model.choose(it) }, { model.choose(it) }, model::write, model::writeDone, model::save,
            model::askWhetherToDiscard, model::discard,
        ),
    )
}
