import SwiftUI
import ZoufangCore

/// The appointments that are not over, by time.
struct AppointmentsScreen: View {
    let model: AppointmentsModel
    @Environment(\.words) private var words

    var body: some View {
        List {
            if let problem = model.state.problem { ProblemCard(problem: problem) }
            if let appointments = model.state.appointments {
                if appointments.isEmpty { Text(words.noAppointments) }
                ForEach(appointments, id: \.id) { appointment in
                    Row(onTap: { model.openAppointment(appointment) }) {
                        AppointmentLines(
                            appointment: appointment, now: model.state.now, calendar: model.calendar, isPractice: model.isPractice)
                    }
                }
            }
        }
        .navigationTitle(words.appointments)
    }
}

/// An appointment in a list: whose, what for and when, where it stands.
struct AppointmentLines: View {
    let appointment: AppointmentView
    let now: Date
    let calendar: Calendar
    let isPractice: Bool
    @Environment(\.words) private var words

    var body: some View {
        Text(appointment.title).font(.headline)
        Text(words.plan(of: appointment, now, calendar)).font(.subheadline)
        if !appointment.note.isEmpty { Text(appointment.note).font(.subheadline).foregroundStyle(.secondary).lineLimit(2) }
        Marks(marks: words.marks(of: appointment, isPractice: isPractice))
    }
}
