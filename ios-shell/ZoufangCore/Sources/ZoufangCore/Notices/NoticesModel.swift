import Foundation
import Observation

/// Notices of one page, the most that the core gives.
private let pageSize = 100

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
        reading = Reading(open, when: concernsNotices, work: { { try $0.allNotices() } }, show: { [weak self] in self?.show($0) })
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

extension Groups {
    /// All of them: what is in force at a time are few.
    fileprivate func allNotices() throws -> [NoticeView] {
        var all: [NoticeView] = []
        while true {
            let page = try notices.list(page: Page(skipCount: UInt32(all.count), takeCount: UInt32(pageSize)))
            all += page
            if page.count < pageSize { return all }
        }
    }
}
