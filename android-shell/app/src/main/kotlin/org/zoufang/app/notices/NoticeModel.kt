package org.zoufang.app.notices

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.core.NoticeState as NoticeStands
import org.zoufang.core.NoticeView

/** A notice on screen. */
data class NoticeState(
    /** Nothing until it is read. */
    val notice: NoticeView? = null,
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
) {
    /** Whoever sent it waits to hear that it was read. Over or taken back, it waits no more. */
    val wantsReceipt: Boolean get() = notice?.run { needsReceipt && readAt == null && state == NoticeStands.IN_FORCE } ?: false
}

/**
 * One notice. Where a receipt is waited for, the person gives it by a tap: it says something to others in that person's name. All others
 * count as read when they are opened, so that they leave the number of unread ones.
 */
class NoticeModel(
    private val open: OpenClient,
    private val id: UUID,
    private val scope: CoroutineScope,
    private val clock: Clock,
    private val ways: Ways,
) {
    private val current = MutableStateFlow(NoticeState(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<NoticeState> = current.asStateFlow()

    init {
        scope.launch { open.readings(::isOfNotices) { notices.find(id) }.collect(::show) }
        scope.launch {
            val notice = (attempt { open.client.call { notices.find(id) } } as? Outcome.Done)?.value
            if (notice != null && !notice.needsReceipt && notice.readAt == null) giveReceipt()
        }
    }

    /** Says that the person has read it; once, however often it is said. */
    fun giveReceipt() {
        scope.launch { show(attempt { open.client.call { notices.markRead(id) } }) }
    }

    fun back() = ways.back()

    private fun show(outcome: Outcome<NoticeView>) = current.update {
        when (outcome) {
            is Outcome.Done -> it.copy(notice = outcome.value, problem = null, now = clock.instant())
            is Outcome.Refused -> it.copy(problem = outcome.problem)
        }
    }
}
