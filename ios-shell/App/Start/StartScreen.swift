import SwiftUI
import ZoufangCore

/// Before anything can be shown: the phone's data is being opened, or why it did not open.
struct StartScreen: View {
    let problem: Problem?
    let onRetry: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        ScrollView {
            VStack(spacing: 24) {
                Text(words.appName).font(.largeTitle).bold().foregroundStyle(Look.teal)
                if let problem {
                    ProblemCard(problem: problem)
                    MainButton(title: words.retry, onTap: onRetry)
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
#Preview { StartScreen(problem: nil, onRetry: {}) }
#endif
