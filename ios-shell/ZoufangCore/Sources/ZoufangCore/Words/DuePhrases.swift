import Foundation

// What is said of what is due.
extension Words {
    /// A day as the core gives it, or one that lies some days after.
    public func day(of day: Day, plus days: Int = 0, _ now: Date, _ calendar: Calendar) -> String {
        let parts = day.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3 else { return day }
        let at = calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2] + days, hour: 12))
        return at.map { self.day(of: $0, now, calendar) } ?? day
    }
    /// An agreed time: the hours, and the day unless it is today.
    public func times(of slot: TimeSlot, _ now: Date, _ calendar: Calendar) -> String {
        func hour(_ at: Date) -> String {
            let parts = calendar.dateComponents([.hour, .minute], from: at)
            return String(format: "%d:%02d", parts.hour ?? 0, parts.minute ?? 0)
        }
        let hours = fromTo(hour(slot.from), hour(slot.to))
        return calendar.isDate(slot.from, inSameDayAs: now) ? hours : "\(day(of: slot.from, now, calendar)) \(hours)"
    }
    /// Why a home is to be visited: the rule's name, or the appointment with its time; and what somebody said who moved it.
    public func why(_ task: VisitTask, _ now: Date, _ calendar: Calendar) -> String {
        let cause = task.appointment.map { appointment(of(.ofPurpose(of: $0.purpose)), times(of: $0.slot, now, calendar)) } ?? task.ruleName
        return task.reason.map { labelled(cause, $0) } ?? cause
    }
    /// Until when it is in time, or since when it is not, and how often it was tried. An appointment says its time by itself, and is late on the day;
    /// a rule's day is over with the day.
    public func standing(_ task: VisitTask, _ now: Date, _ calendar: Calendar) -> String {
        let isOverdue = task.state == .overdue
        let when: String? =
            switch (task.appointment, isOverdue) {
            case (nil, true): overdueSince(day(of: task.dueTo, plus: 1, now, calendar))
            case (nil, false): dueUntil(day(of: task.dueTo, now, calendar))
            case (_, true): of(.ofTask(of: .overdue))
            case (_, false): nil
            }
        return joined([when, task.attemptsCount > 0 ? attempts(task.attemptsCount) : nil])
    }
    public func progress(of rule: DueProgress, _ now: Date, _ calendar: Calendar) -> String {
        progress(rule.ruleName, rule.visitedCount, of: rule.homesCount, until: day(of: rule.dueTo, now, calendar))
    }
}
