package org.zoufang.app.visit

import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.app.draft.DraftModel
import org.zoufang.app.draft.DraftState
import org.zoufang.app.notices.isOfNotices
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.client.Groups
import org.zoufang.core.DraftFields
import org.zoufang.core.Duty
import org.zoufang.core.NoticeView
import org.zoufang.core.Page
import org.zoufang.core.VisitDraftFields
import org.zoufang.core.VisitField
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.VisitView

/** A visit that is being written. */
typealias VisitState = DraftState<VisitDraftFields>

/** Writes a visit. */
class VisitModel(open: OpenClient, draft: UUID, scope: CoroutineScope, ways: Ways) : DraftModel<VisitField, VisitDraftFields, VisitView>(
    open, draft, scope, ways,
    write = { drafts.saveVisitField(draft, it) },
    fieldsOf = { (it as DraftFields.OfVisit).fields },
    make = { drafts.saveAsVisit(draft) },
    made = ways::visitSaved,
) {
    private val inForce = MutableStateFlow<List<NoticeView>>(emptyList())

    /** Notices that may be given on this visit: those in force, and those that it gave already. */
    val notices: StateFlow<List<NoticeView>> = inForce.asStateFlow()

    init {
        scope.launch {
            open.readings(::isOfNotices) { givable(draft) }.collect { outcome -> if (outcome is Outcome.Done) inForce.value = outcome.value }
        }
    }

    fun choose(mode: VisitMode) = change(VisitField.Mode(mode)) { copy(mode = mode) }
    fun choose(outcome: VisitOutcome) = change(VisitField.Outcome(outcome)) { copy(outcome = outcome) }
    fun toggle(duty: Duty) {
        val before = fields?.duties ?: return
        val after = if (duty in before) before - duty else before + duty
        change(VisitField.Duties(after)) { copy(duties = after) }
    }
    fun give(notice: UUID, isGiven: Boolean) {
        val before = fields?.notices ?: return
        val after = if (isGiven) before - notice + notice else before - notice
        change(VisitField.NoticesGiven(after)) { copy(notices = after) }
    }
    fun write(note: String) = change(VisitField.Note(note)) { copy(note = note) }
    fun markFollowUp(needed: Boolean) = change(VisitField.NeedsFollowUp(needed)) { copy(needsFollowUp = needed) }
}

/** The notices in force; of those that are not any more, the ones that the draft gave before. */
private fun Groups.givable(draft: UUID): List<NoticeView> {
    val inForce = notices.list(Page())
    val given = (drafts.find(draft).fields as DraftFields.OfVisit).fields.notices
    val over = given.filter { id -> inForce.none { it.id == id } }
    return inForce + over.map { notices.find(it) }
}
