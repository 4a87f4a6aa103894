package org.zoufang.app.draft

import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.client.Groups
import org.zoufang.core.DraftFields

/** What is being written. */
data class DraftState<Fields : Any>(
    /** Whose home; empty for none, and until it is read. */
    val address: String = "",
    /** What is written so far; nothing until it is read. */
    val fields: Fields? = null,
    val isSaving: Boolean = false,
    val problem: Problem? = null,
    val asksWhetherToDiscard: Boolean = false,
)

/** Writes a draft: every change is saved as it is made, and saving makes of the draft what it describes. */
abstract class DraftModel<Field : Any, Fields : Any, Made>(
    private val open: OpenClient,
    private val draft: UUID,
    private val scope: CoroutineScope,
    private val ways: Ways,
    write: Groups.(Field) -> Unit,
    /** The fields of this kind of draft. */
    private val fieldsOf: (DraftFields) -> Fields,
    private val make: Groups.() -> Made,
    private val made: (Made) -> Unit,
) {
    private val current = MutableStateFlow(DraftState<Fields>())
    private val saver = open.saver<Field>(write)

    /** What is on screen. */
    val state: StateFlow<DraftState<Fields>> = current.asStateFlow()

    init {
        scope.coroutineContext.job.invokeOnCompletion { saver.finish() }
        scope.launch { read() }
        scope.launch { saver.problem.filterNotNull().collect { problem -> current.update { it.copy(problem = problem) } } }
    }

    /** What is written so far; nothing until it is read. */
    protected val fields: Fields? get() = current.value.fields

    /** Shows a change and saves it. */
    protected fun change(field: Field, show: Fields.() -> Fields) {
        val before = fields ?: return
        current.update { it.copy(fields = (it.fields ?: before).show(), problem = null) }
        saver.put(field)
    }

    /** Makes of the draft what it describes. What the core refuses stays a draft. */
    fun save() {
        if (current.value.isSaving) return
        current.update { it.copy(isSaving = true, problem = null) }
        scope.launch {
            val unwritten = saver.settle()
            val outcome = if (unwritten != null) Outcome.Refused(unwritten) else attempt { open.client.call(make) }
            current.update { it.copy(isSaving = false, problem = (outcome as? Outcome.Refused)?.problem) }
            if (outcome is Outcome.Done) {
                saver.end()
                made(outcome.value)
            }
        }
    }

    fun askWhetherToDiscard(asks: Boolean) = current.update { it.copy(asksWhetherToDiscard = asks) }

    /** Throws the draft away. */
    fun discard() {
        scope.launch {
            when (val outcome = attempt { open.client.call { drafts.discard(draft) } }) {
                is Outcome.Done -> {
                    saver.end()
                    ways.back()
                }
                is Outcome.Refused -> current.update { it.copy(problem = outcome.problem, asksWhetherToDiscard = false) }
            }
        }
    }

    /** Leaves it as it is, to go on later. */
    fun back() = ways.back()

    private suspend fun read() {
        // What was typed before the page was left may still be on its way.
        open.settle()
        val outcome = attempt {
            open.client.call {
                val view = drafts.find(draft)
                fieldsOf(view.fields) to view.household?.let { households.find(it).addressText }.orEmpty()
            }
        }
        current.update {
            when (outcome) {
                is Outcome.Done -> it.copy(fields = outcome.value.first, address = outcome.value.second)
                is Outcome.Refused -> it.copy(problem = outcome.problem)
            }
        }
    }
}
