import Observation

/// What going to the background waits for.
@MainActor protocol Settling: AnyObject {
    func settle() async -> Problem?
    func tryAgain()
}

/// Saves a draft's fields the moment they are changed, one at a time: of what is typed faster than the disk writes, each field's latest value.
/// It belongs to the client, not to a screen, so leaving the screen loses nothing. A field that was refused waits: for the next change, for
/// ``settle()``, and for the app to come to the front.
@MainActor @Observable public final class FieldSaver<Field: Sendable>: Settling {
    private struct Waiting {
        let number: Int
        let field: Field
    }
    /// Why a field could not be saved; nothing once all are.
    public private(set) var problem: Problem?

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private let save: @Sendable (Groups, Field) throws -> Void
    @ObservationIgnored private var waiting: [AnyKeyPath: Waiting] = [:]
    @ObservationIgnored private var putCount = 0
    @ObservationIgnored private var hasEnded = false
    @ObservationIgnored private lazy var writing = OneAtATime { [weak self] in await self?.writeAll() }

    init(_ open: OpenClient, save: @escaping @Sendable (Groups, Field) throws -> Void) {
        self.open = open
        self.save = save
    }

    /// Whether all that was handed over lies on the disk.
    var isSaved: Bool { waiting.isEmpty }

    /// Hands a field over; `place` tells fields apart.
    func put(_ field: Field, at place: AnyKeyPath) {
        putCount += 1
        waiting[place] = Waiting(number: putCount, field: field)
        writing.ask()
    }

    /// Tries what waits once more; gives what stands against it, if anything does.
    @discardableResult func settle() async -> Problem? {
        tryAgain()
        await writing.finish()
        return waiting.isEmpty ? nil : problem
    }

    func tryAgain() {
        if !waiting.isEmpty { writing.ask() }
    }

    /// Ends it once all is written: its screen is gone.
    func finish() {
        hasEnded = true
        if waiting.isEmpty { end() } else { writing.ask() }
    }

    /// Ends it, when the draft has become what it describes or was thrown away.
    func end() {
        waiting = [:]
        problem = nil
        open.forget(self)
    }

    private func writeAll() async {
        var refused: Problem?
        for (place, next) in waiting.sorted(by: { $0.value.number < $1.value.number }) {
            let (save, field) = (save, next.field)
            switch await attempt({ try await open.client.call { try save($0, field) } }) {
            case .failure(let problem): refused = problem
            // A newer value that came meanwhile goes on waiting.
            case .success: if waiting[place]?.number == next.number { waiting[place] = nil }
            }
        }
        // While the app is away nobody reads it, and coming back mends it.
        problem = refused?.isPause == true && !open.isInFront ? nil : refused
        if hasEnded && waiting.isEmpty { end() }
    }
}
