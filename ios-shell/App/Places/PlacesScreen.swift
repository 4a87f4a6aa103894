import SwiftUI
import ZoufangCore

/// What else this phone holds.
struct PlacesScreen: View {
    let model: PlacesModel
    @Environment(\.words) private var words

    var body: some View {
        List { PlacesLines(model: model) }.navigationTitle(words.places)
    }
}

/// The same among the lines of another page.
struct PlacesLines: View {
    let model: PlacesModel
    @Environment(\.words) private var words

    var body: some View {
        if let problem = model.state.problem { Section { ProblemCard(problem: problem) } }
        Section {
            Row(onTap: model.toPractice) {
                Text(words.practice).font(.headline)
                Text(words.practiceExplained).font(.subheadline).foregroundStyle(.secondary)
            }
            .disabled(model.state.isChanging)
        }
    }
}
