import Foundation

/// The device's key, which can be made anew.
public protocol DeviceKey: Signer {
    /// Forgets it for good; the next call makes another.
    func forget() throws
}

/// Where the databases lie, and what opens them: in the app's own container, never in one that is shared with extensions, whose locks iOS does
/// not forgive.
public struct ProfileFolder: Sendable {
    let network: any PhoneNetwork
    private let parent: @Sendable () throws -> URL
    private let vault: any KeyVault
    private let key: any DeviceKey

    /// `parent` is asked for at each opening, because the system may refuse it for a while.
    public init(
        in parent: @escaping @Sendable () throws -> URL, vault: any KeyVault, key: any DeviceKey, network: any PhoneNetwork
    ) {
        (self.parent, self.vault, self.key, self.network) = (parent, vault, key, network)
    }

    /// Opens what lies there.
    public func open(_ place: Place) async throws -> ZoufangClient {
        let folder = try made()
        switch place {
        case .practice: return try await ZoufangClient.openPractice(in: folder, vault: vault)
        case .profile: return try await openProfile(in: folder)
        }
    }
    /// Throws away what was tried in practice and opens it anew. It is not open meanwhile.
    public func restartPractice() async throws -> ZoufangClient {
        try await ZoufangClient.restartPractice(in: made(), vault: vault)
    }

    /// Without a database there is no device yet, or no longer: the server knows the key of one that it revoked and takes it never again, and a
    /// Keychain outlives an app that is deleted. So a new database goes with a new key. Practice never comes here.
    private func openProfile(in folder: URL) async throws -> ZoufangClient {
        let database = folder.appendingPathComponent("zoufang.db")
        if try !isThere(database) { try key.forget() }
        return try await ZoufangClient.open(
            OpenOptions(path: database.path), ports: Ports(vault: vault, signer: key, connectivity: network))
    }
    /// Whether there is one; a folder that cannot be looked into is an error, not "none".
    private func isThere(_ file: URL) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path).contains(file.lastPathComponent)
    }

    /// The folder, made if there is none. It goes into no backup, as its keys go nowhere either, and is readable from the first unlock on, for
    /// syncs in the background.
    private func made() throws -> URL {
        var folder = try parent().appendingPathComponent("profile", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #if os(iOS)
        let protection: [FileAttributeKey: Any] = [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication]
        try FileManager.default.setAttributes(protection, ofItemAtPath: folder.path)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        try folder.setResourceValues(values)
        #endif
        return folder
    }
}
