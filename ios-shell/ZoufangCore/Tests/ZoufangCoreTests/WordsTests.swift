import Foundation
import Testing

@testable import ZoufangCore

@Suite struct WordsTests {
    private let chinese = Chinese()
    private let english = English()

    @Test func thePhonesLanguageDecides() {
        #expect(wordsOfPhone(["zh-Hans-CN", "en"]).today == "今日走访")
        #expect(wordsOfPhone(["zh-Hant-HK"]).today == "今日走访")
        #expect(wordsOfPhone(["fr-FR", "zh-Hans"]).today == "Today")
        #expect(wordsOfPhone([]).today == "Today")
    }

    @Test func everyWordOfTheFieldHasALabelInBoth() {
        var all: [Word] = Duty.allCases.map { .ofDuty(of: $0) }
        all += VisitMode.allCases.map { .ofMode(of: $0) }
        all += VisitOutcome.allCases.map { .ofOutcome(of: $0) }
        all += MatterKind.allCases.map { .ofMatterKind(of: $0) }
        all += MatterTrack.allCases.map { .ofTrack(of: $0) }
        all += MatterState.allCases.map { .ofMatter(of: $0) }
        for word in all {
            #expect(!chinese.of(word).isEmpty && !english.of(word).isEmpty && chinese.of(word) != english.of(word), "\(word)")
        }
        #expect(chinese.of(.ofMode(of: .door)) == "上门")
    }

    @Test func agesAreSaidInTheLargestFullUnit() {
        #expect(
            [0, 1, 59, 60, 1439, 1440, 2880].map(chinese.age(minutes:)) == ["不到 1 分钟", "1 分钟", "59 分钟", "1 小时", "23 小时", "1 天", "2 天"])
        #expect([0, 1, 60, 1440, 2880].map(english.age(minutes:)) == ["less than a minute", "1 min", "1 h", "1 day", "2 days"])
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(english.age(of: now.addingTimeInterval(600), now) == "less than a minute", "a clock that was turned back")
    }

    @Test func daysAreSaidAsPeopleSayThem() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        func at(_ year: Int, _ month: Int, _ day: Int, _ hour: Int) throws -> Date {
            try #require(calendar.date(from: DateComponents(year: year, month: month, day: day, hour: hour)))
        }
        let now = try at(2026, 1, 2, 0)
        #expect(chinese.day(of: try at(2026, 1, 3, 8), now, calendar) == "明天" && english.day(of: "2026-01-03", now, calendar) == "tomorrow")
        #expect(chinese.day(of: "2025-12-30", plus: 2, now, calendar) == "昨天" && chinese.day(of: "?", now, calendar) == "?")
        let days = try [at(2026, 1, 2, 23), at(2026, 1, 1, 0), at(2025, 12, 31, 23), at(2026, 2, 5, 8)]
        #expect(days.map { chinese.day(of: $0, now, calendar) } == ["今天", "昨天", "2025年12月31日", "2月5日"])
        #expect(days.map { english.day(of: $0, now, calendar) } == ["today", "yesterday", "31 Dec 2025", "5 Feb"])
    }

    @Test func theSyncBarSaysHowItStands() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let nothing = status(unsent: 0)
        #expect(chinese.unsent(of: nothing, now) == "全部已上传" && chinese.lastSuccess(of: nothing, now) == "还没有同步过")
        let some = status(
            unsent: 3, oldest: now.addingTimeInterval(-7200), last: now.addingTimeInterval(-90_000), conflicts: 1, quarantined: 2)
        #expect(chinese.unsent(of: some, now) == "3 条未上传 · 最早的在 2 小时前" && chinese.lastSuccess(of: some, now) == "上次同步在 1 天前")
        #expect(chinese.held(of: some) == "1 处内容不一致，2 条待上级处理")
        #expect(english.held(of: some) == "1 record with differing values, 2 waiting for a supervisor")
        let half = SyncProgress(phase: .pulling, doneCount: 5, totalCount: 10)
        #expect(english.progress(half) == "Receiving 5 / 10" && half.fraction == 0.5)
        #expect(SyncProgress(phase: .pulling, doneCount: 5, totalCount: nil).fraction == nil)
        #expect(english.digits("123456") == "123 456")
    }

    private func status(unsent: UInt64, oldest: Date? = nil, last: Date? = nil, conflicts: UInt64 = 0, quarantined: UInt64 = 0)
        -> SyncStatus
    {
        SyncStatus(
            enrolled: true, complete: true, unsentCount: unsent, oldestUnsentAt: oldest, lastSuccessAt: last, lastError: nil,
            nextSyncAt: nil,
            quarantinedCount: quarantined, conflictsCount: conflicts, revoked: false, wipedCounter: nil
        )
    }
}
