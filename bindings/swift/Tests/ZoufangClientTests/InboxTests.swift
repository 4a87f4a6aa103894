import Foundation
import Testing

@testable import ZoufangClient

@Suite struct InboxTests {
    private static let roundsCount = 20_000

    /// A task that is cancelled calls `end` with its own lock held, and news resumes it: in the other order the two would wait for each
    /// other for good.
    @Test(.timeLimit(.minutes(2)))
    func newsAndCancellationAtOnceNeverWaitForEachOther() async {
        for _ in 0..<Self.roundsCount {
            let inbox = Inbox<Int>(nil, merge: { $0 + $1 })
            // It reads until it is told that nothing more comes; the first news says that it has begun.
            let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
            let reading = Task.detached {
                await withTaskCancellationHandler {
                    while await inbox.next() != nil { hasBegun.yield() }
                    hasBegun.finish()
                } onCancel: {
                    inbox.end()
                }
            }
            inbox.put(0)
            for await _ in begun { break }
            let telling = Task.detached { for news in 1...20 { inbox.put(news) } }
            reading.cancel()
            await reading.value
            await telling.value
        }
    }
}
