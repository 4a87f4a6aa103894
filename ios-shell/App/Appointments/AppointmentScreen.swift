import SwiftUI
import ZoufangCore

/// An appointment: what it is, the visit that it is for, and what became of it.
struct AppointmentScreen: View {
    let model: AppointmentModel
    @Environment(\.words) private var words

    var body: some View {
        let asked = model.state.asked
        Form {
            if let problem = model.state.problem ?? model.state.readProblem { ProblemCard(problem: problem) }
            if let appointment = model.state.appointment { all(appointment) }
        }
        .navigationTitle(words.of(.ofRecord(of: .appointment)))
        .safeAreaInset(edge: .bottom) {
            if model.state.appointment?.isAgreed == true {
                MainButton(title: words.visit, isEnabled: !model.state.isSaving, onTap: model.visit).padding().background(.bar)
            }
        }
        .asking(
            asked.map { words.name(of: $0) } ?? "", words.endAsked, isAsking: asked != nil, onAsk: { if !$0 { model.ask(nil) } },
            onAgree: { if let asked { model.say(asked) } }
        )
    }

    @ViewBuilder private func all(_ appointment: AppointmentView) -> some View {
        Section {
            AppointmentLines(appointment: appointment, now: model.state.now, calendar: model.calendar, isPractice: model.isPractice)
            Text(words.story(of: appointment)).font(.footnote).foregroundStyle(.secondary)
            Button(words.toHome, action: model.openHome).frame(minHeight: Look.touchLeast)
        }
        if !model.state.slots.isEmpty {
            Section(words.proposedTimes) {
                ForEach(model.state.slots, id: \.self) { slot in
                    HStack {
                        Text(words.times(of: slot, model.state.now, model.calendar))
                        Spacer()
                        Button(words.agree) { model.agree(on: slot) }.buttonStyle(.bordered).frame(minHeight: Look.touchLeast)
                    }
                }
            }
        }
        if !model.state.ends.isEmpty {
            Section(words.whatBecame) {
                ForEach(model.state.ends, id: \.self) { end in
                    Button(words.name(of: end)) { model.ask(end) }.frame(minHeight: Look.touchLeast)
                }
                .disabled(model.state.isSaving)
            }
            Writing(title: words.cancelReason, text: model.state.reason, least: 1, problem: nil, onWrite: model.write(reason:))
        }
    }
}
