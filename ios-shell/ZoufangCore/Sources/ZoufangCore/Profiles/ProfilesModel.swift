import Observation

/// Whose work the phone holds, and practice.
public struct ProfilesState: Sendable, Equatable {
    public var profiles: [KnownProfile] = []
    /// Made-up homes are shown: every screen says so.
    public var isPractice = false
    public var asksWhetherToBeginAnew = false
    /// The way to another has begun.
    public var isChanging = false
    /// Why the way was not gone.
    public var problem: Problem?
    /// Why the profiles could not be listed.
    public var listProblem: Problem?

    /// One who has not enrolled yet is enough.
    public var canAdd: Bool { !profiles.isEmpty && profiles.allSatisfy { $0.staffName != nil } }
    /// There is something to choose from.
    public var hasOthers: Bool { profiles.contains { !$0.isOpen } }
}

/// Leads from one of the phone's databases to another. Lives as long as the app: it is needed where none is open.
@MainActor @Observable public final class ProfilesModel {
    /// What is on screen.
    public private(set) var state = ProfilesState()

    @ObservationIgnored private let owner: ClientOwner
    @ObservationIgnored private lazy var reading = OneAtATime { [weak self] in await self?.readAll() }

    init(_ owner: ClientOwner) {
        self.owner = owner
    }

    /// To made-up homes, to try everything on.
    public func practise() {
        change { await $0.change(to: .practice) }
    }
    public func leavePractice() {
        change { await $0.leavePractice() }
    }
    public func askWhetherToBeginAnew(_ asks: Bool) {
        state.asksWhetherToBeginAnew = asks
    }
    /// Throws away what was tried.
    public func beginAnew() {
        state.asksWhetherToBeginAnew = false
        change {
            await $0.beginPracticeAnew()
            return nil
        }
    }
    public func choose(_ profile: KnownProfile) {
        change { await $0.change(to: .profile(profile.name)) }
    }
    /// To a new one, for another person.
    public func add() {
        change { await $0.addProfile() }
    }

    /// What is open has changed, or what it says of itself.
    func read() {
        reading.ask()
    }
    /// What the open database says of itself.
    func mark(isPractice: Bool) {
        state.isPractice = isPractice
        if !isPractice { state.asksWhetherToBeginAnew = false }
    }

    private func readAll() async {
        switch await attempt({ try await owner.knownProfiles() }) {
        case .success(let known): (state.profiles, state.listProblem) = (known, nil)
        case .failure(let problem): state.listProblem = problem
        }
    }
    private func change(_ act: @escaping @MainActor (ClientOwner) async -> Problem?) {
        guard !state.isChanging else { return }
        (state.isChanging, state.problem) = (true, nil)
        Task {
            let problem = await act(owner)
            (state.isChanging, state.problem) = (false, problem)
        }
    }
}
