import ZoufangBindings

extension CoreError {
    /// What to say to the person before the screen, in both languages, whatever the error is.
    public var said: Message {
        switch self {
        case .Retry(let text, _), .FreeSpace(let text), .UpdateApp(let text), .UnlockPhone(let text), .EnrolAgain(let text),
            .AskSupervisor(let text), .MendField(let text, _), .NotHere(let text, _), .SignInToNetwork(let text), .WrongServer(let text),
            .Cancelled(let text), .Unexpected(let text, _):
            text
        }
    }
}
