import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// Two people, one phone: each with a database and keys of their own.
@MainActor @Suite(.timeLimit(.minutes(3))) struct ProfilesTests {
    @Test func twoPeopleShareAPhoneAndNeitherSeesTheOthers() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let profiles = phone.app.profiles
        let alone = try await until("the own profile") { profiles.state.profiles.first { $0.staffName != nil } }
        #expect(profiles.state.profiles.count == 1 && alone.isOpen && alone.areaNames == ["测试微网格"] && profiles.state.canAdd)
        phone.network.become(.offline)
        try await phone.networkHeard()
        try await phone.saveVisit(note: "甲的记录")
        try await phone.home().visit()
        try await phone.visit().write("甲写到一半")
        phone.app.above = []

        let (key, enrol) = (try #require(phone.deviceKey()), try await phone.addProfile())
        phone.network.become(.unmetered)
        #expect(!enrol.state.wasRevoked)
        let left = try await until("both") { profiles.state.profiles.count == 2 ? profiles.state.profiles : nil }
        #expect(left.map(\.name) == [nil, "p2"] && left.map(\.isOpen) == [false, true])
        #expect(left[0].unsentCount ?? 0 > 0 && left[0].staffName == "测试管理员甲")
        #expect(English().marks(of: left[0]) == ["\(left[0].unsentCount!) may not be sent"])
        #expect(!profiles.state.canAdd, "one who has not enrolled is enough")
        try await phone.enrol(by: stage.code(of: "测试管理员乙").qr)
        let second = try await phone.today()
        try await until("the homes of the second") { second.state.homes?.count == 2 && second.state.status?.complete == true }
        #expect(second.state.drafts.isEmpty && second.state.visitedCount == 0, "nothing of the first is here")
        let both = try await until("whose they are") {
            profiles.state.profiles.allSatisfy { $0.staffName != nil } ? profiles.state.profiles : nil
        }
        #expect(both.map(\.staffName) == ["测试管理员甲", "测试管理员乙"] && both[1].isOpen)
        #expect(phone.deviceKey() == key && phone.deviceKey(of: "p2") != nil && phone.deviceKey(of: "p2") != key)
        #expect(Set(try await stage.devices().map(\.staffName)) == ["测试管理员甲", "测试管理员乙"])

        // Killed while the second is open: the second opens. It ended without a word, so what it had not sent is not known.
        let started = try await phone.killedAndStarted()
        try await until("the second again") { started.app.profiles.state.profiles.last?.isOpen == true }
        started.app.profiles.choose(try #require(started.app.profiles.state.profiles.first))
        try await until("the first") { started.app.profiles.state.profiles.first?.isOpen == true }
        let today = try await started.today()
        let row = try await until("its draft") { today.state.drafts.first }
        #expect(English().draft(row.draft, at: nil).text == "甲写到一半")
        try await until("its work to arrive") { today.state.status?.unsentCount == 0 }
        #expect(try await stage.visitsCount() == 1)
        #expect(started.app.profiles.state.profiles.last?.unsentCount == 0, "the second was left in order")
        await started.owner.close()
    }

    @Test func whatAKilledAppHadNotSentIsNotGuessed() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        _ = try await phone.addProfile()
        await phone.owner.abandon()
        let second = try await Phone(folder: phone.folder)
        second.app.profiles.choose(try await until("the first") { second.app.profiles.state.profiles.first })
        _ = try await second.today()
        await second.owner.abandon()
        // The first was open when the app ended, and nobody counted.
        let third = try await Phone(folder: phone.folder)
        let known = try await until("both") { third.app.profiles.state.profiles.count == 2 ? third.app.profiles.state.profiles : nil }
        #expect(known[0].isOpen && known[0].unsentCount == nil)
        #expect(Chinese().marks(of: known[0]) == ["正在使用"])
        _ = try await third.addProfile()
        let left = try await until("the first left") { third.app.profiles.state.profiles.first { !$0.isOpen && $0.name == nil } }
        #expect(left.unsentCount == 0)
        #expect(third.app.profiles.state.profiles.count == 2, "the one that was never enrolled is taken again")
        await third.owner.close()
    }

    @Test func aRevokedProfileIsErasedAloneAndItsNameForgotten() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let key = try #require(phone.deviceKey())
        _ = try await phone.addProfile()
        try await phone.enrol(by: stage.code(of: "测试管理员乙").qr)
        let today = try await phone.today()
        try await until("its homes") { today.state.homes?.count == 2 && !today.sync.isRunning }
        #expect(try phone.holdsInClear("测试管理员乙") && !phone.holdsInClear("测试户"), "of residents nothing is readable")
        let (devices, revokedKey) = (try await stage.devices(), try #require(phone.deviceKey(of: "p2")))
        try await stage.revoke(try #require(devices.first { $0.staffName == "测试管理员乙" }).id)
        today.startSync()
        let enrol = try await phone.enrolModel()
        #expect(enrol.state.wasRevoked)
        let profiles = phone.app.profiles
        let known = try await until("its name forgotten") { profiles.state.profiles.last?.staffName == nil ? profiles.state.profiles : nil }
        #expect(known[0].staffName == "测试管理员甲" && phone.deviceKey() == key, "the other is as it was")
        #expect(try !phone.holdsInClear("测试管理员乙"), "nothing says whose it was")
        try await phone.enrol(by: stage.code(of: "测试管理员乙").qr)
        #expect(phone.deviceKey(of: "p2") != revokedKey, "a new device has a new key")
        profiles.choose(try #require(profiles.state.profiles.first))
        try await until("the first") { profiles.state.profiles.first?.isOpen == true }
        let first = try await phone.today()
        try await until("its homes") { first.state.homes?.count == 2 }
        await phone.owner.close()
    }

    @Test func deviceKeysHaveNamesOfTheirOwn() {
        // The first one's is on phones already, from when there was one profile a phone.
        #expect([nil, "p2", "p3"].map(Profiles.deviceKeyName(of:)) == ["device", "device-p2", "device-p3"])
    }

    @Test func aDamagedMemoryCostsWordsAlone() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        await phone.owner.close()
        let file = phone.folder.url.appendingPathComponent("profile/profiles.json")
        #expect(try String(contentsOf: file, encoding: .utf8).contains("测试管理员甲"))
        try Data("[".utf8).write(to: file)
        let started = try await Phone(folder: phone.folder)
        let today = try await started.today()
        try await until("its homes") { today.state.homes?.count == 2 }
        try await until("its name again") { started.app.profiles.state.profiles.first?.staffName == "测试管理员甲" }
        await started.owner.close()
    }
}
