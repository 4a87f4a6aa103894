import Foundation

/// What becomes of the work in databases that were set aside from a profile's place.
enum Aside: String, Codable {
    /// It is to be taken up, or nobody has read yet what was.
    case waits
    /// A person has read what was taken up.
    case told
}

/// What the app knows of profiles that are not open, in a plain file beside their databases: which was used last, whose each is, and how much of
/// it was not sent. Two people who share a phone must see whose is whose before one is opened, and opening the other's to look would undo that
/// each has a database and a key of their own. So the names of staff and micro-grids are kept in clear: they are those of the phone's holders
/// and never a resident's, and the folder is the app's own and in no backup. A file that is lost or damaged costs these words and nothing else: what was
/// set aside is then looked for once more.
final class Remembered: Sendable {
    private struct Content: Codable, Equatable {
        var last: String?
        var profiles: [String: Known] = [:]
        /// Files of before do not have it.
        var asides: [String: Aside]?
    }
    struct Known: Codable, Equatable {
        var staff: String
        var areas: [String]
        var unsent: UInt64?
    }
    private let lock = NSLock()  // held from reading the file to writing it

    /// The profile that was open last; nothing for the phone's first.
    func last(in folder: URL) -> String? {
        lock.withLock { read(folder).last }
    }
    func known(_ profile: String?, in folder: URL) -> Known? {
        lock.withLock { read(folder).profiles[profile ?? ""] }
    }
    /// It is open, or was just now: what it says of itself. Nothing is kept of one that is not enrolled, or not any more.
    func keep(_ profile: String?, _ enrolled: Enrolled?, unsentCount: UInt64?, in folder: URL) {
        lock.withLock {
            let before = read(folder)
            var after = before
            after.last = profile
            after.profiles[profile ?? ""] = enrolled.map { Known(staff: $0.staffName, areas: areas(of: $0), unsent: unsentCount) }
            // Whoever is enrolled next hears of it anew.
            if enrolled == nil && after.asides?[profile ?? ""] == .told { after.asides?[profile ?? ""] = nil }
            write(after, over: before, folder)
        }
    }
    func aside(_ profile: String?, in folder: URL) -> Aside? {
        lock.withLock { read(folder).asides?[profile ?? ""] }
    }
    func mark(_ profile: String?, _ aside: Aside?, in folder: URL) {
        lock.withLock {
            let before = read(folder)
            var after = before
            after.asides = after.asides ?? [:]
            after.asides?[profile ?? ""] = aside
            write(after, over: before, folder)
        }
    }

    /// A disk that is full keeps the old words; nothing depends on them.
    private func write(_ after: Content, over before: Content, _ folder: URL) {
        if after != before { try? JSONEncoder().encode(after).write(to: file(folder), options: .atomic) }
    }

    private func read(_ folder: URL) -> Content {
        (try? JSONDecoder().decode(Content.self, from: Data(contentsOf: file(folder)))) ?? Content()
    }
    private func file(_ folder: URL) -> URL { folder.appendingPathComponent("profiles.json") }
    private func areas(of enrolled: Enrolled) -> [String] {
        let microGrids = enrolled.areas.filter { $0.level == .microGrid }
        return (microGrids.isEmpty ? enrolled.areas.suffix(1) : microGrids).map(\.name)
    }
}
