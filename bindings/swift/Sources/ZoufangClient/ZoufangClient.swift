import Foundation
import ZoufangBindings

/// One profile on this phone. Open it once a process and keep it; every function may be called from any task and blocks no actor. Whatever
/// goes wrong is a `CoreError`, named after what can be done about it.
public final class ZoufangClient: Sendable {
    private let core: any ZoufangCoreProtocol
    private let syncing: any SyncingProtocol
    private let groups: Groups
    private let enrolment: any EnrolmentProtocol
    private let waiters: SyncWaiters
    private let watching: any SubscriptionProtocol
    private let inboxes = OpenInboxes()

    private init(_ core: any ZoufangCoreProtocol) {
        self.core = core
        syncing = core.sync()
        groups = Groups(of: core)
        enrolment = core.enrolment()
        waiters = SyncWaiters { [syncing] in syncing.cancel() }
        watching = syncing.watch(listener: waiters)
    }
    deinit {
        watching.cancel()
        inboxes.end()
    }

    /// Opens the profile, making its database if there is none. Needs neither network nor enrolment.
    ///
    /// - Throws: `CoreError`, and a database that was there is left as it was; ``LibraryMismatch`` when the app was put together wrongly.
    public static func open(_ options: OpenOptions, ports: Ports) async throws -> ZoufangClient {
        try await over(ports) { try ZoufangCore.open(options: options, vault: $0, signer: $1, connectivity: $2) }
    }

    /// Opens one of the profiles in a folder of the app's own, each with a database and a database key of its own; without a name the phone's
    /// first. The signer in `ports` must be that profile's own too: a server takes each device key once.
    ///
    /// - Throws: as ``open(_:ports:)``; `CoreError.MendField` for a name other than 1 to 32 of `a-z 0-9 -`.
    public static func openProfile(in folder: URL, name: String?, ports: Ports) async throws -> ZoufangClient {
        try await over(ports) {
            try ZoufangCore.open(
                options: profilePlace(folder: folder.path, name: name), vault: $0, signer: $1, connectivity: $2)
        }
    }

    /// The profiles in a folder: nothing for the first one, then the named ones in the order of their names. The practice database is none.
    ///
    /// - Throws: `CoreError.Retry` when the folder cannot be read; ``LibraryMismatch``.
    public static func profiles(in folder: URL) async throws -> [String?] {
        try await away {
            try requireMatchingLibrary()
            return try profilesIn(folder: folder.path)
        }
    }

    /// Moves a profile's database that does not open, or is damaged further in, out of the way, so that the phone can be enrolled anew. It must be
    /// closed. Nothing of it is deleted; ``takeUpSetAside()`` brings its unsent work back.
    ///
    /// - Throws: `CoreError.AskSupervisor` when the database opens and is whole; others when the failure lies elsewhere; ``LibraryMismatch``.
    @discardableResult public static func setAsideProfile(in folder: URL, name: String?, ports: Ports) async throws -> SetAside {
        try await away {
            try requireMatchingLibrary()
            return try setAside(
                options: profilePlace(folder: folder.path, name: name), vault: ports.vault, signer: ports.signer,
                connectivity: ports.connectivity)
        }
    }

    /// Opens the practice database in a folder of the app's own, with made-up homes in it if it is new. It is never sent anywhere, so it
    /// gets neither a network nor a device key, and `SyncStatus.practice` says so: mark every screen. Profiles in that folder are not touched.
    ///
    /// - Throws: as ``open(_:ports:)``; `CoreError.AskSupervisor` when a real profile lies under the practice database's name.
    public static func openPractice(in folder: URL, vault: any KeyVault) async throws -> ZoufangClient {
        let ports = Ports(vault: vault, signer: NoDeviceKey(), connectivity: NoNetwork())
        return try await over(ports) { try ZoufangCore.openPractice(folder: folder.path, vault: $0, signer: $1, connectivity: $2) }
    }

    /// Throws away what was tried in the practice database and begins anew. Close the one that is open first.
    ///
    /// - Throws: as ``openPractice(in:vault:)``.
    public static func restartPractice(in folder: URL, vault: any KeyVault) async throws -> ZoufangClient {
        let ports = Ports(vault: vault, signer: NoDeviceKey(), connectivity: NoNetwork())
        return try await over(ports) { try ZoufangCore.restartPractice(folder: folder.path, vault: $0, signer: $1, connectivity: $2) }
    }

    private static func over(
        _ ports: Ports, _ open: @escaping @Sendable (any KeyVault, any Signer, any Connectivity) throws -> ZoufangCore
    ) async throws -> ZoufangClient {
        try await away {
            try requireMatchingLibrary()
            return ZoufangClient(try open(ports.vault, ports.signer, ports.connectivity))
        }
    }

    /// What changes on the phone, told after it is saved. Each access is a stream of its own, for one reader, and hears from then on. The
    /// first news says that anything may have changed, so a screen that reads at each of them misses nothing. Changes that a reader is too
    /// slow for are told as one. The subscription ends with the stream, and the stream with ``close()``.
    public var changes: AsyncStream<Change> {
        let inbox = Inbox(Change.anything) { $0.merged(with: $1) }
        inboxes.add(inbox)
        return AsyncStream(of: inbox, subscription: core.subscribe(listener: ChangeEar(inbox)))
    }

    /// How far each sync is. Each access is a stream of its own, for one reader, and hears from then on. Steps that a reader is too slow
    /// for are left out. The subscription ends with the stream, and the stream with ``close()``.
    public var syncProgress: AsyncStream<SyncProgress> {
        let inbox = Inbox<SyncProgress>(nil) { $1 }
        inboxes.add(inbox)
        return AsyncStream(of: inbox, subscription: syncing.watch(listener: ProgressEar(inbox)))
    }

    /// Calls the core, away from the calling actor: `try await client.call { try $0.visits.save(draft: draft) }`. Give it all that belongs
    /// together. What has begun runs to its end even if the task is cancelled meanwhile.
    ///
    /// - Throws: `CoreError`, as the functions in `work` say.
    public func call<Answer: Sendable>(_ work: @escaping @Sendable (Groups) throws -> Answer) async throws -> Answer {
        try await ZoufangClient.away { [groups] in try work(groups) }
    }

    /// Reads the text of a supervisor's QR picture.
    ///
    /// - Throws: `CoreError.MendField` with `qr`, `server_url`, `server_ca_pem` or `code`.
    public func readQr(_ text: String) async throws -> EnrolInput {
        try await ZoufangClient.away { [enrolment] in try enrolment.readQr(text: text) }
    }

    /// Makes this phone one of the server's devices. Runs to its end even if the task is cancelled: the code works once.
    ///
    /// - Throws: `CoreError`; nothing is stored then.
    public func enrol(_ input: EnrolInput) async throws -> Enrolled {
        try await enrolment.enrol(input: input)
    }

    /// Comes back to this phone's own server with a new code of the same person, when a sync failed with `device.unknown`. Everything on the
    /// phone stays; sync afterwards. Runs to its end even if the task is cancelled.
    ///
    /// - Throws: `CoreError`; nothing is changed then.
    public func rejoin(_ input: EnrolInput) async throws -> Enrolled {
        try await enrolment.rejoin(input: input)
    }

    /// Takes up the work in every database that was set aside from this one's place, once the first sync of the phone that was enrolled anew is
    /// complete. Twice is once.
    ///
    /// - Throws: `CoreError.AskSupervisor` before the first sync is complete; nothing is taken up then.
    public func takeUpSetAside() async throws -> TakenUp {
        try await ZoufangClient.away { [core] in try core.takeUpSetAside() }
    }

    /// Removes every file that was set aside from this one's place, at once, when a person has decided so; gives what could not be taken up and
    /// goes with them.
    ///
    /// - Throws: `CoreError.Retry` while work that was taken out of one is unsent; nothing is removed then.
    @discardableResult public func forgetSetAside() async throws -> [LeftAside] {
        try await ZoufangClient.away { [core] in try core.forgetSetAside() }
    }

    /// Syncs: what was saved goes up, what others saved comes down. Who asks while a sync runs shares the next one. When the last task that
    /// waits is cancelled, the sync is cancelled with it; what was exchanged by then stays.
    ///
    /// - Throws: `CoreError`, also `CoreError.Cancelled` when ``cancelSync()`` or ``pause()`` ended it; `CancellationError` when this task
    ///   was cancelled.
    public func sync(_ options: SyncOptions = SyncOptions()) async throws -> SyncReport {
        let waiter = UUID()
        waiters.enter(waiter)
        defer { waiters.leave(waiter) }
        try Task.checkCancellation()
        do {
            return try await withTaskCancellationHandler {
                try await syncing.run(options: options)
            } onCancel: {
                waiters.cancel(waiter)
            }
        } catch CoreError.Cancelled where Task.isCancelled {
            throw CancellationError()
        }
    }

    /// Cancels the sync that runs and those that wait for it. Syncs that are asked for later run.
    public func cancelSync() {
        syncing.cancel()
    }

    /// Closes the database before the app is suspended, within about two seconds; a sync that runs is cancelled first. Twice is once.
    ///
    /// - Throws: `CoreError.Retry` when the last checkpoint failed; the database is closed all the same and nothing is lost.
    public func pause() async throws {
        try await ZoufangClient.away { [core] in try core.pause() }
    }

    /// Opens the database again. Does nothing when it is open.
    public func resume() async throws {
        try await ZoufangClient.away { [core] in try core.resume() }
    }

    /// Ends it for good, as ``pause()``, and ends the streams. Twice is once. A call that comes later gets `CoreError.Retry`.
    public func close() async throws {
        inboxes.end()
        try await ZoufangClient.away { [core] in try core.shutDown() }
    }

    /// Runs what may wait for the disk where no actor and none of the few threads of Swift's own pool waits with it.
    private static func away<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        let once = Once(work)
        return try await withCheckedThrowingContinuation { caller in
            queue.async { caller.resume(with: once.run()) }
        }
    }
    private static let queue = DispatchQueue(label: "org.zoufang.client", qos: .userInitiated, attributes: .concurrent)
}

/// Work that is done once and let go of before its answer is known. Otherwise the queue could hold the last reference to a core and close
/// its database at a time of its own, beside a process that ends.
private final class Once<Answer>: @unchecked Sendable {
    private var work: (@Sendable () throws -> Answer)?  // touched by whoever runs it only

    init(_ work: @escaping @Sendable () throws -> Answer) { self.work = work }
    func run() -> Result<Answer, any Error> {
        defer { work = nil }
        return Result { [work] in try work!() }
    }
}

/// Practice signs nothing: a core that asked all the same would be told so, and no real key would be made or used.
private final class NoDeviceKey: Signer {
    func publicKey() throws -> Data { throw PortError.Unusable }
    func sign(message: Data) throws -> Data { throw PortError.Unusable }
}

/// Practice calls nobody.
private final class NoNetwork: Connectivity {
    func state() -> NetworkState { .offline }
}
