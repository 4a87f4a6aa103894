import SwiftUI
import ZoufangCore

/// A matter, while it is written.
struct MatterScreen: View {
    let model: MatterModel
    @Environment(\.words) private var words

    var body: some View {
        DraftFrame(title: words.matter, model: model) { form in
            fields(form)
        } last: { _ in
            EmptyView()
        }
    }

    @ViewBuilder private func fields(_ form: MatterForm) -> some View {
        Writing(title: words.summary, text: form.summary, least: 3, problem: model.state.problem(at: "summary"), onWrite: model.write)
        Choice(
            title: words.kind, all: MatterKind.allCases, chosen: form.kind.map { [$0] } ?? [], name: { words.of(.ofMatterKind(of: $0)) },
            problem: model.state.problem(at: "kind"), onChoose: { model.choose($0) }
        )
        Choice(
            title: words.track, all: MatterTrack.allCases, chosen: form.track.map { [$0] } ?? [], name: { words.of(.ofTrack(of: $0)) },
            problem: model.state.problem(at: "track"), onChoose: { model.choose($0) }
        )
        if form.showsDone {
            Writing(title: words.done, text: form.done, least: 2, problem: model.state.problem(at: "done"), onWrite: model.writeDone)
            Text(words.doneExplained).font(.footnote).foregroundStyle(.secondary)
        }
        Choice(
            title: words.urgency, all: MatterUrgency.allCases, chosen: form.urgency.map { [$0] } ?? [],
            name: { words.of(.ofUrgency(of: $0)) },
            problem: model.state.problem(at: "urgency"), onChoose: { model.choose($0) }
        )
    }
}
