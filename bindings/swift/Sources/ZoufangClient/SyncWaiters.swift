import Foundation
import ZoufangBindings

/// Who waits for a sync. Several tasks may, and share it; it is called off when the last of them is cancelled. Cancelling a task changes
/// nothing inside the library, so this tells it.
final class SyncWaiters: SyncListener, @unchecked Sendable {
    private let lock = NSLock()  // held for each access to what stands below
    private var waiting: Set<UUID> = []
    private var cancelled: Set<UUID> = []
    private let callOff: @Sendable () -> Void

    init(callOff: @escaping @Sendable () -> Void) {
        self.callOff = callOff
    }
    func enter(_ waiter: UUID) {
        lock.withLock { _ = waiting.insert(waiter) }
    }
    func leave(_ waiter: UUID) {
        lock.withLock {
            waiting.remove(waiter)
            cancelled.remove(waiter)
        }
    }
    func cancel(_ waiter: UUID) {
        lock.withLock { _ = cancelled.insert(waiter) }
        callOffIfNobodyWaits()
    }
    /// A task may be cancelled in the moment in which its sync begins, too early for the library to know that sync. So it is looked at
    /// again with each step of a sync, the first of which comes before anything is sent.
    func progressed(progress: SyncProgress) {
        callOffIfNobodyWaits()
    }
    private func callOffIfNobodyWaits() {
        // Inside the lock: whoever comes now asks for a later sync, which this must not reach.
        lock.withLock {
            if !waiting.isEmpty && waiting == cancelled { callOff() }
        }
    }
}
