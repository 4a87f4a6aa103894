package org.zoufang.app.today

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.Spacer
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.zoufang.app.appointments.AppointmentCard
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.RowCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.UnsentMark
import org.zoufang.app.look.Writing
import org.zoufang.app.words.dayOf
import org.zoufang.app.words.of
import org.zoufang.core.DraftFields
import org.zoufang.core.DraftView
import org.zoufang.core.DueHome
import org.zoufang.core.HomeView
import org.zoufang.core.Message
import org.zoufang.core.SearchHit
import org.zoufang.core.SearchView
import org.zoufang.core.Word
import java.util.UUID

/** What a person can do with the list of the day. */
class TodayEvents(
    val search: (String) -> Unit,
    val openHome: (UUID) -> Unit,
    val openHit: (SearchHit) -> Unit,
    val openDraft: (DraftView) -> Unit,
    val openHeld: () -> Unit,
    val showMore: () -> Unit,
    val sync: () -> Unit,
    val cancelSync: () -> Unit,
    val openOthers: () -> Unit,
    val visitDue: (DueHome) -> Unit,
    val showAllDue: () -> Unit,
    val openNotices: () -> Unit,
    val openAppointment: (UUID) -> Unit,
    val openAppointments: () -> Unit,
    val back: BackEvents,
)

/** The list of the day. */
@Composable
fun TodayScreen(state: TodayState, events: TodayEvents) = Ground {
    val words = LocalWords.current
    Column(Modifier.padding(start = EDGE, end = EDGE, top = 12.dp), Arrangement.spacedBy(4.dp)) {
        HeadLine(state, events)
        Writing(words.search, state.query, "search", lines = 1..1, onWrite = events.search)
    }
    LazyColumn(
        Modifier.weight(1f).testTag("list"), contentPadding = PaddingValues(EDGE, 0.dp, EDGE, 8.dp), verticalArrangement = Arrangement.spacedBy(8.dp),
    ) {
        // A list that is at its head stays there: it holds on to the first thing in sight, and what is due may be read after the homes.
        item("head") { Spacer(Modifier.height(1.dp)) }
        state.problem?.let { item("problem") { ShownProblem(it, events.back) } }
        waysBack(state, events.back)
        state.failure?.takeUnless { state.needsRejoining }?.let { item("failure") { FailureNote(it) } }
        val found = state.found
        if (found == null) homes(state, events) else hits(found, events)
    }
    SyncBar(state, events.sync, events.cancelSync, events.openHeld)
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun HeadLine(state: TodayState, events: TodayEvents) {
    val words = LocalWords.current
    FlowRow(Modifier.fillMaxWidth(), Arrangement.SpaceBetween, itemVerticalAlignment = Alignment.CenterVertically) {
        Text(words.today, Modifier.semantics { heading() }, style = MaterialTheme.typography.headlineSmall)
        Row(verticalAlignment = Alignment.CenterVertically) {
            NoticesButton(state.unreadCount, events.openNotices)
            TextButton(events.openOthers, Modifier.heightIn(min = TOUCH_LEAST).testTag("others")) { Text(words.others) }
        }
    }
    if (state.homesCount > 0) {
        Text(
            words.visited(state.visitedCount, state.homesCount), Modifier.testTag("visited"),
            color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium,
        )
    }
}

/** To the notices, with the number of those that are unread. */
@Composable
private fun NoticesButton(unreadCount: Int, onTap: () -> Unit) {
    val words = LocalWords.current
    TextButton(onTap, Modifier.heightIn(min = TOUCH_LEAST).testTag("notices")) {
        Text(words.notices)
        if (unreadCount > 0) {
            val said = words.unreadNotices(unreadCount)
            Box(Modifier.padding(start = 6.dp).testTag("unread").clearAndSetSemantics { contentDescription = said }) { Mark("$unreadCount") }
        }
    }
}

private fun LazyListScope.homes(state: TodayState, events: TodayEvents) {
    if (state.drafts.isNotEmpty()) {
        item("unfinished") { Title(LocalWords.current.unfinished) }
        items(state.drafts, key = { "draft-${it.draft.id}" }) { DraftCard(it, events.openDraft) }
    }
    appointments(state, events)
    dueHomes(state, events)
    val homes = state.homes ?: return
    if (homes.isNotEmpty()) item("all") { Title(LocalWords.current.allHomes) }
    if (homes.isEmpty()) item("none") { Text(LocalWords.current.noHomes, style = MaterialTheme.typography.bodyLarge) }
    items(homes, key = { it.household }) { HomeCard(it, state, events.openHome) }
    if (state.hasMore) {
        item("more") {
            // Laid out when the end of what was read comes into sight.
            LaunchedEffect(homes.size) { events.showMore() }
            Text(LocalWords.current.more, color = MaterialTheme.colorScheme.onSurfaceVariant)
        }
    }
}

/** The appointments of the day, and the way to all. */
private fun LazyListScope.appointments(state: TodayState, events: TodayEvents) {
    if (state.appointments.isEmpty()) return
    item("appointments") { Title(LocalWords.current.appointments) }
    items(state.appointmentsOfToday, key = { "appointment-${it.id}" }) { AppointmentCard(it, state.now, state.zone, events.openAppointment) }
    item("all-appointments") {
        TextButton(events.openAppointments, Modifier.heightIn(min = TOUCH_LEAST).testTag("all-appointments")) {
            Text(LocalWords.current.allAppointments(state.appointments.size))
        }
    }
}

private fun LazyListScope.hits(found: SearchView, events: TodayEvents) {
    if (found.hits.isEmpty()) item("nothing") { Text(LocalWords.current.nothingFound, style = MaterialTheme.typography.bodyLarge) }
    items(found.hits, key = { "${it.kind}-${it.id}-${it.field}" }) { HitCard(it, events.openHit) }
    if (!found.isComplete) item("again") { Text(LocalWords.current.searchAgain, color = MaterialTheme.colorScheme.onSurfaceVariant) }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun HomeCard(home: HomeView, state: TodayState, onTap: (UUID) -> Unit) {
    val words = LocalWords.current
    RowCard("home-${home.household}", onTap = { onTap(home.household) }) {
        Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
            Text(home.addressText, Modifier.weight(1f), style = MaterialTheme.typography.titleMedium)
            UnsentMark(home.unsent)
        }
        val last = home.lastVisit
        val visited = last?.let { words.lastVisit(words.dayOf(it.at, state.now, state.zone), words.of(Word.OfOutcome(it.outcome))) }
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            home.contact?.let { Text(it, style = MaterialTheme.typography.bodyMedium) }
            Text(visited ?: words.neverVisited, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
            if (home.openMattersCount > 0u) {
                val count = words.openMatters(home.openMattersCount.toInt())
                Mark(count, MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
            }
            if (home.hasConflict) Mark(words.clash)
        }
    }
}

/** Why the last sync failed, at length; the bar below says it in a few words. */
@Composable
private fun FailureNote(failure: Message) {
    val words = LocalWords.current
    Text(words.said(failure), color = MaterialTheme.colorScheme.error, style = MaterialTheme.typography.bodyMedium)
}

@Composable
private fun DraftCard(row: DraftRow, onTap: (DraftView) -> Unit) {
    val words = LocalWords.current
    RowCard("draft-${row.draft.id}", onTap = { onTap(row.draft) }) {
        val (title, text) = when (val fields = row.draft.fields) {
            is DraftFields.OfVisit -> words.draftOfVisit(row.home) to fields.fields.note
            is DraftFields.OfMatter -> words.draftOfMatter(row.home) to fields.fields.summary
        }
        Text(title, style = MaterialTheme.typography.titleMedium)
        if (text.isNotBlank()) Text(text, maxLines = 2, style = MaterialTheme.typography.bodyMedium)
    }
}

@Composable
private fun HitCard(hit: SearchHit, onTap: (SearchHit) -> Unit) {
    val words = LocalWords.current
    RowCard("hit-${hit.id}", isActive = hit.household != null, onTap = { onTap(hit) }) {
        Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp)) {
            Text(hit.title, Modifier.weight(1f), style = MaterialTheme.typography.titleMedium)
            Mark(words.of(Word.OfRecord(hit.kind)), MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
        }
        if (hit.excerpt != hit.title) Text(hit.excerpt, style = MaterialTheme.typography.bodyMedium)
    }
}
