import SwiftUI
import ZoufangCore

/// Before anything can be shown: the phone's data is being opened, or why it did not open.
struct StartScreen: View {
    let problem: Problem?
    /// The way out where one of several does not open.
    let profiles: ProfilesModel
    let onRetry: @MainActor () -> Void
    @Environment(\.words) private var words

    var body: some View {
        List {
            Section {
                Text(words.appName).font(.largeTitle).bold().foregroundStyle(Look.teal)
                if let problem {
                    ProblemCard(problem: problem)
                    MainButton(title: words.retry, onTap: onRetry)
                } else {
                    ProgressView()
                    Text(words.loading)
                }
            }
            if problem != nil && profiles.state.hasOthers { ProfileRows(model: profiles) }
        }
    }
}
