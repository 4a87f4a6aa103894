package org.zoufang.app.today

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import java.time.LocalDate
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.RowCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.UnsentMark
import org.zoufang.app.words.Words
import org.zoufang.app.words.dateOf
import org.zoufang.app.words.of
import org.zoufang.app.words.timesOf
import org.zoufang.core.DueHome
import org.zoufang.core.DueProgress
import org.zoufang.core.TaskState
import org.zoufang.core.VisitTask
import org.zoufang.core.Word

/** What is to be visited today and why, before all homes: how far each rule is, then the homes in the core's order. */
internal fun LazyListScope.dueHomes(state: TodayState, events: TodayEvents) {
    val due = state.due ?: return
    if (due.homes.isEmpty() && due.progress.isEmpty()) return
    item("due") { Title(LocalWords.current.dueToday) }
    items(due.progress, key = { "progress-${it.rule}-${it.from}" }) { ProgressLine(it, state) }
    if (due.homes.isEmpty()) item("due-none") { Text(LocalWords.current.nothingDue, style = MaterialTheme.typography.bodyLarge) }
    items(state.dueHomes, key = { "due-${it.home.household}" }) { DueCard(it, state, events) }
    if (state.dueHomes.size < due.homes.size) {
        item("due-more") {
            TextButton(events.showAllDue, Modifier.heightIn(min = TOUCH_LEAST).testTag("due-more")) {
                Text(LocalWords.current.allDue(due.homes.size))
            }
        }
    }
}

@Composable
private fun ProgressLine(progress: DueProgress, state: TodayState) {
    val words = LocalWords.current
    val (visited, all) = progress.visitedCount.toInt() to progress.homesCount.toInt()
    Column(Modifier.fillMaxWidth().padding(bottom = 4.dp).testTag("progress-of"), Arrangement.spacedBy(4.dp)) {
        val line = words.progress(progress.ruleName, visited, all, words.dateOf(progress.dueTo, state.now, state.zone))
        Text(line, style = MaterialTheme.typography.bodyMedium)
        if (all > 0) LinearProgressIndicator({ visited.toFloat() / all }, Modifier.fillMaxWidth())
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun DueCard(due: DueHome, state: TodayState, events: TodayEvents) {
    val words = LocalWords.current
    RowCard("due-${due.home.household}", onTap = { events.openHome(due.home.household) }) {
        Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), Alignment.CenterVertically) {
            Column(Modifier.weight(1f), Arrangement.spacedBy(4.dp)) {
                Text(due.home.addressText, style = MaterialTheme.typography.titleMedium)
                due.home.contact?.let { Text(it, style = MaterialTheme.typography.bodyMedium) }
                UnsentMark(due.home.unsent)
            }
            val begin = Modifier.heightIn(min = TOUCH_LEAST).testTag("due-visit-${due.home.household}")
            FilledTonalButton({ events.visitDue(due) }, begin) { Text(words.visit) }
        }
        due.tasks.forEach { task ->
            FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
                Text(words.why(task, state), style = MaterialTheme.typography.bodyMedium)
                if (task.state == TaskState.OVERDUE) Mark(words.overdueSince(task, state)) else Until(task, state)
                if (task.attemptsCount > 0u) {
                    Text(words.attempts(task.attemptsCount.toInt()), color = quiet(), style = MaterialTheme.typography.bodyMedium)
                }
            }
        }
    }
}

@Composable
private fun quiet() = MaterialTheme.colorScheme.onSurfaceVariant

/** Until when it is in time; an appointment's time says that by itself. */
@Composable
private fun Until(task: VisitTask, state: TodayState) {
    if (task.appointment != null) return
    val words = LocalWords.current
    Text(words.dueUntil(words.dateOf(task.dueTo, state.now, state.zone)), color = quiet(), style = MaterialTheme.typography.bodyMedium)
}

/** The rule's name, or the appointment with its time; and what somebody said who moved it. */
private fun Words.why(task: VisitTask, state: TodayState): String {
    val cause = task.appointment?.run { appointment(of(Word.OfPurpose(purpose)), timesOf(slot, state.now, state.zone)) } ?: task.ruleName
    return task.reason?.let { labelled(cause, it) } ?: cause
}

/** A rule's day is over with the day; an appointment is late on the day itself. */
private fun Words.overdueSince(task: VisitTask, state: TodayState): String =
    if (task.appointment != null) of(Word.OfTask(TaskState.OVERDUE))
    else overdueSince(dateOf("${LocalDate.parse(task.dueTo).plusDays(1)}", state.now, state.zone))
