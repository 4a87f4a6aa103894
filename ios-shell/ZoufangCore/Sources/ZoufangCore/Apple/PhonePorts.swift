// Apple's systems only: nothing here is compiled by `make ios`.
#if canImport(CryptoKit) && canImport(Security) && canImport(Network)
import Foundation

extension ClientOwner {
    /// Owns the client of this phone: keys in Keychain and Secure Enclave, the database in the app's own container.
    public static func ofPhone() -> ClientOwner {
        let network = PathNetwork()
        return ClientOwner(network: network) {
            try await ProfileFolder.ofApp().open(vault: KeychainVault(), key: SecureEnclaveSigner(), network: network)
        }
    }
}
#endif
