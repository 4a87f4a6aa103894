import Foundation
import Testing
import ZoufangClient
import ZoufangStage

@Suite(.timeLimit(.minutes(3))) struct FirstVisitTests {
    @Test func theLinesOfTheDocumentSaveAVisit() async throws {
        let (stage, folder) = (try await Stage(homes: 3), try TemporaryFolder())
        let program = ChildProcess.beside.appendingPathComponent("FirstVisit")
        let picture = try await stage.code().qr
        let run = try ChildProcess(program, [folder.url.path, picture])
        let printed = try await run.line()
        let said = try await run.errorText()
        #expect(try await run.status() == 0, "\(said)")
        let id = try #require(printed.flatMap { UUID(uuidString: $0) })

        let path = folder.url.appendingPathComponent("zoufang.db").path
        let client = try await ZoufangClient.open(OpenOptions(path: path), ports: .desktop(inFolder: folder.url))
        #expect(try await client.call { try $0.visits.find(id: id) }.note == "家中两位老人，暖气正常")
        #expect(try await client.sync().pushedCount == 1)
        #expect(try await stage.visitsCount() == 1)
    }

    @Test func theDocumentShowsTheLinesThatRun() throws {
        let document = try String(contentsOf: ChildProcess.root.appendingPathComponent("docs/embedding.md"), encoding: .utf8)
        let source = ChildProcess.root.appendingPathComponent("bindings/swift/Sources/FirstVisit/FirstVisit.swift")
        let lines = try String(contentsOf: source, encoding: .utf8)
        let start = try #require(lines.range(of: "func firstVisit"))
        let shown = document.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        #expect(shown.contains(String(lines[start.lowerBound...])), "copy \(source.path) into docs/embedding.md")
    }
}
