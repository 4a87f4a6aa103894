/// What the phone knows of its network. The core asks for it; the shell hears of it too.
public protocol PhoneNetwork: Connectivity {
    /// How it is now, and again each time that it changes. Each access is a stream of its own.
    var states: AsyncStream<NetworkState> { get }
}
