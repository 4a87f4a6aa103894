import Foundation

// What is said of an appointment.
extension Words {
    /// What for, and when if a time is agreed.
    public func plan(of appointment: AppointmentView, _ now: Date, _ calendar: Calendar) -> String {
        joined([of(.ofPurpose(of: appointment.purpose)), appointment.slot.map { times(of: $0, now, calendar) }])
    }
    /// Where it stands, and what asks for a person.
    public func marks(of appointment: AppointmentView, isPractice: Bool) -> [String] {
        var marks = [of(.ofAppointment(of: appointment.state))]
        if appointment.isOverdue { marks.append(timeHasPassed) }
        if !appointment.clashes.isEmpty { marks.append(clashesWith(appointment.clashes.count)) }
        if appointment.hasConflict { marks.append(clash) }
        return marks + self.marks(of: appointment.sync, isPractice: isPractice)
    }
    /// Who asked for it, who comes, and why it was moved or called off.
    public func story(of appointment: AppointmentView) -> String {
        joined([
            askedBy(of(.ofParty(of: appointment.proposedBy))), appointment.staffName.map { comes($0) },
            appointment.missedBy.map { notThere(of(.ofParty(of: $0))) }, appointment.reason,
        ])
    }
    /// What a person says of it, on the button and in the question.
    public func name(of end: AppointmentEnd) -> String {
        switch end {
        case .kept: appointmentKept
        case .missedByResident: residentMissed
        case .missedByManager: managerMissed
        case .cancelled: cancelAppointment
        }
    }
}
