import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// Notices of the real server, read on the phone, with the receipt's way back.
@MainActor @Suite(.timeLimit(.minutes(3))) struct NoticesTests {
    @Test func aReceiptIsGivenByATapAndNotByLooking() async throws {
        let stage = try await Stage(homes: 2)
        try await stage.notice("测试通知一")
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await until("one unread") { today.state.unreadCount == 1 }
        phone.network.become(.offline)
        try await phone.networkHeard()

        today.openNotices()
        let list = try await until("the list") { if case .notices(let model) = phone.app.above.last?.content { model } else { nil } }
        let listed = try await until("the notice") { list.state.notices?.first }
        #expect(listed.title == "测试通知一" && listed.readAt == nil && Chinese().marks(of: listed).first == "未读")
        list.openNotice(listed)
        let seen = try await notice(phone)
        #expect(seen.state.wantsReceipt && seen.state.notice?.body == "测试通知一：测试正文")
        #expect(English().receipt(of: try #require(seen.state.notice), seen.state.now, seen.calendar) == nil)
        phone.app.back()
        #expect(try await phone.open().client.call { try $0.notices.unreadCount() } == 1, "looking is no receipt")

        list.openNotice(listed)
        let page = try await notice(phone)
        page.giveReceipt()
        page.giveReceipt()
        let read = try await until("the receipt") { page.state.notice?.readAt == nil ? nil : page.state.notice }
        #expect(!page.state.wantsReceipt && read.receiptSync == .queued)
        #expect(Chinese().receipt(of: read, page.state.now, page.calendar) == "今天已发送回执")
        try await until("none unread") { today.state.unreadCount == 0 && list.state.notices?.first?.readAt != nil }
        #expect(try await stage.receiptsCount() == 0)
        phone.network.become(.unmetered)
        try await until("its way back") { page.state.notice?.receiptSync == .acknowledged }
        #expect(try await stage.receiptsCount() == 1)
        await phone.owner.close()
    }

    @Test func unreadOnesComeFirst() async throws {
        let stage = try await Stage(homes: 1)
        for number in 1...3 { try await stage.notice("测试通知\(number)") }
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await until("the unread counted") { today.state.unreadCount == 3 }
        today.openNotices()
        let list = try await until("the list") { if case .notices(let model) = phone.app.above.last?.content { model } else { nil } }
        let newest = try await until("the notices") { list.state.notices?.count == 3 ? list.state.notices?.first : nil }
        _ = try await phone.open().client.call { try $0.notices.markRead(id: newest.id) }
        try await until("it to be the last") { list.state.notices?.last?.id == newest.id && today.state.unreadCount == 2 }
        await phone.owner.close()
    }

    @Test func aVisitSaysWhichNoticesItGave() async throws {
        let stage = try await Stage(homes: 1)
        for title in ["测试通知一", "测试通知二"] { try await stage.notice(title) }
        let phone = try await Phone.working(with: stage)
        try await phone.home().visit()
        let visit = try await phone.visit()
        let first = try await until("what may be given") { visit.notices.first { $0.title == "测试通知一" } }
        #expect(visit.notices.count == 2 && visit.state.form?.notices.isEmpty == true)
        for other in visit.notices { visit.give(other.id, isGiven: true) }
        for other in visit.notices where other.id != first.id { visit.give(other.id, isGiven: false) }
        #expect(visit.state.form?.notices == [first.id])
        visit.choose(.door)
        visit.choose(VisitOutcome.done)
        visit.save()
        let home = try await until("the home") { if case .home(let model) = phone.app.above.last?.content { model } else { nil } }
        let saved = try await until("the visit") { home.state.content?.visits.first }
        #expect(Chinese().given(on: saved) == "带到的通知：测试通知一")
        await phone.owner.close()
    }

    private func notice(_ phone: Phone) async throws -> NoticeModel {
        let model = try await until("a notice") { if case .notice(let model) = phone.app.above.last?.content { model } else { nil } }
        try await until("its text") { model.state.notice != nil }
        return model
    }
}
