// Apple's systems only: Linux has no CryptoKit, so nothing here is compiled by `make ios`.
#if canImport(CryptoKit) && canImport(Security)
import CryptoKit
import Foundation

/// The device's P-256 key, inside the Secure Enclave: it signs there and never leaves it. What lies in the Keychain is the enclave's own
/// wrapping of it, useless on any other phone.
public final class SecureEnclaveSigner: DeviceKey, @unchecked Sendable {
    private let name: String
    private let vault: KeychainVault
    private let lock = NSLock()  // held while the key is looked for or made
    private var known: SecureEnclave.P256.Signing.PrivateKey?

    /// Touches nothing yet: the key is made when it is first asked for. Keys of different names have nothing to do with each other.
    public init(name: String, vault: KeychainVault = KeychainVault(service: "org.zoufang.signer")) {
        (self.name, self.vault) = (name, vault)
    }

    /// The public point, uncompressed: 65 bytes.
    public func publicKey() throws -> Data { try key().publicKey.x963Representation }
    /// ECDSA over SHA-256, as DER.
    public func sign(message: Data) throws -> Data {
        do {
            return try key().signature(for: message).derRepresentation
        } catch let error as PortError {
            throw error
        } catch {
            throw failure(of: error)
        }
    }

    public func forget() throws {
        try lock.withLock {
            try vault.erase(name: name)
            known = nil
        }
    }

    private func key() throws -> SecureEnclave.P256.Signing.PrivateKey {
        try lock.withLock {
            if let known { return known }
            let key = try kept() ?? made()
            known = key
            return key
        }
    }
    private func kept() throws -> SecureEnclave.P256.Signing.PrivateKey? {
        guard let wrapped = try vault.fetch(name: name) else { return nil }
        do {
            return try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: wrapped)
        } catch {
            throw failure(of: error)
        }
    }
    private func made() throws -> SecureEnclave.P256.Signing.PrivateKey {
        guard SecureEnclave.isAvailable else { throw PortError.Failed(what: "no secure enclave") }
        var refused: Unmanaged<CFError>?
        let access = SecAccessControlCreateWithFlags(nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, &refused)
        guard let access else { throw PortError.Failed(what: "access control") }
        do {
            let key = try SecureEnclave.P256.Signing.PrivateKey(accessControl: access)
            try vault.store(name: name, key: key.dataRepresentation)
            return key
        } catch let error as PortError {
            throw error
        } catch {
            throw failure(of: error)
        }
    }
    /// A phone that is locked says so in the same words as the Keychain; a wrapping of another phone's enclave stays unusable.
    private func failure(of error: any Error) -> PortError {
        let code = (error as NSError).code
        return code == Int(errSecInteractionNotAllowed) ? .Locked : .Unusable
    }
}
#endif
