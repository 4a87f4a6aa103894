import Foundation
import Testing
import ZoufangStage

@testable import ZoufangCore

/// The first page begins with what is due, and why.
@MainActor @Suite(.timeLimit(.minutes(3))) struct DueTests {
    @Test func whatIsDueComesFirstWithItsReasonAndIsVisited() async throws {
        let stage = try await Stage(homes: 3)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        try await until("that nothing is due") { today.state.due?.homes.isEmpty == true }
        #expect(today.state.due?.progress.isEmpty == true)

        try await stage.visitDay("测试走访日")
        try await phone.syncNow()
        try await until("all homes to be due") { today.state.due?.homes.count == 3 }
        let due = try #require(today.state.due)
        #expect(due.homes.map(\.home.walkKey) == due.homes.map(\.home.walkKey).sorted(), "equals as they are walked")
        let rule = try #require(due.progress.first)
        let (now, calendar) = (today.state.now, today.calendar)
        #expect(English().progress(of: rule, now, calendar).hasPrefix("测试走访日: 0 / 3 homes visited, until "))
        #expect(Chinese().progress(of: rule, now, calendar).hasPrefix("测试走访日：已走访 0 / 3 户，"))
        let task = try #require(due.homes[1].tasks.first)
        #expect(task.state == .due && English().why(task, now, calendar) == "测试走访日")
        #expect(English().standing(task, now, calendar).hasPrefix("until "))

        // From the task to a visit at once; saved, it is no longer due.
        today.visit(due.homes[1])
        today.visit(due.homes[1])
        let visit = try await phone.visit()
        #expect(visit.state.address == due.homes[1].home.addressText && phone.app.above.count == 1, "two taps begin one visit")
        visit.choose(.door)
        visit.choose(VisitOutcome.noAnswer)
        visit.save()
        try await until("the attempt") { today.state.due?.homes.contains { $0.tasks.first?.attemptsCount == 1 } == true }
        let tried = try #require(today.state.due?.homes.first { $0.tasks.first?.attemptsCount == 1 }?.tasks.first)
        #expect(Chinese().standing(tried, now, calendar).hasSuffix("去过 1 次没有见成"))
        try await until("the home") { phone.app.above.count == 1 }
        phone.app.back()

        today.visit(try #require(today.state.due?.homes.first))
        let done = try await phone.visit()
        done.choose(.door)
        done.choose(VisitOutcome.done)
        done.save()
        try await until("one home less") { today.state.due?.homes.count == 2 && today.state.due?.progress.first?.visitedCount == 1 }
        await phone.owner.close()
    }

    @Test func whatIsOverdueStandsBeforeWhatIsDue() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        try await stage.visitDay("测试走访日")
        try await stage.visitDay("测试必访", daysAgo: 3)
        try await phone.syncNow()
        let today = try await phone.today()
        try await until("both reasons") { today.state.due?.homes.first?.tasks.count == 2 }
        let tasks = try #require(today.state.due?.homes.first?.tasks)
        #expect(tasks.map(\.state) == [.overdue, .due] && tasks.map(\.ruleName) == ["测试必访", "测试走访日"])
        let (now, calendar) = (today.state.now, today.calendar)
        #expect(English().standing(tasks[0], now, calendar).hasPrefix("Overdue since "))
        #expect(Chinese().standing(tasks[0], now, calendar).hasSuffix("起已超期"))
        let late = try #require(today.state.due?.progress.first { $0.ruleName == "测试必访" })
        #expect(late.visitedCount == 0 && late.homesCount == 2 && late.overdueCount == 2)
        // A home that is due is opened like any other.
        today.openHome(try #require(today.state.due?.homes.last?.home))
        #expect(phone.app.above.count == 1)
        await phone.owner.close()
    }

    @Test func aVisitFromAnAppointmentIsMadeForIt() async throws {
        let stage = try await Stage(homes: 2)
        let phone = try await Phone.working(with: stage)
        let today = try await phone.today()
        let home = try #require(today.state.homes?.last)
        let now = Date()
        let (soon, past) = (TimeSlot(from: now, to: now + 3600), TimeSlot(from: now - 7200, to: now - 3600))
        let appointment = try await phone.open().client.call { core in
            let draft = AppointmentDraft(household: home.household, purpose: .visit, proposedBy: .resident, slots: [soon], agreed: soon)
            return try core.appointments.propose(draft: draft)
        }
        let due = try await until("the appointment") { today.state.due?.homes.first }
        let task = try #require(due.tasks.first)
        #expect(task.appointment?.id == appointment.id && due.home.household == home.household)
        #expect(Chinese().why(task, today.state.now, today.calendar).contains("–") && Chinese().standing(task, now, today.calendar).isEmpty)
        _ = try await phone.open().client.call { try $0.appointments.change(id: appointment.id, slot: past, reason: "改早") }
        let late = try await until("its time to be past") { today.state.due?.homes.first?.tasks.first { $0.state == .overdue } }
        #expect(Chinese().standing(late, today.state.now, today.calendar) == Chinese().of(.ofTask(of: .overdue)))
        today.visit(due)
        let visit = try await phone.visit()
        visit.choose(.door)
        visit.choose(VisitOutcome.done)
        visit.save()
        try await until("nothing to be due") { today.state.due?.homes.isEmpty == true }
        let kept = try await phone.open().client.call { try $0.appointments.find(id: appointment.id) }
        #expect(kept.state == .kept && kept.visit != nil)
        await phone.owner.close()
    }

    @Test func practiceHasAListOfTheDayAndNothingToSend() async throws {
        let phone = try await Phone()
        _ = try await phone.enrolModel()
        phone.app.profiles.practise()
        let today = try await phone.today()
        try await until("what is due in practice") { today.state.due?.homes.count == 11 }
        #expect(today.state.dueHomes.count == 10, "as many as are visited in a day")
        today.showAllDue()
        #expect(today.state.dueHomes.count == 11)
        today.visit(try #require(today.state.due?.homes.first))
        let visit = try await phone.visit()
        visit.choose(.door)
        visit.choose(VisitOutcome.done)
        visit.save()
        try await until("one home less") { today.state.due?.homes.count == 10 }
        let unsent = try await until("the home") { today.state.homes?.first { $0.unsent } }
        #expect(
            Chinese().marks(of: unsent, isPractice: today.isPractice).isEmpty && !Chinese().marks(of: unsent, isPractice: false).isEmpty)
        await phone.owner.close()
    }

    @Test func aDayThatBeginsIsReadAnew() async throws {
        let phone = try await Phone.working(with: try await Stage(homes: 1))
        let today = try await phone.today()
        try await phone.saveVisit()
        try await until("the visit of this month") { today.state.visitedCount == 1 }
        try await until("a minute to be waited for") { phone.clock.waitersCount(within: 61) > 0 }
        phone.clock.move(by: 32 * 24 * 3600)
        try await until("a month without a visit") { today.state.visitedCount == 0 }
        await phone.owner.close()
    }
}
