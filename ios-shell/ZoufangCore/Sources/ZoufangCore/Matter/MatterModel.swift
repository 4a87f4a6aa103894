import Observation

/// What the page for a matter lets a person write.
public struct MatterForm: Sendable, Equatable {
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
}

/// A matter that is being written.
public struct MatterDraftState: Sendable, Equatable {
    /// Whose home; empty for none, and until it is read.
    public var address = ""
    /// What is written so far; nothing until it is read.
    public var form: MatterForm?
    public var isSaving = false
    public var problem: Problem?
    public var asksWhetherToDiscard = false

    /// Simple matters may be settled on the spot; what was written of that stays in sight when the track is changed.
    public var showsDone: Bool { form.map { $0.track == .simple || !$0.done.isEmpty } ?? false }

    /// Fields that have their own place on this page; what is said of another stands at its head.
    private var places: Set<String> {
        showsDone ? ["kind", "track", "urgency", "summary", "done"] : ["kind", "track", "urgency", "summary"]
    }
    /// What is wrong with the field of that name.
    public func problem(at field: String) -> Message? { problem?.field == field ? problem?.message : nil }
    /// What is wrong, if it has no place of its own.
    public var problemAtHead: Problem? { places.contains(problem?.field ?? "") ? nil : problem }
}

/// Writes a matter: every change is saved as it is made, and saving reports it.
@MainActor @Observable public final class MatterModel {
    /// What is on screen.
    public private(set) var state = MatterDraftState()
    /// Why what was written does not lie on the disk, if it does not.
    public var unwritten: Problem? { work.saver.problem }

    @ObservationIgnored private let work: DraftWork<MatterField>
    @ObservationIgnored private weak var ways: (any Ways)?

    init(_ open: OpenClient, _ draft: DraftId, ways: any Ways) {
        self.ways = ways
        work = DraftWork(open, draft) { try $0.drafts.saveMatterField(id: draft, field: $1) }
        Task { await read() }
    }
    /// Leaves the draft as it is, to go on later.
    func end() {
        work.saver.finish()
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

    /// Reports what the draft describes. What the core refuses stays a draft.
    public func save() {
        guard !state.isSaving else { return }
        (state.isSaving, state.problem) = (true, nil)
        Task {
            let outcome = await work.save { [id = work.id] in try $0.drafts.saveAsMatter(id: id) }
            (state.isSaving, state.problem) = (false, outcome.problem)
            if case .success = outcome { ways?.matterSaved() }
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
            if case .ofMatter(let fields) = read.0 { (state.form, state.address) = (MatterForm(fields), read.address) }
        }
    }
    private func change<Value>(_ place: WritableKeyPath<MatterForm, Value>, to value: Value, _ field: MatterField) {
        guard state.form != nil else { return }
        state.form?[keyPath: place] = value
        state.problem = nil
        work.saver.put(field, at: place)
    }
}
