import Foundation
import ZoufangClient
import ZoufangDesktop

func firstVisit(folder: URL, picture: String) async throws -> VisitView {
    let ports = Ports(
        vault: FileKeyVault(folder),  // on iOS: a key in the Keychain, on this device only
        signer: try SoftwareSigner(inFolder: folder),  // on iOS: a P-256 key inside the Secure Enclave
        connectivity: FixedNetwork()  // on iOS: what NWPathMonitor says
    )
    let database = folder.appendingPathComponent("zoufang.db")
    let client = try await ZoufangClient.open(OpenOptions(path: database.path), ports: ports)

    _ = try await client.enrol(client.readQr(picture))  // once a phone: the supervisor's one-time code
    _ = try await client.sync()  // the homes come down

    // From here on no network is needed.
    let visit = try await client.call { core in
        let home = try core.households.list(page: Page(takeCount: 50))[0]
        let draft = VisitDraft(household: home.household, mode: .door, outcome: .done, note: "家中两位老人，暖气正常")
        return try core.visits.save(draft: draft)
    }
    try await client.close()
    return visit  // saved, encrypted, and sent with the next sync
}
