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
    /// A database was set aside before, and the work in it is still to be taken up.
    public var wasSetAside = false
    /// Whose phone it now is: digits to compare, and what it will hold.
    public var enrolled: Enrolled?

    /// Nothing has begun that leaving the page would cut short.
    public var canLeave: Bool { !isBusy && enrolled == nil }
    public var canEnrol: Bool { !isBusy && !text.allSatisfy(\.isWhitespace) }
}

/// Makes this phone one of the server's by a code, in one way or another.
@MainActor @Observable public final class EnrolModel {
    /// What is on screen.
    public private(set) var state: EnrolState

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private let enrolBy: @MainActor (EnrolInput) async throws -> Enrolled
    @ObservationIgnored private let goOn: @MainActor (EnrolModel) -> Void

    private init(
        _ open: OpenClient, _ before: EnrolState, by enrolBy: @escaping @MainActor (EnrolInput) async throws -> Enrolled,
        goOn: @escaping @MainActor (EnrolModel) -> Void
    ) {
        (self.open, self.enrolBy, self.goOn) = (open, enrolBy, goOn)
        state = before
    }
    /// For a phone that no server knows yet; the first sync follows.
    static func first(_ open: OpenClient, ways: any Ways) -> EnrolModel {
        EnrolModel(
            open, EnrolState(wasRevoked: open.replacesErased, wasSetAside: open.takingUp.now.isWaiting),
            by: { try await open.client.enrol($0) }, goOn: { [weak ways] _ in ways?.enrolled() })
    }
    /// For a phone that its own server does not know any more: it comes back with all that it holds, and the sync goes on at once.
    static func back(_ open: OpenClient) -> EnrolModel {
        EnrolModel(
            open, EnrolState(),
            by: {
                let enrolled = try await open.client.rejoin($0)
                open.syncs.ask()
                return enrolled
            }, goOn: { $0.state = EnrolState() })
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
            let outcome = await attempt { try await enrolBy(client.readQr(text)) }
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

    /// The digits were compared: on to what comes next.
    public func startFirstSync() {
        goOn(self)
    }
}
