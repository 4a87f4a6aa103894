import Foundation
import Observation

/// A notice on screen.
public struct ShownNotice: Sendable, Equatable {
    /// Nothing until it is read.
    public var notice: NoticeView?
    /// Why what was tried last did not come about; it stays in sight when the page is read anew.
    public var problem: Problem?
    /// Why it could not be read.
    public var readProblem: Problem?
    public var now: Date

    /// Whoever sent it waits to hear that it was read. Over or taken back, it waits no more.
    public var wantsReceipt: Bool { notice.map { $0.needsReceipt && $0.readAt == nil && $0.state == .inForce } ?? false }
}

/// One notice. Where a receipt is waited for, the person gives it by a tap: it says something to others in that person's name. All others count as
/// read when they are opened, so that they leave the number of unread ones.
@MainActor @Observable public final class NoticeModel {
    /// What is on screen.
    public private(set) var state: ShownNotice
    public var calendar: Calendar { open.clock.calendar }
    public var isPractice: Bool { open.isPractice }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private let id: NoticeId
    @ObservationIgnored private var reading: Reading<NoticeView>?
    @ObservationIgnored private var wasOpened = false

    init(_ open: OpenClient, _ id: NoticeId) {
        (self.open, self.id) = (open, id)
        state = ShownNotice(now: open.clock.now)
        reading = Reading(
            open, when: concernsNotices, work: { { try $0.notices.find(id: id) } },
            show: { [weak self] in
                self?.show($0)
                self?.countAsRead()
            }
        )
    }
    func end() {
        reading?.end()
    }

    /// Says that the person has read it; once, however often it is said.
    public func giveReceipt() {
        state.problem = nil
        Task {
            let outcome = await attempt { [open, id] in try await open.client.call { try $0.notices.markRead(id: id) } }
            if case .failure(let problem) = outcome { state.problem = problem } else { show(outcome) }
        }
    }

    private func countAsRead() {
        guard !wasOpened, let notice = state.notice else { return }
        wasOpened = true
        if !notice.needsReceipt && notice.readAt == nil { giveReceipt() }
    }
    private func show(_ outcome: Outcome<NoticeView>) {
        switch outcome {
        case .success(let notice): (state.notice, state.readProblem, state.now) = (notice, nil, open.clock.now)
        case .failure(let problem): state.readProblem = problem
        }
    }
}
