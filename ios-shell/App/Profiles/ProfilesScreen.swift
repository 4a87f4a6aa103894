import SwiftUI
import ZoufangCore

/// Whose work the phone holds, and practice.
struct ProfilesScreen: View {
    let model: ProfilesModel
    @Environment(\.words) private var words

    var body: some View {
        List { Elsewhere(model: model) }.navigationTitle(words.others)
    }
}

/// The same among the lines of another page.
struct Elsewhere: View {
    let model: ProfilesModel
    @Environment(\.words) private var words

    var body: some View {
        if let problem = model.state.problem ?? model.state.listProblem { Section { ProblemCard(problem: problem) } }
        ProfileRows(model: model)
        if model.state.canAdd {
            Section {
                Row(onTap: model.add) {
                    Text(words.addProfile).font(.headline)
                    Text(words.addProfileExplained).font(.subheadline).foregroundStyle(.secondary)
                }
                .disabled(model.state.isChanging)
            }
        }
        if !model.state.isPractice {
            Section(words.practice) {
                Row(onTap: model.practise) {
                    Text(words.practise).font(.headline)
                    Text(words.practiceExplained).font(.subheadline).foregroundStyle(.secondary)
                }
                .disabled(model.state.isChanging)
            }
        }
    }
}

/// The profiles to choose from, where there is a choice or one is somebody's.
struct ProfileRows: View {
    let model: ProfilesModel
    @Environment(\.words) private var words

    var body: some View {
        if model.state.hasOthers || model.state.canAdd {
            Section(words.profiles) {
                ForEach(model.state.profiles) { profile in
                    Row(onTap: { model.choose(profile) }) {
                        Text(words.title(of: profile)).font(.headline)
                        Text(words.areas(of: profile)).font(.subheadline).foregroundStyle(.secondary)
                        Marks(marks: words.marks(of: profile))
                    }
                    .disabled(profile.isOpen || model.state.isChanging)
                }
            }
        }
    }
}
