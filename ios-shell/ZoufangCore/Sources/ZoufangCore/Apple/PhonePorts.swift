// Apple's systems only: nothing here is compiled by `make ios`.
#if canImport(CryptoKit) && canImport(Security) && canImport(Network)
import Foundation

extension ClientOwner {
    /// Owns the client of this phone: keys in Keychain and Secure Enclave, the databases in the app's own container.
    public static func ofPhone() -> ClientOwner {
        let parent = {
            try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        }
        // The first profile's key has the name that it had when there was one.
        let profiles = Profiles(in: parent, vault: KeychainVault(), network: PathNetwork()) { profile in
            SecureEnclaveSigner(name: profile.map { "device-\($0)" } ?? "device")
        }
        return ClientOwner(profiles)
    }
}
#endif
