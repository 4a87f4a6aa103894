package org.zoufang.app.notices

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import java.util.UUID
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.RowCard
import org.zoufang.app.words.dayOf
import org.zoufang.app.words.of
import org.zoufang.core.NoticeView
import org.zoufang.core.Word

/** What a person can do with the list of notices. */
class NoticesEvents(val back: () -> Unit, val openNotice: (UUID) -> Unit)

/** The notices in force, unread ones first. */
@Composable
fun NoticesScreen(state: NoticesState, events: NoticesEvents) = Ground {
    val words = LocalWords.current
    Head(words.notices, "", events.back)
    LazyColumn(
        Modifier.fillMaxSize().testTag("notices"), contentPadding = PaddingValues(EDGE, 8.dp), verticalArrangement = Arrangement.spacedBy(8.dp),
    ) {
        state.problem?.let { item("problem") { ProblemCard(it) } }
        val notices = state.notices ?: return@LazyColumn
        if (notices.isEmpty()) item("none") { Text(words.noNotices, style = MaterialTheme.typography.bodyLarge) }
        items(notices, key = { it.id }) { NoticeRow(it, state, events.openNotice) }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun NoticeRow(notice: NoticeView, state: NoticesState, onTap: (UUID) -> Unit) {
    val words = LocalWords.current
    val isUnread = notice.readAt == null
    RowCard("notice-${notice.id}", onTap = { onTap(notice.id) }) {
        Text(notice.title, fontWeight = if (isUnread) FontWeight.Bold else null, style = MaterialTheme.typography.titleMedium)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            if (isUnread) Mark(words.unread)
            Mark(words.of(Word.OfNoticeKind(notice.kind)), MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
            val from = listOf(notice.unitName, words.dayOf(notice.sentAt, state.now, state.zone)).filter { it.isNotEmpty() }
            Text(words.several(from), color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
        }
    }
}
