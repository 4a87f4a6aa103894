import SwiftUI
import ZoufangCore

/// A visit, while it is written.
struct VisitScreen: View {
    let model: VisitModel
    @Environment(\.words) private var words

    var body: some View {
        Form {
            if let problem = model.state.problemAtHead ?? model.unwritten { ProblemCard(problem: problem) }
            if let form = model.state.form { fields(form) }
        }
        .navigationTitle(words.visit)
        .safeAreaInset(edge: .bottom) {
            if model.state.form != nil { Foot(isSaving: model.state.isSaving, onSave: model.save) }
        }
    }

    @ViewBuilder private func fields(_ form: VisitForm) -> some View {
        if !model.state.address.isEmpty { Section { Text(model.state.address).font(.headline) } }
        Choice(
            title: words.outcome, all: VisitOutcome.allCases, chosen: form.outcome.map { [$0] } ?? [],
            name: { words.of(.ofOutcome(of: $0)) },
            problem: model.state.problem(at: "outcome"), onChoose: { model.choose($0) }
        )
        Choice(
            title: words.mode, all: VisitMode.allCases, chosen: form.mode.map { [$0] } ?? [], name: { words.of(.ofMode(of: $0)) },
            problem: model.state.problem(at: "mode"), onChoose: { model.choose($0) }
        )
        Choice(
            title: words.duties, all: Duty.allCases, chosen: form.duties, name: { words.of(.ofDuty(of: $0)) },
            problem: model.state.problem(at: "duties"), onChoose: { model.toggle($0) }
        )
        Writing(title: words.note, text: form.note, least: 4, problem: model.state.problem(at: "note"), onWrite: model.write)
        Section {
            Toggle(words.needsFollowUp, isOn: Binding(get: { form.needsFollowUp }, set: { model.markFollowUp($0) }))
                .frame(minHeight: Look.touchLeast)
            DiscardButton(isAsking: model.state.asksWhetherToDiscard, onAsk: model.askWhetherToDiscard, onDiscard: model.discard)
        }
    }
}
