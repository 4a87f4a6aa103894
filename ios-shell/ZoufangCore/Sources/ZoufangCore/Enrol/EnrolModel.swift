import Foundation
import Observation

/// The page for the code.
public struct EnrolState: Sendable, Equatable {
    /// The picture's text, as pasted or scanned.
    public var text = ""
    public var isBusy = false
    public var problem: Problem?
    /// The phone was revoked before and is empty now.
    public var wasRevoked = false
    /// Whose phone it now is: digits to compare, and what it will hold.
    public var enrolled: Enrolled?

    /// Nothing has begun that leaving the page would cut short.
    public var canLeave: Bool { !isBusy && enrolled == nil }
    public var canEnrol: Bool { !isBusy && !text.allSatisfy(\.isWhitespace) }
}

/// Makes this phone one of the server's.
@MainActor @Observable public final class EnrolModel {
    /// What is on screen.
    public private(set) var state: EnrolState

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private weak var ways: (any Ways)?

    init(_ open: OpenClient, ways: any Ways) {
        (self.open, self.ways) = (open, ways)
        state = EnrolState(wasRevoked: open.replacesErased)
    }

    /// The text was typed, pasted or scanned.
    public func write(_ text: String) {
        state.text = text
        state.problem = nil
    }

    /// Enrols by it. The code works once, so what has begun runs to its end even when the page is left.
    public func enrol() {
        guard state.canEnrol else { return }
        state.isBusy = true
        state.problem = nil
        Task {
            let (client, text) = (open.client, state.text)
            let outcome = await attempt { try await client.enrol(client.readQr(text)) }
            state.isBusy = false
            switch outcome {
            case .success(let enrolled):
                // The secret is of no more use, and is not kept on screen.
                state.text = ""
                state.enrolled = enrolled
            case .failure(let problem): state.problem = problem
            }
        }
    }

    /// The digits were compared: on to the first sync.
    public func startFirstSync() {
        ways?.enrolled()
    }
}
