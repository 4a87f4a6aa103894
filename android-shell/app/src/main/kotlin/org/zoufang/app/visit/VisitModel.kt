package org.zoufang.app.visit

import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import org.zoufang.app.Ways
import org.zoufang.app.draft.DraftModel
import org.zoufang.app.draft.DraftState
import org.zoufang.bridge.OpenClient
import org.zoufang.core.DraftFields
import org.zoufang.core.Duty
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
    fun choose(mode: VisitMode) = change(VisitField.Mode(mode)) { copy(mode = mode) }
    fun choose(outcome: VisitOutcome) = change(VisitField.Outcome(outcome)) { copy(outcome = outcome) }
    fun toggle(duty: Duty) {
        val before = fields?.duties ?: return
        val after = if (duty in before) before - duty else before + duty
        change(VisitField.Duties(after)) { copy(duties = after) }
    }
    fun write(note: String) = change(VisitField.Note(note)) { copy(note = note) }
    fun markFollowUp(needed: Boolean) = change(VisitField.NeedsFollowUp(needed)) { copy(needsFollowUp = needed) }
}
