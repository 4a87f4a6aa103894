package org.zoufang.bridge

import java.util.concurrent.ConcurrentHashMap
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.drop
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.merge
import org.zoufang.client.Groups
import org.zoufang.client.ZoufangClient
import org.zoufang.core.Change
import org.zoufang.core.SyncStatus

/** The client while it is open, with what belongs to it and not to any screen: its syncs, and drafts' fields on their way to the disk. */
class OpenClient internal constructor(
    val client: ZoufangClient,
    /** Which of the phone's databases it is. */
    val place: Place,
    val syncs: Syncs,
    /** The work in databases that were set aside from this one's place. */
    val takingUp: TakingUp,
    /** Ends with the client, not with a screen: what was typed is written even when its screen is gone. */
    val scope: CoroutineScope,
    internal val inFront: StateFlow<Boolean>,
    /** It stands in the place of one that the server revoked and that was erased. */
    val replacesErased: Boolean,
) {
    private val savers: MutableSet<FieldSaver<*>> = ConcurrentHashMap.newKeySet()

    /** Made-up homes, which screens mark, always and visibly. */
    val isPractice: Boolean get() = place is Place.Practice

    /** Each time the app comes to the front. */
    val returns: Flow<Unit> get() = inFront.drop(1).filter { it }.map { }

    /**
     * What [read] gives, now and again whenever a change is told that [concerns] it, when the app comes to the front, and when [asked].
     * A reading that fails because the app is going to the background is left out: the next one comes when it is back.
     */
    fun <T> readings(concerns: (Change) -> Boolean, asked: Flow<Unit> = emptyFlow(), read: Groups.() -> T): Flow<Outcome<T>> = flow {
        merge(client.changes.filter(concerns).map { }, returns, asked).collect {
            val outcome = attempt { client.call(read) }
            if (outcome !is Outcome.Refused || !outcome.problem.isPause) emit(outcome)
        }
    }

    /** How the phone stands towards its server, now and whenever that changes. */
    fun statuses(): Flow<Outcome<SyncStatus>> = readings({ it.status }, syncs.ended) { syncStatus() }

    /** Begins to save a draft's fields; [FieldSaver.end] ends it. */
    fun <F : Any> saver(save: Groups.(F) -> Unit): FieldSaver<F> = FieldSaver(this, save).also { savers += it }

    /** Waits until every field that a screen handed over lies on the disk or was refused. */
    suspend fun settle() = savers.forEach { it.settle() }

    internal fun ended(saver: FieldSaver<*>) {
        savers -= saver
    }
}

/** The database was closed for the background under the call's feet; nothing is lost, and coming back mends it. */
internal val Problem.isPause: Boolean get() = message.id == "store.closed" || message.id == "store.interrupted"
