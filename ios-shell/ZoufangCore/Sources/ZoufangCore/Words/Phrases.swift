import Foundation

// What several words and a value say together: the same in every language.
extension Words {
    /// What a word of the field is called.
    public func of(_ word: Word) -> String { pick(labelOf(word: word)) }
    /// What an error says, in one line.
    public func said(_ message: Message) -> String { labelled(title(of: message), detail(of: message)) }
    /// The head of a problem, which names the field if there is one.
    public func title(of problem: Problem) -> String {
        let title = title(of: problem.message)
        return problem.field.map { labelled(of(.ofField(of: $0)), title) } ?? title
    }

    /// The day of a moment.
    public func day(of at: Date, _ now: Date, _ calendar: Calendar) -> String {
        if calendar.isDate(at, inSameDayAs: now) { return todayAsDay }
        for (days, word) in [(-1, yesterday), (1, tomorrow)] {
            if let beside = calendar.date(byAdding: .day, value: days, to: now), calendar.isDate(at, inSameDayAs: beside) { return word }
        }
        let isThisYear = calendar.isDate(at, equalTo: now, toGranularity: .year)
        return day(calendar.dateComponents([.year, .month, .day], from: at), isThisYear: isThisYear)
    }
    /// How long ago; a clock that was turned back makes nothing older than now.
    public func age(of at: Date, _ now: Date) -> String { age(minutes: max(0, Int(now.timeIntervalSince(at) / 60))) }

    /// The name of an area, and the role that is held there.
    public func area(_ area: AreaView) -> String {
        joined([area.name, area.role.map { of(.ofRole(of: $0)) }])
    }
    /// The six digits to compare, in two groups as people read them out.
    public func digits(_ fingerprint: String) -> String {
        "\(fingerprint.prefix(3)) \(fingerprint.dropFirst(3))"
    }
    public func lastVisit(of home: HomeView, _ now: Date, _ calendar: Calendar) -> String {
        guard let last = home.lastVisit else { return neverVisited }
        return lastVisit(day(of: last.at, now, calendar), of(.ofOutcome(of: last.outcome)))
    }
    /// What a draft is of, and what stands in it.
    public func draft(_ draft: DraftView, at home: String?) -> (title: String, text: String) {
        switch draft.fields {
        case .ofVisit(let fields): (joined([visit, home]), fields.note)
        case .ofMatter(let fields): (joined([matter, home]), fields.summary)
        }
    }
    public func resident(_ resident: ResidentView) -> String {
        joined([resident.name, resident.birthYear.map { String($0) }, of(.ofResidency(of: resident.kind))])
    }
    public func visit(_ visit: VisitView, _ now: Date, _ calendar: Calendar) -> String {
        joined([day(of: visit.startedAt, now, calendar), of(.ofMode(of: visit.mode)), of(.ofVisit(of: visit.state))])
    }
    /// What is to be seen of a matter at a glance; its state first.
    public func marks(of matter: MatterView, isPractice: Bool) -> [String] {
        var marks = [of(.ofMatter(of: matter.state))]
        if matter.urgency == .urgent { marks.append(of(.ofUrgency(of: matter.urgency))) }
        if matter.isOverdue { marks.append(overdue) }
        return marks + self.marks(of: matter.sync, isPractice: isPractice)
    }
    /// How far it has come. What is practice is never sent and has no such mark.
    public func marks(of sync: SyncState, isPractice: Bool) -> [String] {
        switch sync {
        case .queued: isPractice ? [] : [unsent]
        case .quarantined: [quarantine]
        case .acknowledged: []
        }
    }
    public func marks(of home: HomeView, isPractice: Bool) -> [String] {
        let matters = home.openMattersCount > 0 ? [openMatters(home.openMattersCount)] : []
        return matters + (home.hasConflict ? [clash] : []) + (home.unsent && !isPractice ? [unsent] : [])
    }

    /// How much waits to be sent, and since when.
    public func unsent(of status: SyncStatus, _ now: Date) -> String {
        guard status.unsentCount > 0 else { return allSent }
        return joined([unsentCount(status.unsentCount), status.oldestUnsentAt.map { oldest(age(of: $0, now)) }])
    }
    public func lastSuccess(of status: SyncStatus, _ now: Date) -> String {
        status.lastSuccessAt.map { lastSuccess(age(of: $0, now)) } ?? neverSynced
    }
    public func held(of status: SyncStatus) -> String {
        held(conflicts: status.conflictsCount, quarantined: status.quarantinedCount)
    }
    public func progress(_ progress: SyncProgress) -> String {
        phase(progress.phase, progress.totalCount.map { "\(progress.doneCount) / \($0)" } ?? "\(progress.doneCount)")
    }
    public func title(of conflict: ConflictView) -> String { labelled(conflict.title, of(.ofField(of: conflict.field))) }
    /// What somebody wrote, and when.
    public func side(_ side: ConflictSide, _ now: Date, _ calendar: Calendar) -> String {
        joined([self.side(of: side.whoName ?? someone, text(of: side.value)), day(of: side.at, now, calendar)])
    }
    public func before(of conflict: ConflictView) -> String { before(text(of: conflict.base)) }
    public func text(of value: ConflictValue) -> String { value.text.isEmpty ? emptyValue : value.text }
    public func title(of held: QuarantineView) -> String { labelled(of(.ofRecord(of: held.kind)), held.title) }

    /// Whose profile it is, and where they work; before enrolment its number.
    public func title(of profile: KnownProfile) -> String { profile.staffName ?? profileNumber(profile.number) }
    public func areas(of profile: KnownProfile) -> String {
        profile.staffName == nil ? notEnrolled : several(profile.areaNames)
    }
    /// How a profile stands, for who may leave work in it.
    public func marks(of profile: KnownProfile) -> [String] {
        if profile.isOpen { return [profileOpen] }
        return profile.unsentCount == 0 ? [] : [maybeUnsent(profile.unsentCount)]
    }

    func joined(_ parts: [String?]) -> String {
        parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }
}

extension SyncProgress {
    /// From 0 to 1, where the end is known.
    public var fraction: Double? {
        totalCount.flatMap { $0 > 0 ? min(1, Double(doneCount) / Double($0)) : nil }
    }
}
