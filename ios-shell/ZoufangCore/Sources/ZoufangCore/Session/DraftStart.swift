import Foundation

/// Begins what is written. Two taps begin one thing.
@MainActor final class DraftStart {
    private let open: OpenClient
    private var isBeginning = false

    init(_ open: OpenClient) {
        self.open = open
    }
    func begin(_ start: @escaping @Sendable (Groups) throws -> DraftId, then lead: @escaping @MainActor (Outcome<DraftId>) -> Void) {
        guard !isBeginning else { return }
        isBeginning = true
        Task {
            let outcome = await attempt { [open] in try await open.client.call(start) }
            isBeginning = false
            lead(outcome)
        }
    }
}

extension Groups {
    /// A visit to a home: the one that is being written there, or a new one.
    func visitDraft(at household: HouseholdId) throws -> DraftId {
        let written = try drafts.list().first { $0.household == household && $0.isVisit }
        return try written?.id ?? drafts.startVisit(household: household)
    }
}

extension DraftView {
    var isVisit: Bool {
        if case .ofVisit = fields { true } else { false }
    }
}
