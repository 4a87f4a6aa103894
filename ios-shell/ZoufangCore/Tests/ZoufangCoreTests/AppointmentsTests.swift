import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// Appointments on the first page, agreed on, kept, missed and called off.
@MainActor @Suite(.timeLimit(.minutes(3))) struct AppointmentsTests {
    private let now = Date()
    private var soon: TimeSlot { TimeSlot(from: now, to: now + 3600) }
    private var nextWeek: TimeSlot { TimeSlot(from: now + 7 * 24 * 3600, to: now + 7 * 24 * 3600 + 3600) }

    @Test func oneOfTodayStandsOnTheFirstPageAndIsSaidWhatBecameOfIt() async throws {
        let phone = try await Phone.working(with: try await Stage(homes: 2))
        let today = try await phone.today()
        #expect(today.state.appointments.isEmpty)
        _ = try await propose(on: phone, slots: [soon], agreed: soon)
        _ = try await propose(on: phone, slots: [nextWeek], agreed: nextWeek)
        try await until("both") { today.state.appointments.count == 2 && today.state.appointmentsOfToday.count == 1 }
        let listed = try #require(today.state.appointmentsOfToday.first)
        #expect(listed.slot == soon || listed.slot.map { abs($0.from.timeIntervalSince(now)) < 1 } == true)
        #expect(Chinese().marks(of: listed, isPractice: false) == ["已约定", "未上传"])
        #expect(Chinese().plan(of: listed, today.state.now, today.calendar).hasPrefix("预约走访 · "))

        today.openAppointment(listed)
        let page = try await appointment(phone)
        #expect(page.state.ends == AppointmentEnd.allCases && page.state.slots.isEmpty)
        page.ask(.missedByResident)
        page.ask(nil)
        #expect(page.state.appointment?.state == .agreed)
        page.ask(.missedByResident)
        page.say(.missedByResident)
        try await until("it said") { page.state.appointment?.state == .missed && !page.state.isSaving && page.state.asked == nil }
        #expect(page.state.ends.isEmpty, "nothing more is to be said")
        #expect(English().story(of: try #require(page.state.appointment)).contains("not there: resident"))
        try await until("it to be over") { today.state.appointmentsOfToday.isEmpty && today.state.appointments.count == 1 }
        await phone.owner.close()
    }

    @Test func aProposedTimeIsAgreedOnAndTheVisitKeepsIt() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        let id = try await propose(on: phone, slots: [nextWeek, soon], agreed: nil)
        try await until("it among all") { today.state.appointments.count == 1 }
        #expect(today.state.appointmentsOfToday.isEmpty)
        today.openAppointments()
        let list = try await until("all of them") {
            if case .appointments(let model) = phone.app.above.last?.content { model } else { nil }
        }
        list.openAppointment(try await until("it") { list.state.appointments?.first })
        let page = try await appointment(phone)
        #expect(page.state.slots.count == 2 && page.state.ends == [.cancelled])
        page.agree(on: page.state.slots[1])
        page.agree(on: page.state.slots[0])
        try await until("it agreed on") { page.state.appointment?.isAgreed == true && page.state.slots.isEmpty }
        #expect(page.state.appointment?.staffName == "测试管理员甲" && page.state.problem == nil, "two taps agree on one time")
        try await until("it on the first page") { today.state.appointmentsOfToday.map(\.id) == [id] }

        page.visit()
        let visit = try await phone.visit()
        #expect(visit.state.form?.appointment == id)
        visit.choose(.door)
        visit.choose(VisitOutcome.done)
        visit.save()
        try await until("it kept") { page.state.appointment?.state == .kept && page.state.appointment?.visit != nil }
        try await phone.syncNow()
        #expect(try await stage.visitsCount() == 1)
        await phone.owner.close()
    }

    @Test func oneWhoseTimeHasPassedWaitsForAWordAndIsCalledOffWithAReason() async throws {
        let phone = try await Phone.working(with: try await Stage(homes: 1))
        let today = try await phone.today()
        let past = TimeSlot(from: now - 3 * 24 * 3600, to: now - 3 * 24 * 3600 + 3600)
        _ = try await propose(on: phone, slots: [past], agreed: past)
        let late = try await until("it") { today.state.appointmentsOfToday.first }
        #expect(late.isOverdue && English().marks(of: late, isPractice: true) == ["Agreed", English().timeHasPassed])
        today.openAppointment(late)
        let page = try await appointment(phone)
        page.write(reason: "居民改到社区办理")
        page.say(.cancelled)
        try await until("it called off") { page.state.appointment?.state == .cancelled && !page.state.isSaving }
        #expect(page.state.appointment?.reason == "居民改到社区办理")
        // What another said meanwhile is not said twice.
        page.say(.kept)
        let refused = try await until("the refusal") { page.state.problem }
        #expect(refused.step == .mendField && page.state.appointment?.state == .cancelled)
        try await phone.syncNow()
        try await until("it read anew") { page.state.appointment?.sync == .acknowledged }
        #expect(page.state.problem == refused, "what was refused stays in sight when the page is read anew")
        await phone.owner.close()
    }

    private func propose(on phone: Phone, slots: [TimeSlot], agreed: TimeSlot?) async throws -> AppointmentId {
        let today = try await phone.today()
        let home = try await until("a home") { today.state.homes?.first }
        return try await phone.open().client.call { core in
            let draft = AppointmentDraft(household: home.household, purpose: .visit, proposedBy: .resident, slots: slots, agreed: agreed)
            return try core.appointments.propose(draft: draft).id
        }
    }
    private func appointment(_ phone: Phone) async throws -> AppointmentModel {
        let model = try await until("an appointment") {
            if case .appointment(let model) = phone.app.above.last?.content { model } else { nil }
        }
        try await until("what it is") { model.state.appointment != nil }
        return model
    }
}
