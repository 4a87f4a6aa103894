import Foundation

#if canImport(CryptoKit)
import CryptoKit

/// A P-256 key pair, by CryptoKit.
struct SoftwareKey: Sendable {
    private let key: P256.Signing.PrivateKey

    init() throws { key = P256.Signing.PrivateKey() }
    init(der: Data) throws { key = try P256.Signing.PrivateKey(derRepresentation: der) }
    func der() throws -> Data { key.derRepresentation }
    /// The public point, uncompressed.
    func point() throws -> Data { key.publicKey.x963Representation }
    /// ECDSA over SHA-256, as DER.
    func sign(_ message: Data) throws -> Data { try key.signature(for: message).derRepresentation }
}
#else
import CLibCrypto
import ZoufangClient

/// A P-256 key pair, by OpenSSL's libcrypto.
final class SoftwareKey: @unchecked Sendable {
    private let key: OpaquePointer  // not changed after it is made, and libcrypto lets several threads read it

    init() throws {
        key = try made("a key") { EVP_PKEY_new() }
        let context = try made("a context") { EVP_PKEY_CTX_new_from_name(nil, "EC", nil) }
        defer { EVP_PKEY_CTX_free(context) }
        try check(EVP_PKEY_keygen_init(context), "keygen_init")
        try check(EVP_PKEY_CTX_set_group_name(context, "P-256"), "set_group_name")
        var made: OpaquePointer? = key
        try check(EVP_PKEY_generate(context, &made), "generate")
    }
    init(der: Data) throws {
        key = try made("a key from DER") {
            der.withUnsafeBytes { bytes in
                var at = bytes.bindMemory(to: UInt8.self).baseAddress
                return d2i_AutoPrivateKey(nil, &at, bytes.count)
            }
        }
    }
    deinit {
        EVP_PKEY_free(key)
    }
    func der() throws -> Data {
        try written { i2d_PrivateKey(key, &$0) }
    }
    /// The public point, uncompressed.
    func point() throws -> Data {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = EVP_PKEY_get1_encoded_public_key(key, &bytes)
        defer { CRYPTO_free(bytes, nil, 0) }
        guard count > 0, let bytes else { throw PortError.Failed(what: "get1_encoded_public_key") }
        return Data(bytes: bytes, count: count)
    }
    /// ECDSA over SHA-256, as DER.
    func sign(_ message: Data) throws -> Data {
        let context = try made("a digest context") { EVP_MD_CTX_new() }
        defer { EVP_MD_CTX_free(context) }
        try check(EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key), "DigestSignInit")
        var signature = Data(count: Int(EVP_PKEY_get_size(key)))
        var count = signature.count
        let result = signature.withUnsafeMutableBytes { signature in
            message.withUnsafeBytes { message in
                EVP_DigestSign(
                    context, signature.bindMemory(to: UInt8.self).baseAddress, &count,
                    message.bindMemory(to: UInt8.self).baseAddress, message.count
                )
            }
        }
        try check(result, "DigestSign")
        return signature.prefix(count)
    }
}

/// What an `i2d_` function writes into memory that it allocates.
private func written(_ write: (inout UnsafeMutablePointer<UInt8>?) -> Int32) throws -> Data {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = write(&bytes)
    defer { CRYPTO_free(bytes, nil, 0) }
    guard count > 0, let bytes else { throw PortError.Failed(what: "i2d") }
    return Data(bytes: bytes, count: Int(count))
}

private func made(_ what: String, _ make: () -> OpaquePointer?) throws -> OpaquePointer {
    guard let made = make() else { throw PortError.Failed(what: "libcrypto gives no \(what)") }
    return made
}

private func check(_ result: Int32, _ what: String) throws {
    guard result == 1 else { throw PortError.Failed(what: "libcrypto: \(what)") }
}
#endif
