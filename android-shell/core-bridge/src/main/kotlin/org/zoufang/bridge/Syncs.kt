package org.zoufang.bridge

import java.time.Clock
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.combine
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.merge
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.client.ZoufangClient
import org.zoufang.core.NetworkState
import org.zoufang.core.SyncProgress
import org.zoufang.core.SyncStatus

/** After a save the phone waits this long for the next one: three taps in a row are one sync. */
private val PAUSE_AFTER_SAVE = 2.seconds

/** Whether a sync runs, and what came of the one before. */
data class SyncNow(
    val isRunning: Boolean = false,
    /** How far it is; nothing between syncs. */
    val progress: SyncProgress? = null,
    /** Why the last one failed, where the status does not say it. */
    val problem: Problem? = null,
)

/**
 * The phone's syncs: one at a time, in the client's scope, so that none ends with a screen. Who asks may be a person, a save, the network that
 * is back, the app that comes to the front, or the time that the core named; when to try again after a failure is the core's to say.
 */
class Syncs internal constructor(
    private val client: ZoufangClient,
    private val network: StateFlow<NetworkState>,
    private val inFront: StateFlow<Boolean>,
    private val clock: Clock,
    /** The server revoked this phone, and everything on it was erased. */
    private val onErased: () -> Unit,
) {
    private val asked = Channel<Unit>(Channel.CONFLATED)
    private val running = MutableStateFlow(SyncNow())
    private val ends = MutableSharedFlow<Unit>(extraBufferCapacity = 1, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    /** Whether one runs now. */
    val now: StateFlow<SyncNow> = running.asStateFlow()

    /** Each time that one has ended. The change feed tells what a sync brought, but not when the next is due, nor one that brought nothing. */
    val ended: Flow<Unit> = ends.asSharedFlow()

    /** Asks for a sync. While one runs, one more follows it. */
    fun ask() {
        asked.trySend(Unit)
    }

    /** Ends the sync that runs. */
    fun cancel() = client.cancelSync()

    /** Begins to listen, for as long as [scope] lives. */
    internal fun begin(scope: CoroutineScope) {
        scope.launch { for (wish in asked) run() }
        scope.launch { client.syncProgress.collect { step -> running.update { if (it.isRunning) it.copy(progress = step) else it } } }
        val statuses = MutableStateFlow<SyncStatus?>(null)
        scope.launch {
            merge(client.changes.filter { it.status }.map { }, ended).collect {
                (attempt { client.call { syncStatus() } } as? Outcome.Done)?.let { statuses.value = it.value }
            }
        }
        scope.launch { savesIn(statuses).collectLatest { delay(PAUSE_AFTER_SAVE); askIfReachable() } }
        scope.launch { network.map { it != NetworkState.OFFLINE }.distinctUntilChanged().drop(1).filter { it }.collect { askIfEnrolled() } }
        scope.launch { inFront.filter { it }.collect { askIfReachable() } }
        scope.launch { dueIn(statuses).collectLatest { wait -> if (wait != null) { delay(wait); askIfReachable() } } }
    }

    /** A signal for each time that more waits to be sent than before. */
    private fun savesIn(statuses: Flow<SyncStatus?>): Flow<Unit> {
        var before: ULong? = null
        return statuses.map { status ->
            val (last, next) = before to status?.unsentCount
            before = next
            last != null && next != null && next > last
        }.filter { it }.map { }
    }

    /** How long until the time that the core named; nothing in the background. */
    private fun dueIn(statuses: Flow<SyncStatus?>): Flow<kotlin.time.Duration?> =
        combine(statuses.map { it?.nextSyncAt }.distinctUntilChanged(), inFront) { at, front ->
            at?.takeIf { front }?.let { Duration.between(clock.instant(), it).toMillis().coerceAtLeast(0).milliseconds }
        }

    private suspend fun askIfReachable() {
        if (network.value != NetworkState.OFFLINE) askIfEnrolled()
    }

    private suspend fun askIfEnrolled() {
        val status = attempt { client.call { syncStatus() } }
        if (status is Outcome.Done && status.value.enrolled && inFront.value) ask()
    }

    private suspend fun run() {
        running.value = SyncNow(isRunning = true)
        val outcome = attempt {
            val isErased = client.sync().wiped != null
            // What came down is made searchable at once, some thousand records a call.
            if (!isErased) {
                do { val isAll = client.call { search.catchUp() } } while (!isAll)
            }
            isErased
        }
        val problem = (outcome as? Outcome.Refused)?.problem?.takeIf { it.step != NextStep.NOTHING }
        running.value = SyncNow(problem = problem)
        ends.tryEmit(Unit)
        if (outcome is Outcome.Done && outcome.value) onErased()
    }
}
