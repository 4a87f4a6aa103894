import Foundation
import Observation

/// Whether a change concerns notices: they came or were withdrawn, or a receipt was given or has arrived.
func concernsNotices(_ change: Change) -> Bool {
    change.status || change.kinds.contains(.notice) || change.kinds.contains(.noticeReceipt)
}

/// The notices in force.
public struct NoticesState: Sendable, Equatable {
    /// Unread ones first, then the newest; nothing until they are read.
    public var notices: [NoticeView]?
    public var problem: Problem?
    public var now: Date
}

/// Reads the notices of the units above.
@MainActor @Observable public final class NoticesModel {
    /// What is on screen.
    public private(set) var state: NoticesState
    public var calendar: Calendar { open.clock.calendar }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private weak var ways: (any Ways)?
    @ObservationIgnored private var reading: Reading<[NoticeView]>?

    init(_ open: OpenClient, ways: any Ways) {
        (self.open, self.ways) = (open, ways)
        state = NoticesState(now: open.clock.now)
        reading = Reading(
            open, when: concernsNotices, work: { { groups in try allPages { try groups.notices.list(page: $0) } } },
            show: { [weak self] in self?.show($0) })
    }
    func end() {
        reading?.end()
    }

    public func openNotice(_ notice: NoticeView) {
        ways?.toNotice(notice.id)
    }

    private func show(_ outcome: Outcome<[NoticeView]>) {
        switch outcome {
        case .success(let notices): state = NoticesState(notices: notices, now: open.clock.now)
        case .failure(let problem): state.problem = problem
        }
    }
}
