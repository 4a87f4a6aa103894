import Observation

/// What else this phone holds.
public struct PlacesState: Sendable, Equatable {
    /// The other database is being opened.
    public var isChanging = false
    /// Why it was not changed.
    public var problem: Problem?
}

/// Leads from one database of the phone to another.
@MainActor @Observable public final class PlacesModel {
    /// What is on screen.
    public private(set) var state = PlacesState()

    @ObservationIgnored private let owner: ClientOwner

    init(_ owner: ClientOwner) {
        self.owner = owner
    }

    /// To made-up homes, to try everything on.
    public func toPractice() {
        change(to: .practice)
    }

    private func change(to place: Place) {
        guard !state.isChanging else { return }
        state = PlacesState(isChanging: true)
        Task { state = PlacesState(problem: await owner.change(to: place)) }
    }
}
