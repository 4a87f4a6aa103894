import Foundation
import ZoufangBindings

/// News on its way to who reads a stream. The core tells all listeners from one thread, so a listener puts the news here and returns; what
/// has not been read yet waits merged, and nothing piles up.
///
/// Readers are resumed outside the lock: resuming takes the lock of the reader's task, and a task that is cancelled calls `end` while it
/// holds that lock.
final class Inbox<News: Sendable>: Ending, @unchecked Sendable {
    private let lock = NSLock()  // held for each access to what stands below
    private var waiting: News?
    private var readers: [CheckedContinuation<News?, Never>] = []
    private var hasEnded = false
    private let merge: @Sendable (News, News) -> News

    init(_ first: News?, merge: @escaping @Sendable (News, News) -> News) {
        waiting = first
        self.merge = merge
    }
    func put(_ news: News) {
        let reader: CheckedContinuation<News?, Never>? = lock.withLock {
            if hasEnded { return nil }
            if !readers.isEmpty { return readers.removeFirst() }
            waiting = waiting.map { merge($0, news) } ?? news
            return nil
        }
        reader?.resume(returning: news)
    }
    /// The next news; nothing once it has ended.
    func next() async -> News? {
        await withCheckedContinuation { reader in
            let (isAnswered, news): (Bool, News?) = lock.withLock {
                if waiting == nil && !hasEnded {
                    readers.append(reader)
                    return (false, nil)
                }
                defer { waiting = nil }
                return (true, waiting)
            }
            if isAnswered { reader.resume(returning: news) }
        }
    }
    /// Whoever reads is told that nothing more comes.
    func end() {
        let left = lock.withLock {
            hasEnded = true
            waiting = nil
            defer { readers = [] }
            return readers
        }
        for reader in left { reader.resume(returning: nil) }
    }
}

/// What can be told that nothing more comes.
protocol Ending: AnyObject, Sendable {
    func end()
}

/// The inboxes of the streams that there are, to end them together. It keeps none of them alive.
final class OpenInboxes: @unchecked Sendable {
    private struct Open {
        weak var inbox: (any Ending)?
    }
    private let lock = NSLock()  // held for each access to what stands below
    private var open: [Open] = []
    private var hasEnded = false

    func add(_ inbox: any Ending) {
        let isLate = lock.withLock {
            open.removeAll { $0.inbox == nil }
            open.append(Open(inbox: inbox))
            return hasEnded
        }
        if isLate { inbox.end() }
    }
    func end() {
        let ending = lock.withLock {
            hasEnded = true
            return open.compactMap(\.inbox)
        }
        for inbox in ending { inbox.end() }
    }
}

/// What a stream holds: its subscription ends with it.
final class Hearing<News: Sendable>: Sendable {
    private let inbox: Inbox<News>
    private let subscription: any SubscriptionProtocol

    init(_ inbox: Inbox<News>, _ subscription: any SubscriptionProtocol) {
        self.inbox = inbox
        self.subscription = subscription
    }
    deinit {
        subscription.cancel()
    }
    func next() async -> News? { await inbox.next() }
}

extension AsyncStream where Element: Sendable {
    /// A stream of what comes to `inbox`. It lets go of the subscription when it ends: when its reader stops reading or is cancelled.
    init(of inbox: Inbox<Element>, subscription: any SubscriptionProtocol) {
        let hearing = Hearing(inbox, subscription)
        self.init(unfolding: { await hearing.next() }, onCancel: { inbox.end() })
    }
}

final class ChangeEar: ChangeListener {
    private let inbox: Inbox<Change>
    init(_ inbox: Inbox<Change>) { self.inbox = inbox }
    func changed(change: Change) { inbox.put(change) }
}

final class ProgressEar: SyncListener {
    private let inbox: Inbox<SyncProgress>
    init(_ inbox: Inbox<SyncProgress>) { self.inbox = inbox }
    func progressed(progress: SyncProgress) { inbox.put(progress) }
}

extension Change {
    /// Anything may have changed: what a stream begins with.
    static let anything = Change(kinds: RecordKind.allCases, ids: [], drafts: true, status: true)

    /// Two changes told as one: it names at least what each of them named. Kinds without ids are any records of those kinds.
    func merged(with next: Change) -> Change {
        let isAny = (!kinds.isEmpty && ids.isEmpty) || (!next.kinds.isEmpty && next.ids.isEmpty)
        let allIds = ids + next.ids.filter { !ids.contains($0) }
        return Change(
            kinds: kinds + next.kinds.filter { !kinds.contains($0) },
            ids: isAny || allIds.count > Change.idsMaxCount ? [] : allIds,
            drafts: drafts || next.drafts,
            status: status || next.status
        )
    }
    /// Most records that one change names; beyond, it says any.
    private static let idsMaxCount = 100
}
