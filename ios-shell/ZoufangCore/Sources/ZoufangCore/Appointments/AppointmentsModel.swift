import Foundation
import Observation

/// Whether a change concerns appointments: one was taken down or changed, or its home was, or it has arrived.
func concernsAppointments(_ change: Change) -> Bool {
    change.status || !change.kinds.isDisjoint(with: [.appointment, .household, .dwelling, .assignment])
}

/// The appointments that are not over.
public struct AppointmentsState: Sendable, Equatable {
    /// By time, those whose time has passed first; nothing until they are read.
    public var appointments: [AppointmentView]?
    public var problem: Problem?
    public var now: Date
}

/// Reads the appointments of the own micro-grids.
@MainActor @Observable public final class AppointmentsModel {
    /// What is on screen.
    public private(set) var state: AppointmentsState
    public var calendar: Calendar { open.clock.calendar }
    public var isPractice: Bool { open.isPractice }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private weak var ways: (any Ways)?
    @ObservationIgnored private var reading: Reading<[AppointmentView]>?

    init(_ open: OpenClient, ways: any Ways) {
        (self.open, self.ways) = (open, ways)
        state = AppointmentsState(now: open.clock.now)
        reading = Reading(
            open, when: concernsAppointments, work: { { try $0.upcomingAppointments() } }, show: { [weak self] in self?.show($0) }
        )
    }
    func end() {
        reading?.end()
    }

    public func openAppointment(_ appointment: AppointmentView) {
        ways?.toAppointment(appointment.id)
    }

    private func show(_ outcome: Outcome<[AppointmentView]>) {
        switch outcome {
        case .success(let appointments): state = AppointmentsState(appointments: appointments, now: open.clock.now)
        case .failure(let problem): state.problem = problem
        }
    }
}

extension Groups {
    /// All that are not over, by time.
    func upcomingAppointments() throws -> [AppointmentView] {
        try allPages { try appointments.upcoming(page: $0) }
    }
}

extension AppointmentView {
    /// A time is agreed, and it is not over.
    public var isAgreed: Bool { state == .agreed || state == .changed }

    /// Whether it belongs on the first page: its agreed time is today or has passed without a word.
    func isForToday(_ now: Date, _ calendar: Calendar) -> Bool {
        isOverdue || (isAgreed && slot.map { calendar.isDate($0.from, inSameDayAs: now) } ?? false)
    }
}

extension Array where Element: Hashable {
    fileprivate func isDisjoint(with others: Set<Element>) -> Bool { others.isDisjoint(with: self) }
}
