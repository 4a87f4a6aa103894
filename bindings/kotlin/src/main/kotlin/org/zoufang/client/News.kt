package org.zoufang.client

import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import org.zoufang.core.Change
import org.zoufang.core.ChangeListener
import org.zoufang.core.RecordKind
import org.zoufang.core.Subscription
import org.zoufang.core.SyncListener
import org.zoufang.core.SyncProgress
import org.zoufang.core.Syncing
import org.zoufang.core.ZoufangCore

/** Anything may have changed: what a collector is told first. */
private val ANYTHING = Change(kinds = RecordKind.entries, ids = emptyList(), drafts = true, status = true)

/**
 * The core tells all listeners from one thread, so a listener hands the news on and returns: what a collector has not taken yet waits
 * merged, and a signal says that something waits. Plain flows over a channel: `callbackFlow` would subscribe some time after the
 * collection began, and what happened in between would go unheard.
 */
internal fun changesOf(core: ZoufangCore): Flow<Change> = flow {
    val unheard = AtomicReference(ANYTHING)
    val signals = Channel<Unit>(Channel.CONFLATED)
    val listener = object : ChangeListener {
        override fun changed(change: Change) {
            unheard.getAndUpdate { before -> if (before == null) change else merged(before, change) }
            signals.trySend(Unit)
        }
    }
    core.subscribe(listener).whileIn {
        signals.trySend(Unit)
        for (signal in signals) {
            // Nothing waits when the signal before took what this one spoke of.
            unheard.getAndSet(null)?.let { emit(it) }
        }
    }
}

internal fun progressOf(syncing: Syncing): Flow<SyncProgress> = flow {
    val steps = Channel<SyncProgress>(Channel.CONFLATED)
    val listener = object : SyncListener {
        override fun progressed(progress: SyncProgress) {
            steps.trySend(progress)
        }
    }
    syncing.watch(listener).whileIn {
        for (step in steps) emit(step)
    }
}

/** Holds a subscription for as long as [block] runs. */
private inline fun Subscription.whileIn(block: () -> Unit) {
    try {
        block()
    } finally {
        cancel()
        close()
    }
}

/** Two changes told as one: it names at least what each of them named. Kinds without ids are any records of those kinds. */
internal fun merged(before: Change, next: Change): Change {
    val ids = when {
        before.kinds.isEmpty() -> next.ids
        next.kinds.isEmpty() -> before.ids
        else -> emptyList()
    }
    val kinds = before.kinds.union(next.kinds).toList()
    return Change(kinds, ids, before.drafts || next.drafts, before.status || next.status)
}
