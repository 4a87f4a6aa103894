import Foundation

/// A small file that its owner alone may read.
struct SecretFile {
    private let path: String

    init(at url: URL) { path = url.path }

    /// What it holds, or nothing if there surely is no such file.
    func read() throws -> Data? {
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch CocoaError.fileReadNoSuchFile {
            return nil
        }
    }
    /// Written beside, forced to the disk, renamed, the folder forced too: a crash leaves the old content or the new one.
    func replace(with content: Data) throws {
        let beside = path + ".new"
        try forced(open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0o600)) { file in
            try FileHandle(fileDescriptor: file, closeOnDealloc: false).write(contentsOf: content)
        }
        try check(rename(beside, path))
        try forced(open((path as NSString).deletingLastPathComponent, O_RDONLY)) { _ in }
    }
    func remove() throws {
        if unlink(path) != 0 && errno != ENOENT { throw lastError() }
    }

    private func forced(_ file: Int32, _ act: (Int32) throws -> Void) throws {
        try check(file)
        defer { close(file) }
        try act(file)
        try check(fsync(file))
    }
    private func check(_ result: Int32) throws {
        if result < 0 { throw lastError() }
    }
    private func lastError() -> POSIXError {
        POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
}
