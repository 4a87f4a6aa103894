import Foundation
import ZoufangBindings

/// The native library is not the one that the generated Swift belongs to. The app was put together wrongly; nothing is lost.
public struct LibraryMismatch: Error, Equatable, LocalizedError, CustomStringConvertible {
    /// The version that the Swift was generated for.
    public let generatedFor: String
    /// The version of the library that is there.
    public let found: String

    /// Both versions, and what to build anew.
    public var description: String {
        """
        The Swift code was generated for zoufang_bindings \(generatedFor), but \(found) was loaded. Build both anew, together: run \
        `make bindings` (and on a Mac `make xcframework`), and take library and Swift from that one run.
        """
    }
    public var errorDescription: String? { description }
}

/// Makes sure that the native library belongs to the generated Swift: called with another one, it would read what it is given as something
/// else. ``ZoufangClient/open(_:ports:)`` calls this; call it yourself before any other generated function.
///
/// - Throws: ``LibraryMismatch`` with what to build anew.
public func requireMatchingLibrary() throws {
    let found = coreVersion()
    guard found == generatedFor else { throw LibraryMismatch(generatedFor: generatedFor, found: found) }
}
