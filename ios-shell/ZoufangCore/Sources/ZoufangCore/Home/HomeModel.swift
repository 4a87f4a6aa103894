import Foundation
import Observation

/// Earlier visits and matters that a home shows: the latest.
private let latest = Page(takeCount: 30)

/// What was just saved from a home.
public enum Saved: Sendable, Equatable {
    /// A visit, on which a matter may have come up.
    case visit(VisitId)
    case matter
}

/// All of a home.
public struct HomeContent: Sendable, Equatable {
    public let home: HomeView
    public let residents: [ResidentView]
    public let visits: [VisitView]
    public let matters: [MatterView]
    public let drafts: [DraftView]
}

/// A home on screen.
public struct HomeState: Sendable, Equatable {
    /// Nothing until it is read.
    public var content: HomeContent?
    public var saved: Saved?
    /// Why it could not be read, until it can.
    public var readProblem: Problem?
    /// Why nothing could be begun, until something can or a person has read it.
    public var beginProblem: Problem?
    public var now: Date

    /// The one that is shown.
    public var problem: Problem? { beginProblem ?? readProblem }
}

/// Reads one home and begins what is written there.
@MainActor @Observable public final class HomeModel {
    /// What is on screen.
    public private(set) var state: HomeState
    public var calendar: Calendar { open.clock.calendar }
    public var isPractice: Bool { open.isPractice }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private let household: HouseholdId
    @ObservationIgnored private weak var ways: (any Ways)?
    @ObservationIgnored private var reading: Reading<HomeContent>?
    @ObservationIgnored private let starting: DraftStart

    init(_ open: OpenClient, _ household: HouseholdId, ways: any Ways) {
        (self.open, self.household, self.ways) = (open, household, ways)
        starting = DraftStart(open)
        state = HomeState(now: open.clock.now)
        // What was acknowledged is told as a status alone, and takes the mark of the unsent from what is listed here.
        reading = Reading(
            open, when: { !$0.kinds.isEmpty || $0.drafts || $0.status }, work: { { try $0.content(of: household) } },
            show: { [weak self] in self?.show($0) }
        )
    }
    func end() {
        reading?.end()
    }

    /// Begins a visit, or goes on with the one that is being written.
    public func visit() {
        let household = household
        begin {
            try $0.visitDraft(at: household)
        } lead: {
            $0.toVisit($1)
        }
    }

    /// Begins a matter of this home, taken up on the visit that was just saved if there is one.
    public func matter() {
        let (household, saved) = (household, state.saved)
        begin { groups in
            let draft = try groups.drafts.startMatter(household: household)
            if case .visit(let visit) = saved {
                try groups.drafts.saveMatterField(id: draft, field: .source(to: .visit))
                try groups.drafts.saveMatterField(id: draft, field: .visit(to: visit))
            }
            return draft
        } lead: {
            $0.toMatter($1)
        }
    }

    /// A person has read what went wrong.
    public func dismissProblem() {
        (state.beginProblem, state.readProblem) = (nil, nil)
    }
    public func goOn(_ draft: DraftView) {
        ways?.toDraft(draft)
    }

    func didSave(_ visit: VisitView) {
        state.saved = .visit(visit.id)
    }
    func didSaveMatter() {
        state.saved = .matter
    }

    private func show(_ outcome: Outcome<HomeContent>) {
        switch outcome {
        case .failure(let problem): state.readProblem = problem
        case .success(let content): (state.content, state.readProblem, state.now) = (content, nil, open.clock.now)
        }
    }
    func begin(_ start: @escaping @Sendable (Groups) throws -> DraftId, lead: @escaping @MainActor (any Ways, DraftId) -> Void) {
        starting.begin(start) { [weak self] outcome in
            guard let self else { return }
            switch outcome {
            case .failure(let problem): state.beginProblem = problem
            case .success(let draft):
                (state.saved, state.beginProblem) = (nil, nil)
                if let ways { lead(ways, draft) }
            }
        }
    }
}

extension Groups {
    fileprivate func content(of household: HouseholdId) throws -> HomeContent {
        HomeContent(
            home: try households.find(id: household),
            residents: try residents.ofHousehold(household: household),
            visits: try visits.ofHousehold(household: household, page: latest),
            matters: try matters.ofHousehold(household: household, page: latest),
            drafts: try drafts.list().filter { $0.household == household }
        )
    }
}
