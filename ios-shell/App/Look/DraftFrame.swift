import SwiftUI
import ZoufangCore

/// The page of a draft: what is wrong, whose home, the fields, the way to throw it away, and what saves it.
struct DraftFrame<Field: Sendable, Form: DraftForm, Made: Sendable, Fields: View, Last: View>: View {
    let title: String
    let model: DraftModel<Field, Form, Made>
    @ViewBuilder let fields: (Form) -> Fields
    /// Beside the way to throw it away.
    @ViewBuilder let last: (Form) -> Last

    var body: some View {
        SwiftUI.Form {
            if let problem = model.state.problemAtHead ?? model.unwritten { ProblemCard(problem: problem) }
            if let form = model.state.form {
                if !model.state.address.isEmpty { Section { Text(model.state.address).font(.headline) } }
                fields(form)
                Section {
                    last(form)
                    DiscardButton(isAsking: model.state.asksWhetherToDiscard, onAsk: model.askWhetherToDiscard, onDiscard: model.discard)
                }
            }
        }
        .navigationTitle(title)
        .safeAreaInset(edge: .bottom) {
            if model.state.form != nil { Foot(isSaving: model.state.isSaving, onSave: model.save) }
        }
    }
}
