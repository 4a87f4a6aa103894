import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// From the code to the server, as a person goes.
@MainActor @Suite(.timeLimit(.minutes(3))) struct WorkingDayTests {
    @Test func aPhoneIsEnrolledAndShowsItsHomes() async throws {
        let stage = try await Stage(homes: 12)
        let phone = try await Phone()
        let enrol = try await phone.enrolModel()
        #expect(!enrol.state.canEnrol, "there is no text yet")
        enrol.write(try await stage.code().qr)
        enrol.enrol()
        let enrolled = try await until("enrolment") { enrol.state.enrolled }
        #expect(enrol.state.text.isEmpty, "the secret is not kept")
        #expect(enrolled.staffName == "测试管理员甲")
        #expect(enrolled.fingerprint.count == 6)
        #expect(enrolled.areas.contains { $0.name == "测试微网格" }, "\(enrolled.areas)")

        enrol.startFirstSync()
        let today = try await phone.today()
        try await until("all homes") { today.state.homesCount == 12 && today.state.status?.complete == true }
        #expect(today.state.homes?.count == 12)
        #expect(today.state.visitedCount == 0)
        let keys = try #require(today.state.homes).map(\.walkKey)
        #expect(keys == keys.sorted(), "in the order of walking")
        await phone.owner.close()
    }

    @Test func aVisitIsDraftedOfferedAgainSavedAndSent() async throws {
        let stage = try await Stage(homes: 3)
        let first = try await Phone.working(with: stage)
        try await first.home().visit()
        let begun = try await first.visit()
        begun.choose(.met)
        begun.choose(.door)
        begun.toggle(.mediation)
        begun.toggle(.information)
        begun.toggle(.mediation)
        begun.write("家中两")
        begun.write("家中两位老人，暖气正常")
        begun.markFollowUp(true)
        // Killed as soon as the last field lies on the disk.
        try await first.open().settle()
        #expect(begun.unwritten == nil)
        let phone = try await first.killedAndStarted()

        let today = try await phone.today()
        let row = try await until("the draft") { today.state.drafts.first }
        // Homes and drafts are read apart, and either may come first.
        let address = try await until("the homes") { today.state.homes?.first?.addressText }
        #expect(row.home == address)
        today.openDraft(row)
        let visit = try await phone.visit()
        let form = try #require(visit.state.form)
        #expect(form.mode == .door && form.outcome == nil && form.duties == [.information] && form.needsFollowUp)
        #expect(form.note == "家中两位老人，暖气正常")

        visit.save()
        let refused = try await until("the refusal") { visit.state.problem }
        #expect(refused.step == .mendField && refused.field == "outcome")
        #expect(visit.state.problem(at: "outcome") != nil && visit.state.problemAtHead == nil)
        #expect(today.state.drafts.count == 1, "a refusal keeps the draft")

        phone.network.become(.offline)
        visit.choose(VisitOutcome.done)
        #expect(visit.state.problem == nil)
        visit.save()
        let home = try await until("the home") { if case .home(let model) = phone.app.above.last?.content { model } else { nil } }
        let saved = try await until("what was saved") { home.state.saved }
        try await until("the visit on its home") {
            home.state.content?.visits.first.map { .visit($0.id) == saved && $0.sync == .queued } ?? false
        }
        try await until("the unsent counted") { today.state.status?.unsentCount == 1 && today.state.drafts.isEmpty }
        try await until("the home marked") { today.state.homes?.first?.unsent == true && today.state.visitedCount == 1 }
        #expect(try await stage.visitsCount() == 0)

        phone.network.become(.unmetered)
        today.startSync()
        try await until("the badge at nothing") { today.state.status?.unsentCount == 0 && today.state.homes?.first?.unsent == false }
        #expect(try await stage.visitsCount() == 1)
        await phone.owner.close()
    }

    @Test func aMatterOfAVisitIsRaised() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await phone.home().visit()
        let visit = try await phone.visit()
        visit.choose(.phone)
        visit.choose(VisitOutcome.done)
        visit.save()
        let home = try await until("the home") {
            if case .home(let model) = phone.app.above.last?.content, model.state.saved != nil { model } else { nil }
        }
        home.matter()
        let matter = try await phone.matter()
        #expect(matter.state.address == home.state.content?.home.addressText)
        matter.write("楼道灯不亮")
        matter.choose(MatterKind.hazard)
        matter.choose(MatterUrgency.urgent)
        #expect(matter.state.form?.showsDone == false)
        matter.choose(MatterTrack.simple)
        #expect(matter.state.form?.showsDone == true)
        matter.writeDone("已换灯泡")
        matter.save()
        let raised = try await until("the matter on its home") { home.state.content?.matters.first }
        #expect(raised.summary == "楼道灯不亮" && raised.state == .selfHandled && raised.urgency == .urgent && raised.source == .visit)
        #expect(raised.visit == home.state.content?.visits.first?.id)
        #expect(home.state.saved == .matter)
        try await phone.syncNow()
        #expect(try await stage.mattersCount() == 1)
        await phone.owner.close()
    }

    @Test func aDraftIsThrownAwayOnlyWhenAPersonSaysSo() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let home = try await phone.home()
        home.matter()
        let matter = try await phone.matter()
        matter.write("测试诉求")
        phone.app.back()
        let draft = try await until("the draft on its home") { home.state.content?.drafts.first }
        home.goOn(draft)
        let again = try await phone.matter()
        #expect(again.state.form?.summary == "测试诉求")
        again.askWhetherToDiscard(true)
        #expect(again.state.asksWhetherToDiscard)
        again.discard()
        try await until("no draft") { home.state.content?.drafts.isEmpty == true && phone.app.above.count == 1 }
        await phone.owner.close()
    }

    @Test func aLongListIsReadPageByPageAndSearched() async throws {
        let stage = try await Stage(homes: 130)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await until("the first page") { today.state.homesCount == 130 && today.state.homes?.count == 100 }
        #expect(today.state.hasMore)
        today.showMore()
        try await until("the second") { today.state.homes?.count == 130 }
        #expect(!today.state.hasMore)

        let home = try #require(today.state.homes?.last)
        let contact = try #require(home.contact)
        today.search(contact)
        let found = try await until("what was searched for") { today.state.found }
        let hit = try #require(found.hits.first { $0.household == home.household })
        today.openHit(hit)
        #expect(phone.app.above.count == 1)
        today.search(" ")
        #expect(today.state.found == nil)
        await phone.owner.close()
    }
}
