import SwiftUI
import ZoufangCore

/// Before anything can be shown: the phone's data is being opened, or why it did not open and what can be done.
struct StartScreen: View {
    let problem: Problem?
    let app: AppModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            Section {
                Text(words.appName).font(.largeTitle).bold().foregroundStyle(Look.teal)
                if let problem {
                    ProblemCard(problem: problem)
                    if app.canSetAside { Text(problem.isOfKey ? words.keyMissingExplained : words.damagedExplained) }
                    MainButton(title: words.retry, onTap: app.retry)
                    if app.canSetAside { setAside }
                } else {
                    ProgressView()
                    Text(words.loading)
                }
            }
            // The way out where one of several does not open.
            if problem != nil { Elsewhere(model: app.profiles) }
        }
    }

    private var setAside: some View {
        Button(words.setAside) { app.askWhetherToSetAside(true) }
            .frame(minHeight: Look.touchLeast)
            .asking(
                words.setAside, words.setAsideAsked, no: words.back, isAsking: app.asksWhetherToSetAside, onAsk: app.askWhetherToSetAside,
                onAgree: app.setAside
            )
    }
}
