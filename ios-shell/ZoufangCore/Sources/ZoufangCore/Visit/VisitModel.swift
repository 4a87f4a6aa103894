import Observation

/// What the page for a visit lets a person write.
public struct VisitForm: DraftForm {
    public var mode: VisitMode?
    public var outcome: VisitOutcome?
    public var duties: [Duty]
    public var note: String
    public var needsFollowUp: Bool

    init(_ fields: VisitDraftFields) {
        (mode, outcome, duties) = (fields.mode, fields.outcome, fields.duties)
        (note, needsFollowUp) = (fields.note, fields.needsFollowUp)
    }

    public var places: Set<String> { ["mode", "outcome", "duties", "note"] }
}

/// Writes a visit; saving makes a visit of it.
@MainActor public final class VisitModel: DraftModel<VisitField, VisitForm, VisitView> {
    init(_ open: OpenClient, _ draft: DraftId, ways: any Ways) {
        super.init(
            open, draft, ways: ways, form: { if case .ofVisit(let fields) = $0 { VisitForm(fields) } else { nil } },
            write: { try $0.drafts.saveVisitField(id: $1, field: $2) }, make: { try $0.drafts.saveAsVisit(id: $1) },
            made: { $0.visitSaved($1) }
        )
    }

    public func choose(_ mode: VisitMode) {
        change(\.mode, to: mode, .mode(to: mode))
    }
    public func choose(_ outcome: VisitOutcome) {
        change(\.outcome, to: outcome, .outcome(to: outcome))
    }
    public func toggle(_ duty: Duty) {
        guard let before = state.form?.duties else { return }
        let after = before.contains(duty) ? before.filter { $0 != duty } : before + [duty]
        change(\.duties, to: after, .duties(to: after))
    }
    public func write(_ note: String) {
        change(\.note, to: note, .note(to: note))
    }
    public func markFollowUp(_ isNeeded: Bool) {
        change(\.needsFollowUp, to: isNeeded, .needsFollowUp(to: isNeeded))
    }
}
