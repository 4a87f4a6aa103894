import SwiftUI
import ZoufangCore

/// Above every screen of practice: that it is practice, the way back, and the way to begin anew.
struct PracticeBanner: View {
    let app: AppModel
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(words.practiceBanner).font(.headline).foregroundStyle(Look.amber)
            HStack {
                Button(words.toWork, action: app.toWork).buttonStyle(.borderedProminent).frame(minHeight: Look.touchLeast)
                Spacer()
                Button(words.restartPractice, role: .destructive) { app.askWhetherToRestart(true) }
                    .buttonStyle(.bordered)
                    .frame(minHeight: Look.touchLeast)
            }
        }
        .padding()
        .frame(maxWidth: .infinity, alignment: .leading)
        .background(.bar)
        .asking(
            words.restartPractice, words.restartPracticeAsked, isAsking: app.asksWhetherToRestart, onAsk: app.askWhetherToRestart,
            onAgree: app.restartPractice
        )
    }
}
