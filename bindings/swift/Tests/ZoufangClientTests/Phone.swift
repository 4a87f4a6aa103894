import Foundation
import Testing
import ZoufangDesktop
import ZoufangStage

@testable import ZoufangClient

let firstPage = Page(skipCount: 0, takeCount: 50)

/// A folder that goes with its owner.
final class TemporaryFolder: Sendable {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("zoufang-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}

/// A phone with its database and its keys in a folder of its own.
struct Phone {
    let client: ZoufangClient
    let folder: TemporaryFolder

    /// Open, not enrolled.
    static func fresh() async throws -> Phone {
        let folder = try TemporaryFolder()
        return Phone(client: try await open(in: folder.url), folder: folder)
    }
    /// Enrolled, with its homes.
    static func synced(with stage: Stage, as name: String = "") async throws -> Phone {
        let phone = try await fresh()
        _ = try await phone.client.enrol(phone.client.readQr(stage.code(of: name).qr))
        #expect(try await phone.client.sync().complete)
        return phone
    }
    static func open(in folder: URL, ports: Ports? = nil) async throws -> ZoufangClient {
        let path = folder.appendingPathComponent("phone.db").path
        return try await ZoufangClient.open(OpenOptions(path: path), ports: ports ?? .desktop(inFolder: folder))
    }
    /// The same database, as after the app was killed.
    func reopened() async throws -> ZoufangClient { try await Phone.open(in: folder.url) }

    func homes() async throws -> [HomeView] {
        try await client.call { try $0.households.list(page: firstPage) }
    }
    @discardableResult
    func saveVisit(_ home: HomeView, note: String = "家中平安") async throws -> VisitView {
        let draft = VisitDraft(household: home.household, mode: .door, outcome: .done, note: note)
        return try await client.call { try $0.visits.save(draft: draft) }
    }
    func status() async throws -> SyncStatus {
        try await client.call { try $0.syncStatus() }
    }
}

extension AsyncSequence {
    /// The first element that is as wanted. The test's time limit bounds it.
    func first() async throws -> Element {
        for try await element in self { return element }
        throw Missing("the stream has ended")
    }
}

/// Expects a refusal, written as what can be done about it, the message's id, and what it is about if it says so.
func expectRefused<Answer>(_ expected: String, at location: SourceLocation = #_sourceLocation, _ work: () async throws -> Answer) async {
    let found: String
    do {
        _ = try await work()
        found = "nothing"
    } catch let error as CoreError {
        let next = "\(error)".prefix { $0 != "(" }
        switch error {
        case .MendField(let text, let what), .NotHere(let text, let what), .Unexpected(let text, let what):
            found = "\(next) \(text.id): \(what)"
        default: found = "\(next) \(error.said.id)"
        }
    } catch {
        found = "\(error)"
    }
    #expect(found == expected, sourceLocation: location)
}
