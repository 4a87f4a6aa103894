import SwiftUI
import ZoufangCore

/// Before anything can be shown: the phone's data is being opened, or why it did not open.
struct StartScreen: View {
    let problem: Problem?
    let onRetry: @MainActor () -> Void
    /// What opens real work instead, where it was practice that did not open.
    let onToWork: (@MainActor () -> Void)?
    @Environment(\.words) private var words

    var body: some View {
        ScrollView {
            VStack(spacing: 24) {
                Text(words.appName).font(.largeTitle).bold().foregroundStyle(Look.teal)
                if let problem {
                    ProblemCard(problem: problem)
                    MainButton(title: words.retry, onTap: onRetry)
                    if let onToWork { Button(words.toWork, action: onToWork).frame(minHeight: Look.touchLeast) }
                } else {
                    ProgressView()
                    Text(words.loading)
                }
            }
            .padding()
        }
    }
}

#if canImport(Darwin)
#Preview { StartScreen(problem: nil, onRetry: {}, onToWork: nil) }
#endif
