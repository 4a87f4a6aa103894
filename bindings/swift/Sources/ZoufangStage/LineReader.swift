import Foundation

/// Longest wait for something that must come: a busy machine, not a measure.
public let patienceSeconds: Int32 = 60

/// What did not come or was not there.
public struct Missing: Error, CustomStringConvertible {
    public let description: String
    public init(_ what: String) { description = what }
}

/// Reads lines of a pipe, waiting no longer than is bearable.
final class LineReader: @unchecked Sendable {
    private let lock = NSLock()  // held while a line is waited for
    private let file: FileHandle
    private var unread = Data()
    private var hasEnded = false

    init(_ file: FileHandle) { self.file = file }

    func next() throws -> String? {
        try lock.withLock {
            while true {
                if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { unread = Data(unread[(end + 1)...]) }
                    return String(decoding: unread[..<end], as: UTF8.self)
                }
                if hasEnded { return nil }
                try fill()
            }
        }
    }
    func rest() throws -> [String] {
        var lines: [String] = []
        while let line = try next() { lines.append(line) }
        return lines
    }
    private func fill() throws {
        var waiting = pollfd(fd: file.fileDescriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, patienceSeconds * 1000) > 0 else { throw Missing("nothing came within \(patienceSeconds) s") }
        let read = file.availableData
        hasEnded = read.isEmpty
        unread.append(read)
    }
}

/// Waits where none of the few threads of Swift's own pool waits with it.
func offThePool<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
    try await withCheckedThrowingContinuation { caller in
        DispatchQueue.global().async { caller.resume(with: Result(catching: work)) }
    }
}
