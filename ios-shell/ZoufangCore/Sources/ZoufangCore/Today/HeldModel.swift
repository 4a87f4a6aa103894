import Foundation
import Observation

/// What only people can settle.
public struct HeldState: Sendable, Equatable {
    public var conflicts: [ConflictView] = []
    public var quarantined: [QuarantineView] = []
    public var isSettling = false
    /// Why the last choice did not come about; it stays in sight when the list is read anew.
    public var problem: Problem?
    /// Why the list could not be read.
    public var readProblem: Problem?
    public var now: Date
}

/// Reads what stands against each other and what waits for a supervisor, and lets a person choose one of the values that stand.
@MainActor @Observable public final class HeldModel {
    /// What is on screen.
    public private(set) var state: HeldState
    public var calendar: Calendar { open.clock.calendar }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private var reading: Reading<Held>?

    init(_ open: OpenClient) {
        self.open = open
        state = HeldState(now: open.clock.now)
        reading = Reading(
            open, when: { !$0.kinds.isEmpty || $0.status },
            work: { { Held(conflicts: try $0.conflicts.list(), quarantined: try $0.quarantine.list(page: Page())) } },
            show: { [weak self] in self?.show($0) }
        )
    }
    func end() {
        reading?.end()
    }

    /// What one side wrote holds from now on. It leaves the list with the change that this tells.
    public func settle(_ conflict: ConflictView, by side: ConflictSide) {
        guard !state.isSettling else { return }
        (state.isSettling, state.problem) = (true, nil)
        Task {
            let outcome = await attempt { [open] in
                try await open.client.call {
                    try $0.conflicts.settle(
                        kind: conflict.kind, record: conflict.record, field: conflict.field, chosen: .ofSide(json: side.value.json))
                }
            }
            (state.isSettling, state.problem) = (false, outcome.problem)
        }
    }

    private func show(_ outcome: Outcome<Held>) {
        switch outcome {
        case .success(let held):
            (state.conflicts, state.quarantined, state.readProblem, state.now) = (held.conflicts, held.quarantined, nil, open.clock.now)
        case .failure(let problem): state.readProblem = problem
        }
    }
}

private struct Held: Sendable {
    let conflicts: [ConflictView]
    let quarantined: [QuarantineView]
}
