package org.zoufang.bridge

import java.time.Clock
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
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
/** How long it waits before another database is opened. Nobody stops the app meanwhile, and what is not written by then is gone. */
private val SETTLE_BEFORE_LEAVING = 10.seconds

/** Where the client stands. */
sealed interface Opening {
    /** It is being opened. */
    data object Underway : Opening
    /** It did not open; [ClientOwner.open] tries again. What was there is as it was. */
    data class Failed(val problem: Problem, val place: Place) : Opening
    /** It is open. */
    data class Ready(val open: OpenClient) : Opening
}

/**
 * Owns the process's one client: opens it, closes its file while the app is in the background, opens it again, and closes it for another of
 * the phone's databases. Calls may come from any thread and in any order; they are done one after the other.
 */
class ClientOwner(
    private val scope: CoroutineScope,
    private val network: Network,
    private val clock: Clock,
    private val profiles: Profiles,
) {
    private val turns = Mutex()
    private val inFront = MutableStateFlow(true)
    private val state = MutableStateFlow<Opening>(Opening.Underway)
    private var wanted: Place? = null
    private var opened: OpenClient? = null
    private var life: Job? = null

    /** Where the client stands now. */
    val opening: StateFlow<Opening> = state.asStateFlow()

    /** Opens it, or tries again; does nothing when it is open. A process begins with the profile that was open last. */
    fun open() = inTurn { openOrResume() }

    /** Closes what is open, with all that was typed on the disk, and opens another; does nothing where that is open. */
    fun change(to: Place) = inTurn { if (opened?.place != to) leaveFor(to) }

    /** From practice back to the profile that was open before. */
    fun leavePractice() = inTurn { if (wanted == Place.Practice) leaveFor(profiles.lastUsed()) }

    /** Throws away what was tried in practice and begins anew. */
    fun beginPracticeAnew() = inTurn { leaveFor(Place.Practice) { profiles.beginPracticeAnew() } }

    /**
     * Moves the profile that does not open, or is damaged further in, out of the way and begins a new one in its place. Nothing is deleted;
     * once that is enrolled and has synced, [OpenClient.takingUp] brings the unsent work back.
     */
    fun setAside() = inTurn {
        val place = wanted
        if (place !is Place.Profile) return@inTurn
        leave()
        state.value = Opening.Underway
        val refused = attempt { profiles.setAside(place) } as? Outcome.Refused
        openOrResume()
        // What stood against it says more than that it still does not open.
        if (refused != null && state.value is Opening.Failed) state.value = Opening.Failed(refused.problem, place)
    }

    /** Opens a profile for one more person, or for one more city. */
    fun addProfile() = inTurn {
        // Where the folder cannot be read, the list of profiles says so already.
        (attempt { profiles.another() } as? Outcome.Done)?.let { leaveFor(it.value) }
    }

    /** The profiles of this phone as they can be told without opening them. */
    suspend fun knownProfiles(): Outcome<List<KnownProfile>> = turns.withLock {
        opened?.let { keep(it) }
        try {
            attempt { profiles.list(opened?.place) }
        } catch (mismatch: LibraryMismatch) {
            Outcome.Refused(mismatch.asProblem())
        }
    }

    /** The app is in front of a person. */
    fun toForeground() = inTurn {
        if (opened != null) openOrResume()
        inFront.value = true
    }

    /** The app is not seen any more and may be stopped at any time: what was typed is written, then the file is closed. Bounded. */
    fun toBackground() = inTurn {
        opened?.let { open ->
            settle(open, SETTLE_AT_MOST)
            inFront.value = false
            // A checkpoint that failed is made when it is opened again; nothing is lost by it.
            attempt { open.client.pause() }
        }
    }

    /** Ends it in order, for tests and for a process that ends by itself. */
    suspend fun close() = withContext(NonCancellable) { turns.withLock { leave() } }

    /** Ends it without any last words, as when the process is killed: what was not written is not written. */
    suspend fun abandon() = withContext(NonCancellable) { turns.withLock { opened?.let { end(it) } } }

    private fun inTurn(act: suspend () -> Unit) {
        scope.launch { turns.withLock { act() } }
    }

    private suspend fun leaveFor(place: Place, begin: suspend () -> ZoufangClient = { profiles.open(place) }) {
        leave()
        wanted = place
        state.value = Opening.Underway
        openOrResume(begin)
    }

    private suspend fun leave() {
        opened?.let {
            settle(it, SETTLE_BEFORE_LEAVING)
            end(it)
        }
    }

    /** What was typed is written, and what is to be known of the profile while it is closed. */
    private suspend fun settle(open: OpenClient, atMost: Duration) {
        withTimeoutOrNull(atMost) {
            open.settle()
            keep(open)
        }
    }

    private suspend fun keep(open: OpenClient) {
        val place = open.place as? Place.Profile ?: return
        val said = attempt { open.client.run { profile() to call { syncStatus() } } }
        // Closed for the background, it was asked before.
        if (said is Outcome.Done) said.value.let { (enrolled, status) -> profiles.keep(place, enrolled, status.unsentCount.toLong()) }
    }

    private suspend fun end(open: OpenClient) {
        life?.cancel()
        opened = null
        state.value = Opening.Underway
        // Closing blocks its thread, and this may be the one that draws.
        withContext(Dispatchers.IO) { attempt { open.client.close() } }
    }

    /** The revoked profile's files are gone: from here on it is a new one, which may be enrolled. */
    private fun openAnew(erased: ZoufangClient) = inTurn {
        val open = opened
        // Another that was opened meanwhile stays; the erased one begins anew when it is next opened.
        if (open?.client === erased) {
            end(open)
            openOrResume(isErased = true)
        }
    }

    private suspend fun openOrResume(begin: (suspend () -> ZoufangClient)? = null, isErased: Boolean = false) {
        val known = opened
        try {
            val place = wanted ?: profiles.lastUsed().also { wanted = it }
            val outcome = attempt {
                known?.apply { client.resume() } ?: begun(withFitKey(begin?.invoke() ?: profiles.open(place), place), place, isErased)
            }
            when (outcome) {
                is Outcome.Refused -> state.value = Opening.Failed(outcome.problem, place)
                is Outcome.Done -> {
                    opened = outcome.value
                    state.value = Opening.Ready(outcome.value)
                    if (place is Place.Profile) profiles.use(place)
                    // One that was erased leaves nothing behind that says whose it was.
                    keep(outcome.value)
                }
            }
        } catch (mismatch: LibraryMismatch) {
            state.value = Opening.Failed(mismatch.asProblem(), wanted ?: Place.Profile(null))
        }
    }

    /** One that is not enrolled gets a new device key: the old one may be known to the server, from a phone's life before. Practice has none. */
    private suspend fun withFitKey(client: ZoufangClient, place: Place): ZoufangClient {
        if (place !is Place.Profile) return client
        try {
            if (!client.call { syncStatus() }.enrolled) profiles.deviceKey(place).forget()
        } catch (error: CoreException) {
            client.close()
            throw error
        } catch (error: PortException) {
            // Enrolling will say so, where a person can do something about it.
        }
        return client
    }

    private suspend fun begun(client: ZoufangClient, place: Place, isErased: Boolean): OpenClient {
        val job = SupervisorJob(scope.coroutineContext.job)
        life = job
        val syncs = Syncs(client, network.states, inFront, clock, onErased = { openAnew(client) })
        val takingUp = TakingUp(client, profiles, place)
        val open = OpenClient(client, place, syncs, takingUp, scope + job, inFront, isErased)
        // Practice belongs to no server.
        if (!open.isPractice) {
            syncs.begin(open.scope)
            takingUp.begin(open)
        }
        return open
    }
}
