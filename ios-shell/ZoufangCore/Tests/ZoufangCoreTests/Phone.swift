import Foundation
import Observation
import Testing
import ZoufangDesktop
import ZoufangStage

@testable import ZoufangCore

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("zoufang-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}

/// A phone with the whole app but its screens: database and keys lie in a folder of its own.
@MainActor final class Phone {
    let folder: TemporaryFolder
    let clock = SetClock()
    let network = SetNetwork()
    let owner: ClientOwner
    let app: AppModel

    /// Started, and in front of a person.
    init(folder: TemporaryFolder? = nil) async throws {
        let kept = try folder ?? TemporaryFolder()
        self.folder = kept
        owner = ClientOwner(Phone.files(in: kept.url, network), clock: clock)
        app = AppModel(owner)
        await owner.toForeground()
    }
    /// Enrolled, with its homes, on Today.
    static func working(with stage: Stage, as name: String = "") async throws -> Phone {
        let phone = try await Phone()
        try await phone.enrol(by: stage.code(of: name).qr)
        let today = try await phone.today()
        try await until("the first sync") {
            today.state.status?.complete == true && !today.sync.isRunning && today.state.homes?.isEmpty == false
        }
        return phone
    }
    /// The app was killed without a word and is started again.
    func killedAndStarted() async throws -> Phone {
        await owner.abandon()
        return try await Phone(folder: folder)
    }

    private static func files(in folder: URL, _ network: SetNetwork) -> Profiles {
        Profiles(in: { folder }, vault: FileKeyVault(folder), network: network, deviceKey: { KeyInFolder(folder, of: $0) })
    }
    /// A second client over the same files, as another process has it.
    func beside() async throws -> ZoufangClient { try await Phone.files(in: folder.url, network).open(.profile(nil)) }

    func enrol(by text: String) async throws {
        let enrol = try await enrolModel()
        enrol.write(text)
        enrol.enrol()
        try await until("enrolment") { enrol.state.enrolled != nil || enrol.state.problem != nil }
        #expect(enrol.state.problem == nil)
        enrol.startFirstSync()
    }
    func enrolModel() async throws -> EnrolModel {
        try await until("the page for the code") {
            if case .working(let page) = self.app.state, case .enrol(let model) = page.content { model } else { nil }
        }
    }
    func today() async throws -> TodayModel {
        try await until("Today") {
            if case .working(let page) = self.app.state, case .today(let model) = page.content { model } else { nil }
        }
    }
    /// From Today to the page with what else the phone holds.
    func profiles() async throws -> ProfilesModel {
        try await today().openOthers()
        return try await until("what else the phone holds") {
            if case .profiles(let model) = self.app.above.last?.content { model } else { nil }
        }
    }
    /// From Today to a profile for another person.
    func addProfile() async throws -> EnrolModel {
        try await profiles().add()
        return try await enrolModel()
    }
    /// From Today to practice.
    func practise() async throws -> TodayModel {
        try await profiles().practise()
        try await until("practice") { self.app.profiles.state.isPractice }
        return try await today()
    }
    /// From practice to real work.
    func backToWork() async throws -> TodayModel {
        app.profiles.leavePractice()
        try await until("the end of practice") { !self.app.profiles.state.isPractice }
        return try await today()
    }
    /// Pages of the first profile's database become noise, but for the salt at the head; `pages` is asked with their count. It must be closed.
    func damagePages(_ pages: (Int) -> ClosedRange<Int>) throws {
        let (pageBytes, saltBytes) = (4096, 16)
        let file = folder.url.appendingPathComponent("profile/zoufang.db")
        var bytes = try Data(contentsOf: file)
        let noisy = pages(bytes.count / pageBytes)
        let from = noisy.lowerBound * pageBytes + (noisy.lowerBound == 0 ? saltBytes : 0)
        let to = (noisy.upperBound + 1) * pageBytes
        bytes.replaceSubrange(from..<to, with: Data(repeating: 0x5a, count: to - from))
        try bytes.write(to: file)
    }
    /// The device's key as it lies there; nothing while none was made.
    func deviceKey(of profile: String? = nil) -> Data? { try? Data(contentsOf: KeyInFolder.file(folder.url, of: profile)) }
    /// Whether a word lies readable in any file of the phone.
    func holdsInClear(_ word: String) throws -> Bool {
        let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try files.filter { !$0.hasDirectoryPath }.contains { try Data(contentsOf: $0).range(of: Data(word.utf8)) != nil }
    }
    /// Home number `number` of the list, opened and read.
    func home(_ number: Int = 0) async throws -> HomeModel {
        let today = try await today()
        let home = try await until("homes") { today.state.homes?.dropFirst(number).first }
        today.openHome(home)
        let model = try await until("a home") { if case .home(let model) = self.app.above.last?.content { model } else { nil } }
        try await until("all of a home") { model.state.content != nil }
        return model
    }
    func visit() async throws -> VisitModel {
        let model = try await until("a visit") { if case .visit(let model) = self.app.above.last?.content { model } else { nil } }
        try await until("its draft") { model.state.form != nil }
        return model
    }
    func matter() async throws -> MatterModel {
        let model = try await until("a matter") { if case .matter(let model) = self.app.above.last?.content { model } else { nil } }
        try await until("its draft") { model.state.form != nil }
        return model
    }
    /// A visit to that home, saved.
    func saveVisit(_ number: Int = 0, note: String = "家中平安") async throws {
        try await home(number).visit()
        let visit = try await visit()
        visit.choose(.door)
        visit.choose(VisitOutcome.done)
        visit.write(note)
        visit.save()
        try await until("the visit to be saved") { self.app.above.count == 1 }
        app.back()
    }
    /// What the core says, beside the screens.
    func status() async throws -> SyncStatus {
        try await open().client.call { try $0.syncStatus() }
    }
    func open() throws -> OpenClient {
        guard case .ready(let open) = owner.opening else { throw Missing("the client is not open") }
        return open
    }
    /// Waits until the shell has heard what the network is.
    func networkHeard() async throws {
        let (syncs, state) = (try open().syncs!, network.state())
        try await until("the network to be heard") { syncs.network == state }
    }
    func syncNow() async throws {
        let today = try await today()
        today.startSync()
        await today.syncsFinished()
    }
}

extension TodayModel {
    /// Waits for the syncs that were asked for.
    func syncsFinished() async { await open.syncs.finish() }
}

/// A clock that stands until it is set, on a real day.
@Observable final class SetClock: PhoneClock, @unchecked Sendable {
    @ObservationIgnored private let lock = NSLock()  // held for each access to what stands below
    private var moved: TimeInterval = 0
    private var waiting: [UUID: (then: Date, caller: CheckedContinuation<Void, any Error>)] = [:]

    /// The core has the machine's clock; this one is ahead of it by what was moved.
    var now: Date { lock.withLock { Date().addingTimeInterval(moved) } }
    var calendar: Calendar { Calendar(identifier: .gregorian) }

    func wait(until then: Date) async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { caller in
                let isPast = lock.withLock {
                    if then <= Date().addingTimeInterval(moved) || Task.isCancelled { return true }
                    waiting[id] = (then, caller)
                    return false
                }
                if isPast { caller.resume(with: Result { try Task.checkCancellation() }) }
            }
        } onCancel: {
            let waiting = lock.withLock { self.waiting.removeValue(forKey: id) }
            waiting?.caller.resume(throwing: CancellationError())
        }
    }
    /// How many wait for a moment within that many seconds.
    func waitersCount(within seconds: TimeInterval) -> Int {
        lock.withLock { waiting.values.count { $0.then <= Date().addingTimeInterval(moved + seconds) } }
    }
    func move(by seconds: TimeInterval) {
        let due = lock.withLock {
            moved += seconds
            let now = Date().addingTimeInterval(moved)
            let due = waiting.filter { $0.value.then <= now }
            for id in due.keys { waiting[id] = nil }
            return due.values.map(\.caller)
        }
        for caller in due { caller.resume() }
    }
}

/// A profile's device key in software, as `device.key` in a folder of its own.
final class KeyInFolder: DeviceKey {
    private let folder: URL
    private let profile: String?
    init(_ folder: URL, of profile: String?) { (self.folder, self.profile) = (folder, profile) }

    static func file(_ folder: URL, of profile: String?) -> URL {
        folder.appendingPathComponent("keys-\(profile ?? "first")/device.key")
    }
    private var file: URL { KeyInFolder.file(folder, of: profile) }
    private func signer() throws -> SoftwareSigner {
        let own = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        return try SoftwareSigner(inFolder: own)
    }
    func publicKey() throws -> Data { try signer().publicKey() }
    func sign(message: Data) throws -> Data { try signer().sign(message: message) }
    func forget() throws {
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }
}

/// A network that is as it is said to be.
final class SetNetwork: PhoneNetwork, @unchecked Sendable {
    private let lock = NSLock()  // held for each access to what stands below
    private var known = NetworkState.unmetered
    private var ears: [AsyncStream<NetworkState>.Continuation] = []

    func state() -> NetworkState { lock.withLock { known } }
    var states: AsyncStream<NetworkState> {
        let (stream, ear) = AsyncStream.makeStream(of: NetworkState.self, bufferingPolicy: .bufferingNewest(1))
        lock.withLock {
            ears.append(ear)
            ear.yield(known)
        }
        return stream
    }
    func become(_ state: NetworkState) {
        lock.withLock {
            known = state
            for ear in ears { ear.yield(state) }
        }
    }
}
