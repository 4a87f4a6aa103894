import Observation

/// What the page for a visit lets a person write.
public struct VisitForm: DraftForm {
    public var mode: VisitMode?
    public var outcome: VisitOutcome?
    public var duties: [Duty]
    public var note: String
    public var needsFollowUp: Bool
    /// Notices that were given at this home.
    public var notices: [NoticeId]
    /// The appointment that it is made for, if there is one.
    public let appointment: AppointmentId?

    init(_ fields: VisitDraftFields) {
        (mode, outcome, duties) = (fields.mode, fields.outcome, fields.duties)
        (note, needsFollowUp) = (fields.note, fields.needsFollowUp)
        (notices, appointment) = (fields.notices, fields.appointment)
    }

    public var places: Set<String> { ["mode", "outcome", "duties", "note", "notices"] }
}

/// Writes a visit; saving makes a visit of it.
@MainActor @Observable public final class VisitModel: DraftModel<VisitField, VisitForm, VisitView> {
    /// Notices that may be given on this visit: those in force, and those that it gave already.
    public private(set) var notices: [NoticeView] = []
    @ObservationIgnored private var reading: Reading<[NoticeView]>?

    init(_ open: OpenClient, _ draft: DraftId, ways: any Ways) {
        super.init(
            open, draft, ways: ways, form: { if case .ofVisit(let fields) = $0 { VisitForm(fields) } else { nil } },
            write: { try $0.drafts.saveVisitField(id: $1, field: $2) }, make: { try $0.drafts.saveAsVisit(id: $1) },
            made: { $0.visitSaved($1) }
        )
        reading = Reading(
            open, when: concernsNotices, work: { { try $0.givableNotices(on: draft) } },
            show: { [weak self] in if case .success(let notices) = $0 { self?.notices = notices } }
        )
    }
    override func end() {
        reading?.end()
        super.end()
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
    public func give(_ notice: NoticeId, isGiven: Bool) {
        guard let before = state.form?.notices else { return }
        let others = before.filter { $0 != notice }
        let after = isGiven ? others + [notice] : others
        change(\.notices, to: after, .noticesGiven(to: after))
    }
}

extension Groups {
    /// The notices in force; of those that are not any more, the ones that the draft gave before.
    fileprivate func givableNotices(on draft: DraftId) throws -> [NoticeView] {
        let inForce = try allPages { try notices.list(page: $0) }
        guard case .ofVisit(let fields) = try drafts.find(id: draft).fields else { return inForce }
        let over = fields.notices.filter { id in !inForce.contains { $0.id == id } }
        return try inForce + over.map { try notices.find(id: $0) }
    }
}
