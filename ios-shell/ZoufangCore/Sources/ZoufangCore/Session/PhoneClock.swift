import Foundation

/// The phone's time.
public protocol PhoneClock: Sendable {
    var now: Date { get }
    var calendar: Calendar { get }
    /// Waits until then; ends at once when that is past. Throws when its task is cancelled.
    func wait(until then: Date) async throws
}

/// As the system has it.
public struct SystemClock: PhoneClock {
    public init() {}
    public var now: Date { Date() }
    /// The field's days are those of the common calendar, whichever one the phone shows.
    public var calendar: Calendar { Calendar(identifier: .gregorian) }
    public func wait(until then: Date) async throws {
        try await Task.sleep(for: .seconds(max(0, then.timeIntervalSince(now))))
    }
}

/// Waits for `work`, but no longer than `seconds`; what has begun goes on.
@MainActor func wait(atMost seconds: TimeInterval, by clock: any PhoneClock, for work: @escaping @MainActor () async -> Void) async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    Task {
        await work()
        end.yield()
    }
    let bound = Task {
        try await clock.wait(until: clock.now.addingTimeInterval(seconds))
        end.yield()
    }
    for await _ in ends { break }
    bound.cancel()
}
