import Foundation
import Testing
import ZoufangClient
import ZoufangDesktop
import ZoufangStage

@Suite(.timeLimit(.minutes(3))) struct PortsTests {
    @Test func aVaultThatThrowsIsAnErrorAndLeavesTheDatabaseAlone() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 2))
        try await phone.client.close()
        let folder = phone.folder.url
        for thrown in [PortError.Locked, PortError.Failed(what: "errSecNotAvailable"), Missing("something else") as any Error] {
            let ports = Ports(vault: BrokenVault(thrown), signer: try SoftwareSigner(inFolder: folder), connectivity: FixedNetwork())
            await expectRefused("UnlockPhone open.key_store") { try await Phone.open(in: folder, ports: ports) }
        }
        let empty = Ports(vault: MemoryKeyVault(), signer: try SoftwareSigner(inFolder: folder), connectivity: FixedNetwork())
        await expectRefused("AskSupervisor open.missing_key") { try await Phone.open(in: folder, ports: empty) }
        let client = try await phone.reopened()
        #expect(try await client.call { try $0.households.list(page: firstPage) }.count == 2)
    }

    @Test func aSignerThatThrowsIsAnErrorBeforeAnythingIsSent() async throws {
        let stage = try await Stage(homes: 1)
        let folder = try TemporaryFolder()
        let signer = MoodySigner(try SoftwareSigner())
        let ports = Ports(vault: MemoryKeyVault(), signer: signer, connectivity: FixedNetwork())
        let client = try await Phone.open(in: folder.url, ports: ports)
        let input = try await client.readQr(stage.code().qr)

        signer.throwFromNowOn(PortError.Locked)
        await expectRefused("UnlockPhone open.key_store") { try await client.enrol(input) }
        signer.throwFromNowOn(Missing("something else"))
        await expectRefused("UnlockPhone open.key_store") { try await client.enrol(input) }
        signer.throwFromNowOn(PortError.Unusable)
        await expectRefused("EnrolAgain session.signature") { try await client.enrol(input) }
        #expect(try await stage.devices().isEmpty)
        signer.throwFromNowOn(nil)
        #expect(try await client.enrol(input).staffName == "测试管理员甲")

        // Signing in signs too.
        signer.throwFromNowOn(PortError.Unusable)
        await expectRefused("EnrolAgain session.signature") { try await client.sync() }
    }

    @Test func aNetworkThatNobodyKnowsIsNoError() async throws {
        let (stage, folder) = (try await Stage(homes: 1), try TemporaryFolder())
        let ports = Ports(vault: FileKeyVault(folder.url), signer: try SoftwareSigner(inFolder: folder.url), connectivity: BrokenNetwork())
        let client = try await Phone.open(in: folder.url, ports: ports)
        _ = try await client.enrol(client.readQr(stage.code().qr))
        #expect(try await client.sync().complete)
    }

    @Test func softwareKeysLastAndAreReadableForTheirOwnerAlone() async throws {
        let folder = try TemporaryFolder()
        let signer = try SoftwareSigner(inFolder: folder.url)
        let point = try signer.publicKey()
        #expect(point.count == 65 && point.first == 4)
        #expect(try SoftwareSigner(inFolder: folder.url).publicKey() == point)
        #expect(try SoftwareSigner().publicKey() != point)

        let vault = FileKeyVault(folder.url)
        #expect(try vault.fetch(name: "database") == nil)
        try vault.erase(name: "database")
        for byte in [UInt8(1), 2] { try vault.store(name: "database", key: Data(repeating: byte, count: 32)) }
        #expect(try FileKeyVault(folder.url).fetch(name: "database") == Data(repeating: 2, count: 32))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(names) == ["device.key", "database.key"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.url.appendingPathComponent(name).path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        try vault.erase(name: "database")
        #expect(try vault.fetch(name: "database") == nil)
    }
}

private final class BrokenVault: KeyVault {
    private let thrown: any Error
    init(_ thrown: any Error) { self.thrown = thrown }
    func fetch(name: String) throws -> Data? { throw thrown }
    func store(name: String, key: Data) throws { throw thrown }
    func erase(name: String) throws { throw thrown }
}

private final class BrokenNetwork: Connectivity {
    func state() throws -> NetworkState { throw Missing("nobody knows") }
}

private final class MoodySigner: Signer, @unchecked Sendable {
    private let lock = NSLock()  // held for each access to what it throws
    private var thrown: (any Error)?
    private let signer: SoftwareSigner

    init(_ signer: SoftwareSigner) { self.signer = signer }
    func throwFromNowOn(_ error: (any Error)?) { lock.withLock { thrown = error } }
    func publicKey() throws -> Data {
        try check()
        return try signer.publicKey()
    }
    func sign(message: Data) throws -> Data {
        try check()
        return try signer.sign(message: message)
    }
    private func check() throws {
        if let thrown = lock.withLock({ thrown }) { throw thrown }
    }
}
