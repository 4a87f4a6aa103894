import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// What goes wrong is said in words, and takes nothing with it.
@MainActor @Suite(.timeLimit(.minutes(4))) struct FailureTests {
    @Test func aWrongCodeIsRefusedInWords() async throws {
        let stage = try await Stage(homes: 1)
        let phone = try await Phone()
        let enrol = try await phone.enrolModel()
        let code = try await stage.code()
        enrol.write(code.qr.replacingOccurrences(of: code.code, with: "AAAA-AAAA-AAAA-AAAA"))
        enrol.enrol()
        let wrong = try await until("the refusal") { enrol.state.problem }
        #expect(!wrong.message.titleZh.isEmpty && !wrong.message.titleEn.isEmpty)
        #expect(!enrol.state.text.isEmpty && !enrol.state.isBusy, "to be mended and tried again")
        #expect(try await phone.status().enrolled == false)

        enrol.write("走访")
        #expect(enrol.state.problem == nil)
        enrol.enrol()
        let unread = try await until("the refusal") { enrol.state.problem }
        #expect(unread.step == .mendField && unread.field == "qr")

        enrol.write(code.qr)
        enrol.enrol()
        _ = try await until("enrolment") { enrol.state.enrolled }
        await phone.owner.close()
    }

    @Test func aServerThatFallsSilentIsSaidAndNothingIsLost() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await phone.saveVisit()
        try await stage.fallSilent()
        today.startSync()
        try await until("a sync under way") { today.sync.progress != nil }
        #expect(today.syncProblem == nil, "not while one runs")
        today.cancelSync()
        await today.syncsFinished()
        #expect(!today.sync.isRunning && today.sync.problem == nil, "who stops it knows why")
        try await until("the unsent counted") { today.state.status?.unsentCount == 1 }

        // The line is dead for good: the core gives up by itself, and says so.
        today.startSync()
        let said = try await until("why, in words") { today.syncProblem }
        #expect(!said.titleZh.isEmpty && !said.detailEn.isEmpty)
        #expect(try await phone.status().unsentCount == 1)
        #expect(try await stage.visitsCount() == 0)

        try await stage.heal()
        try await until("the work to arrive") {
            if !today.sync.isRunning && today.state.status?.unsentCount != 0 { today.startSync() }
            return today.state.status?.unsentCount == 0
        }
        #expect(today.syncProblem == nil)
        #expect(try await stage.visitsCount() == 1)
        await phone.owner.close()
    }

    @Test func whatDoesNotOpenIsShownAndTriedAgain() async throws {
        let stage = try await Stage(homes: 2)
        let first = try await Phone.working(with: stage)
        await first.owner.close()
        // The database's key is out of reach, as on a phone that was not unlocked since it started.
        let files = try FileManager.default.contentsOfDirectory(at: first.folder.url, includingPropertiesForKeys: nil)
        let key = try #require(files.first { $0.pathExtension == "key" })
        let away = first.folder.url.appendingPathComponent("away")
        try FileManager.default.moveItem(at: key, to: away)
        try FileManager.default.createDirectory(at: key, withIntermediateDirectories: false)

        let phone = try await Phone(folder: first.folder)
        let problem = try await until("why it does not open") { if case .failed(let problem) = phone.app.state { problem } else { nil } }
        #expect(!problem.message.titleZh.isEmpty && problem.step != .enrolAgain)
        try FileManager.default.removeItem(at: key)
        try FileManager.default.moveItem(at: away, to: key)
        phone.app.retry()
        let today = try await phone.today()
        try await until("its homes") { today.state.homes?.count == 2 }
        await phone.owner.close()
    }

    @Test func twoPhonesThatDifferAreCounted() async throws {
        let stage = try await Stage(homes: 2)
        let (left, right) = (try await Phone.working(with: stage), try await Phone.working(with: stage, as: "测试管理员乙"))
        for (phone, contact) in [(left, "张三样例"), (right, "李四样例")] {
            let home = try #require(try await phone.today().state.homes?.first?.household)
            _ = try await phone.open().client.call { try $0.households.edit(id: home, changes: [.contact(to: contact)]) }
        }
        for phone in [left, right, left] { try await phone.syncNow() }
        for phone in [left, right] {
            let today = try await phone.today()
            try await until("what stands against each other") { today.state.status?.conflictsCount == 1 && today.state.hasHeld }
            try await until("the home marked") { today.state.homes?.first?.hasConflict == true }
            today.openHeld()
            let held = try await until("the list") { if case .held(let model) = phone.app.above.last?.content { model } else { nil } }
            let conflict = try await until("the conflict") { held.state.conflicts.first }
            #expect(Set(conflict.sides.map(\.value.text)) == ["张三样例", "李四样例"])
            #expect(conflict.sides.allSatisfy { Chinese().side($0, held.state.now, held.calendar).hasSuffix(" · 今天") })
        }

        // One of them chooses; both see it settled.
        guard case .held(let held) = left.app.above.last?.content, case .held(let other) = right.app.above.last?.content else {
            throw Missing("the lists")
        }
        let conflict = try #require(held.state.conflicts.first)
        #expect(!Chinese().before(of: conflict).isEmpty)
        held.settle(conflict, by: try #require(conflict.sides.first { $0.value.text == "李四样例" }))
        try await until("it settled") { held.state.conflicts.isEmpty && !held.state.isSettling && held.state.problem == nil }
        for phone in [left, right] { try await phone.syncNow() }
        try await until("it settled there too") { other.state.conflicts.isEmpty }
        // Who chooses too late is told so, and nothing changes.
        other.settle(conflict, by: conflict.sides[0])
        let late = try await until("that it is settled") { other.state.problem }
        #expect(late.step == .goBack)
        for phone in [left, right] {
            let today = try await phone.today()
            try await until("the chosen value") { today.state.homes?.first.map { $0.contact == "李四样例" && !$0.hasConflict } == true }
            await phone.owner.close()
        }
    }

    @Test func aRevokedPhoneIsEmptyAndMayBeEnrolledAnew() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.saveVisit()
        try await stage.revoke(try #require(try await stage.devices().first).id)
        try await phone.today().startSync()
        let enrol = try await phone.enrolModel()
        #expect(enrol.state.wasRevoked)
        #expect(phone.app.above.isEmpty)
        try await phone.enrol(by: stage.code(of: "测试管理员乙").qr)
        let today = try await phone.today()
        try await until("its homes") { today.state.homes?.count == 2 }
        await phone.owner.close()
    }
}
