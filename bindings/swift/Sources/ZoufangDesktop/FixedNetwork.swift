import ZoufangClient

/// A network that is as it is said to be.
public final class FixedNetwork: Connectivity {
    private let fixed: NetworkState

    public init(_ state: NetworkState = .unmetered) { fixed = state }
    public func state() -> NetworkState { fixed }
}
