import Foundation
import ZoufangClient

/// A device key in software, on P-256. For tests and development: an app keeps its key where nobody copies it from.
public final class SoftwareSigner: Signer {
    private let key: SoftwareKey

    /// A new key, for as long as the process lives.
    public init() throws { key = try SoftwareKey() }
    /// The key in a folder, as `device.key` (DER); made there if there is none.
    public init(inFolder folder: URL) throws {
        let file = SecretFile(at: folder.appendingPathComponent("device.key"))
        if let kept = try file.read() {
            key = try SoftwareKey(der: kept)
        } else {
            key = try SoftwareKey()
            try file.replace(with: key.der())
        }
    }
    public func publicKey() throws -> Data { try key.point() }
    public func sign(message: Data) throws -> Data { try key.sign(message) }
}
