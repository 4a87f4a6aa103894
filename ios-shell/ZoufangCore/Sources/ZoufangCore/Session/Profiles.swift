import Foundation

/// The device's key, which can be made anew.
public protocol DeviceKey: Signer {
    /// Forgets it for good; the next call makes another.
    func forget() throws
}

/// What the names begin with that the app gives to profiles after the first: p2, p3 and on.
private let namePrefix = "p"

/// The databases of this phone, in one folder: the profiles, and practice. Each profile has its own key in the vault, by the core's naming, and its
/// own device key: a server takes each device key once, and what one person signs with is never another's. The folder lies in the app's own
/// container, never in one that is shared with extensions, whose locks iOS does not forgive.
public struct Profiles: Sendable {
    let network: any PhoneNetwork
    private let parent: @Sendable () throws -> URL
    private let vault: any KeyVault
    private let deviceKey: @Sendable (_ profile: String?) -> any DeviceKey
    private let remembered = Remembered()

    /// `parent` is asked each time, because the system may refuse it for a while.
    public init(
        in parent: @escaping @Sendable () throws -> URL, vault: any KeyVault, network: any PhoneNetwork,
        deviceKey: @escaping @Sendable (_ profile: String?) -> any DeviceKey
    ) {
        (self.parent, self.vault, self.network, self.deviceKey) = (parent, vault, network, deviceKey)
    }

    /// The app's own container.
    public static let container: @Sendable () throws -> URL = {
        try FileManager.default.url(for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
    }
    /// Under which name a profile's device key is kept. The first one's has the name that it had when there was one profile a phone.
    public static func deviceKeyName(of profile: String?) -> String { profile.map { "device-\($0)" } ?? "device" }

    /// The profile that was open last, if it is still there, or else the first. Practice is never where the app begins.
    func lastUsed() async -> Place {
        guard let folder = try? made(), let last = remembered.last(in: folder) else { return .profile(nil) }
        let isThere = (try? await ZoufangClient.profiles(in: folder).contains(last)) ?? false
        return .profile(isThere ? last : nil)
    }

    /// Opens it, making it if there is none.
    func open(_ place: Place) async throws -> ZoufangClient {
        let folder = try made()
        guard case .profile(let name) = place else { return try await ZoufangClient.openPractice(in: folder, vault: vault) }
        let key = deviceKey(name)
        // Without a database there is no device yet, or no longer: the server knows the key of one that it revoked and takes it never again, and a
        // Keychain outlives an app that is deleted. So a new database goes with a new key.
        if try await !ZoufangClient.profiles(in: folder).contains(name) { try key.forget() }
        return try await ZoufangClient.openProfile(in: folder, name: name, ports: ports(key))
    }

    /// Moves its database out of the way; nothing is deleted. It must be closed.
    func setAside(_ profile: String?) async throws {
        let folder = try made()
        let before = remembered.aside(profile, in: folder)
        // First: when the app is killed half-way, the work in it is looked for all the same.
        remembered.mark(profile, .waits, in: folder)
        do {
            try await ZoufangClient.setAsideProfile(in: folder, name: profile, ports: ports(deviceKey(profile)))
        } catch {
            remembered.mark(profile, before, in: folder)
            throw error
        }
    }
    /// What becomes of work in databases that were set aside.
    func aside(_ place: Place) -> Aside? {
        guard case .profile(let name) = place, let folder = try? made() else { return nil }
        return remembered.aside(name, in: folder)
    }
    /// A person has read what was taken up.
    func markTold(_ place: Place) {
        if case .profile(let name) = place, let folder = try? made() { remembered.mark(name, .told, in: folder) }
    }
    private func ports(_ key: any DeviceKey) -> Ports { Ports(vault: vault, signer: key, connectivity: network) }

    /// Throws away what was tried in practice and opens it anew. It is closed meanwhile.
    func beginPracticeAnew() async throws -> ZoufangClient {
        try await ZoufangClient.restartPractice(in: made(), vault: vault)
    }

    /// All profiles, the first one first.
    func list(open: Place?) async throws -> [KnownProfile] {
        let folder = try made()
        let names = try await ZoufangClient.profiles(in: folder)
        return (names.contains(nil) ? names : [nil] + names)
            .map { name in
                let known = remembered.known(name, in: folder)
                return KnownProfile(
                    name: name, number: number(of: name), staffName: known?.staff, areaNames: known?.areas ?? [],
                    unsentCount: known == nil ? 0 : known?.unsent, isOpen: open == .profile(name))
            }
            .sorted { $0.number < $1.number }
    }

    /// One for another person. One that was added before and never enrolled is taken again.
    func another() async throws -> Place {
        let known = try await list(open: nil)
        if let unused = known.first(where: { $0.staffName == nil && $0.number > 1 }) { return .profile(unused.name) }
        return .profile("\(namePrefix)\((known.last?.number ?? 1) + 1)")
    }

    /// Keeps what an open profile says of itself, to be shown while another is open.
    func keep(_ profile: String?, _ enrolled: Enrolled?, unsentCount: UInt64?) async {
        if let folder = try? made() { remembered.keep(profile, enrolled, unsentCount: unsentCount, in: folder) }
    }

    /// Names are the app's own; of any other the list still has an end.
    private func number(of name: String?) -> Int {
        name.map { Int($0.dropFirst(namePrefix.count)) ?? Int(Int32.max) } ?? 1
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
