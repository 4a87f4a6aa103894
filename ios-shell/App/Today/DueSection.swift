import SwiftUI
import ZoufangCore

/// What is to be visited today and why, overdue before due, and how far each rule is.
struct DueSection: View {
    let due: DueList
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        Section(words.dueToday) {
            ForEach(due.progress, id: \.rule) { Text(words.progress(of: $0)).font(.subheadline) }
            if due.homes.isEmpty { Text(words.nothingDue).foregroundStyle(.secondary) }
            ForEach(due.homes, id: \.home.household) { DueRow(due: $0, model: model) }
        }
    }
}

/// A home that is due: opened by its lines, visited by its button.
private struct DueRow: View {
    let due: DueHome
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        HStack {
            Row(onTap: { model.openHome(due.home) }) {
                Text(due.home.addressText).font(.headline)
                if let contact = due.home.contact { Text(contact).font(.subheadline) }
                ForEach(due.tasks, id: \.id) { task in
                    Text(words.why(task, model.state.now, model.calendar))
                        .font(.subheadline)
                        .foregroundStyle(task.state == .overdue ? Look.red : Look.teal)
                }
            }
            // Each of the two is touched by itself, which a row of a list does not do otherwise.
            .buttonStyle(.borderless)
            Button(words.visit) { model.visit(due) }.buttonStyle(.bordered).frame(minHeight: Look.touchLeast)
        }
    }
}
