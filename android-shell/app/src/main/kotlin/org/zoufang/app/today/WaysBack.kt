package org.zoufang.app.today

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.zoufang.app.enrol.CodeEntry
import org.zoufang.app.enrol.Digits
import org.zoufang.app.enrol.EnrolEvents
import org.zoufang.app.enrol.EnrolState
import org.zoufang.app.look.AskWith
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.words.Words
import org.zoufang.app.words.of
import org.zoufang.bridge.Problem
import org.zoufang.bridge.TakingUpNow
import org.zoufang.bridge.isDamage
import org.zoufang.core.LeftAside
import org.zoufang.core.TakenUp
import org.zoufang.core.Word

/** What a person can do on the ways back from the worst moments. */
class BackEvents(
    val rejoining: EnrolEvents, val takeUp: () -> Unit, val acknowledge: () -> Unit, val forget: () -> Unit, val openDamage: () -> Unit,
    val dismissProblem: () -> Unit,
)

/** Before the list: the way back to a server that does not know the phone any more, and what came back from a database that was set aside. */
internal fun LazyListScope.waysBack(state: TodayState, events: BackEvents) {
    if (state.needsRejoining) item("rejoin") { RejoinCard(state.rejoining, events.rejoining) }
    if (state.takingUp.isWaiting) item("taken-up") { TakingUpCard(state.takingUp, events) }
}

/** What went wrong, until it was read; where the database is damaged, with the way to what can be done. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun ShownProblem(problem: Problem, events: BackEvents) = Column {
    val words = LocalWords.current
    ProblemCard(problem)
    FlowRow {
        if (problem.isDamage) Way(words.whatToDo, "damage", events.openDamage)
        Way(words.understood, "problem-read", events.dismissProblem)
    }
}

@Composable
private fun RejoinCard(state: EnrolState, events: EnrolEvents) = Said("rejoin", LocalWords.current.rejoinTitle.takeIf { state.enrolled == null }) {
    val words = LocalWords.current
    val enrolled = state.enrolled
    if (enrolled == null) {
        Text(words.rejoinExplained, style = MaterialTheme.typography.bodyMedium)
        CodeEntry(state, events, words.rejoin, words.rejoining)
    } else {
        Text(words.rejoined, style = MaterialTheme.typography.bodyMedium)
        Digits(enrolled)
        Way(words.understood, "rejoined", events.startFirstSync)
    }
}

@Composable
private fun TakingUpCard(state: TakingUpNow, events: BackEvents) = Said("taken-up", LocalWords.current.takingUpTitle) {
    val words = LocalWords.current
    val (taken, problem) = state.taken to state.problem
    when {
        problem != null -> ProblemCard(problem, onRetry = events.takeUp)
        taken != null -> {
            words.linesOf(taken).forEach { Text(it, style = MaterialTheme.typography.bodyMedium) }
            Way(words.understood, "taken-up-read", events.acknowledge)
            if (taken.left.isNotEmpty()) Forgetting(events.forget)
        }
        state.isRunning -> {
            Text(words.takingUpNow, style = MaterialTheme.typography.bodyMedium)
            LinearProgressIndicator(Modifier.fillMaxWidth())
        }
        else -> Text(words.takingUpWaits, style = MaterialTheme.typography.bodyMedium)
    }
}

/** The way to be rid of what is left now, after one question. */
@Composable
private fun Forgetting(onForget: () -> Unit) {
    val words = LocalWords.current
    var isAsked by remember { mutableStateOf(false) }
    Way(words.forgetAside, "forget-aside") { isAsked = true }
    if (!isAsked) return
    val agreed = {
        isAsked = false
        onForget()
    }
    AskWith(words.back, words.forgetAside, words.forgetAsideAsked, words.forgetAside, "forget-aside", agreed) { isAsked = false }
}

/** What was taken up, what was not needed, and what could not be, several of a kind and reason in one line. */
private fun Words.linesOf(taken: TakenUp): List<String> = buildList {
    if (taken.takenCount > 0uL) add(takenUp(taken.takenCount.toLong()))
    if (taken.knownCount > 0uL) add(takenUpKnown(taken.knownCount.toLong()))
    if (taken.left.isNotEmpty()) add(takenUpLeft(taken.left.size))
    taken.left.groupingBy { kindOf(it) to titleOf(it.reason) }.eachCount().forEach { (what, count) -> add(leftAside(what.first, what.second, count)) }
    if (isEmpty()) add(takenUpNothing)
}

private fun Words.kindOf(left: LeftAside): String = left.kind?.let { of(Word.OfRecord(it)) } ?: ofUnknownKind

/** A card that says at length what happened and what to do. */
@Composable
private fun Said(tag: String, title: String?, content: @Composable ColumnScope.() -> Unit) {
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.surfaceContainerLowest, MaterialTheme.colorScheme.onSurface)
    Card(Modifier.fillMaxWidth().testTag(tag).semantics { liveRegion = LiveRegionMode.Polite }, colors = card, elevation = CardDefaults.cardElevation(1.dp)) {
        Column(Modifier.padding(EDGE, 12.dp), Arrangement.spacedBy(8.dp)) {
            if (title != null) Text(title, Modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium)
            content()
        }
    }
}

@Composable
private fun Way(text: String, tag: String, onTap: () -> Unit) {
    TextButton(onTap, Modifier.heightIn(min = TOUCH_LEAST).testTag(tag)) { Text(text) }
}
