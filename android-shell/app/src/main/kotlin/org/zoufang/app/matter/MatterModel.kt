package org.zoufang.app.matter

import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import org.zoufang.app.Ways
import org.zoufang.app.draft.DraftModel
import org.zoufang.app.draft.DraftState
import org.zoufang.bridge.OpenClient
import org.zoufang.core.DraftFields
import org.zoufang.core.MatterDraftFields
import org.zoufang.core.MatterField
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterTrack
import org.zoufang.core.MatterUrgency
import org.zoufang.core.MatterView

/** A matter that is being written. */
typealias MatterState = DraftState<MatterDraftFields>

/** Simple matters may be settled on the spot; what was written of that stays in sight when the track is changed. */
val MatterState.showsDone: Boolean get() = fields?.run { track == MatterTrack.SIMPLE || !done.isNullOrEmpty() } ?: false

/** Writes a matter; saving reports it. */
class MatterModel(open: OpenClient, draft: UUID, scope: CoroutineScope, ways: Ways) : DraftModel<MatterField, MatterDraftFields, MatterView>(
    open, draft, scope, ways,
    write = { drafts.saveMatterField(draft, it) },
    fieldsOf = { (it as DraftFields.OfMatter).fields },
    make = { drafts.saveAsMatter(draft) },
    made = { ways.matterSaved() },
) {
    fun choose(kind: MatterKind) = change(MatterField.Kind(kind)) { copy(kind = kind) }
    fun choose(track: MatterTrack) = change(MatterField.Track(track)) { copy(track = track) }
    fun choose(urgency: MatterUrgency) = change(MatterField.Urgency(urgency)) { copy(urgency = urgency) }
    fun write(summary: String) = change(MatterField.Summary(summary)) { copy(summary = summary) }
    fun writeDone(done: String) {
        val said = done.ifEmpty { null }
        change(MatterField.Done(said)) { copy(done = said) }
    }
}
