import SwiftUI
import ZoufangCore

/// What is to be visited today and why, overdue before due, and how far each rule is.
struct DueSection: View {
    let due: DueList
    let model: TodayModel
    @Environment(\.words) private var words

    var body: some View {
        if !due.homes.isEmpty || !due.progress.isEmpty {
            Section(words.dueToday) {
                ForEach(due.progress, id: \.self) { rule in
                    Text(words.progress(of: rule, model.state.now, model.calendar)).font(.subheadline)
                    if rule.homesCount > 0 { ProgressView(value: Double(rule.visitedCount), total: Double(rule.homesCount)) }
                }
                if due.homes.isEmpty { Text(words.nothingDue) }
                ForEach(model.state.dueHomes, id: \.home.household) { DueRow(due: $0, model: model) }
                if model.state.dueHomes.count < due.homes.count {
                    Button(words.allDue(due.homes.count), action: model.showAllDue).frame(minHeight: Look.touchLeast)
                }
            }
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
                Marks(marks: due.home.unsent && !model.isPractice ? [words.unsent] : [])
                ForEach(due.tasks, id: \.id) { task in
                    Text(words.why(task, model.state.now, model.calendar)).font(.subheadline)
                    Text(words.standing(task, model.state.now, model.calendar))
                        .font(.subheadline)
                        .foregroundStyle(task.state == .overdue ? Look.amber : Look.teal)
                }
            }
            // Each of the two is touched by itself, which a row of a list does not do otherwise.
            .buttonStyle(.borderless)
            Button(words.visit) { model.visit(due) }.buttonStyle(.bordered).frame(minHeight: Look.touchLeast)
        }
    }
}
