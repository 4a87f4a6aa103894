import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// Practice beside real work: neither reaches the other.
@MainActor @Suite(.timeLimit(.minutes(3))) struct PracticeTests {
    @Test func aPhoneThatIsNotEnrolledPractises() async throws {
        let phone = try await Phone()
        let enrol = try await phone.enrolModel()
        #expect(enrol.state.canLeave && !phone.app.profiles.state.isPractice)
        phone.app.profiles.practise()
        try await until("practice") { phone.app.profiles.state.isPractice }
        let today = try await phone.today()
        try await until("made-up homes") { today.state.homes?.count == 12 && today.state.status?.practice == true }
        try await phone.saveVisit(3)
        try await until("the visit") { today.state.visitedCount == 2 }
        try await until("what is said beside it") { today.state.status?.unsentCount == 0 }
        #expect(phone.deviceKey() == nil, "practice signs nothing")

        // Killed in practice: what opens is real work.
        let started = try await phone.killedAndStarted()
        #expect(try await started.enrolModel().state.wasRevoked == false)
        #expect(!started.app.profiles.state.isPractice)
        await started.owner.close()
    }

    @Test func whatWasTypedIsKeptAndTheDevicesKeyStays() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let key = try #require(phone.deviceKey())
        try await phone.home().visit()
        try await phone.visit().write("写到一半")
        // Not waited for: changing does.
        phone.app.above = []
        let practice = try await phone.practise()
        #expect(practice.state.drafts.isEmpty)
        try await until("made-up homes") { practice.state.homes?.count == 12 }

        let today = try await phone.backToWork()
        let row = try await until("the draft") { today.state.drafts.first }
        #expect(English().draft(row.draft, at: nil).text == "写到一半")
        try await until("its homes") { today.state.homes?.count == 2 }
        #expect(phone.deviceKey() == key)
        try await phone.saveVisit(1)
        try await phone.syncNow()
        #expect(try await stage.visitsCount() == 1, "the server still knows the phone")
        await phone.owner.close()
    }

    @Test func practiceIsNeverSent() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.practise()
        try await until("made-up homes") { today.state.homes?.count == 12 }
        #expect(try phone.open().syncs.network == .offline)
        try await phone.saveVisit()
        today.startSync()
        phone.clock.move(by: 3)
        await today.syncsFinished()
        #expect(!today.sync.isRunning && today.sync.problem == nil && today.syncProblem == nil)
        await phone.owner.toBackground()
        await phone.owner.syncInBackground()
        #expect(await attempt { try await phone.status() }.problem?.isPause == true, "left closed")
        await phone.owner.toForeground()
        #expect(phone.app.profiles.state.isPractice && phone.app.above.isEmpty)
        _ = try await phone.backToWork()
        try await phone.syncNow()
        #expect(try await stage.visitsCount() == 0)
        await phone.owner.close()
    }

    @Test func practiceIsBegunAnewWhenAPersonSaysSo() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.home().matter()
        try await phone.matter().write("真的诉求")
        phone.app.above = []
        _ = try await phone.practise()
        try await phone.home(5).matter()
        try await phone.matter().write("练习诉求")
        try await phone.open().settle()
        phone.app.profiles.askWhetherToBeginAnew(true)
        #expect(phone.app.profiles.state.asksWhetherToBeginAnew && phone.app.above.count == 2)
        phone.app.profiles.askWhetherToBeginAnew(false)
        #expect(try await phone.open().client.call { try $0.drafts.list().count } == 1)

        let before = try phone.open()
        phone.app.profiles.askWhetherToBeginAnew(true)
        phone.app.profiles.beginAnew()
        try await until("practice anew") { phone.app.profiles.state.isPractice && (try? phone.open()) !== before }
        #expect(!phone.app.profiles.state.asksWhetherToBeginAnew && phone.app.above.isEmpty)
        let anew = try await phone.today()
        try await until("made-up homes") { anew.state.homes?.count == 12 }
        #expect(try await phone.open().client.call { try $0.drafts.list().isEmpty })

        // Of real work nothing is thrown away, whatever is asked.
        let today = try await phone.backToWork()
        phone.app.profiles.beginAnew()
        try await until("the draft") { today.state.drafts.count == 1 }
        await phone.owner.close()
    }

    @Test func aPhoneThatIsRevokedMeanwhileIsErasedLater() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let key = phone.deviceKey()
        let practice = try await phone.practise()
        try await stage.revoke(try #require(try await stage.devices().first).id)
        try await until("made-up homes") { practice.state.homes?.count == 12 }
        #expect(phone.deviceKey() == key)
        try await phone.backToWork().startSync()
        let enrol = try await phone.enrolModel()
        #expect(enrol.state.wasRevoked)
        // Practice is nobody's, and stays.
        phone.app.profiles.practise()
        let again = try await phone.today()
        try await until("made-up homes again") { phone.app.profiles.state.isPractice && again.state.homes?.count == 12 }
        phone.app.profiles.leavePractice()
        _ = try await phone.enrolModel()
        try await phone.enrol(by: stage.code().qr)
        #expect(phone.deviceKey() != key, "a new device has a new key")
        await phone.owner.close()
    }

    @Test func whatIsBeingWrittenIsWaitedFor() async throws {
        let phone = try await Phone.working(with: try await Stage(homes: 1))
        let (gate, real) = (DispatchSemaphore(value: 0), try phone.open())
        let saver = real.saver { (groups: Groups, _: String) in
            gate.wait()
            _ = try groups.syncStatus()
        }
        saver.put("写到一半", at: \String.self)
        phone.app.profiles.practise()
        // Time enough for all else that a change does.
        try await Task.sleep(for: .milliseconds(500))
        #expect(try phone.open() === real && !saver.isSaved)
        // A disk that does not answer keeps nobody waiting for good, and nothing is left behind.
        let profiles = phone.app.profiles
        try await until("the wait") { phone.clock.waitersCount(within: 10) > 0 }
        phone.clock.move(by: 11)
        let slow = try await until("why not yet") { profiles.state.problem }
        #expect(slow.step == .retry && !profiles.state.isPractice)
        #expect(try phone.open() === real && !saver.isSaved)
        try await until("the way to be free again") { !profiles.state.isChanging }
        profiles.practise()
        gate.signal()
        try await until("practice") { phone.app.profiles.state.isPractice }
        #expect(saver.isSaved)
        await phone.owner.close()
    }

    @Test func whatCannotBeWrittenIsNotLeft() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let saver = try phone.open().saver { (_: Groups, _: String) in
            throw CoreError.FreeSpace(text: Message(id: "", titleZh: "满", detailZh: "", titleEn: "", detailEn: ""))
        }
        saver.put("写到一半", at: \String.self)
        let profiles = try await phone.profiles()
        profiles.practise()
        let problem = try await until("why not") { profiles.state.problem }
        #expect(problem.step == .freeSpace && !phone.app.profiles.state.isPractice && !profiles.state.isChanging)
        saver.end()
        profiles.practise()
        try await until("practice") { phone.app.profiles.state.isPractice }
        await phone.owner.close()
    }

    @Test func practiceThatDoesNotOpenIsLeft() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let key = phone.folder.url.appendingPathComponent("practice.key")
        try FileManager.default.createDirectory(at: key, withIntermediateDirectories: false)
        try await phone.profiles().practise()
        try await until("why it does not open") { if case .failed = phone.app.state { true } else { false } }
        let profiles = phone.app.profiles
        let first = try await until("the way out") { profiles.state.isChanging ? nil : profiles.state.profiles.first { !$0.isOpen } }
        #expect(profiles.state.hasOthers && first.staffName == "测试管理员甲")
        phone.app.profiles.choose(first)
        let today = try await phone.today()
        try await until("its homes") { today.state.homes?.count == 2 }
        await phone.owner.close()
    }
}
