package org.zoufang.bridge

import java.time.Clock
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import org.zoufang.client.LibraryMismatch
import org.zoufang.client.ZoufangClient
import org.zoufang.core.CoreException
import org.zoufang.core.PortException

/** How long going to the background waits for fields that are being saved, before the database is closed. */
private val SETTLE_AT_MOST = 1.seconds

/** Where the client stands. */
sealed interface Opening {
    /** It is being opened. */
    data object Underway : Opening
    /** It did not open; [ClientOwner.open] tries again. What was there is as it was. */
    data class Failed(val problem: Problem) : Opening
    /** It is open. */
    data class Ready(val open: OpenClient) : Opening
}

/**
 * Owns the process's one client: opens it, closes its file while the app is in the background, opens it again. Calls may come from any
 * thread and in any order; they are done one after the other.
 */
class ClientOwner(
    private val scope: CoroutineScope,
    private val network: Network,
    private val clock: Clock,
    private val deviceKey: DeviceKey,
    private val openClient: suspend () -> ZoufangClient,
) {
    private val turns = Mutex()
    private val inFront = MutableStateFlow(true)
    private val state = MutableStateFlow<Opening>(Opening.Underway)
    private var opened: OpenClient? = null
    private var life: Job? = null

    /** Where the client stands now. */
    val opening: StateFlow<Opening> = state.asStateFlow()

    /** Opens it, or tries again; does nothing when it is open. */
    fun open() {
        scope.launch { turns.withLock { openOrResume() } }
    }

    /** The app is in front of a person. */
    fun toForeground() {
        scope.launch {
            turns.withLock {
                if (opened != null) openOrResume()
                inFront.value = true
            }
        }
    }

    /** The app is not seen any more and may be stopped at any time: what was typed is written, then the file is closed. Bounded. */
    fun toBackground() {
        scope.launch {
            turns.withLock {
                val open = opened ?: return@withLock
                withTimeoutOrNull(SETTLE_AT_MOST) { open.settle() }
                inFront.value = false
                // A checkpoint that failed is made when it is opened again; nothing is lost by it.
                attempt { open.client.pause() }
            }
        }
    }

    /** Ends it in order, for tests and for a process that ends by itself. */
    suspend fun close() = withContext(NonCancellable) {
        turns.withLock {
            val open = opened ?: return@withLock
            withTimeoutOrNull(SETTLE_AT_MOST) { open.settle() }
            end(open)
        }
    }

    /** Ends it without any last words, as when the process is killed: what was not written is not written. */
    suspend fun abandon() = withContext(NonCancellable) { turns.withLock { opened?.let { end(it) } } }

    private suspend fun end(open: OpenClient) {
        life?.cancel()
        opened = null
        state.value = Opening.Underway
        attempt { open.client.close() }
    }

    /** The revoked phone's files are gone: from here on it is a new one, which may be enrolled. */
    private fun openAnew() {
        scope.launch {
            turns.withLock {
                opened?.let { end(it) }
                openOrResume(isErased = true)
            }
        }
    }

    private suspend fun openOrResume(isErased: Boolean = false) {
        val known = opened
        try {
            when (val outcome = attempt { known?.apply { client.resume() } ?: begun(withFitKey(openClient()), isErased) }) {
                is Outcome.Refused -> state.value = Opening.Failed(outcome.problem)
                is Outcome.Done -> {
                    opened = outcome.value
                    state.value = Opening.Ready(outcome.value)
                }
            }
        } catch (mismatch: LibraryMismatch) {
            state.value = Opening.Failed(mismatch.asProblem())
        }
    }

    /** One that is not enrolled gets a new device key: the old one may be known to the server, from a phone's life before. */
    private suspend fun withFitKey(client: ZoufangClient): ZoufangClient {
        try {
            if (!client.call { syncStatus() }.enrolled) deviceKey.forget()
        } catch (error: CoreException) {
            client.close()
            throw error
        } catch (error: PortException) {
            // Enrolling will say so, where a person can do something about it.
        }
        return client
    }

    private fun begun(client: ZoufangClient, isErased: Boolean): OpenClient {
        val job = SupervisorJob(scope.coroutineContext.job)
        life = job
        val syncs = Syncs(client, network.states, inFront, clock, onErased = ::openAnew)
        return OpenClient(client, syncs, scope + job, inFront, isErased).also { syncs.begin(it.scope) }
    }
}
