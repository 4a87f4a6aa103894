import Foundation
import ZoufangClient
import ZoufangDesktop
import ZoufangStage

private let callsCount = 100_000
private let pagesCount = 2_000
private let visitsCount = 1_000
private let startsCount = 20
private let firstPage = Page(skipCount: 0, takeCount: 50)

private func open(_ folder: URL) async throws -> ZoufangClient {
    try await ZoufangClient.open(OpenOptions(path: folder.appendingPathComponent("phone.db").path), ports: .desktop(inFolder: folder))
}

struct Bench {
    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zoufang-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let stage = try await Stage(homes: 50)
        let client = try await open(folder)
        _ = try await client.enrol(client.readQr(stage.code().qr))
        _ = try await client.sync()
        try await client.close()

        try await starts(folder)
        let reopened = try await open(folder)
        try await calls(reopened)
        try await reopened.close()
    }

    private func calls(_ client: ZoufangClient) async throws {
        try await measure("call", callsCount) { _ in _ = coreVersion() }
        // The same with the hop to another thread and back that every call of an app makes.
        try await measure("call_dispatched", callsCount) { _ in _ = try await client.call { _ in coreVersion() } }
        try await measure("page_50_homes", pagesCount) { _ in _ = try await client.call { try $0.households.list(page: firstPage) } }
        let homes = try await client.call { try $0.households.list(page: firstPage) }
        try await measure("visit_saved", visitsCount) { number in
            let home = homes[number % homes.count].household
            let draft = VisitDraft(household: home, mode: .door, outcome: .done, note: "家中两位老人，暖气正常")
            _ = try await client.call { try $0.visits.save(draft: draft) }
        }
    }

    /// Each start in a process of its own, over the same profile with 50 homes.
    private func starts(_ folder: URL) async throws {
        var (inMain, inAll): ([Duration], [Duration]) = ([], [])
        for _ in 0..<startsCount {
            let begun = ContinuousClock.now
            let child = try ChildProcess(URL(fileURLWithPath: CommandLine.arguments[0]), ["first-screen", folder.path])
            guard let line = try await child.line(), let nanoseconds = Int64(line) else { throw Missing(try await child.errorText()) }
            inAll.append(ContinuousClock.now - begun)
            inMain.append(.nanoseconds(nanoseconds))
            let (status, said) = (try await child.status(), try await child.errorText())
            guard status == 0 else { throw Missing("it ended with status \(status): \(said)") }
        }
        report("first_screen", inMain)
        report("first_screen_with_process", inAll)
    }

    private func measure(_ name: String, _ count: Int, _ act: (Int) async throws -> Void) async throws {
        for number in 0..<count / 5 { try await act(number) }
        var times: [Duration] = []
        times.reserveCapacity(count)
        for number in 0..<count {
            let begun = ContinuousClock.now
            try await act(number)
            times.append(ContinuousClock.now - begun)
        }
        report(name, times)
    }

    private func report(_ name: String, _ times: [Duration]) {
        let sorted = times.sorted()
        func at(_ part: Double) -> String {
            let time = sorted[Int(Double(sorted.count - 1) * part)]
            return String(format: "%.2f", time / .microseconds(1))
        }
        print(
            #"{"case":"\#(name)","language":"swift","n":\#(sorted.count),"p50_us":\#(at(0.5)),"p95_us":\#(at(0.95)),"p99_us":\#(at(0.99))}"#
        )
    }
}

/// Prints the nanoseconds from `main` on until the first screen's homes are there.
func firstScreen(folder: URL) async throws {
    let begun = ContinuousClock.now
    let client = try await open(folder)
    let homes = try await client.call { try $0.households.list(page: firstPage) }
    let shown = ContinuousClock.now - begun
    guard homes.count == 50 else { throw Missing("50 homes, there are \(homes.count)") }
    FileHandle.standardOutput.write(Data("\(Int64(shown / .nanoseconds(1)))\n".utf8))
    try await client.close()
}
