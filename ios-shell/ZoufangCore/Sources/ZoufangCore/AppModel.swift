import Foundation
import Observation

/// What is on screen.
public enum AppState {
    /// The client is being opened.
    case starting
    /// It did not open.
    case failed(Problem)
    /// The first page; others may lie above it.
    case working(Page)

    /// A page with its model, which lives as long as the page is open.
    public struct Page: Identifiable, Hashable {
        public enum Content {
            case enrol(EnrolModel)
            case today(TodayModel)
            case profiles(ProfilesModel)
            case held(HeldModel)
            case notices(NoticesModel)
            case notice(NoticeModel)
            case appointments(AppointmentsModel)
            case appointment(AppointmentModel)
            case home(HomeModel)
            case visit(VisitModel)
            case matter(MatterModel)
        }
        public let id = UUID()
        public let content: Content

        public static func == (left: Page, right: Page) -> Bool { left.id == right.id }
        public func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }
}

/// The app: from the client's opening to the page that is seen.
@MainActor @Observable public final class AppModel: Ways {
    /// What is on screen now.
    public private(set) var state = AppState.starting
    /// The pages above the first; the last is seen. A swipe back takes from its end.
    public var above: [AppState.Page] = [] {
        didSet {
            for page in oldValue where !above.contains(page) { page.end() }
        }
    }

    /// The database that does not open may be set aside. Practice is begun anew instead.
    public var canSetAside: Bool {
        if case .failed(let problem) = state { problem.canBeSetAside && !owner.isPractice } else { false }
    }
    public private(set) var asksWhetherToSetAside = false

    /// Whose work the phone holds, and practice.
    public let profiles: ProfilesModel

    @ObservationIgnored private let owner: ClientOwner
    @ObservationIgnored private var known: OpenClient?
    @ObservationIgnored private var first: AppState.Page?
    @ObservationIgnored private var status: Reading<SyncStatus>?

    public init(_ owner: ClientOwner) {
        self.owner = owner
        profiles = ProfilesModel(owner)
        owner.onOpening = { [weak self] in self?.show($0) }
        show(owner.opening)
    }

    /// Tries again to open.
    public func retry() {
        asksWhetherToSetAside = false
        if case .ready(let open) = owner.opening, first == nil {
            // It is open, and could not be read.
            begin(open)
        } else {
            Task { await owner.toForeground() }
        }
    }
    /// Whether to set the database aside is asked once.
    public func askWhetherToSetAside(_ asks: Bool) {
        asksWhetherToSetAside = asks
    }
    /// Moves the database that does not open out of the way and begins anew; nothing is deleted.
    public func setAside() {
        asksWhetherToSetAside = false
        Task {
            await owner.setAside()
            profiles.read()
        }
    }
    public func damaged(_ problem: Problem) {
        status?.end()
        clear()
        // Trying again begins from the first page.
        (status, known) = (nil, nil)
        state = .failed(problem)
        profiles.read()
    }
    public func back() {
        if !above.isEmpty { above.removeLast() }
    }
    public func toHome(_ household: HouseholdId) {
        push { .home(HomeModel($0, household, ways: self)) }
    }
    public func toProfiles() {
        push { _ in .profiles(profiles) }
    }
    public func toHeld() {
        push { .held(HeldModel($0)) }
    }
    public func toNotices() {
        push { .notices(NoticesModel($0, ways: self)) }
    }
    public func toNotice(_ notice: NoticeId) {
        push { .notice(NoticeModel($0, notice)) }
    }
    public func toAppointments() {
        push { .appointments(AppointmentsModel($0, ways: self)) }
    }
    public func toAppointment(_ appointment: AppointmentId) {
        push { .appointment(AppointmentModel($0, appointment, ways: self)) }
    }
    public func toVisit(_ draft: DraftId) {
        push { .visit(VisitModel($0, draft, ways: self)) }
    }
    public func toMatter(_ draft: DraftId) {
        push { .matter(MatterModel($0, draft, ways: self)) }
    }
    public func visitSaved(_ visit: VisitView) {
        back()
        if home == nil { toHome(visit.household) }
        home?.didSave(visit)
    }
    public func matterSaved() {
        back()
        home?.didSaveMatter()
    }
    public func enrolled() {
        guard let known else { return }
        known.syncs.ask()
        Task {
            await owner.didEnrol()
            profiles.read()
        }
        showFirst(.today(TodayModel(known, ways: self)))
    }

    /// The home that is seen, if one is.
    private var home: HomeModel? {
        if case .home(let model) = above.last?.content { model } else { nil }
    }
    private func push(_ content: (OpenClient) -> AppState.Page.Content) {
        if let known { above.append(AppState.Page(content: content(known))) }
    }

    private func show(_ opening: Opening) {
        switch opening {
        case .underway:
            // Also when a client has ended: nothing of it stays on screen.
            status?.end()
            (status, known) = (nil, nil)
            profiles.mark(isPractice: false)
            clear()
            state = .starting
        case .failed(let problem):
            state = .failed(problem)
            profiles.read()
        case .ready(let open):
            // The same client after a while in the background: the pages are as they were left.
            if open !== known {
                begin(open)
            } else if let first {
                state = .working(first)
            } else {
                state = .starting
                status?.again()
            }
        }
    }

    /// Shows the first page of a client: the page for the code when the phone is not enrolled.
    private func begin(_ open: OpenClient) {
        clear()
        state = .starting
        known = open
        status?.end()
        status = Reading(
            open, when: \.status, work: { { try $0.syncStatus() } },
            show: { [weak self] outcome in
                switch outcome {
                case .failure(let problem): if self?.first == nil { self?.state = .failed(problem) }
                case .success(let status):
                    self?.profiles.mark(isPractice: status.practice)
                    self?.profiles.read()
                    self?.settleFirst(open, isEnrolled: status.enrolled)
                }
            }
        )
    }
    private func settleFirst(_ open: OpenClient, isEnrolled: Bool) {
        switch (first?.content, isEnrolled) {
        case (nil, true): showFirst(.today(TodayModel(open, ways: self)))
        case (nil, false): showFirst(.enrol(.first(open, ways: self)))
        case (.enrol, _), (_, true): break
        // Erased: the owner is about to open a new client in its place.
        case (_, false):
            status?.end()
            clear()
            state = .starting
        }
    }
    private func showFirst(_ content: AppState.Page.Content) {
        clear()
        let page = AppState.Page(content: content)
        first = page
        state = .working(page)
    }
    private func clear() {
        above = []
        first?.end()
        first = nil
    }
}

extension AppState.Page {
    @MainActor fileprivate func end() {
        switch content {
        case .enrol: break
        case .today(let model): model.end()
        case .profiles: break
        case .held(let model): model.end()
        case .notices(let model): model.end()
        case .notice(let model): model.end()
        case .appointments(let model): model.end()
        case .appointment(let model): model.end()
        case .home(let model): model.end()
        case .visit(let model): model.end()
        case .matter(let model): model.end()
        }
    }
}
