package org.zoufang.bridge

import kotlin.reflect.KClass
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.zoufang.client.Groups

/**
 * Saves a draft's fields the moment they are changed, one at a time: of what is typed faster than the disk writes, each field's latest value.
 * It works in the client's scope, so leaving the screen loses nothing. A field that was refused waits: for the next change, for [settle],
 * and for the app to come to the front.
 */
class FieldSaver<F : Any> internal constructor(private val open: OpenClient, private val save: Groups.(F) -> Unit) {
    private val waiting = MutableStateFlow<Map<KClass<out F>, F>>(emptyMap())
    private val signals = Channel<Unit>(Channel.CONFLATED)
    private val said = MutableStateFlow<Problem?>(null)
    private val turn = Mutex()

    /** Why a field could not be saved; nothing once all are. */
    val problem: StateFlow<Problem?> = said.asStateFlow()

    private val work = open.scope.launch {
        launch { open.returns.collect { signals.trySend(Unit) } }
        for (signal in signals) turn.withLock { writeAll() }
    }

    /** Hands a field over. */
    fun put(field: F) {
        waiting.update { it + (field::class to field) }
        signals.trySend(Unit)
    }

    /** Tries what waits once more; gives what stands against it, if anything does. */
    suspend fun settle(): Problem? = turn.withLock { writeAll() }

    /** Ends it once all is written: its screen is gone. */
    fun finish() {
        open.scope.launch {
            signals.trySend(Unit)
            waiting.first { it.isEmpty() }
            end()
        }
    }

    /** Ends it, when the draft has become what it describes or was thrown away. */
    fun end() {
        work.cancel()
        waiting.value = emptyMap()
        open.ended(this)
    }

    /** Until nothing waits that was not refused; gives why something was. */
    private suspend fun writeAll(): Problem? {
        var refused: Problem?
        do {
            refused = null
            val fields = waiting.value
            for ((kind, field) in fields) {
                when (val outcome = attempt { open.client.call { save(field) } }) {
                    is Outcome.Refused -> refused = outcome.problem
                    // A newer value that came meanwhile goes on waiting.
                    is Outcome.Done -> waiting.update { if (it[kind] === field) it - kind else it }
                }
            }
        } while (waiting.value.any { (kind, field) -> fields[kind] !== field })
        said.value = refused
        return refused
    }
}
