import SwiftUI
import ZoufangCore

/// A notice, whole; at its foot the receipt, while it is waited for.
struct NoticeScreen: View {
    let model: NoticeModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem ?? model.state.readProblem { ProblemCard(problem: problem) }
            if let notice = model.state.notice { all(notice) }
        }
        .navigationTitle(model.state.notice?.unitName ?? "")
        .safeAreaInset(edge: .bottom) {
            if model.state.wantsReceipt {
                VStack(spacing: 4) {
                    Text(words.receiptExplained).font(.footnote).foregroundStyle(.secondary)
                    MainButton(title: words.giveReceipt, onTap: model.giveReceipt)
                }
                .padding()
                .background(.bar)
            }
        }
    }

    @ViewBuilder private func all(_ notice: NoticeView) -> some View {
        Section {
            Text(notice.title).font(.headline)
            Text(words.standing(notice, model.state.now, model.calendar)).font(.footnote).foregroundStyle(.secondary)
            if let why = words.withdrawal(of: notice) { Text(why).font(.subheadline).foregroundStyle(Look.red) }
        }
        Section { Text(notice.body) }
        if let receipt = words.receipt(of: notice, model.state.now, model.calendar) {
            Section {
                Text(receipt).font(.subheadline).foregroundStyle(Look.teal)
                if let sync = notice.receiptSync { Marks(marks: words.marks(of: sync, isPractice: model.isPractice)) }
            }
        }
    }
}
