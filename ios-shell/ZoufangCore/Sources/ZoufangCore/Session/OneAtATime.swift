/// Does one thing over and over, never twice at once: who asks while it is being done gets one more turn after it.
@MainActor final class OneAtATime {
    private let work: @MainActor () async -> Void
    private var isAsked = false
    private var turn: Task<Void, Never>?

    init(_ work: @escaping @MainActor () async -> Void) {
        self.work = work
    }
    func ask() {
        isAsked = true
        guard turn == nil else { return }
        turn = Task {
            while isAsked {
                isAsked = false
                await work()
            }
            turn = nil
        }
    }
    /// Waits until all that was asked for is done.
    func finish() async {
        await turn?.value
    }
}
