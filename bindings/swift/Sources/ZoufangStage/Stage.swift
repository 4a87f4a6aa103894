// Phones start no programs.
#if os(macOS) || os(Linux)
import Foundation

/// The real server in a process of its own, with made-up homes in one micro-grid, behind a line that can fail: for tests and measurements.
/// The program is `target/debug/stage`, or what ZOUFANG_STAGE names.
public actor Stage {
    public struct Ready: Decodable, Sendable {
        public let serverUrl: String
        public let caPem: String?
    }
    public struct Code: Decodable, Sendable {
        public let qr: String
        public let code: String
    }
    public struct Device: Decodable, Sendable {
        public let id: UUID
        public let staffName: String
        public let status: String
        public let unsentCount: Int
    }
    private struct Count: Decodable { let count: Int }
    private struct Devices: Decodable { let devices: [Device] }
    private struct Silence: Decodable { let silent: Bool }
    private struct Revoked: Decodable { let revoked: Bool }
    private struct BackedUp: Decodable { let backedUp: Bool }
    private struct Restored: Decodable { let restored: Bool }
    private struct Set: Decodable { let set: String }
    private struct Notice: Decodable { let notice: UUID }

    public nonisolated let ready: Ready
    private let process: ChildProcess

    public init(homes: Int = 40, tls: Bool = false) async throws {
        let built = ProcessInfo.processInfo.environment["ZOUFANG_STAGE"]
        let program = built.map { URL(fileURLWithPath: $0) } ?? ChildProcess.root.appendingPathComponent("target/debug/stage")
        process = try ChildProcess(program, ["--homes", "\(homes)"] + (tls ? ["--tls"] : []))
        ready = try await Stage.answer(of: process)
    }
    public func code(of name: String = "") async throws -> Code { try await ask("code \(name)") }
    public func visitsCount() async throws -> Int { (try await ask("visits") as Count).count }
    public func mattersCount() async throws -> Int { (try await ask("matters") as Count).count }
    public func receiptsCount() async throws -> Int { (try await ask("receipts") as Count).count }
    /// A visit day of all homes: today's, in time for two days more, or that of some days ago, in time on that day alone.
    public func visitDay(_ name: String, daysAgo: Int = 0) async throws { _ = try await ask("visit_day \(daysAgo) \(name)") as Set }
    /// A notice that holds from today on and waits for receipts.
    public func notice(_ title: String) async throws { _ = try await ask("notice \(title)") as Notice }
    public func devices() async throws -> [Device] { (try await ask("devices") as Devices).devices }
    public func revoke(_ device: UUID) async throws { _ = try await ask("revoke \(device.uuidString.lowercased())") as Revoked }
    /// Keeps the server's database as it is now.
    public func backUp() async throws { _ = try await ask("back_up") as BackedUp }
    /// Puts what was kept last in the server's place: it knows nothing of what was done since.
    public func restore() async throws { _ = try await ask("restore") as Restored }
    /// From now on connections are taken and nothing comes back.
    public func fallSilent() async throws { _ = try await ask("silence") as Silence }
    public func heal() async throws { _ = try await ask("heal") as Silence }

    private var lastQuestion: Task<Void, Never>?

    /// One question after the other: the answers come in order and say nothing of what was asked.
    private func ask<Answer: Decodable & Sendable>(_ command: String) async throws -> Answer {
        let (before, process) = (lastQuestion, process)
        let question = Task<Answer, any Error> {
            await before?.value
            try process.write(command)
            return try await Stage.answer(of: process)
        }
        lastQuestion = Task { _ = try? await question.value }
        return try await question.value
    }
    private static func answer<Answer: Decodable>(of process: ChildProcess) async throws -> Answer {
        guard let line = try await process.line() else { throw Missing("the stage has ended: \(try await process.errorText())") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Answer.self, from: Data(line.utf8))
        } catch {
            throw Missing("the stage says \(line)")
        }
    }
}
#endif
