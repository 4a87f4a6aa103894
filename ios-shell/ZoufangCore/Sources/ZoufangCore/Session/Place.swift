import Foundation

/// A database of this phone. One at a time is open.
public enum Place: Sendable, Hashable {
    /// Somebody's own work. The first profile of a phone has no name.
    case profile(String?)
    /// Made-up homes to try everything on. No server knows of it.
    case practice
}

/// The network of practice: there is none, and none that comes back.
final class NoNetwork: PhoneNetwork {
    func state() -> NetworkState { .offline }
    var states: AsyncStream<NetworkState> {
        AsyncStream { ear in
            ear.yield(.offline)
            ear.finish()
        }
    }
}
