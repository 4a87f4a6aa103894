import Observation

/// What the page for a visit lets a person write.
public struct VisitForm: Sendable, Equatable {
    public var mode: VisitMode?
    public var outcome: VisitOutcome?
    public var duties: [Duty]
    public var note: String
    public var needsFollowUp: Bool

    init(_ fields: VisitDraftFields) {
        (mode, outcome, duties) = (fields.mode, fields.outcome, fields.duties)
        (note, needsFollowUp) = (fields.note, fields.needsFollowUp)
    }
}

/// A visit that is being written.
public struct VisitDraftState: Sendable, Equatable {
    /// Where it is; empty until it is read.
    public var address = ""
    /// What is written so far; nothing until it is read.
    public var form: VisitForm?
    public var isSaving = false
    public var problem: Problem?
    public var asksWhetherToDiscard = false

    /// Fields that have their own place on this page; what is said of another stands at its head.
    private static let places: Set<String> = ["mode", "outcome", "duties", "note"]
    /// What is wrong with the field of that name.
    public func problem(at field: String) -> Message? { problem?.field == field ? problem?.message : nil }
    /// What is wrong, if it has no place of its own.
    public var problemAtHead: Problem? { VisitDraftState.places.contains(problem?.field ?? "") ? nil : problem }
}

/// Writes a visit: every change is saved as it is made, and saving makes a visit of it.
@MainActor @Observable public final class VisitModel {
    /// What is on screen.
    public private(set) var state = VisitDraftState()
    /// Why what was written does not lie on the disk, if it does not.
    public var unwritten: Problem? { work.saver.problem }

    @ObservationIgnored private let work: DraftWork<VisitField>
    @ObservationIgnored private weak var ways: (any Ways)?

    init(_ open: OpenClient, _ draft: DraftId, ways: any Ways) {
        self.ways = ways
        work = DraftWork(open, draft) { try $0.drafts.saveVisitField(id: draft, field: $1) }
        Task { await read() }
    }
    /// Leaves the draft as it is, to go on later.
    func end() {
        work.saver.finish()
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

    /// Makes a visit of the draft. What the core refuses stays a draft.
    public func save() {
        guard !state.isSaving else { return }
        (state.isSaving, state.problem) = (true, nil)
        Task {
            let outcome = await work.save { [id = work.id] in try $0.drafts.saveAsVisit(id: id) }
            (state.isSaving, state.problem) = (false, outcome.problem)
            if case .success(let visit) = outcome { ways?.visitSaved(visit) }
        }
    }
    public func askWhetherToDiscard(_ asks: Bool) {
        state.asksWhetherToDiscard = asks
    }
    /// Throws the draft away.
    public func discard() {
        Task {
            let outcome = await work.discard()
            (state.problem, state.asksWhetherToDiscard) = (outcome.problem, false)
            if case .success = outcome { ways?.back() }
        }
    }

    private func read() async {
        switch await work.read() {
        case .failure(let problem): state.problem = problem
        case .success(let read):
            if case .ofVisit(let fields) = read.0 { (state.form, state.address) = (VisitForm(fields), read.address) }
        }
    }
    private func change<Value>(_ place: WritableKeyPath<VisitForm, Value>, to value: Value, _ field: VisitField) {
        guard state.form != nil else { return }
        state.form?[keyPath: place] = value
        state.problem = nil
        work.saver.put(field, at: place)
    }
}
