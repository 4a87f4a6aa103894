import Foundation
import ZoufangClient

/// Keys for as long as the process lives. For tests.
public final class MemoryKeyVault: KeyVault, @unchecked Sendable {
    private let lock = NSLock()  // held for each access to the keys
    private var keys: [String: Data] = [:]

    public init() {}
    public func fetch(name: String) -> Data? { lock.withLock { keys[name] } }
    public func store(name: String, key: Data) { lock.withLock { keys[name] = key } }
    public func erase(name: String) { lock.withLock { _ = keys.removeValue(forKey: name) } }
}

/// Keys in files of a folder, one a name, readable for their owner alone. For development: who reads the folder reads the database. An app
/// keeps its keys in the Keychain.
public final class FileKeyVault: KeyVault {
    private let folder: URL

    public init(_ folder: URL) { self.folder = folder }
    public func fetch(name: String) throws -> Data? { try SecretFile(at: file(name)).read() }
    public func store(name: String, key: Data) throws { try SecretFile(at: file(name)).replace(with: key) }
    public func erase(name: String) throws { try SecretFile(at: file(name)).remove() }
    private func file(_ name: String) -> URL { folder.appendingPathComponent("\(name).key") }
}
