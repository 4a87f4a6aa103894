package org.zoufang.bridge

import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.client.ZoufangClient
import org.zoufang.core.TakenUp

/** How far the work in databases that were set aside is. */
data class TakingUpNow(
    /** A database was set aside, and nobody has read yet what became of the work in it. */
    val isWaiting: Boolean = false,
    val isRunning: Boolean = false,
    /** What became of it; nothing before, and where nothing was set aside. */
    val taken: TakenUp? = null,
    /** Why it was not taken up; it can be tried again. */
    val problem: Problem? = null,
)

/**
 * Takes up what was not sent from databases that were set aside from a profile's place: once the first sync is complete, and at every start
 * until a person has read what became of it. Twice is once, so that nothing depends on how far an earlier one came.
 */
class TakingUp internal constructor(private val client: ZoufangClient, private val profiles: Profiles, private val place: Place) {
    private val current = MutableStateFlow(TakingUpNow())
    private val asked = Channel<Unit>(Channel.CONFLATED)

    /** How far it is. */
    val now: StateFlow<TakingUpNow> = current.asStateFlow()

    /** Tries again. */
    fun ask() {
        asked.trySend(Unit)
    }

    /** A person has read what became of it. */
    suspend fun acknowledge() {
        if (place is Place.Profile) profiles.markTold(place)
        current.value = TakingUpNow()
    }

    /** A person wants the files gone now, with what is left in them: refused while work that came out of them is unsent. */
    suspend fun forget() {
        when (val outcome = attempt { client.forgetSetAside() }) {
            is Outcome.Done -> acknowledge()
            is Outcome.Refused -> current.update { it.copy(problem = outcome.problem) }
        }
    }

    internal suspend fun begin(open: OpenClient) {
        if (place !is Place.Profile || profiles.isTold(place)) return
        current.value = TakingUpNow(isWaiting = profiles.waits(place))
        open.scope.launch {
            open.statuses().first { it is Outcome.Done && it.value.complete }
            do {
                // What the background cut short goes on when the app is back.
                while (isCutShort()) open.inFront.first { it }
                asked.receive()
            } while (true)
        }
    }

    private suspend fun isCutShort(): Boolean {
        current.update { it.copy(isRunning = it.isWaiting, problem = null) }
        val outcome = attempt { client.takeUpSetAside() }
        current.update {
            when (outcome) {
                // On most phones nothing was ever set aside, and nothing is to be said.
                is Outcome.Done -> if (it.isWaiting || outcome.value.saysSomething) TakingUpNow(isWaiting = true, taken = outcome.value) else TakingUpNow()
                is Outcome.Refused -> it.copy(isRunning = false, problem = outcome.problem.takeIf { problem -> isWaitingFor(it, problem) })
            }
        }
        return outcome is Outcome.Refused && outcome.problem.isPause
    }

    private fun isWaitingFor(now: TakingUpNow, problem: Problem) = now.isWaiting && !problem.isPause
}

private val TakenUp.saysSomething: Boolean get() = takenCount + knownCount > 0uL || left.isNotEmpty()
