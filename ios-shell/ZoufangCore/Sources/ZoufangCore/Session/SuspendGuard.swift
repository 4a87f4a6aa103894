/// Where the app stands, as far as its files are concerned.
public enum Phase: Sendable {
    /// A person may touch it, or is about to.
    case inFront
    /// It is not seen any more.
    case inBackground
}

/// Time that the system grants an app that goes to the background.
@MainActor public protocol BackgroundTime {
    /// Asks for it. `expired` is called when it runs out before it was given back. Gives what gives it back.
    func take(expired: @escaping @MainActor () -> Void) -> @MainActor () -> Void
}

/// Sees to it that the database is closed before the system suspends the process, and only then lets it: a process that is suspended with a
/// lock on a file is ended by iOS (0xdead10cc).
@MainActor public final class SuspendGuard {
    private let owner: ClientOwner
    private let time: any BackgroundTime

    public init(_ owner: ClientOwner, time: any BackgroundTime) {
        (self.owner, self.time) = (owner, time)
    }

    /// Call it for each change of phase, and for the first phase. The time is taken before this returns.
    @discardableResult public func changed(to phase: Phase) -> Task<Void, Never> {
        switch phase {
        case .inFront: return Task { await owner.toForeground() }
        case .inBackground:
            let grant = Grant()
            grant.giveBack = time.take { [owner] in
                Task {
                    await owner.closeAtOnce()
                    grant.end()
                }
            }
            return Task {
                await owner.toBackground()
                grant.end()
            }
        }
    }
}

/// Given back once, whoever is first.
@MainActor private final class Grant {
    var giveBack: (@MainActor () -> Void)?
    func end() {
        giveBack?()
        giveBack = nil
    }
}
