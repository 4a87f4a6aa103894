import Foundation

// What is said of a notice.
extension Words {
    /// What a list shows of it: whether it is unread, and what it is for.
    public func marks(of notice: NoticeView) -> [String] {
        let kind = of(.ofNoticeKind(of: notice.kind))
        return notice.readAt == nil ? [unread, kind] : [kind]
    }
    /// Who sent it, and when.
    public func origin(of notice: NoticeView, _ now: Date, _ calendar: Calendar) -> String {
        joined([notice.unitName, day(of: notice.sentAt, now, calendar)])
    }
    /// What it is for and when it holds, and that it holds no more.
    public func standing(_ notice: NoticeView, _ now: Date, _ calendar: Calendar) -> String {
        joined([
            of(.ofNoticeKind(of: notice.kind)), notice.state == .inForce ? nil : of(.ofNotice(of: notice.state)),
            sentOn(day(of: notice.sentAt, now, calendar)), validUntil(day(of: notice.validTo, now, calendar)),
        ])
    }
    /// Why it was taken back.
    public func withdrawal(of notice: NoticeView) -> String? {
        notice.withdrawnBecause.map { labelled(of(.ofNotice(of: .withdrawn)), $0) }
    }
    /// Which notices a visit gave, as far as they are on this phone; nothing when it gave none.
    public func given(on visit: VisitView) -> String? {
        let titles = visit.notices.compactMap(\.title)
        return titles.isEmpty ? nil : labelled(noticesGiven, several(titles))
    }
    /// That it was read; nothing while it was not.
    public func receipt(of notice: NoticeView, _ now: Date, _ calendar: Calendar) -> String? {
        notice.readAt.map {
            let at = day(of: $0, now, calendar)
            return notice.needsReceipt ? receiptGiven(at) : readOn(at)
        }
    }
}
