import Foundation
import Observation

/// How long going to the background waits for fields that are being saved, before the database is closed.
private let settleSeconds: TimeInterval = 1
/// How long changing the database waits for them: a person looks on, and nothing ends the app meanwhile.
private let settleBeforeChangeSeconds: TimeInterval = 10

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
    @ObservationIgnored private let profiles: Profiles
    /// Which database is open or is to be; nothing until the first is opened.
    @ObservationIgnored private var place: Place?
    /// The real work that was open last. After a start that is what opens, also when the app was killed in practice.
    @ObservationIgnored private var work = Place.profile(nil)
    @ObservationIgnored private var opened: OpenClient?
    @ObservationIgnored private var isInFront = false
    @ObservationIgnored private var lastTurn: Task<Void, Never>?

    public init(_ profiles: Profiles, clock: any PhoneClock = SystemClock()) {
        (self.profiles, self.clock) = (profiles, clock)
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
            await wait(atMost: settleSeconds, by: clock) { [self] in
                await open.settle()
                await remember(open, isLeaving: true)
            }
            await pause(open)
        }
    }

    /// The system's patience is at its end: closes the file without waiting for anything else.
    public func closeAtOnce() async {
        if let open = opened { await pause(open) }
    }

    /// Closes what is open and opens another database in its place: what was typed is written first. Gives what stands against that; then all
    /// stays as it was. Practice is left in any case, whatever of it could not be written.
    public func change(to next: Place) async -> Problem? {
        var unwritten: Problem?
        await turn { [self] in
            guard next != place else { return await openOrResume() }
            if let open = opened {
                await remember(open, isLeaving: true)
                // Last: nothing is typed between this and the end.
                unwritten = .stillWriting
                await wait(atMost: settleBeforeChangeSeconds, by: clock) { unwritten = await open.settle() }
                if place == .practice { unwritten = nil }
                guard unwritten == nil else { return }
                await end(open)
            }
            place = next
            await openOrResume()
        }
        return unwritten
    }
    /// Back to the real work that was open last.
    public func leavePractice() async -> Problem? {
        await change(to: work)
    }
    /// To a profile for another person.
    public func addProfile() async -> Problem? {
        switch await attempt({ [profiles] in try await profiles.another() }) {
        case .success(let place): await change(to: place)
        case .failure(let problem): problem
        }
    }
    /// Throws away what was tried in practice and begins it anew; elsewhere it does nothing.
    public func beginPracticeAnew() async {
        await turn { [self] in
            guard place == .practice else { return }
            if let open = opened { await end(open) }
            await openOrResume { profiles, _ in try await profiles.beginPracticeAnew() }
        }
    }
    /// Moves the profile that does not open, or is damaged further in, out of the way and begins a new one in its place. Nothing is deleted; once that
    /// is enrolled and has synced, ``OpenClient/takingUp`` brings the unsent work back.
    public func setAside() async {
        await turn { [self] in
            guard case .profile(let name) = place else { return }
            if let open = opened {
                await wait(atMost: settleBeforeChangeSeconds, by: clock) { _ = await open.settle() }
                await end(open)
            }
            opening = .underway
            let refused = await attempt { try await profiles.setAside(name) }.problem
            await openOrResume()
            // What stood against it says more than that it still does not open.
            if let refused, case .failed = opening { opening = .failed(refused) }
        }
    }
    /// Practice is open, or was to be opened.
    var isPractice: Bool { place == .practice }
    /// All profiles of this phone.
    public func knownProfiles() async throws -> [KnownProfile] {
        try await profiles.list(open: place)
    }
    /// The phone was enrolled just now: what is known of the open profile has changed.
    func didEnrol() async {
        await turn { [self] in
            if let open = opened { await remember(open, isLeaving: false) }
        }
    }

    /// One sync while nobody looks, when the system grants the time for it. Cancelling the task ends it; the file is closed either way. Who left
    /// the app in practice finds practice again, and that is never sent.
    public func syncInBackground() async {
        guard place != .practice else { return }
        await turn { [self] in await openOrResume() }
        let report = if let open = opened { await attempt { try await open.client.sync() } } else { Outcome<SyncReport>?.none }
        await turn { [self] in
            if case .success(let report) = report, report.wiped != nil, let open = opened { await openAnew(open) }
            if !isInFront, let open = opened {
                await remember(open, isLeaving: true)
                await pause(open)
            }
        }
    }

    /// Ends it in order.
    public func close() async {
        await turn { [self] in
            guard let open = opened else { return }
            await wait(atMost: settleSeconds, by: clock) { [self] in
                await remember(open, isLeaving: true)
                await open.settle()
            }
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
    /// Keeps what is shown of the open profile while another is open. What is not sent is counted when it is left; until then it is not known,
    /// so an app that ends without a word leaves no wrong number.
    private func remember(_ open: OpenClient, isLeaving: Bool) async {
        guard case .profile(let name) = place else { return }
        let read = await attempt { try await open.client.call { (try $0.profile(), try $0.syncStatus().unsentCount) } }
        if case .success((let enrolled, let count)) = read { await profiles.keep(name, enrolled, unsentCount: isLeaving ? count : nil) }
    }
    private func end(_ open: OpenClient) async {
        open.end()
        opened = nil
        opening = .underway
        _ = await attempt { try await open.client.close() }
    }
    /// The revoked phone's files are gone: from here on it is a new one, which may be enrolled.
    private func openAnew(_ erased: OpenClient) async {
        // Somebody may have left it meanwhile.
        guard opened === erased else { return }
        await end(erased)
        await openOrResume(replacesErased: true)
    }
    private func openOrResume(
        replacesErased: Bool = false,
        by open: @Sendable (Profiles, Place) async throws -> ZoufangClient = { try await $0.open($1) }
    ) async {
        let place: Place
        if let known = self.place {
            place = known
        } else {
            place = await profiles.lastUsed()
            (self.place, work) = (place, place)
        }
        let outcome = await attempt {
            if let opened {
                try await opened.client.resume()
                return opened
            }
            return OpenClient(
                try await open(profiles, place), network: place == .practice ? NoNetwork() : profiles.network, clock: clock,
                isInFront: isInFront,
                isPractice: place == .practice,
                replacesErased: replacesErased,
                aside: profiles.aside(place),
                onAsideRead: { [profiles] in profiles.markTold(place) },
                onErased: { [weak self] erased in Task { await self?.turn { [weak self] in await self?.openAnew(erased) } } }
            )
        }
        switch outcome {
        case .failure(let problem): opening = .failed(problem)
        case .success(let open):
            let isKnown = opened === open
            opened = open
            if place != .practice { work = place }
            opening = .ready(open)
            if isKnown && isInFront { open.didReturn() }
            await remember(open, isLeaving: false)
        }
    }
}
