import Foundation

/// One of the phone's databases. One is open at a time.
public enum Place: Sendable, Hashable {
    /// Somebody's own work; without a name the phone's first.
    case profile(String?)
    /// Made-up homes, which belong to no server.
    case practice
}

/// What is shown of a profile, also while another is open.
public struct KnownProfile: Sendable, Hashable, Identifiable {
    /// The app's own name for its files; nothing for the phone's first.
    public let name: String?
    /// What people count by: 1 for the phone's first.
    public let number: Int
    /// Whose it is; nothing before enrolment.
    public let staffName: String?
    /// The micro-grids, by name; empty before enrolment.
    public let areaNames: [String]
    /// Entries that were not sent when it was left; nothing when that is not known, because the app ended without a word.
    public let unsentCount: UInt64?
    public let isOpen: Bool
    public var id: Int { number }
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
