import Foundation

/// The client while it is open, with what belongs to it and not to any screen: its syncs, and drafts' fields on their way to the disk.
@MainActor public final class OpenClient {
    public let client: ZoufangClient
    public let clock: any PhoneClock
    /// It holds made-up homes.
    public let isPractice: Bool
    /// It stands in the place of one that the server revoked and that was erased.
    public let replacesErased: Bool
    public private(set) var syncs: Syncs!
    /// The work in databases that were set aside from this one's place.
    public private(set) var takingUp: TakingUp!
    /// Whether a person may be looking.
    private(set) var isInFront: Bool

    private var savers: [any Settling] = []
    private var hearers: [UUID: @MainActor (Change) -> Void] = [:]

    init(
        _ client: ZoufangClient, network: any PhoneNetwork, clock: any PhoneClock, isInFront: Bool, isPractice: Bool,
        replacesErased: Bool, aside: Aside? = nil, onAsideRead: @escaping @MainActor () -> Void = {},
        onErased: @escaping @MainActor (OpenClient) -> Void
    ) {
        self.client = client
        self.clock = clock
        self.isInFront = isInFront
        self.isPractice = isPractice
        self.replacesErased = replacesErased
        let changes = client.changes
        // Ends with the client, which ends its streams.
        Task { [weak self] in
            for await change in changes { self?.tell(change) }
        }
        syncs = Syncs(self, network: network) { [weak self] in
            if let self { onErased(self) }
        }
        takingUp = TakingUp(self, aside, onRead: onAsideRead)
    }

    /// Begins to save a draft's fields.
    func saver<Field: Sendable>(_ save: @escaping @Sendable (Groups, Field) throws -> Void) -> FieldSaver<Field> {
        let saver = FieldSaver(self, save: save)
        savers.append(saver)
        return saver
    }
    func forget(_ saver: any Settling) {
        savers.removeAll { $0 === saver }
    }
    /// Waits until every field that a screen handed over lies on the disk or was refused; gives the first refusal.
    @discardableResult func settle() async -> Problem? {
        var refused: Problem?
        for saver in savers {
            let problem = await saver.settle()
            refused = refused ?? problem
        }
        return refused
    }

    /// The app came to the front; the database is open.
    func didReturn() {
        isInFront = true
        for saver in savers { saver.tryAgain() }
        tell(Change(kinds: RecordKind.allCases, ids: [], drafts: true, status: true))
        syncs.didReturn()
        takingUp.didReturn()
    }
    /// A sync has ended; one that brought nothing is told by no change, but it is the latest.
    func didSync() {
        tell(Change(kinds: [], ids: [], drafts: false, status: true))
    }
    func willLeave() {
        isInFront = false
        syncs.willLeave()
    }
    /// Nothing is heard or begun from here on.
    func end() {
        hearers = [:]
        savers = []
        syncs.end()
        takingUp.end()
    }

    /// Hears of each change, and that anything may have changed when the app comes to the front, until the ear is forgotten.
    func hear(_ hearer: @escaping @MainActor (Change) -> Void) -> UUID {
        let ear = UUID()
        hearers[ear] = hearer
        return ear
    }
    func forget(_ ear: UUID) {
        hearers[ear] = nil
    }
    private func tell(_ change: Change) {
        for hearer in Array(hearers.values) { hearer(change) }
    }
}

/// What a screen shows of the database: read now, again whenever a change concerns it, when the app comes to the front, and when asked. A
/// reading that fails because the app is going to the background is left out: the next one comes when it is back.
@MainActor final class Reading<Value: Sendable> {
    typealias Work = @Sendable (Groups) throws -> Value
    private let open: OpenClient
    private let work: @MainActor () -> Work?
    private let show: @MainActor (Outcome<Value>) -> Void
    private var ear: UUID?
    private lazy var turns = OneAtATime { [weak self] in await self?.read() }

    /// `work` is asked for at each reading; nothing to read is no reading.
    init(
        _ open: OpenClient, when concerns: @escaping @MainActor (Change) -> Bool, work: @escaping @MainActor () -> Work?,
        show: @escaping @MainActor (Outcome<Value>) -> Void
    ) {
        (self.open, self.work, self.show) = (open, work, show)
        ear = open.hear { [weak self] change in
            if concerns(change) { self?.again() }
        }
        again()
    }
    func again() {
        turns.ask()
    }
    func end() {
        if let ear { open.forget(ear) }
        ear = nil
    }
    private func read() async {
        guard ear != nil, let work = work() else { return }
        let outcome = await attempt { try await open.client.call(work) }
        let isPause = outcome.problem?.isPause ?? false
        if ear != nil && (!isPause || open.isInFront) { show(outcome) }
    }
}
