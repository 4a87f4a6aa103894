import Foundation
import Testing
import ZoufangClient
import ZoufangStage

@Suite(.timeLimit(.minutes(3))) struct MatchingLibraryTests {
    @Test func theLibraryIsTheOneThatTheSwiftBelongsTo() throws {
        try requireMatchingLibrary()
        #expect(coreVersion() == generatedFor)
    }

    #if os(Linux)
    // On Apple's systems the library is part of the program.

    /// A real library that says that it is another one: the version that it carries is changed by one digit.
    @Test func anotherLibraryIsRefusedWithWhatToBuild() async throws {
        let testPhone = ChildProcess.beside.appendingPathComponent("TestPhone")
        let right = try ChildProcess(testPhone, ["version"])
        #expect(try await right.lines() == [generatedFor])

        let name = "libzoufang_bindings.so"
        let folderOfRight =
            ProcessInfo.processInfo.environment["RUST_LIB_DIR"].map { URL(fileURLWithPath: $0) }
            ?? ChildProcess.root.appendingPathComponent("target/debug")
        var library = try Data(contentsOf: folderOfRight.appendingPathComponent(name))
        let parts = generatedFor.split(separator: "+")
        let found = "\(parts[0])+\(parts[1].hasPrefix("0") ? "1" : "0")\(parts[1].dropFirst())"
        while let version = library.range(of: Data(generatedFor.utf8)) { library.replaceSubrange(version, with: Data(found.utf8)) }
        let folder = try TemporaryFolder()
        try library.write(to: folder.url.appendingPathComponent(name))

        let wrong = try ChildProcess(testPhone, ["version"], environment: ["LD_LIBRARY_PATH": folder.url.path])
        let said = try await wrong.errorText()
        #expect(try await wrong.status() == 1)
        #expect(said.contains("generated for zoufang_bindings \(generatedFor), but \(found) was loaded"), "\(said)")
        #expect(said.contains("`make bindings`"), "\(said)")
    }
    #endif
}
