import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

private let name = "测试管理员甲"

/// The ways back from the two worst moments: the database does not open, and the server does not know the phone any more.
@MainActor @Suite(.timeLimit(.minutes(4))) struct WaysBackTests {
    /// Works, with one visit that was sent and one that was not.
    private func withUnsentWork(_ stage: Stage) async throws -> Phone {
        let phone = try await Phone.working(with: stage, as: name)
        let today = try await phone.today()
        try await phone.saveVisit(0, note: "已上传")
        try await phone.syncNow()
        try await until("the first to be sent") { today.state.status?.unsentCount == 0 && today.state.visitedCount == 1 }
        phone.network.become(.offline)
        try await phone.networkHeard()
        try await phone.saveVisit(1, note: "还没上传")
        try await until("the second counted") { today.state.status?.unsentCount == 1 }
        return phone
    }
    private func failed(_ phone: Phone, _ isSo: @escaping (Problem) -> Bool = { _ in true }) async throws -> Problem {
        try await until("why it does not open") {
            if case .failed(let problem) = phone.app.state, isSo(problem) { problem } else { nil }
        }
    }
    private func takenUp(_ phone: Phone) async throws -> TakenUp {
        let today = try await phone.today()
        return try await until("what was taken up") { today.takingUp.taken }
    }

    @Test func aDamagedDatabaseIsSetAsideAfterOneQuestionAndWhatWasNotSentComesBackOnce() async throws {
        let stage = try await Stage(homes: 3)
        let first = try await withUnsentWork(stage)
        await first.owner.close()
        try first.damagePages { _ in 0...0 }

        let phone = try await Phone(folder: first.folder)
        #expect(try await failed(phone).message.id == "open.damaged" && phone.app.canSetAside)
        phone.app.askWhetherToSetAside(true)
        #expect(phone.app.asksWhetherToSetAside)
        phone.app.setAside()
        #expect(try await phone.enrolModel().state.wasSetAside && !phone.app.asksWhetherToSetAside)
        try await phone.enrol(by: stage.code(of: name).qr)
        let taken = try await takenUp(phone)
        #expect(taken.takenCount == 1 && taken.left.isEmpty)
        #expect(Chinese().lines(of: taken).first == "补回 1 条，随下次同步上传。")
        let today = try await phone.today()
        try await phone.syncNow()
        try await until("it to be sent") { today.state.visitedCount == 2 && today.state.status?.unsentCount == 0 }
        #expect(try await stage.visitsCount() == 2)

        // Nobody said yet that it was read.
        let again = try await phone.killedAndStarted()
        let known = try await takenUp(again)
        #expect(known.takenCount == 0 && known.left.isEmpty)
        try await again.today().acknowledgeTakenUp()
        #expect(try await !again.today().takingUp.isWaiting)
        let quiet = try await again.killedAndStarted()
        let list = try await quiet.today()
        try await until("the list") { list.state.status?.complete == true && list.state.homes?.count == 3 }
        #expect(!list.takingUp.isWaiting)
        #expect(try await stage.visitsCount() == 2)
        await quiet.owner.close()
    }

    @Test func takingUpThatWasCutShortByTheAppsEndIsDoneAtTheNextStart() async throws {
        let stage = try await Stage(homes: 3)
        let first = try await withUnsentWork(stage)
        await first.owner.close()
        try first.damagePages { _ in 0...0 }
        let phone = try await Phone(folder: first.folder)
        _ = try await failed(phone)
        phone.app.setAside()
        let enrol = try await phone.enrolModel()
        enrol.write(try await stage.code(of: name).qr)
        enrol.enrol()
        _ = try await until("enrolment") { enrol.state.enrolled }
        // Before the first sync.
        let again = try await phone.killedAndStarted()
        let taken = try await takenUp(again)
        #expect(taken.takenCount == 1 && taken.left.isEmpty)
        let today = try await again.today()
        try await again.syncNow()
        try await until("it to be sent") { today.state.visitedCount == 2 && today.state.status?.unsentCount == 0 }
        #expect(try await stage.visitsCount() == 2)
        await again.owner.close()
    }

    @Test func anotherPersonGetsNobodysWorkAndIsToldWhatStaysInTheFile() async throws {
        let stage = try await Stage(homes: 3)
        let first = try await withUnsentWork(stage)
        await first.owner.close()
        try first.damagePages { _ in 0...0 }
        let phone = try await Phone(folder: first.folder)
        _ = try await failed(phone)
        phone.app.setAside()
        try await phone.enrol(by: stage.code(of: "测试协管员乙").qr)
        let taken = try await takenUp(phone)
        #expect(taken.takenCount == 0 && !taken.left.isEmpty)
        let lines = English().lines(of: taken)
        #expect(lines.contains { $0.contains("could not come back") } && lines.last?.hasPrefix("Visit: ") == true)
        #expect(try await stage.visitsCount() == 1)
        // Until a person wants it gone.
        func asideCount() throws -> Int {
            try FileManager.default.subpathsOfDirectory(atPath: phone.folder.url.path).filter { $0.contains(".set-aside-") }.count
        }
        #expect(try asideCount() > 0)
        let today = try await phone.today()
        today.forgetSetAside()
        try await until("the card to go") { !today.takingUp.isWaiting }
        #expect(try asideCount() == 0)
        await phone.owner.close()
    }

    @Test func aKeyThatIsAwayForNowCostsNothingAndWithoutItThatIsSaid() async throws {
        let stage = try await Stage(homes: 3)
        let first = try await withUnsentWork(stage)
        await first.owner.close()
        let files = try FileManager.default.contentsOfDirectory(at: first.folder.url, includingPropertiesForKeys: nil)
        let key = try #require(files.first { $0.pathExtension == "key" })
        let away = first.folder.url.appendingPathComponent("away")
        try FileManager.default.moveItem(at: key, to: away)

        let phone = try await Phone(folder: first.folder)
        #expect(try await failed(phone).isOfKey && phone.app.canSetAside)
        phone.app.profiles.practise()
        try await until("practice") { phone.app.profiles.state.isPractice }
        phone.app.profiles.leavePractice()
        _ = try await failed(phone) { $0.isOfKey }
        // The vault opens again: nothing was lost by looking elsewhere meanwhile.
        try FileManager.default.moveItem(at: away, to: key)
        phone.app.retry()
        let today = try await phone.today()
        // The app in front sends by itself what waits.
        try await until("all as it was") { today.state.homes?.count == 3 && today.state.visitedCount == 2 }
        #expect(!today.takingUp.isWaiting)
        phone.network.become(.offline)
        try await phone.networkHeard()
        await phone.owner.close()

        try FileManager.default.removeItem(at: key)
        let bare = try await Phone(folder: first.folder)
        _ = try await failed(bare) { $0.isOfKey }
        bare.app.setAside()
        try await bare.enrol(by: stage.code(of: name).qr)
        #expect(try await takenUp(bare).left.map(\.reason.id) == ["open.missing_key"], "the whole file")
        await bare.owner.close()
    }

    @Test func aDatabaseThatOpensAndIsDamagedFurtherInLeadsToTheSameWay() async throws {
        let stage = try await Stage(homes: 40)
        let first = try await Phone.working(with: stage)
        await first.owner.close()
        try first.damagePages { $0 / 2...$0 - 1 }
        let phone = try await Phone(folder: first.folder)
        try await until("a page") { if case .starting = phone.app.state { false } else { true } }
        if case .working = phone.app.state {
            let today = try await phone.today()
            try await until("the damage, said") { today.state.problem?.isDamage == true }
            today.openDamage()
        }
        #expect(try await failed(phone).isDamage && phone.app.canSetAside)
        phone.app.setAside()
        #expect(try await phone.enrolModel().state.wasSetAside)
        await phone.owner.close()
    }

    @Test func aServerThatDoesNotKnowThePhoneAnyMoreTakesItBackByANewCode() async throws {
        let stage = try await Stage(homes: 3)
        _ = try await stage.code(of: name)
        try await stage.backUp()
        let phone = try await withUnsentWork(stage)
        try await stage.restore()
        #expect(try await stage.visitsCount() == 0)
        let today = try await phone.today()
        #expect(!today.needsRejoining)
        phone.network.become(.unmetered)
        try await until("that the server does not know it") { today.needsRejoining && !today.sync.isRunning }
        #expect(today.state.status?.unsentCount == 1)

        // A code of somebody else's changes nothing.
        today.rejoining.write(try await stage.code(of: "测试协管员乙").qr)
        today.rejoining.enrol()
        let refused = try await until("the refusal") { today.rejoining.state.problem }
        #expect(refused.message.id == "enrol.other_person" && today.state.status?.unsentCount == 1)

        today.rejoining.write(try await stage.code(of: name).qr)
        today.rejoining.enrol()
        let enrolled = try await until("the way back") { today.rejoining.state.enrolled }
        #expect(enrolled.fingerprint.count == 6)
        try await until("all to be sent") {
            today.state.status?.unsentCount == 0 && today.state.visitedCount == 2 && today.syncProblem == nil
        }
        #expect(try await stage.visitsCount() == 2)
        today.rejoining.startFirstSync()
        #expect(!today.needsRejoining)
        await phone.owner.close()
    }

    @Test func aProblemStaysUntilTheSameSucceedsOrItWasRead() async throws {
        let stage = try await Stage(homes: 3)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await stage.visitDay("测试走访日")
        try await phone.syncNow()
        let due = try #require(try await until("what is due") { today.state.due?.homes.first })
        // A home that is not on this phone.
        let gone = DueHome(home: elsewhere(due.home), tasks: due.tasks)
        today.visit(gone)
        let problem = try await until("why not") { today.state.problem }
        #expect(problem.step == .goBack)
        // Other things are read with success meanwhile.
        try await phone.saveVisit(0)
        try await until("the list read again") { today.state.visitedCount == 1 }
        #expect(today.state.problem == problem)
        today.visit(try #require(try await until("what is due") { today.state.due?.homes.first }))
        _ = try await phone.visit()
        #expect(today.state.problem == nil, "the same succeeded")
        phone.app.back()
        today.visit(gone)
        try await until("why not") { today.state.problem == problem }
        today.dismissProblem()
        #expect(today.state.problem == nil)

        let home = try await phone.home(1)
        home.begin({ try $0.visitDraft(at: HouseholdId()) }, lead: { _, _ in })
        try await until("why not") { home.state.problem == problem }
        let household = try #require(home.state.content?.home.household)
        _ = try await phone.open().client.call { try $0.households.edit(id: household, changes: [.contact(to: "张三样例")]) }
        try await until("the home read again") { home.state.content?.home.contact == "张三样例" }
        #expect(home.state.problem == problem)
        home.dismissProblem()
        #expect(home.state.problem == nil)
        await phone.owner.close()
    }
}

/// The same home under an id that this phone does not hold.
private func elsewhere(_ home: HomeView) -> HomeView {
    HomeView(
        household: HouseholdId(), dwelling: home.dwelling, microGrid: home.microGrid, microGridName: home.microGridName,
        addressText: home.addressText, address: home.address, walkKey: home.walkKey, usedAs: home.usedAs, contact: home.contact,
        phone: home.phone, peopleCount: home.peopleCount, from: home.from, to: home.to, lastVisit: home.lastVisit,
        openMattersCount: home.openMattersCount, hasConflict: home.hasConflict, unsent: home.unsent, sync: home.sync)
}
