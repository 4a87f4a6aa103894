import Foundation
import Observation

/// Most that a search shows.
private let foundMaxCount: UInt32 = 50
/// What Today says of homes changes with these.
private let homeKinds: Set<RecordKind> = [.household, .dwelling, .visit, .matter, .assignment, .orgUnit]

/// Homes that are due and stand before all others, until more are asked for: as many as a worker visits in a day.
private let dueFirstCount = 10
/// What is due changes with these too.
private let dueKinds = homeKinds.union([.cadenceRule, .mustVisitList, .visitTask, .appointment, .calendar, .careNeed, .residency])

/// What was acknowledged is told as a status alone, and takes the mark of the unsent from its home.
private func concernsHomes(_ change: Change) -> Bool { change.status || !homeKinds.isDisjoint(with: change.kinds) }

/// What Today reads or begins; what stands against one is shown until the same succeeds.
public enum TodayPart: Sendable, Hashable, CaseIterable {
    case homes, due, appointments, drafts, unread, search, status, visit
}

/// A draft, and the address of its home.
public struct DraftRow: Sendable, Equatable, Identifiable {
    public let draft: DraftView
    public let home: String
    public var id: DraftId { draft.id }
}

/// The list of the day.
public struct TodayState: Sendable, Equatable {
    /// The homes of the pages that were asked for; nothing while the first is being read.
    public var homes: [HomeView]?
    /// All homes of the own micro-grids, and those of them whose latest visit is one of this month that took place.
    public var homesCount = 0
    public var visitedCount = 0
    /// What is to be visited today, overdue before due; nothing until it is read.
    public var due: DueList?
    /// All homes that are due are asked for, not the first alone.
    public var showsAllDue = false
    /// Appointments that are not over, by time.
    public var appointments: [AppointmentView] = []
    /// Those of today, and those whose time has passed without a word on what came of them.
    public var appointmentsOfToday: [AppointmentView] = []
    public var drafts: [DraftRow] = []
    /// Notices in force that are unread.
    public var unreadCount: UInt32 = 0
    public var query = ""
    /// What the search found; nothing while there is no query.
    public var found: SearchView?
    public var status: SyncStatus?
    /// What stands against what: each until the same succeeds, or a person has read it.
    public var problems: [TodayPart: Problem] = [:]
    public var now: Date

    /// The one that is shown.
    public var problem: Problem? { TodayPart.allCases.lazy.compactMap { [problems] in problems[$0] }.first }

    /// The homes that are due and on screen: the most pressing, as the core sorts them.
    public var dueHomes: [DueHome] { Array((due?.homes ?? []).prefix(showsAllDue ? .max : dueFirstCount)) }
    public var hasMore: Bool { (homes?.count ?? 0) < homesCount }
    /// Values that stand against each other or work that waits for a supervisor.
    public var hasHeld: Bool { (status?.conflictsCount ?? 0) + (status?.quarantinedCount ?? 0) > 0 }
}

/// Reads the list of the day, searches, and shows how the phone stands towards its server.
@MainActor @Observable public final class TodayModel {
    /// What is on screen.
    public private(set) var state: TodayState
    /// Whether a sync runs, and how far it is.
    public var sync: SyncNow { open.syncs.now }
    /// Why the last sync failed, while none runs.
    public var syncProblem: Message? {
        sync.isRunning ? nil : state.status?.lastError?.text ?? sync.problem?.message
    }
    /// The server does not know this phone any more, or took it back just now.
    public var needsRejoining: Bool {
        // Also while a sync runs: what is being typed does not vanish under a person's fingers.
        state.status?.lastError?.text.id == "device.unknown" || rejoining.state.isBusy || rejoining.state.enrolled != nil
    }
    /// The way back to it.
    public let rejoining: EnrolModel
    /// What was not sent from databases that were set aside.
    public var takingUp: TakingUpNow { open.takingUp.now }
    public var calendar: Calendar { open.clock.calendar }
    public var isPractice: Bool { open.isPractice }

    @ObservationIgnored let open: OpenClient
    @ObservationIgnored private weak var ways: (any Ways)?
    @ObservationIgnored private let starting: DraftStart
    @ObservationIgnored private var wanted = pageSize
    @ObservationIgnored private var homes: Reading<Homes>?
    @ObservationIgnored private var due: Reading<DueList>?
    @ObservationIgnored private var appointments: Reading<[AppointmentView]>?
    @ObservationIgnored private var unread: Reading<UInt32>?
    @ObservationIgnored private var search: Reading<Found>?
    @ObservationIgnored private var others: [() -> Void] = []
    @ObservationIgnored private var minutes: Task<Void, any Error>?

    init(_ open: OpenClient, ways: any Ways) {
        (self.open, self.ways) = (open, ways)
        rejoining = .back(open)
        starting = DraftStart(open)
        state = TodayState(now: open.clock.now)
        homes = Reading(
            open, when: concernsHomes, work: { [weak self] in self?.homesToRead },
            show: { [weak self] in
                self?.show(.homes, $0) { ($0.homes, $0.homesCount, $0.visitedCount) = ($1.kept, $1.count, $1.visitedCount) }
            }
        )
        due = Reading(
            open, when: { !dueKinds.isDisjoint(with: $0.kinds) || $0.status }, work: { { try $0.tasks.due(day: nil) } },
            show: { [weak self] in self?.show(.due, $0) { $0.due = $1 } }
        )
        appointments = Reading(
            open, when: concernsAppointments, work: { { try $0.upcomingAppointments() } },
            show: { [weak self] in self?.show(.appointments, $0) { $0.appointments = $1 } }
        )
        unread = Reading(
            open, when: concernsNotices, work: { { try $0.notices.unreadCount() } },
            show: { [weak self] in self?.show(.unread, $0) { $0.unreadCount = $1 } }
        )
        search = Reading(
            open, when: { !$0.kinds.isEmpty }, work: { [weak self] in self?.query },
            show: { [weak self] in
                self?.show(.search, $0) { if $0.query == $1.query { $0.found = $1.view } }
            }
        )
        let drafts = Reading(
            open, when: \.drafts, work: { { try $0.draftRows() } }, show: { [weak self] in self?.show(.drafts, $0) { $0.drafts = $1 } }
        )
        let status = Reading(
            open, when: \.status, work: { { try $0.syncStatus() } }, show: { [weak self] in self?.show(.status, $0) { $0.status = $1 } }
        )
        others = [drafts.end, status.end]
        minutes = Task { [weak self, clock = open.clock] in
            while true {
                try await clock.wait(until: clock.now.addingTimeInterval(60))
                self?.minutePassed()
            }
        }
    }
    func end() {
        homes?.end()
        due?.end()
        appointments?.end()
        unread?.end()
        search?.end()
        for end in others { end() }
        minutes?.cancel()
    }

    /// The end of the list is near: one page more.
    public func showMore() {
        guard let shown = state.homes?.count, state.hasMore, wanted <= shown else { return }
        wanted = shown + pageSize
        homes?.again()
    }
    /// What is searched for was changed.
    public func search(_ query: String) {
        state.query = query
        if query.allSatisfy(\.isWhitespace) { (state.found, state.problems[.search]) = (nil, nil) }
        search?.again()
    }
    /// A person has read what went wrong.
    public func dismissProblem() {
        let shown = state.problem
        state.problems = state.problems.filter { $0.value != shown }
    }
    /// To what can be done when the database is damaged.
    public func openDamage() {
        if let problem = state.problem { ways?.damaged(problem) }
    }
    /// Tries again to take up what was not sent from databases that were set aside.
    public func takeUp() {
        open.takingUp.again()
    }
    /// A person has read what was taken up.
    public func acknowledgeTakenUp() {
        open.takingUp.acknowledge()
    }
    /// A person wants what was set aside gone now.
    public func forgetSetAside() {
        open.takingUp.forget()
    }
    /// A person asks for a sync.
    public func startSync() {
        open.syncs.ask()
    }
    /// A person ends the sync that runs.
    public func cancelSync() {
        open.syncs.cancel()
    }
    public func openHome(_ home: HomeView) {
        ways?.toHome(home.household)
    }
    /// More homes are due than are shown.
    public func showAllDue() {
        state.showsAllDue = true
    }
    /// Begins the visit that is due, for its appointment where it has one, or goes on with the one that is being written.
    public func visit(_ due: DueHome) {
        let (household, appointment) = (due.home.household, due.tasks.lazy.compactMap(\.appointment).first?.id)
        starting.begin {
            try $0.visitDraft(at: household, for: appointment)
        } then: { [weak self] outcome in
            switch outcome {
            case .failure(let problem): self?.state.problems[.visit] = problem
            case .success(let draft):
                self?.state.problems[.visit] = nil
                self?.ways?.toVisit(draft)
            }
        }
    }
    public func openHit(_ hit: SearchHit) {
        if let household = hit.household { ways?.toHome(household) }
    }
    public func openDraft(_ row: DraftRow) {
        ways?.toDraft(row.draft)
    }
    public func openHeld() {
        ways?.toHeld()
    }
    public func openAppointment(_ appointment: AppointmentView) {
        ways?.toAppointment(appointment.id)
    }
    public func openAppointments() {
        ways?.toAppointments()
    }
    public func openNotices() {
        ways?.toNotices()
    }
    public func openOthers() {
        ways?.toProfiles()
    }

    /// How old things are is said in minutes. What is due changes with the hour too: at midnight, and when an appointment's time has passed; what was
    /// visited this month changes with the month.
    private func minutePassed() {
        let isNewDay = !calendar.isDate(state.now, inSameDayAs: open.clock.now)
        state.now = open.clock.now
        due?.again()
        appointments?.again()
        unread?.again()
        if isNewDay { homes?.again() }
    }
    private var homesToRead: Reading<Homes>.Work {
        let month = open.clock.calendar.dateInterval(of: .month, for: open.clock.now)
        return { [wanted] in try $0.homes(wanted, since: month?.start ?? .distantPast) }
    }
    private var query: Reading<Found>.Work? {
        let query = state.query
        guard !query.allSatisfy(\.isWhitespace) else { return nil }
        return { Found(query: query, view: try $0.search.find(query: query, limitCount: foundMaxCount)) }
    }
    private func show<Value>(_ part: TodayPart, _ outcome: Outcome<Value>, _ change: (inout TodayState, Value) -> Void) {
        switch outcome {
        case .failure(let problem): state.problems[part] = problem
        case .success(let value):
            var next = state
            change(&next, value)
            next.problems[part] = nil
            next.now = open.clock.now
            next.appointmentsOfToday = next.appointments.filter { $0.isForToday(next.now, calendar) }
            state = next
        }
    }
}

private struct Found: Sendable {
    let query: String
    let view: SearchView
}

private struct Homes: Sendable {
    var kept: [HomeView] = []
    var count = 0
    var visitedCount = 0
}

extension Groups {
    /// The first `wanted` homes, and the counts of all: the list is gone through once, and only what is shown is kept.
    fileprivate func homes(_ wanted: Int, since month: Date) throws -> Homes {
        var all = Homes()
        while true {
            let page = try households.list(page: Page(skipCount: UInt32(all.count), takeCount: UInt32(pageSize)))
            all.count += page.count
            all.visitedCount += page.count { $0.lastVisit.map { $0.at >= month && $0.outcome == .done } ?? false }
            if all.kept.count < wanted { all.kept += page }
            if page.count < pageSize { return all }
        }
    }
    fileprivate func draftRows() throws -> [DraftRow] {
        try drafts.list().map { draft in
            // A home that is no longer on this phone leaves its draft without an address.
            let home = draft.household.flatMap { try? households.find(id: $0).addressText }
            return DraftRow(draft: draft, home: home ?? "")
        }
    }
}
