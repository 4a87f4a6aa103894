// Apple's systems only: Linux has no Security framework, so nothing here is compiled by `make ios`.
#if canImport(Security)
import Foundation
import Security

/// Keys in the Keychain: on this device only, in no backup, readable once the phone was unlocked after it started.
public final class KeychainVault: KeyVault {
    private let service: String

    public init(service: String = "org.zoufang.vault") {
        self.service = service
    }

    /// Nothing only when there surely is no such key: "not readable now" must never look like it, or the core would make a new key beside a
    /// database that nobody opens again.
    public func fetch(name: String) throws -> Data? {
        var query = item(name)
        query[kSecReturnData as String] = true
        query[kSecMatchLimit as String] = kSecMatchLimitOne
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess:
            guard let key = found as? Data else { throw PortError.Unusable }
            return key
        case errSecItemNotFound: return nil
        case let status: throw failure(status)
        }
    }

    public func store(name: String, key: Data) throws {
        let content: [String: Any] = [
            kSecValueData as String: key,
            kSecAttrAccessible as String: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        var status = SecItemUpdate(item(name) as CFDictionary, content as CFDictionary)
        if status == errSecItemNotFound {
            status = SecItemAdd(item(name).merging(content) { $1 } as CFDictionary, nil)
        }
        guard status == errSecSuccess else { throw failure(status) }
    }

    public func erase(name: String) throws {
        let status = SecItemDelete(item(name) as CFDictionary)
        guard status == errSecSuccess || status == errSecItemNotFound else { throw failure(status) }
    }

    private func item(_ name: String) -> [String: Any] {
        [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrAccount as String: name,
            kSecAttrSynchronizable as String: false,
            kSecUseDataProtectionKeychain as String: true,
        ]
    }
}

/// What the Keychain's answer means to the core.
func failure(_ status: OSStatus) -> PortError {
    switch status {
    case errSecInteractionNotAllowed, errSecNotAvailable: .Locked
    case errSecDecode, errSecAuthFailed: .Unusable
    default: .Failed(what: "keychain \(status)")
    }
}
#endif
