// Apple's systems only: Linux has no Network framework, so nothing here is compiled by `make ios`.
#if canImport(Network)
import Foundation
import Network

/// The network as NWPathMonitor tells it.
public final class PathNetwork: PhoneNetwork, @unchecked Sendable {
    private let monitor = NWPathMonitor()
    private let lock = NSLock()  // held for each access to what stands below
    private var known: NetworkState
    private var ears: [UUID: AsyncStream<NetworkState>.Continuation] = [:]

    public init() {
        known = PathNetwork.state(of: monitor.currentPath)
        monitor.pathUpdateHandler = { [weak self] path in self?.tell(PathNetwork.state(of: path)) }
        monitor.start(queue: DispatchQueue(label: "org.zoufang.network"))
    }
    deinit {
        monitor.cancel()
    }

    public func state() -> NetworkState { lock.withLock { known } }

    public var states: AsyncStream<NetworkState> {
        let (stream, ear) = AsyncStream.makeStream(of: NetworkState.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        ear.onTermination = { [weak self] _ in self?.forget(id) }
        let now = lock.withLock {
            ears[id] = ear
            return known
        }
        ear.yield(now)
        return stream
    }

    private func forget(_ id: UUID) {
        _ = lock.withLock { ears.removeValue(forKey: id) }
    }
    // Nobody is told inside the lock: a reader that is cancelled just then comes back here.
    private func tell(_ state: NetworkState) {
        let hearing = lock.withLock {
            known = state
            return Array(ears.values)
        }
        for ear in hearing { ear.yield(state) }
    }
    private static func state(of path: NWPath) -> NetworkState {
        guard path.status == .satisfied else { return .offline }
        return path.isExpensive || path.isConstrained ? .metered : .unmetered
    }
}
#endif
