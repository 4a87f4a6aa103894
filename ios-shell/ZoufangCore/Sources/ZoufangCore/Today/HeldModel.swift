import Observation

/// What only people can settle, to be read.
public struct HeldState: Sendable, Equatable {
    public var conflicts: [ConflictView] = []
    public var quarantined: [QuarantineView] = []
    public var problem: Problem?
}

/// Reads what stands against each other and what waits for a supervisor.
@MainActor @Observable public final class HeldModel {
    /// What is on screen.
    public private(set) var state = HeldState()
    @ObservationIgnored private var reading: Reading<HeldState>?

    init(_ open: OpenClient) {
        let read: Reading<HeldState>.Work = {
            HeldState(conflicts: try $0.conflicts.list(), quarantined: try $0.quarantine.list(page: Page()))
        }
        reading = Reading(
            open, when: { !$0.kinds.isEmpty || $0.status }, work: { read },
            show: { [weak self] outcome in
                switch outcome {
                case .success(let held): self?.state = held
                case .failure(let problem): self?.state.problem = problem
                }
            }
        )
    }
    func end() {
        reading?.end()
    }
}
