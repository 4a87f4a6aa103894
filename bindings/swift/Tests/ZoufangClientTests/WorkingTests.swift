import Foundation
import Testing
import ZoufangClient
import ZoufangStage

@Suite(.timeLimit(.minutes(3))) struct WorkingTests {
    @Test func aPhoneEnrolsByPictureWorksOfflineAndSyncs() async throws {
        let stage = try await Stage(homes: 12)
        let phone = try await Phone.fresh()
        #expect(try await phone.client.call { try $0.profile() } == nil)
        let enrolled = try await phone.client.enrol(phone.client.readQr(stage.code().qr))
        #expect(enrolled.staffName == "测试管理员甲" && enrolled.areas.last?.name == "测试微网格")
        #expect(try await phone.client.call { try $0.profile() } == enrolled)
        let first = try await phone.client.sync()
        #expect(first.complete && first.pulledCount > 0)

        try await stage.fallSilent()
        let homes = try await phone.homes()
        #expect(homes.count == 12)
        for home in homes { try await phone.saveVisit(home) }
        let matter = MatterDraft(kind: .help, track: .professional, summary: "楼道灯不亮", source: .visit, household: homes[0].household)
        let reported = try await phone.client.call { try $0.matters.report(draft: matter) }
        #expect(reported.state == .reported && reported.sync == .queued)
        let offline = try await phone.status()
        #expect(offline.unsentCount >= 13 && offline.oldestUnsentAt != nil)
        #expect(try await stage.visitsCount() == 0)

        try await stage.heal()
        let report = try await phone.client.sync()
        #expect(report.pushedCount >= 13 && report.quarantinedCount == 0)
        #expect(try await stage.visitsCount() == 12)
        #expect(try await stage.mattersCount() == 1)
        let online = try await phone.status()
        #expect(online.unsentCount == 0 && online.lastSuccessAt != nil && online.lastError == nil)
        let device = try #require(try await stage.devices().first)
        #expect(device.staffName == "测试管理员甲" && device.unsentCount == 0)
        #expect(try await phone.homes().allSatisfy { $0.sync == .acknowledged && $0.lastVisit?.outcome == .done })
    }

    @Test func homesComeInPagesOfFifty() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 120))
        let pages = try await phone.client.call { core in
            try [0, 50, 100, 150].map { try core.households.list(page: Page(skipCount: $0, takeCount: 50)) }
        }
        #expect(pages.map(\.count) == [50, 50, 20, 0])
        let homes = pages.flatMap { $0 }
        #expect(Set(homes.map(\.household)).count == 120)
        #expect(homes.map(\.walkKey) == homes.map(\.walkKey).sorted(), "as a person walks them")
    }

    @Test func whatCannotBeDoneSaysWhatToDoInBothLanguages() async throws {
        let fresh = try await Phone.fresh()
        do {
            _ = try await fresh.homes()
            throw Missing("a refusal")
        } catch CoreError.EnrolAgain(let text) {
            #expect(text.titleZh == "手机未登记" && text.titleEn == "This phone is not enrolled")
            #expect(text.detailZh.contains("登记码") && text.detailEn.contains("code"))
        }
        await expectRefused("MendField input.invalid: qr") { try await fresh.client.readQr("https://example.com/wifi") }
        let stage = try await Stage(homes: 1)
        let phone = try await Phone.synced(with: stage)
        await expectRefused("NotHere input.not_found: visit") { try await phone.client.call { try $0.visits.find(id: UUID()) } }
        let used = try await stage.code()
        let input = try await phone.client.readQr(used.qr)
        await expectRefused("AskSupervisor enrol.already") { try await phone.client.enrol(input) }
    }

    @Test func aPausedPhoneSaysSoAndResumesWithEverything() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 3))
        let home = try await phone.homes()[0]
        let saved = try await phone.saveVisit(home)
        for _ in 0..<2 { try await phone.client.pause() }
        await expectRefused("Retry store.closed") { try await phone.homes() }
        for _ in 0..<2 { try await phone.client.resume() }
        #expect(try await phone.client.call { try $0.visits.find(id: saved.id) } == saved)
        for _ in 0..<2 { try await phone.client.close() }
        await #expect(throws: CoreError.self) { _ = try await phone.homes() }
        let again = try await phone.reopened()
        #expect(try await again.call { try $0.visits.find(id: saved.id) } == saved)
    }

    @Test func aDraftIsKeptFieldByFieldAndBecomesAVisit() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 1))
        let home = try await phone.homes()[0]
        let draft = try await phone.client.call { core in
            let draft = try core.drafts.startVisit(household: home.household)
            try core.drafts.saveVisitField(id: draft, field: .mode(to: .phone))
            try core.drafts.saveVisitField(id: draft, field: .note(to: "写到一半"))
            return draft
        }
        let later = try await phone.reopened()
        guard case .ofVisit(let fields) = try await later.call({ try $0.drafts.find(id: draft) }).fields else {
            throw Missing("it was a visit")
        }
        #expect(fields.mode == .phone && fields.note == "写到一半" && fields.outcome == nil)
        let saved = try await later.call { core in
            try core.drafts.saveVisitField(id: draft, field: .outcome(to: .done))
            return try core.drafts.saveAsVisit(id: draft)
        }
        #expect(saved.id == draft && saved.note == "写到一半")
        #expect(try await later.call { try $0.drafts.list() }.isEmpty)
    }
}
