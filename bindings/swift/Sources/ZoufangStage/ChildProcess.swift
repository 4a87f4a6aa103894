// Phones start no programs.
#if os(macOS) || os(Linux)
import Foundation

/// A program that is run and talked to by lines, for tests and measurements.
public final class ChildProcess: Sendable {
    /// The folder of the program that runs: the package's other programs lie beside it.
    public static let beside: URL = {
        #if os(macOS)
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        return (bundle ?? Bundle.main).bundleURL.deletingLastPathComponent()
        #else
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        #endif
    }()
    /// The repository's root.
    public static let root = (0..<5).reduce(URL(fileURLWithPath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }

    private let program: String
    private let process = Process()
    private let input = Pipe()
    private let output: LineReader
    private let errors: LineReader
    private let ended = DispatchSemaphore(value: 0)

    public init(_ program: URL, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        // A child that has ended must not take the tests with it.
        signal(SIGPIPE, SIG_IGN)
        self.program = program.lastPathComponent
        let (outputPipe, errorPipe) = (Pipe(), Pipe())
        output = LineReader(outputPipe.fileHandleForReading)
        errors = LineReader(errorPipe.fileHandleForReading)
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
    }
    deinit {
        if process.isRunning { process.terminate() }
    }

    public func write(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }
    /// The next line that it prints; nothing at the end of all.
    public func line() async throws -> String? {
        try await offThePool { [output] in try output.next() }
    }
    /// Whatever it prints until it ends.
    public func lines() async throws -> [String] {
        try await offThePool { [output] in try output.rest() }
    }
    public func errorText() async throws -> String {
        try await offThePool { [errors] in try errors.rest().joined(separator: "\n") }
    }
    /// Ends it as a phone without memory ends an app: at once, in the middle of whatever it does.
    public func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
    }
    /// Its exit status, once it has ended.
    public func status() async throws -> Int32 {
        try await offThePool { [self] in
            guard ended.wait(timeout: .now() + .seconds(Int(patienceSeconds))) == .success else {
                throw Missing("\(program) does not end")
            }
            ended.signal()
            return process.terminationStatus
        }
    }
}
#endif
