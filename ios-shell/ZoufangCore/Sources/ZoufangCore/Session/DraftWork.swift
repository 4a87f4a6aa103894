import Foundation

/// What the pages for a visit and for a matter have in common: a draft that is read once, saved field by field as it is written, and becomes
/// what it describes or is thrown away.
@MainActor final class DraftWork<Field: Sendable> {
    let id: DraftId
    let saver: FieldSaver<Field>
    private let open: OpenClient

    init(_ open: OpenClient, _ id: DraftId, save: @escaping @Sendable (Groups, Field) throws -> Void) {
        (self.open, self.id) = (open, id)
        saver = open.saver(save)
    }

    /// What is written so far, and the address of its home.
    func read() async -> Outcome<(DraftFields, address: String)> {
        // What was typed before the page was left may still be on its way.
        await open.settle()
        return await attempt { [open, id] in
            try await open.client.call { groups in
                let draft = try groups.drafts.find(id: id)
                let address = try draft.household.map { try groups.households.find(id: $0).addressText }
                return (draft.fields, address: address ?? "")
            }
        }
    }

    /// Makes of the draft what it describes. What the core refuses stays a draft.
    func save<Saved: Sendable>(_ make: @escaping @Sendable (Groups) throws -> Saved) async -> Outcome<Saved> {
        if let unwritten = await saver.settle() { return .failure(unwritten) }
        let outcome = await attempt { try await open.client.call(make) }
        if case .success = outcome { saver.end() }
        return outcome
    }

    /// Throws the draft away.
    func discard() async -> Outcome<Void> {
        let outcome = await attempt { [open, id] in try await open.client.call { try $0.drafts.discard(id: id) } }
        if case .success = outcome { saver.end() }
        return outcome
    }
}
