package org.zoufang.app.today

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.Button
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.RectangleShape
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.words.ageOf
import org.zoufang.core.SyncProgress
import org.zoufang.core.SyncStatus

/** Always in sight: whether the work on this phone has arrived, and if not, why. */
@Composable
internal fun SyncBar(state: TodayState, onSync: () -> Unit, onCancel: () -> Unit, onHeld: () -> Unit) {
    val words = LocalWords.current
    val status = state.status ?: return
    if (status.practice) return PracticeBar()
    Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
        Column(Modifier.fillMaxWidth().padding(EDGE, 8.dp), Arrangement.spacedBy(4.dp)) {
            Row(verticalAlignment = Alignment.CenterVertically) {
                Unsent(status, Modifier.weight(1f).padding(end = 12.dp))
                if (state.sync.isRunning) {
                    OutlinedButton(onCancel, Modifier.heightIn(min = TOUCH_LEAST).testTag("sync-cancel")) { Text(words.stop) }
                } else {
                    Button(onSync, Modifier.heightIn(min = TOUCH_LEAST).testTag("sync")) { Text(words.sync) }
                }
            }
            Standing(state, status)
            if (state.sync.isRunning) Progress(state.sync.progress)
            if (status.conflictsCount + status.quarantinedCount > 0uL) {
                TextButton(
                    onHeld, Modifier.heightIn(min = TOUCH_LEAST).testTag("held"), shape = RectangleShape, contentPadding = PaddingValues(0.dp),
                ) {
                    Text("${words.held(status.conflictsCount.toLong(), status.quarantinedCount.toLong())} ›")
                }
            }
        }
    }
}

/** In the bar's place while practising. */
@Composable
private fun PracticeBar() = Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
    val below = Modifier.fillMaxWidth().padding(EDGE, 12.dp).testTag("no-sync")
    Text(LocalWords.current.practiceNoSync, below, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
}

@Composable
private fun Unsent(status: SyncStatus, modifier: Modifier) {
    val words = LocalWords.current
    val count = status.unsentCount.toLong()
    Text(
        if (count > 0) words.unsentCount(count) else words.allSent, modifier.testTag("unsent"),
        color = if (count > 0) MaterialTheme.colorScheme.tertiary else MaterialTheme.colorScheme.primary,
        fontWeight = FontWeight.Bold, style = MaterialTheme.typography.titleMedium,
    )
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Standing(state: TodayState, status: SyncStatus) {
    val words = LocalWords.current
    val small = MaterialTheme.typography.bodySmall
    val quiet = MaterialTheme.colorScheme.onSurfaceVariant
    FlowRow(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
        status.oldestUnsentAt?.let { Text(words.oldest(words.ageOf(it, state.now)), color = quiet, style = small) }
        val last = status.lastSuccessAt?.let { words.lastSuccess(words.ageOf(it, state.now)) } ?: words.neverSynced
        Text(last, color = quiet, style = small)
        if (!status.complete) {
            Text(words.firstSyncIncomplete, Modifier.testTag("incomplete"), color = MaterialTheme.colorScheme.tertiary, style = small)
        }
        state.failure?.let { Text(words.titleOf(it), Modifier.testTag("sync-problem"), color = MaterialTheme.colorScheme.error, style = small) }
    }
}

@Composable
private fun Progress(progress: SyncProgress?) {
    val words = LocalWords.current
    val total = progress?.totalCount
    if (progress == null || total == null || total == 0uL) {
        LinearProgressIndicator(Modifier.fillMaxWidth())
    } else {
        LinearProgressIndicator({ progress.doneCount.toFloat() / total.toFloat() }, Modifier.fillMaxWidth())
    }
    Text(
        progress?.run { words.phase(phase, doneCount.toLong(), total?.toLong()) } ?: words.syncing, Modifier.testTag("progress"),
        color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall,
    )
}
