// Apple's systems only: nothing here is compiled by `make ios`.
#if canImport(CryptoKit) && canImport(Security) && canImport(Network)
import Foundation

extension ClientOwner {
    /// Owns the client of this phone: keys in Keychain and Secure Enclave, the databases in the app's own container.
    public static func ofPhone() -> ClientOwner {
        ClientOwner(
            Profiles(
                in: Profiles.container, vault: KeychainVault(), network: PathNetwork(),
                deviceKey: { SecureEnclaveSigner(name: Profiles.deviceKeyName(of: $0)) }
            ))
    }
}
#endif
