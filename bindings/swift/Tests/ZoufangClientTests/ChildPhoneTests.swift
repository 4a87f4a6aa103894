import Foundation
import Testing
import ZoufangClient
import ZoufangStage

/// What takes a process of its own: being killed, and being measured.
@Suite(.timeLimit(.minutes(5))) struct ChildPhoneTests {
    private let testPhone = ChildProcess.beside.appendingPathComponent("TestPhone")

    @Test func whatWasSavedIsThereAfterAKill() async throws {
        let stage = try await Stage(homes: 5)
        let phone = try await Phone.synced(with: stage)
        try await phone.client.close()

        let killed = try ChildProcess(testPhone, ["save-visits", phone.folder.url.path])
        var printed: [String] = []
        while printed.count < 50 {
            guard let line = try await killed.line() else { throw Missing("it has ended: \(try await killed.errorText())") }
            printed.append(line)
        }
        killed.kill()
        printed += try await killed.lines()
        #expect(try await killed.status() == SIGKILL)

        let again = try await phone.reopened()
        let ids = printed.compactMap { UUID(uuidString: $0) }
        #expect(ids.count == printed.count && Set(ids).count >= 50)
        let found = try await again.call { core in try ids.map { try core.visits.find(id: $0) } }
        #expect(found.allSatisfy { $0.state == .done && $0.sync == .queued && $0.note.hasPrefix("第") })

        // What the server then holds may be one more: saved, and killed before it was printed.
        _ = try await again.sync()
        #expect(try await [ids.count, ids.count + 1].contains(stage.visitsCount()))
    }

    #if os(Linux)
    // Measured by what Linux tells of a process.

    private struct Growth: Decodable {
        let callsKb: Int
        let subscriptionsKb: Int
    }
    private func growth(_ phone: Phone, _ arguments: [String] = []) async throws -> Growth {
        let measured = try ChildProcess(testPhone, ["calls", phone.folder.url.path] + arguments)
        guard let line = try await measured.line() else { throw Missing("it has ended: \(try await measured.errorText())") }
        return try JSONDecoder().decode(Growth.self, from: Data(line.utf8))
    }

    /// 100,000 calls and 10,000 subscriptions and streams. A leak of 32 bytes a call, the least that there is, would be 3 MiB.
    @Test func callsAndSubscriptionsLeaveNothingBehind() async throws {
        let phone = try await Phone.synced(with: Stage(homes: 50))
        try await phone.client.close()
        let clean = try await growth(phone)
        #expect(clean.callsKb < 2_048 && clean.subscriptionsKb < 2_048, "\(clean)")
        let leaking = try await growth(phone, ["leak"])
        #expect(leaking.callsKb > 2_048 && leaking.subscriptionsKb > 2_048, "the measure would not see a leak: \(leaking)")
        print("memory grew by \(clean); where nothing is let go of, by \(leaking)")
    }
    #endif
}
