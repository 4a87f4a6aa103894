import Foundation
import Observation

/// How far the work in databases that were set aside is.
public struct TakingUpNow: Sendable, Equatable {
    /// A database was set aside, and nobody has read yet what became of the work in it.
    public var isWaiting = false
    public var isRunning = false
    /// What became of it; nothing before, and where nothing was set aside.
    public var taken: TakenUp?
    /// Why it was not taken up; it can be tried again.
    public var problem: Problem?
}

/// Takes up what was not sent from databases that were set aside from a profile's place: once the first sync is complete, and at every start until a
/// person has read what became of it. Twice is once, so that nothing depends on how far an earlier one came.
@MainActor @Observable public final class TakingUp {
    /// How far it is.
    public private(set) var now = TakingUpNow()

    @ObservationIgnored private weak var open: OpenClient?
    @ObservationIgnored private let onRead: @MainActor () -> Void
    @ObservationIgnored private var isCutShort = false
    @ObservationIgnored private var status: Reading<SyncStatus>?
    @ObservationIgnored private lazy var turns = OneAtATime { [weak self] in await self?.run() }

    init(_ open: OpenClient, _ aside: Aside?, onRead: @escaping @MainActor () -> Void) {
        (self.open, self.onRead) = (open, onRead)
        // Practice belongs to no server.
        guard !open.isPractice, aside != .told else { return }
        now.isWaiting = aside == .waits
        status = Reading(
            open, when: \.status, work: { { try $0.syncStatus() } },
            show: { [weak self] outcome in
                if case .success(let status) = outcome, status.complete { self?.begin() }
            }
        )
    }

    /// Tries again.
    public func again() {
        turns.ask()
    }
    /// A person has read what became of it.
    public func acknowledge() {
        now = TakingUpNow()
        onRead()
    }
    /// A person wants the files gone now, with what is left in them: refused while work that came out of them is unsent.
    public func forget() {
        guard let open else { return }
        Task {
            switch await attempt({ try await open.client.forgetSetAside() }) {
            case .success: acknowledge()
            case .failure(let problem): now.problem = problem
            }
        }
    }
    /// What the background cut short goes on.
    func didReturn() {
        if isCutShort { turns.ask() }
    }
    func end() {
        status?.end()
        status = nil
    }

    private func begin() {
        guard status != nil else { return }
        end()
        turns.ask()
    }
    private func run() async {
        guard let open else { return }
        (isCutShort, now.isRunning, now.problem) = (false, now.isWaiting, nil)
        switch await attempt({ try await open.client.takeUpSetAside() }) {
        case .success(let taken):
            // On most phones nothing was ever set aside, and nothing is to be said.
            now = now.isWaiting || taken.saysSomething ? TakingUpNow(isWaiting: true, taken: taken) : TakingUpNow()
        case .failure(let problem):
            isCutShort = problem.isPause
            now.isRunning = false
            now.problem = now.isWaiting && !problem.isPause ? problem : nil
        }
    }
}

extension TakenUp {
    fileprivate var saysSomething: Bool { takenCount + knownCount > 0 || !left.isEmpty }
}
