import Foundation

/// What the person before the screen can do next: the core's twelve errors, by their steps.
public enum NextStep: Sendable, Equatable, CaseIterable {
    case retry, freeSpace, updateApp, unlockPhone, enrolAgain, askSupervisor, mendField, goBack, signInToNetwork, leaveNetwork, nothing,
        report
}

/// Something that went wrong, as a screen shows it.
public struct Problem: Error, Sendable, Equatable {
    public let message: Message
    public let step: NextStep
    /// The field to mend, by its name in the core.
    public let field: String?

    public init(message: Message, step: NextStep, field: String? = nil) {
        self.message = message
        self.step = step
        self.field = field
    }

    /// The error as it is shown.
    public init(_ error: any Error) {
        switch error {
        case let known as Problem: self = known
        case let refused as CoreError: self.init(refused)
        case is LibraryMismatch: self.init(message: Problem.notWhole, step: .updateApp)
        default: self.init(message: Problem.noPorts, step: .retry)
        }
    }

    private init(_ error: CoreError) {
        let (step, field): (NextStep, String?) =
            switch error {
            case .Retry: (.retry, nil)
            case .FreeSpace: (.freeSpace, nil)
            case .UpdateApp: (.updateApp, nil)
            case .UnlockPhone: (.unlockPhone, nil)
            case .EnrolAgain: (.enrolAgain, nil)
            case .AskSupervisor: (.askSupervisor, nil)
            case .MendField(_, let field): (.mendField, field)
            case .NotHere: (.goBack, nil)
            case .SignInToNetwork: (.signInToNetwork, nil)
            case .WrongServer: (.leaveNetwork, nil)
            case .Cancelled: (.nothing, nil)
            case .Unexpected: (.report, nil)
            }
        self.init(message: error.said, step: step, field: field)
    }

    /// The database was closed for the background under the call's feet; nothing is lost, and coming back mends it.
    var isPause: Bool { message.id == "store.closed" || message.id == "store.interrupted" }

    /// The database is damaged, or the key to it is missing: it may be set aside, when a person decides so.
    public var canBeSetAside: Bool { isOfKey || message.id == "open.damaged" || isDamage }
    /// The key is missing or another, perhaps for now alone.
    public var isOfKey: Bool { message.id == "open.missing_key" || message.id == "open.wrong_key" }
    /// The database opens and is damaged further in.
    public var isDamage: Bool { message.id == "store.damaged" }

    /// What the core cannot put into words, because it was not loaded.
    private static let notWhole = Message(
        id: "open.library",
        titleZh: "应用安装不完整", detailZh: "请重新安装应用；资料没有改动。",
        titleEn: "The app is not installed whole", detailEn: "Install it anew; the data was not touched."
    )
    /// What was typed is on its way to the disk for longer than a person waits.
    static let stillWriting = Problem(
        message: Message(
            id: "save.slow",
            titleZh: "还有内容没写完", detailZh: "手机正忙，请稍后再试；写下的内容没有丢。",
            titleEn: "Something is still being saved", detailEn: "The phone is busy: try again in a moment. Nothing that you wrote is lost."
        ), step: .retry)

    /// What fails before the core is reached: the folder or the device's key.
    private static let noPorts = Message(
        id: "open.ports",
        titleZh: "手机暂时不让应用打开资料", detailZh: "请解锁手机、检查存储空间后重试；资料没有改动。",
        titleEn: "The phone does not let the app open its data",
        detailEn: "Unlock it, check its storage, and try again; the data was not touched."
    )
}

/// What came of something that was tried; what stands against it is a value.
public typealias Outcome<Value> = Result<Value, Problem>

@MainActor func attempt<Value: Sendable>(_ act: @MainActor () async throws -> Value) async -> Outcome<Value> {
    do {
        return .success(try await act())
    } catch {
        return .failure(Problem(error))
    }
}

extension Result where Failure == Problem {
    /// What stood against it, if anything did.
    var problem: Problem? {
        if case .failure(let problem) = self { problem } else { nil }
    }
}
