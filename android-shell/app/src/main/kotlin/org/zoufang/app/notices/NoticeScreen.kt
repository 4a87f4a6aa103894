package org.zoufang.app.notices

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.MainButton
import org.zoufang.app.look.Mark
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.UnsentMark
import org.zoufang.app.words.dateOf
import org.zoufang.app.words.dayOf
import org.zoufang.app.words.of
import org.zoufang.core.NoticeState as NoticeStands
import org.zoufang.core.NoticeView
import org.zoufang.core.SyncState
import org.zoufang.core.Word

/** What a person can do with a notice. */
class NoticeEvents(val back: () -> Unit, val giveReceipt: () -> Unit)

/** A notice, whole; at its foot the receipt, while it is waited for. */
@Composable
fun NoticeScreen(state: NoticeState, events: NoticeEvents) = Ground {
    val words = LocalWords.current
    val notice = state.notice
    Head(notice?.title.orEmpty(), notice?.unitName.orEmpty(), events.back)
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 8.dp), Arrangement.spacedBy(12.dp)) {
        state.problem?.let { ProblemCard(it) }
        if (notice != null) {
            Standing(notice, state)
            Text(notice.body, Modifier.testTag("notice-body"), style = MaterialTheme.typography.bodyLarge)
            Receipt(notice, state)
        }
    }
    if (state.wantsReceipt) {
        Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
            Column(Modifier.fillMaxWidth().padding(EDGE, 8.dp), Arrangement.spacedBy(4.dp)) {
                Text(words.receiptExplained, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
                MainButton(words.giveReceipt, isBusy = false, tag = "receipt", onTap = events.giveReceipt)
            }
        }
    }
}

/** What it is for, when it was sent, until when it holds, and whether it still does. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Standing(notice: NoticeView, state: NoticeState) {
    val words = LocalWords.current
    val quiet = MaterialTheme.colorScheme.onSurfaceVariant
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        Mark(words.of(Word.OfNoticeKind(notice.kind)), MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
        if (notice.state != NoticeStands.IN_FORCE) Mark(words.of(Word.OfNotice(notice.state)))
        Text(words.sentOn(words.dayOf(notice.sentAt, state.now, state.zone)), color = quiet, style = MaterialTheme.typography.bodyMedium)
        Text(words.validUntil(words.dateOf(notice.validTo, state.now, state.zone)), color = quiet, style = MaterialTheme.typography.bodyMedium)
    }
    notice.withdrawnBecause?.let {
        val why = words.labelled(words.of(Word.OfNotice(NoticeStands.WITHDRAWN)), it)
        Text(why, color = MaterialTheme.colorScheme.error, style = MaterialTheme.typography.bodyMedium)
    }
}

/** That it was read, and how far the receipt has come. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Receipt(notice: NoticeView, state: NoticeState) {
    val words = LocalWords.current
    val read = notice.readAt ?: return
    FlowRow(Modifier.testTag("receipt-given"), Arrangement.spacedBy(8.dp), Arrangement.spacedBy(4.dp)) {
        val day = words.dayOf(read, state.now, state.zone)
        val text = if (notice.needsReceipt) words.receiptGiven(day) else words.readOn(day)
        Text(text, color = MaterialTheme.colorScheme.primary, style = MaterialTheme.typography.bodyMedium)
        UnsentMark(notice.receiptSync == SyncState.QUEUED)
        if (notice.receiptSync == SyncState.QUARANTINED) Mark(words.quarantine)
    }
}
