import Foundation
import Observation

/// How long going to the background waits for fields that are being saved, before the database is closed.
private let settleSeconds: TimeInterval = 1

/// Where the client stands.
public enum Opening {
    /// It is being opened.
    case underway
    /// It did not open; ``ClientOwner/toForeground()`` tries again. What was there is as it was.
    case failed(Problem)
    /// It is open.
    case ready(OpenClient)
}

/// Owns the process's one client: opens it, closes its file while the app is in the background, opens it again. Calls may come in any order;
/// they are done one after the other.
@MainActor @Observable public final class ClientOwner {
    /// Where the client stands now.
    public private(set) var opening = Opening.underway {
        didSet { onOpening?(opening) }
    }
    @ObservationIgnored var onOpening: (@MainActor (Opening) -> Void)?
    @ObservationIgnored let clock: any PhoneClock
    @ObservationIgnored private let network: any PhoneNetwork
    @ObservationIgnored private let openClient: @Sendable () async throws -> ZoufangClient
    @ObservationIgnored private var opened: OpenClient?
    @ObservationIgnored private var isInFront = false
    @ObservationIgnored private var lastTurn: Task<Void, Never>?

    public init(
        network: any PhoneNetwork, clock: any PhoneClock = SystemClock(), openClient: @escaping @Sendable () async throws -> ZoufangClient
    ) {
        (self.network, self.clock, self.openClient) = (network, clock, openClient)
    }

    /// The app is in front of a person: opens the database, or opens it again. Tries again what failed; does nothing when it is there and open.
    public func toForeground() async {
        await turn { [self] in
            if isInFront, case .ready = opening { return }
            isInFront = true
            await openOrResume()
        }
    }

    /// The app is not seen any more and may be suspended at any time: what was typed is written, then the file is closed. In this order: nothing
    /// new is begun; fields settle, bounded; the core closes its file, bounded by the core itself. Until this returns the system must not
    /// suspend the process (0xdead10cc): ``SuspendGuard`` holds it.
    public func toBackground() async {
        await turn { [self] in
            isInFront = false
            guard let open = opened else { return }
            open.willLeave()
            await wait(atMost: settleSeconds, by: clock) { await open.settle() }
            await pause(open)
        }
    }

    /// The system's patience is at its end: closes the file without waiting for anything else.
    public func closeAtOnce() async {
        if let open = opened { await pause(open) }
    }

    /// One sync while nobody looks, when the system grants the time for it. Cancelling the task ends it; the file is closed either way.
    public func syncInBackground() async {
        await turn { [self] in await openOrResume() }
        let report = if let open = opened { await attempt { try await open.client.sync() } } else { Outcome<SyncReport>?.none }
        await turn { [self] in
            if case .success(let report) = report, report.wiped != nil { await openAnew() }
            if !isInFront, let open = opened { await pause(open) }
        }
    }

    /// Ends it in order.
    public func close() async {
        await turn { [self] in
            guard let open = opened else { return }
            await wait(atMost: settleSeconds, by: clock) { await open.settle() }
            await end(open)
        }
    }

    /// Ends it without any last words, as when the process is killed: what was not written is not written.
    func abandon() async {
        await turn { [self] in
            if let open = opened { await end(open) }
        }
    }

    private func turn(_ act: @escaping @MainActor () async -> Void) async {
        let before = lastTurn
        let mine = Task {
            await before?.value
            await act()
        }
        lastTurn = mine
        await mine.value
    }
    private func pause(_ open: OpenClient) async {
        // A checkpoint that failed is made when it is opened again; nothing is lost by it.
        _ = await attempt { try await open.client.pause() }
    }
    private func end(_ open: OpenClient) async {
        open.end()
        opened = nil
        opening = .underway
        _ = await attempt { try await open.client.close() }
    }
    /// The revoked phone's files are gone: from here on it is a new one, which may be enrolled.
    private func openAnew() async {
        if let open = opened { await end(open) }
        await openOrResume(replacesErased: true)
    }
    private func openOrResume(replacesErased: Bool = false) async {
        let outcome = await attempt {
            if let open = opened {
                try await open.client.resume()
                return open
            }
            return OpenClient(
                try await openClient(), network: network, clock: clock, isInFront: isInFront, replacesErased: replacesErased,
                onErased: { [weak self] in Task { await self?.turn { [weak self] in await self?.openAnew() } } }
            )
        }
        switch outcome {
        case .failure(let problem): opening = .failed(problem)
        case .success(let open):
            let isKnown = opened === open
            opened = open
            opening = .ready(open)
            if isKnown && isInFront { open.didReturn() }
        }
    }
}
