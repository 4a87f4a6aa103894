import Foundation
import Testing
import ZoufangStage

@testable import ZoufangClient

@Suite(.timeLimit(.minutes(3))) struct SyncingTests {
    /// A phone whose sync waits for a server that has fallen silent, and the sync.
    private func waiting() async throws -> (Stage, Phone, Task<SyncReport, any Error>) {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.synced(with: stage)
        try await phone.saveVisit(phone.homes()[0])
        try await stage.fallSilent()
        let progress = phone.client.syncProgress
        let sync = Task { try await phone.client.sync() }
        _ = try await progress.first()
        return (stage, phone, sync)
    }
    private func expectTheNextOneRuns(_ stage: Stage, _ phone: Phone) async throws {
        #expect(try await phone.status().unsentCount > 0, "nothing is lost")
        try await stage.heal()
        #expect(try await syncPatiently(phone).complete)
        #expect(try await stage.visitsCount() == 1)
    }
    /// The connection that fell silent is dead: a first sync may find that out, and says to try again.
    private func syncPatiently(_ phone: Phone) async throws -> SyncReport {
        do {
            return try await phone.client.sync()
        } catch CoreError.Retry {
            return try await phone.client.sync()
        }
    }

    @Test func aSyncThatWaitsIsCancelled() async throws {
        let (stage, phone, sync) = try await waiting()
        phone.client.cancelSync()
        await expectRefused("Cancelled sync.cancelled") { try await sync.value }
        try await expectTheNextOneRuns(stage, phone)
    }

    @Test func cancellingTheTaskCancelsItsSync() async throws {
        let (stage, phone, sync) = try await waiting()
        sync.cancel()
        await #expect(throws: CancellationError.self) { _ = try await sync.value }
        try await expectTheNextOneRuns(stage, phone)
    }

    @Test func aSyncThatOthersWaitForGoesOn() async throws {
        let (stage, phone, sync) = try await waiting()
        let other = Task { try await phone.client.sync() }
        other.cancel()
        try await stage.heal()
        _ = await other.result
        // It hears that the line is good again, or that its connection was dead; not that it was called off.
        do {
            #expect(try await sync.value.complete)
        } catch CoreError.Retry {}
        #expect(try await syncPatiently(phone).complete)
    }

    @Test func theLastWhoIsCancelledCallsTheSyncOff() {
        let calledOff = Count()
        let waiters = SyncWaiters { calledOff.value += 1 }
        let (first, second) = (UUID(), UUID())
        let step = SyncProgress(phase: .pushing, doneCount: 0, totalCount: nil)
        waiters.enter(first)
        waiters.enter(second)
        waiters.cancel(first)
        waiters.progressed(progress: step)
        #expect(calledOff.value == 0)
        waiters.cancel(second)
        #expect(calledOff.value == 1)
        waiters.progressed(progress: step)
        #expect(calledOff.value == 2, "the library did not know it yet")
        waiters.enter(UUID())
        waiters.progressed(progress: step)
        waiters.leave(first)
        waiters.leave(second)
        waiters.progressed(progress: step)
        #expect(calledOff.value == 2, "who came later is let alone")
    }

    @Test func aTaskThatIsCancelledBeforeItBeginsAsksForNothing() async throws {
        let stage = try await Stage(homes: 1)
        let phone = try await Phone.synced(with: stage)
        let before = try await phone.status().lastSuccessAt
        let sync = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await phone.client.sync()
        }
        await #expect(throws: CancellationError.self) { _ = try await sync.value }
        #expect(try await phone.status().lastSuccessAt == before)
    }

    /// Whenever the cancellation comes, the task ends though the server never answers: 2,000 times from another thread, each a little later
    /// than the one before.
    @Test func noCancellationIsMissed() async throws {
        let stage = try await Stage(homes: 1)
        let phone = try await Phone.synced(with: stage)
        try await stage.fallSilent()
        for times in 0..<2_000 {
            let hasBegun = Count()
            let sync = Task {
                hasBegun.value = 1
                return try await phone.client.sync()
            }
            DispatchQueue.global().async {
                while hasBegun.value == 0 {}
                for _ in 0..<times { _ = hasBegun.value }
                sync.cancel()
            }
            await #expect(throws: CancellationError.self) { _ = try await sync.value }
        }
    }

    @Test func pausingCancelsASyncAtOnce() async throws {
        let (stage, phone, sync) = try await waiting()
        try await phone.client.pause()
        await expectRefused("Cancelled sync.cancelled") { try await sync.value }
        try await phone.client.resume()
        try await expectTheNextOneRuns(stage, phone)
    }

    @Test func aServerIsTrustedByTheAuthorityOfThePicture() async throws {
        let (stage, other) = (try await Stage(homes: 2, tls: true), try await Stage(homes: 2, tls: true))
        #expect(stage.ready.serverUrl.hasPrefix("https://"))
        let phone = try await Phone.synced(with: stage)
        try await phone.saveVisit(phone.homes()[0])
        #expect(try await phone.client.sync().pushedCount > 0)
        #expect(try await stage.visitsCount() == 1)

        let stranger = try await Phone.fresh()
        let code = try await stage.code(of: "测试管理员乙").code
        let input = EnrolInput(serverUrl: stage.ready.serverUrl, caPem: other.ready.caPem, code: code)
        await expectRefused("WrongServer sync.wrong_certificate") { try await stranger.client.enrol(input) }
        #expect(try await stranger.client.call { try $0.profile() } == nil)
    }

    @Test func aRevokedPhoneHandsInItsWorkAndIsWiped() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.synced(with: stage)
        try await phone.saveVisit(phone.homes()[0])
        try await stage.revoke(try #require(try await stage.devices().first).id)
        #expect(try await phone.client.sync().wiped != nil)
        #expect(try await phone.client.call { try $0.profile() } == nil)
    }
}

private final class Count: @unchecked Sendable {
    private let lock = NSLock()  // held for each access to the number
    private var number = 0
    var value: Int {
        get { lock.withLock { number } }
        set { lock.withLock { number = newValue } }
    }
}
