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
            case places(PlacesModel)
            case held(HeldModel)
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

    /// Made-up homes are shown: every screen says so.
    public private(set) var isPractice = false
    /// Whether practice is to be begun anew is being asked.
    public private(set) var asksWhetherToRestart = false

    @ObservationIgnored private let owner: ClientOwner
    @ObservationIgnored private var known: OpenClient?
    @ObservationIgnored private var first: AppState.Page?
    @ObservationIgnored private var status: Reading<SyncStatus>?

    public init(_ owner: ClientOwner) {
        self.owner = owner
        owner.onOpening = { [weak self] in self?.show($0) }
        show(owner.opening)
    }

    /// Tries again to open.
    public func retry() {
        Task { await owner.toForeground() }
    }
    /// Whether what did not open can be left for real work.
    public var canGoToWork: Bool { owner.place == .practice }
    /// From practice to real work.
    public func toWork() {
        Task { await owner.toWork() }
    }
    public func askWhetherToRestart(_ asks: Bool) {
        asksWhetherToRestart = asks
    }
    /// Throws away what was tried in practice.
    public func restartPractice() {
        asksWhetherToRestart = false
        Task { await owner.restartPractice() }
    }
    public func back() {
        if !above.isEmpty { above.removeLast() }
    }
    public func toHome(_ household: HouseholdId) {
        push { .home(HomeModel($0, household, ways: self)) }
    }
    public func toPlaces() {
        push { _ in .places(PlacesModel(owner)) }
    }
    public func toHeld() {
        push { .held(HeldModel($0)) }
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
            (isPractice, asksWhetherToRestart) = (false, false)
            clear()
            state = .starting
        case .failed(let problem): state = .failed(problem)
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
                    self?.isPractice = status.practice
                    self?.settleFirst(open, isEnrolled: status.enrolled)
                }
            }
        )
    }
    private func settleFirst(_ open: OpenClient, isEnrolled: Bool) {
        switch (first?.content, isEnrolled) {
        case (nil, true): showFirst(.today(TodayModel(open, ways: self)))
        case (nil, false): showFirst(.enrol(EnrolModel(open, places: PlacesModel(owner), ways: self)))
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
        case .places: break
        case .held(let model): model.end()
        case .home(let model): model.end()
        case .visit(let model): model.end()
        case .matter(let model): model.end()
        }
    }
}
