import SwiftUI
import ZoufangCore

/// Above every screen of practice: that it is practice, the way back, and the way to begin anew.
struct PracticeBanner: View {
    let model: ProfilesModel
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 4) {
            Text(words.practiceBanner).font(.headline).foregroundStyle(Look.amber)
            HStack {
                Button(words.leavePractice, action: model.leavePractice).buttonStyle(.borderedProminent).frame(minHeight: Look.touchLeast)
                Spacer()
                Button(words.beginAnew, role: .destructive) { model.askWhetherToBeginAnew(true) }
                    .buttonStyle(.bordered)
                    .frame(minHeight: Look.touchLeast)
            }
        }
        .padding()
        .frame(maxWidth: .infinity, alignment: .leading)
        .background(.bar)
        .disabled(model.state.isChanging)
        .asking(
            words.beginAnew, words.beginAnewAsked, isAsking: model.state.asksWhetherToBeginAnew, onAsk: model.askWhetherToBeginAnew,
            onAgree: model.beginAnew
        )
    }
}
