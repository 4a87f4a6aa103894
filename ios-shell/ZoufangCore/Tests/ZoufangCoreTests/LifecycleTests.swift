import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// What the phone does by itself: to the background and back, and syncs that nobody asks for.
@MainActor @Suite(.timeLimit(.minutes(3))) struct LifecycleTests {
    @Test func theDatabaseIsClosedBeforeTheSystemMaySuspend() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.home().visit()
        let visit = try await phone.visit()
        visit.write("写到一半")
        let time = SetTime()
        let suspending = SuspendGuard(phone.owner, time: time)
        let leaving = suspending.changed(to: .inBackground)
        #expect(time.takenCount == 1, "the time is asked for first")
        #expect(time.givenBackCount == 0)
        await leaving.value
        #expect(time.givenBackCount == 1)
        // What was typed lies on the disk, and the file is closed: another process could take it.
        let refused = await attempt { try await phone.status() }
        #expect(refused.problem?.isPause == true)
        let other = try await phone.beside()
        let drafts = try await other.call { try $0.drafts.list() }
        #expect(drafts.map { English().draft($0, at: nil).text } == ["写到一半"])
        try await other.close()

        // What is typed while it is closed waits for the app to come back.
        visit.write("写完了")
        try await phone.open().settle()
        #expect(visit.unwritten == nil, "nobody is there to read it")
        await suspending.changed(to: .inFront).value
        try await phone.open().settle()
        let kept = try await phone.open().client.call { try $0.drafts.list() }
        #expect(kept.map { English().draft($0, at: nil).text } == ["写完了"])
        #expect(phone.app.above.count == 2, "the pages are as they were left")
        await phone.owner.close()
    }

    /// A field that is being saved just then: the database stays open, and the process awake, until it is saved or a second is over.
    @Test(arguments: [true, false]) func whatIsBeingSavedIsWaitedForButNotForever(isSavedInTime: Bool) async throws {
        let phone = try await Phone()
        let (time, gate) = (SetTime(), DispatchSemaphore(value: 0))
        let saver = try phone.open().saver { (groups: Groups, _: String) in
            gate.wait()
            _ = try groups.syncStatus()
        }
        saver.put("写到一半", at: \String.self)
        let leaving = SuspendGuard(phone.owner, time: time).changed(to: .inBackground)
        try await until("the field to be waited for") { phone.clock.waitersCount(within: 1.5) == 1 }
        #expect(time.givenBackCount == 0)
        if isSavedInTime { gate.signal() } else { phone.clock.move(by: 2) }
        await leaving.value
        #expect(time.givenBackCount == 1)
        #expect(await attempt { try await phone.status() }.problem?.isPause == true)
        // It stands open for every further try.
        for _ in 0..<100 { gate.signal() }
        // What was late is kept and saved when the app is back.
        #expect((await saver.settle() == nil) && saver.isSaved == isSavedInTime)
        await phone.owner.toForeground()
        _ = await saver.settle()
        #expect(saver.isSaved)
        await phone.owner.close()
    }

    @Test func timeThatRunsOutClosesTheDatabaseAtOnce() async throws {
        let phone = try await Phone()
        let time = SetTime()
        let leaving = SuspendGuard(phone.owner, time: time).changed(to: .inBackground)
        time.expire()
        await leaving.value
        #expect(time.givenBackCount == 1, "once, whoever was first")
        #expect(await attempt { try await phone.status() }.problem?.isPause == true)
        await phone.owner.close()
    }

    @Test func comingBackSyncsAndReadsAnew() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        await phone.owner.toBackground()
        try await visitByAnother(stage)
        await phone.owner.toForeground()
        try await until("another's visit") { today.state.visitedCount == 1 }
        await phone.owner.close()
    }

    @Test func aSaveIsSentALittleLaterAndSavesInARowAreOneSync() async throws {
        let stage = try await Stage(homes: 3)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        for number in 0..<3 { try await phone.saveVisit(number) }
        try await until("the unsent counted") { today.state.status?.unsentCount == 3 && phone.clock.waitersCount(within: 3) == 1 }
        #expect(!today.sync.isRunning)
        phone.clock.move(by: 3)
        try await until("the work to arrive") { today.state.status?.unsentCount == 0 }
        #expect(try await stage.visitsCount() == 3)
        await phone.owner.close()
    }

    @Test func theNetworkThatComesBackIsUsed() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        phone.network.become(.offline)
        try await phone.networkHeard()
        try await phone.saveVisit()
        try await until("the unsent counted") { today.state.status?.unsentCount == 1 && phone.clock.waitersCount(within: 3) == 1 }
        phone.clock.move(by: 3)
        await today.syncsFinished()
        #expect(try await phone.status().unsentCount == 1, "there is no network to try")
        phone.network.become(.metered)
        try await until("the work to arrive") { today.state.status?.unsentCount == 0 }
        #expect(try await stage.visitsCount() == 1)
        await phone.owner.close()
    }

    /// A colleague visits the first home and syncs.
    private func visitByAnother(_ stage: Stage) async throws {
        let other = try await Phone.working(with: stage, as: "测试管理员乙")
        try await other.saveVisit()
        try await other.syncNow()
        await other.owner.close()
    }

    @Test func theTimeThatTheCoreNamesIsKept() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await visitByAnother(stage)
        let next = try await until("the time") { today.state.status?.nextSyncAt }
        phone.clock.move(by: next.timeIntervalSince(phone.clock.now) + 1)
        try await until("another's visit") { today.state.visitedCount == 1 }
        await phone.owner.close()
    }

    @Test func aSyncInTheBackgroundSendsAndClosesAgain() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.saveVisit()
        await phone.owner.toBackground()
        await phone.owner.syncInBackground()
        #expect(try await stage.visitsCount() == 1)
        #expect(await attempt { try await phone.status() }.problem?.isPause == true)
        await phone.owner.toForeground()
        #expect(try await phone.status().unsentCount == 0)
        await phone.owner.close()
    }

    @Test func aSyncInTheBackgroundThatIsCalledOffClosesToo() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.saveVisit()
        await phone.owner.toBackground()
        try await stage.fallSilent()
        let progress = try phone.open().client.syncProgress
        let sync = Task { await phone.owner.syncInBackground() }
        for await _ in progress { break }
        sync.cancel()
        await sync.value
        #expect(await attempt { try await phone.status() }.problem?.isPause == true)
        await phone.owner.toForeground()
        #expect(try await phone.status().unsentCount == 1, "nothing is lost")
        await phone.owner.close()
    }

    @Test func aClientThatWasClosedIsLetGoOf() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.home().visit()
        try await phone.visit().write("写到一半")
        weak var open = try phone.open()
        await phone.owner.close()
        // What still runs for it ends within a few turns.
        for _ in 0..<100_000 where open != nil { await Task.yield() }
        #expect(open == nil)
    }
}

/// Time in the background, as it is said to be granted.
@MainActor private final class SetTime: BackgroundTime {
    private(set) var takenCount = 0
    private(set) var givenBackCount = 0
    private var expired: (@MainActor () -> Void)?

    func take(expired: @escaping @MainActor () -> Void) -> @MainActor () -> Void {
        takenCount += 1
        self.expired = expired
        return { self.givenBackCount += 1 }
    }
    func expire() {
        expired?()
    }
}
