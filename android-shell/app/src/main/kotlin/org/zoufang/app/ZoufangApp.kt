package org.zoufang.app

import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.ui.text.font.FontFamily
import org.zoufang.app.enrol.EnrolEvents
import org.zoufang.app.enrol.EnrolModel
import org.zoufang.app.enrol.EnrolScreen
import org.zoufang.app.enrol.Scanner
import org.zoufang.app.home.HomeEvents
import org.zoufang.app.home.HomeModel
import org.zoufang.app.home.HomeScreen
import org.zoufang.app.look.Look
import org.zoufang.app.matter.MatterEvents
import org.zoufang.app.matter.MatterModel
import org.zoufang.app.matter.MatterScreen
import org.zoufang.app.start.StartScreen
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
        is AppState.Failed -> StartScreen(shown.problem, model::retry)
        // What a page remembers, such as how far it is scrolled, belongs to that page.
        is AppState.Working -> shown.pages.lastOrNull()?.let { page -> key(page) { Shown(page, model, scanner) } }
    }
}

@Composable
private fun Shown(page: Page, model: AppModel, scanner: Scanner?) = when (page) {
    is Page.Enrol -> ShownEnrol(page.model, scanner)
    is Page.Today -> ShownToday(page.model)
    is Page.Held -> {
        val state by page.model.state.collectAsState()
        HeldScreen(state, model::back)
    }
    is Page.Home -> ShownHome(page.model)
    is Page.Visit -> ShownVisit(page.model)
    is Page.Matter -> ShownMatter(page.model)
}

@Composable
private fun ShownEnrol(model: EnrolModel, scanner: Scanner?) {
    val state by model.state.collectAsState()
    EnrolScreen(state, EnrolEvents(model::write, scanner?.let { { model.scan(it) } }, model::enrol, model::startFirstSync))
}

@Composable
private fun ShownToday(model: TodayModel) {
    val state by model.state.collectAsState()
    TodayScreen(
        state,
        TodayEvents(
            model::search, model::openHome, model::openHit, model::openDraft, model::openHeld, model::showMore, model::sync, model::cancelSync,
        ),
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
    VisitScreen(
        state,
        VisitEvents(
            model::back, { model.choose(it) }, { model.choose(it) }, model::toggle, model::write, model::markFollowUp, model::save,
            model::askWhetherToDiscard, model::discard,
        ),
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
