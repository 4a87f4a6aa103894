import SwiftUI
import ZoufangCore

/// What stands against each other, to be settled by choosing, and what waits for a supervisor, to be read.
struct HeldScreen: View {
    let model: HeldModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem ?? model.state.readProblem { ProblemCard(problem: problem) }
            Section(words.conflicts) {
                if model.state.conflicts.isEmpty { Text(words.none).foregroundStyle(.secondary) }
                ForEach(model.state.conflicts, id: \.id) { ConflictCard(conflict: $0, model: model) }
            }
            Section(words.quarantine) {
                if model.state.quarantined.isEmpty { Text(words.none).foregroundStyle(.secondary) }
                ForEach(model.state.quarantined, id: \.counter) { held in
                    VStack(alignment: .leading, spacing: 4) {
                        Text(words.title(of: held)).font(.headline)
                        Text(words.said(held.reason)).font(.subheadline)
                        if let decided = held.decision {
                            Text(words.said(decided.what)).font(.subheadline)
                            if let answer = decided.answer { Text(answer).font(.subheadline) }
                        }
                    }
                }
            }
        }
        .navigationTitle(words.heldTitle)
    }
}

/// One field, and each value that stands for it, to be chosen by a person.
private struct ConflictCard: View {
    let conflict: ConflictView
    let model: HeldModel
    @Environment(\.words) private var words

    var body: some View {
        VStack(alignment: .leading, spacing: 8) {
            Text(words.title(of: conflict)).font(.headline)
            Text(words.settleExplained).font(.footnote).foregroundStyle(.secondary)
            Text(words.before(of: conflict)).font(.subheadline)
            ForEach(conflict.sides, id: \.operation) { side in
                HStack {
                    Text(words.side(side, model.state.now, model.calendar)).font(.subheadline)
                    Spacer()
                    Button(words.settle) { model.settle(conflict, by: side) }
                        .buttonStyle(.bordered)
                        .frame(minHeight: Look.touchLeast)
                        .disabled(model.state.isSettling)
                        .accessibilityLabel(words.labelled(words.settle, words.text(of: side.value)))
                }
            }
        }
    }
}
