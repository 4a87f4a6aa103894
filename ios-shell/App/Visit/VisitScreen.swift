import SwiftUI
import ZoufangCore

/// A visit, while it is written.
struct VisitScreen: View {
    let model: VisitModel
    @Environment(\.words) private var words

    var body: some View {
        DraftFrame(title: words.visit, model: model) { form in
            fields(form)
        } last: { form in
            Toggle(words.needsFollowUp, isOn: Binding(get: { form.needsFollowUp }, set: { model.markFollowUp($0) }))
                .frame(minHeight: Look.touchLeast)
        }
    }

    @ViewBuilder private func fields(_ form: VisitForm) -> some View {
        if form.appointment != nil { Section { Text(words.forAppointment).font(.subheadline) } }
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
        if !model.notices.isEmpty {
            Section(words.noticesGiven) {
                ForEach(model.notices, id: \.id) { notice in
                    Toggle(
                        notice.title,
                        isOn: Binding(get: { form.notices.contains(notice.id) }, set: { model.give(notice.id, isGiven: $0) })
                    )
                    .frame(minHeight: Look.touchLeast)
                }
                FieldProblem(message: model.state.problem(at: "notices"))
            }
        }
    }
}
