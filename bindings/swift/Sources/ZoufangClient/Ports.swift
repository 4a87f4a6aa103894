import ZoufangBindings

/// What the core needs from the phone. Its calls come on any thread, from inside calls to the core: an implementation must not call the
/// core. What it throws becomes the error of the call that needed it; a `PortError` says which.
public struct Ports: Sendable {
    /// Where the database's key rests.
    public let vault: any KeyVault
    /// The device's private key.
    public let signer: any Signer
    /// What is known of the network.
    public let connectivity: any Connectivity

    public init(vault: any KeyVault, signer: any Signer, connectivity: any Connectivity) {
        self.vault = vault
        self.signer = signer
        self.connectivity = connectivity
    }
}
