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
import org.zoufang.app.allPages
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.client.Groups
import org.zoufang.core.Change
import org.zoufang.core.NoticeView
import org.zoufang.core.RecordKind

/** Whether a change concerns notices: they came or were withdrawn, or a receipt was given or has arrived. */
internal fun isOfNotices(change: Change): Boolean =
    change.status || RecordKind.NOTICE in change.kinds || RecordKind.NOTICE_RECEIPT in change.kinds

/** The notices in force. */
data class NoticesState(
    /** Unread ones first, then the newest; nothing until they are read. */
    val notices: List<NoticeView>? = null,
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
)

/** Reads the notices of the units above. */
class NoticesModel(open: OpenClient, scope: CoroutineScope, private val clock: Clock, private val ways: Ways) {
    private val current = MutableStateFlow(NoticesState(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<NoticesState> = current.asStateFlow()

    init {
        scope.launch {
            open.readings(::isOfNotices) { readNotices() }.collect { outcome ->
                current.update {
                    when (outcome) {
                        is Outcome.Done -> it.copy(notices = outcome.value, problem = null, now = clock.instant())
                        is Outcome.Refused -> it.copy(problem = outcome.problem)
                    }
                }
            }
        }
    }

    fun openNotice(notice: UUID) = ways.toNotice(notice)
    fun back() = ways.back()
}

/** All of them: what is in force at a time are few. */
private fun Groups.readNotices(): List<NoticeView> = allPages { notices.list(it) }
