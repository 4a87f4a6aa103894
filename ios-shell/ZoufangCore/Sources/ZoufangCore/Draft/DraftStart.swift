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
    /// A visit to a home: the one that is being written there, or a new one; and the appointment that it is made for, if there is one.
    func visitDraft(at household: HouseholdId, for appointment: AppointmentId? = nil) throws -> DraftId {
        let written = try drafts.list().first { $0.household == household && $0.isVisit }
        let draft = try written?.id ?? drafts.startVisit(household: household)
        if let appointment { try drafts.saveVisitField(id: draft, field: .appointment(to: appointment)) }
        return draft
    }
}

extension DraftView {
    var isVisit: Bool {
        if case .ofVisit = fields { true } else { false }
    }
}
