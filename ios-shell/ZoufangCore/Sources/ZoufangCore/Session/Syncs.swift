import Foundation
import Observation

/// After a save the phone waits this long for the next one: three taps in a row are one sync.
private let pauseAfterSaveSeconds: TimeInterval = 2

/// Whether a sync runs, and what came of the one before.
public struct SyncNow: Sendable, Equatable {
    public var isRunning = false
    /// How far it is; nothing between syncs.
    public var progress: SyncProgress?
    /// Why the last one failed, where the status does not say it.
    public var problem: Problem?

    public init(isRunning: Bool = false, progress: SyncProgress? = nil, problem: Problem? = nil) {
        (self.isRunning, self.progress, self.problem) = (isRunning, progress, problem)
    }
}

/// The phone's syncs: one at a time, so that none ends with a screen. Who asks may be a person, a save, the network that is back, the app that
/// comes to the front, or the time that the core named; when to try again after a failure is the core's to say.
@MainActor @Observable public final class Syncs {
    /// Whether one runs now.
    public private(set) var now = SyncNow()
    /// The network as it was last told.
    private(set) var network: NetworkState?

    @ObservationIgnored private weak var open: OpenClient?
    @ObservationIgnored private let onErased: @MainActor () -> Void
    @ObservationIgnored private var status: SyncStatus?
    @ObservationIgnored private var hearing: Task<Void, Never>?
    @ObservationIgnored private var afterSave: Task<Void, any Error>?
    @ObservationIgnored private var due: Task<Void, any Error>?
    @ObservationIgnored private var statusReading: Reading<SyncStatus>?
    @ObservationIgnored private lazy var turns = OneAtATime { [weak self] in await self?.run() }

    init(_ open: OpenClient, network: any PhoneNetwork, onErased: @escaping @MainActor () -> Void) {
        self.open = open
        self.onErased = onErased
        let (steps, states) = (open.client.syncProgress, network.states)
        // Ends with the client, which ends its streams.
        Task { [weak self] in for await step in steps { self?.show(step) } }
        hearing = Task { [weak self] in for await state in states { self?.networkChanged(to: state) } }
        statusReading = Reading(
            open, when: \.status, work: { { try $0.syncStatus() } },
            show: { [weak self] outcome in
                if case .success(let status) = outcome { self?.statusChanged(to: status) }
            }
        )
    }

    /// Asks for a sync. While one runs, one more follows it. Practice has none.
    public func ask() {
        if status?.practice != true { turns.ask() }
    }
    /// Ends the sync that runs.
    public func cancel() {
        open?.client.cancelSync()
    }
    /// Waits until the syncs that were asked for have ended.
    func finish() async {
        await turns.finish()
    }

    func didReturn() {
        askIfReachable()
        plan()
    }
    func willLeave() {
        afterSave?.cancel()
        due?.cancel()
    }
    func end() {
        willLeave()
        hearing?.cancel()
        statusReading?.end()
        statusReading = nil
    }

    private func show(_ step: SyncProgress) {
        if now.isRunning { now.progress = step }
    }
    private func networkChanged(to state: NetworkState) {
        let wasOffline = network == .offline
        network = state
        if wasOffline && state != .offline { askIfReachable() }
    }
    private func statusChanged(to next: SyncStatus) {
        let before = status
        status = next
        if let before, next.unsentCount > before.unsentCount { syncSoon() }
        // The first look at the status comes after the app came to the front.
        if before == nil { askIfReachable() }
        if before?.nextSyncAt != next.nextSyncAt { plan() }
    }
    private func askIfReachable() {
        if open?.isInFront == true && network != .offline && status?.enrolled == true { ask() }
    }
    private func syncSoon() {
        afterSave?.cancel()
        guard let open, open.isInFront else { return }
        afterSave = waited(by: open.clock, until: open.clock.now.addingTimeInterval(pauseAfterSaveSeconds))
    }
    /// Syncs at the time that the core named, if a person may be looking then; the time is the core's memory and needs none here.
    private func plan() {
        due?.cancel()
        guard let open, open.isInFront, let at = status?.nextSyncAt else { return }
        due = waited(by: open.clock, until: at)
    }
    private func waited(by clock: any PhoneClock, until at: Date) -> Task<Void, any Error> {
        Task { [weak self] in
            try await clock.wait(until: at)
            self?.askIfReachable()
        }
    }

    private func run() async {
        guard let open else { return }
        now = SyncNow(isRunning: true)
        let client = open.client
        let outcome = await attempt {
            let isErased = try await client.sync().wiped != nil
            // What came down is made searchable at once, some thousand records a call.
            while !isErased, try await !client.call({ try $0.search.catchUp() }) {}
            return isErased
        }
        let problem = outcome.problem.flatMap { $0.step == .nothing || $0.isPause ? nil : $0 }
        now = SyncNow(problem: problem)
        open.didSync()
        if case .success(true) = outcome { onErased() }
    }
}
