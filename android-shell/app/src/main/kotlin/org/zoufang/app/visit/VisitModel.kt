package org.zoufang.app.visit

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
import org.zoufang.core.DraftFields
import org.zoufang.core.Duty
import org.zoufang.core.VisitDraftFields
import org.zoufang.core.VisitField
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** A visit that is being written. */
data class VisitState(
    /** Where it is; empty until it is read. */
    val address: String = "",
    /** What is written so far; nothing until it is read. */
    val fields: VisitDraftFields? = null,
    val isSaving: Boolean = false,
    val problem: Problem? = null,
    val asksWhetherToDiscard: Boolean = false,
)

/** Writes a visit: every change is saved as it is made, and saving makes a visit of it. */
class VisitModel(private val open: OpenClient, private val draft: UUID, private val scope: CoroutineScope, private val ways: Ways) {
    private val current = MutableStateFlow(VisitState())
    private val saver = open.saver<VisitField> { drafts.saveVisitField(draft, it) }

    /** What is on screen. */
    val state: StateFlow<VisitState> = current.asStateFlow()

    init {
        scope.coroutineContext.job.invokeOnCompletion { saver.finish() }
        scope.launch { read() }
        scope.launch { saver.problem.filterNotNull().collect { problem -> current.update { it.copy(problem = problem) } } }
    }

    fun choose(mode: VisitMode) = change(VisitField.Mode(mode)) { copy(mode = mode) }
    fun choose(outcome: VisitOutcome) = change(VisitField.Outcome(outcome)) { copy(outcome = outcome) }
    fun toggle(duty: Duty) {
        val before = current.value.fields?.duties ?: return
        val after = if (duty in before) before - duty else before + duty
        change(VisitField.Duties(after)) { copy(duties = after) }
    }
    fun write(note: String) = change(VisitField.Note(note)) { copy(note = note) }
    fun markFollowUp(needed: Boolean) = change(VisitField.NeedsFollowUp(needed)) { copy(needsFollowUp = needed) }

    /** Makes a visit of the draft. What the core refuses stays a draft. */
    fun save() {
        if (current.value.isSaving) return
        current.update { it.copy(isSaving = true, problem = null) }
        scope.launch {
            val unwritten = saver.settle()
            val outcome = if (unwritten != null) Outcome.Refused(unwritten) else attempt { open.client.call { drafts.saveAsVisit(draft) } }
            current.update { it.copy(isSaving = false, problem = (outcome as? Outcome.Refused)?.problem) }
            if (outcome is Outcome.Done) {
                saver.end()
                ways.visitSaved(outcome.value)
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
                (view.fields as DraftFields.OfVisit).fields to view.household?.let { households.find(it).addressText }.orEmpty()
            }
        }
        current.update {
            when (outcome) {
                is Outcome.Done -> it.copy(fields = outcome.value.first, address = outcome.value.second)
                is Outcome.Refused -> it.copy(problem = outcome.problem)
            }
        }
    }

    private fun change(field: VisitField, show: VisitDraftFields.() -> VisitDraftFields) {
        val before = current.value.fields ?: return
        current.update { it.copy(fields = (it.fields ?: before).show(), problem = null) }
        saver.put(field)
    }
}
