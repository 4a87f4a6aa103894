import Foundation
import Observation

/// What the page for a draft lets a person write.
public protocol DraftForm: Sendable, Equatable {
    /// Fields that have their own place on the page, by their names in the core; what is said of another stands at its head.
    var places: Set<String> { get }
}

/// What is being written.
public struct DraftState<Form: DraftForm>: Sendable, Equatable {
    /// Whose home; empty for none, and until it is read.
    public var address = ""
    /// What is written so far; nothing until it is read.
    public var form: Form?
    public var isSaving = false
    public var problem: Problem?
    public var asksWhetherToDiscard = false

    /// What is wrong with the field of that name.
    public func problem(at field: String) -> Message? { problem?.field == field ? problem?.message : nil }
    /// What is wrong, if it has no place of its own.
    public var problemAtHead: Problem? { form?.places.contains(problem?.field ?? "") == true ? nil : problem }
}

/// Writes a draft: every change is saved as it is made, and saving makes of the draft what it describes.
@MainActor @Observable public class DraftModel<Field: Sendable, Form: DraftForm, Made: Sendable> {
    /// What is on screen.
    public private(set) var state = DraftState<Form>()
    /// Why what was written does not lie on the disk, if it does not.
    public var unwritten: Problem? { saver.problem }

    @ObservationIgnored let open: OpenClient
    @ObservationIgnored private let id: DraftId
    @ObservationIgnored private let saver: FieldSaver<Field>
    @ObservationIgnored private let make: @Sendable (Groups, DraftId) throws -> Made
    @ObservationIgnored private let made: @MainActor (any Ways, Made) -> Void
    @ObservationIgnored private weak var ways: (any Ways)?

    /// `form` gives what the page shows of a draft of its own kind; `made` leads on from what was saved.
    init(
        _ open: OpenClient, _ id: DraftId, ways: any Ways, form: @escaping @MainActor (DraftFields) -> Form?,
        write: @escaping @Sendable (Groups, DraftId, Field) throws -> Void, make: @escaping @Sendable (Groups, DraftId) throws -> Made,
        made: @escaping @MainActor (any Ways, Made) -> Void
    ) {
        (self.open, self.id, self.ways, self.make, self.made) = (open, id, ways, make, made)
        saver = open.saver { try write($0, id, $1) }
        Task { await read(form) }
    }
    /// Leaves the draft as it is, to go on later.
    func end() {
        saver.finish()
    }

    /// Shows a change and saves it.
    func change<Value>(_ place: WritableKeyPath<Form, Value>, to value: Value, _ field: Field) {
        guard state.form != nil else { return }
        state.form?[keyPath: place] = value
        state.problem = nil
        saver.put(field, at: place)
    }

    /// Makes of the draft what it describes. What the core refuses stays a draft.
    public func save() {
        guard !state.isSaving else { return }
        (state.isSaving, state.problem) = (true, nil)
        Task {
            let outcome = await written()
            (state.isSaving, state.problem) = (false, outcome.problem)
            guard case .success(let what) = outcome else { return }
            saver.end()
            if let ways { made(ways, what) }
        }
    }
    public func askWhetherToDiscard(_ asks: Bool) {
        state.asksWhetherToDiscard = asks
    }
    /// Throws the draft away.
    public func discard() {
        Task {
            let outcome = await attempt { [open, id] in try await open.client.call { try $0.drafts.discard(id: id) } }
            (state.problem, state.asksWhetherToDiscard) = (outcome.problem, false)
            guard case .success = outcome else { return }
            saver.end()
            ways?.back()
        }
    }

    private func written() async -> Outcome<Made> {
        if let unwritten = await saver.settle() { return .failure(unwritten) }
        return await attempt { [open, id, make] in try await open.client.call { try make($0, id) } }
    }
    private func read(_ form: @MainActor (DraftFields) -> Form?) async {
        // What was typed before the page was left may still be on its way.
        await open.settle()
        let outcome = await attempt { [open, id] in
            try await open.client.call { groups in
                let draft = try groups.drafts.find(id: id)
                let address = try draft.household.map { try groups.households.find(id: $0).addressText }
                return (draft.fields, address ?? "")
            }
        }
        switch outcome {
        case .failure(let problem): state.problem = problem
        case .success((let fields, let address)): (state.form, state.address) = (form(fields), address)
        }
    }
}
