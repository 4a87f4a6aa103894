import Observation

/// What the page for a matter lets a person write.
public struct MatterForm: DraftForm {
    public var kind: MatterKind?
    public var track: MatterTrack?
    public var urgency: MatterUrgency?
    public var summary: String
    /// What was done of a simple matter on the spot.
    public var done: String

    init(_ fields: MatterDraftFields) {
        (kind, track, urgency) = (fields.kind, fields.track, fields.urgency)
        (summary, done) = (fields.summary, fields.done ?? "")
    }

    /// Simple matters may be settled on the spot; what was written of that stays in sight when the track is changed.
    public var showsDone: Bool { track == .simple || !done.isEmpty }

    public var places: Set<String> {
        showsDone ? ["kind", "track", "urgency", "summary", "done"] : ["kind", "track", "urgency", "summary"]
    }
}

/// Writes a matter; saving reports it.
@MainActor public final class MatterModel: DraftModel<MatterField, MatterForm, MatterView> {
    init(_ open: OpenClient, _ draft: DraftId, ways: any Ways) {
        super.init(
            open, draft, ways: ways, form: { if case .ofMatter(let fields) = $0 { MatterForm(fields) } else { nil } },
            write: { try $0.drafts.saveMatterField(id: $1, field: $2) }, make: { try $0.drafts.saveAsMatter(id: $1) },
            made: { ways, _ in ways.matterSaved() }
        )
    }

    public func choose(_ kind: MatterKind) {
        change(\.kind, to: kind, .kind(to: kind))
    }
    public func choose(_ track: MatterTrack) {
        change(\.track, to: track, .track(to: track))
    }
    public func choose(_ urgency: MatterUrgency) {
        change(\.urgency, to: urgency, .urgency(to: urgency))
    }
    public func write(_ summary: String) {
        change(\.summary, to: summary, .summary(to: summary))
    }
    public func writeDone(_ done: String) {
        change(\.done, to: done, .done(to: done.isEmpty ? nil : done))
    }
}
