import SwiftUI
import ZoufangCore

/// What stands against each other and what waits for a supervisor, to be read.
struct HeldScreen: View {
    let state: HeldState
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = state.problem { ProblemCard(problem: problem) }
            Section(words.conflicts) {
                if state.conflicts.isEmpty { Text(words.none).foregroundStyle(.secondary) }
                ForEach(state.conflicts, id: \.id) { conflict in
                    VStack(alignment: .leading, spacing: 4) {
                        Text(words.title(of: conflict)).font(.headline)
                        ForEach(conflict.sides, id: \.operation) { Text(words.side($0)).font(.subheadline) }
                    }
                }
            }
            Section(words.quarantine) {
                if state.quarantined.isEmpty { Text(words.none).foregroundStyle(.secondary) }
                ForEach(state.quarantined, id: \.counter) { held in
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
