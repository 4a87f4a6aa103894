package org.zoufang.app.matter

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
import org.zoufang.core.MatterDraftFields
import org.zoufang.core.MatterField
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterTrack
import org.zoufang.core.MatterUrgency

/** A matter that is being written. */
data class MatterState(
    /** Whose home; empty for none, and until it is read. */
    val address: String = "",
    /** What is written so far; nothing until it is read. */
    val fields: MatterDraftFields? = null,
    val isSaving: Boolean = false,
    val problem: Problem? = null,
    val asksWhetherToDiscard: Boolean = false,
) {
    /** Simple matters may be settled on the spot; what was written of that stays in sight when the track is changed. */
    val showsDone: Boolean get() = fields != null && (fields.track == MatterTrack.SIMPLE || !fields.done.isNullOrEmpty())
}

/** Writes a matter: every change is saved as it is made, and saving reports it. */
class MatterModel(private val open: OpenClient, private val draft: UUID, private val scope: CoroutineScope, private val ways: Ways) {
    private val current = MutableStateFlow(MatterState())
    private val saver = open.saver<MatterField> { drafts.saveMatterField(draft, it) }

    /** What is on screen. */
    val state: StateFlow<MatterState> = current.asStateFlow()

    init {
        scope.coroutineContext.job.invokeOnCompletion { saver.finish() }
        scope.launch { read() }
        scope.launch { saver.problem.filterNotNull().collect { problem -> current.update { it.copy(problem = problem) } } }
    }

    fun choose(kind: MatterKind) = change(MatterField.Kind(kind)) { copy(kind = kind) }
    fun choose(track: MatterTrack) = change(MatterField.Track(track)) { copy(track = track) }
    fun choose(urgency: MatterUrgency) = change(MatterField.Urgency(urgency)) { copy(urgency = urgency) }
    fun write(summary: String) = change(MatterField.Summary(summary)) { copy(summary = summary) }
    fun writeDone(done: String) {
        val said = done.ifEmpty { null }
        change(MatterField.Done(said)) { copy(done = said) }
    }

    /** Reports what the draft describes. What the core refuses stays a draft. */
    fun save() {
        if (current.value.isSaving) return
        current.update { it.copy(isSaving = true, problem = null) }
        scope.launch {
            val unwritten = saver.settle()
            val outcome = if (unwritten != null) Outcome.Refused(unwritten) else attempt { open.client.call { drafts.saveAsMatter(draft) } }
            current.update { it.copy(isSaving = false, problem = (outcome as? Outcome.Refused)?.problem) }
            if (outcome is Outcome.Done) {
                saver.end()
                ways.matterSaved()
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
                (view.fields as DraftFields.OfMatter).fields to view.household?.let { households.find(it).addressText }.orEmpty()
            }
        }
        current.update {
            when (outcome) {
                is Outcome.Done -> it.copy(fields = outcome.value.first, address = outcome.value.second)
                is Outcome.Refused -> it.copy(problem = outcome.problem)
            }
        }
    }

    private fun change(field: MatterField, show: MatterDraftFields.() -> MatterDraftFields) {
        val before = current.value.fields ?: return
        current.update { it.copy(fields = (it.fields ?: before).show(), problem = null) }
        saver.put(field)
    }
}
