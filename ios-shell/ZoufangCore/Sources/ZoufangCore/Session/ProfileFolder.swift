import Foundation

/// The device's key, which can be made anew.
public protocol DeviceKey: Signer {
    /// Forgets it for good; the next call makes another.
    func forget() throws
}

/// Where the profile lies: in the app's own container, never in one that is shared with extensions, whose locks iOS does not forgive.
public struct ProfileFolder: Sendable {
    private let folder: URL

    public init(in parent: URL) {
        folder = parent.appendingPathComponent("profile", isDirectory: true)
    }
    public static func ofApp() throws -> ProfileFolder {
        ProfileFolder(
            in: try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true))
    }

    public var database: URL { folder.appendingPathComponent("zoufang.db") }

    /// Makes it. It goes into no backup, as its key goes nowhere either, and is readable from the first unlock on, for syncs in the background.
    public func make() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if os(iOS)
        let protection: [FileAttributeKey: Any] = [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication]
        try FileManager.default.setAttributes(protection, ofItemAtPath: folder.path)
        var (excluded, values) = (folder, URLResourceValues())
        values.isExcludedFromBackup = true
        try excluded.setResourceValues(values)
        #endif
    }

    /// Opens what lies there. Without a database there is no device yet, or no longer: the server knows the key of one that it revoked and takes
    /// it never again, and a Keychain outlives an app that is deleted. So a new database goes with a new key.
    public func open(vault: any KeyVault, key: any DeviceKey, network: any PhoneNetwork) async throws -> ZoufangClient {
        try make()
        if try !hasDatabase() { try key.forget() }
        return try await ZoufangClient.open(
            OpenOptions(path: database.path), ports: Ports(vault: vault, signer: key, connectivity: network))
    }
    /// Whether there is one; a folder that cannot be looked into is an error, not "none".
    private func hasDatabase() throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).contains(database.lastPathComponent)
    }
}
