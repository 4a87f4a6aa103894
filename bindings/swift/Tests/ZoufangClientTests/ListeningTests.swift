import Foundation
import Testing
import ZoufangStage

@testable import ZoufangClient

@Suite(.timeLimit(.minutes(3))) struct ListeningTests {
    @Test func aStreamBeginsWithAnythingAndThenNamesWhatChanged() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 1))
        let home = try await phone.homes()[0]
        var changes = phone.client.changes.makeAsyncIterator()
        let anything = try #require(await changes.next())
        #expect(Set(anything.kinds) == Set(RecordKind.allCases) && anything.ids.isEmpty && anything.drafts && anything.status)
        let saved = try await phone.saveVisit(home)
        let change = try #require(await changes.next())
        #expect(change.kinds.contains(.visit) && change.ids.contains(saved.id) && change.status)
    }

    @Test func whatASlowReaderHasNotReadIsToldAsOne() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 1))
        let home = try await phone.homes()[0]
        let (unread, read) = (phone.client.changes, phone.client.changes)
        var saved: Set<UUID> = []
        for await _ in read {
            if saved.count == 3 { break }
            saved.insert(try await phone.saveVisit(home).id)
        }
        let first = try await unread.first()
        #expect(Set(first.kinds) == Set(RecordKind.allCases) && first.ids.isEmpty, "anything, and three visits, are anything")
    }

    @Test func theSubscriptionEndsWithTheStream() async throws {
        let (left, leftSubscription) = recorded()
        let inbox = Inbox<Int>(7) { $1 }
        for await number in AsyncStream(of: inbox, subscription: leftSubscription) {
            #expect(number == 7)
            break
        }
        try await left.first()

        let (cancelled, cancelledSubscription) = recorded()
        let quiet = AsyncStream(of: Inbox<Int>(nil) { $1 }, subscription: cancelledSubscription)
        let reading = Task { for await _ in quiet {} }
        reading.cancel()
        await reading.value
        try await cancelled.first()
    }

    @Test func closingEndsTheStreams() async throws {
        let phone = try await Phone.fresh()
        let (changes, progress) = (phone.client.changes, phone.client.syncProgress)
        let reading = Task {
            for await _ in changes {}
            for await _ in progress {}
        }
        try await phone.client.close()
        await reading.value
        for await _ in phone.client.changes { throw Missing("nothing changes any more") }
    }

    @Test func aListenerThatThrowsIsLoggedAndHearsTheNext() async throws {
        let (lines, log) = AsyncStream.makeStream(of: String.self)
        try logTo(sink: Sink { level, text in if level == .warning { log.yield(text) } })
        let phone = try await Phone.synced(with: Stage(homes: 1))
        try await phone.client.close()
        let ports = try Ports.desktop(inFolder: phone.folder.url)
        let options = OpenOptions(path: phone.folder.url.appendingPathComponent("phone.db").path)
        let core = try ZoufangCore.open(options: options, vault: ports.vault, signer: ports.signer, connectivity: ports.connectivity)
        let (heard, hears) = AsyncStream.makeStream(of: Change.self)
        let subscription = core.subscribe(listener: Throwing { hears.yield($0) })
        var changes = heard.makeAsyncIterator()
        for _ in 0..<2 {
            let draft = try core.drafts().startMatter(household: nil)
            #expect(try #require(await changes.next()).drafts)
            try core.drafts().discard(id: draft)
            #expect(try #require(await changes.next()).drafts)
        }
        subscription.cancel()
        // Other tests of this process log too.
        let line = await lines.first { $0.hasPrefix("a listener failed") && $0.contains("changes") }
        #expect(line?.contains("secret") == false)
    }

    @Test func twoChangesTellAsOneWhatBothName() {
        func change(_ kinds: [RecordKind], _ ids: [UUID]) -> Change { Change(kinds: kinds, ids: ids, drafts: false, status: true) }
        let ids = (0..<120).map { _ in UUID() }
        let both = change([.visit], Array(ids[1..<3])).merged(with: change([.visit, .matter], Array(ids[2..<4])))
        #expect(both == change([.visit, .matter], Array(ids[1..<4])))
        #expect(change([.visit], []).merged(with: change([.matter], [ids[0]])) == change([.visit, .matter], []))
        #expect(change([.visit], Array(ids[..<60])).merged(with: change([.visit], Array(ids[60...]))) == change([.visit], []))
        let drafts = Change(kinds: [], ids: [], drafts: true, status: false)
        #expect(drafts.merged(with: change([.visit], [ids[0]])).ids == [ids[0]])
    }
}

/// A subscription, and a stream that tells when it is cancelled.
private func recorded() -> (AsyncStream<Void>, any SubscriptionProtocol) {
    let (cancelled, cancel) = AsyncStream.makeStream(of: Void.self)
    return (cancelled, RecordedSubscription(cancel))
}

private final class RecordedSubscription: SubscriptionProtocol {
    private let cancelled: AsyncStream<Void>.Continuation
    init(_ cancelled: AsyncStream<Void>.Continuation) { self.cancelled = cancelled }
    func cancel() { cancelled.yield() }
}

private final class Sink: LogSink {
    private let take: @Sendable (LogLevel, String) -> Void
    init(_ take: @escaping @Sendable (LogLevel, String) -> Void) { self.take = take }
    func line(level: LogLevel, text: String) { take(level, text) }
}

private final class Throwing: ChangeListener {
    private let take: @Sendable (Change) -> Void
    init(_ take: @escaping @Sendable (Change) -> Void) { self.take = take }
    func changed(change: Change) throws {
        take(change)
        throw Missing("a secret of the app")
    }
}
