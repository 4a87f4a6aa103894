import SwiftUI
import ZoufangCore

/// The notices in force, unread ones first.
struct NoticesScreen: View {
    let model: NoticesModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem { ProblemCard(problem: problem) }
            if let notices = model.state.notices {
                if notices.isEmpty { Text(words.noNotices) }
                ForEach(notices, id: \.id) { notice in
                    Row(onTap: { model.openNotice(notice) }) {
                        Text(notice.title).font(.headline)
                        Text(words.origin(of: notice, model.state.now, model.calendar)).font(.subheadline).foregroundStyle(.secondary)
                        Marks(marks: words.marks(of: notice))
                    }
                }
            }
        }
        .navigationTitle(words.notices)
    }
}
