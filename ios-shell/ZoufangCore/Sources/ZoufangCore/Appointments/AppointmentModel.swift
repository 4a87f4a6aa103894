import Foundation
import Observation

/// What becomes of an appointment, as a person says it. It cannot be taken back, so each is asked about once.
public enum AppointmentEnd: Sendable, Hashable, CaseIterable {
    /// It took place; a visit for it says so by itself.
    case kept
    case missedByResident
    case missedByManager
    case cancelled
}

/// An appointment on screen.
public struct ShownAppointment: Sendable, Equatable {
    /// Nothing until it is read.
    public var appointment: AppointmentView?
    /// Why it is called off, if there is a reason to be told.
    public var reason = ""
    /// What is being asked about.
    public var asked: AppointmentEnd?
    public var isSaving = false
    /// Why what was tried last did not come about; it stays in sight when the page is read anew.
    public var problem: Problem?
    /// Why it could not be read.
    public var readProblem: Problem?
    public var now: Date

    /// What may be said of it as it stands: one without an agreed time can only be called off.
    public var ends: [AppointmentEnd] {
        guard let appointment else { return [] }
        return appointment.isAgreed ? AppointmentEnd.allCases : appointment.state == .proposed ? [.cancelled] : []
    }
    /// Times to agree on.
    public var slots: [TimeSlot] { appointment?.state == .proposed ? appointment?.slots ?? [] : [] }
}

/// One appointment: agrees on a time, begins its visit, and says what came of it.
@MainActor @Observable public final class AppointmentModel {
    /// What is on screen.
    public private(set) var state: ShownAppointment
    public var calendar: Calendar { open.clock.calendar }
    public var isPractice: Bool { open.isPractice }

    @ObservationIgnored private let open: OpenClient
    @ObservationIgnored private let id: AppointmentId
    @ObservationIgnored private weak var ways: (any Ways)?
    @ObservationIgnored private let starting: DraftStart
    @ObservationIgnored private var reading: Reading<AppointmentView>?

    init(_ open: OpenClient, _ id: AppointmentId, ways: any Ways) {
        (self.open, self.id, self.ways) = (open, id, ways)
        starting = DraftStart(open)
        state = ShownAppointment(now: open.clock.now)
        reading = Reading(
            open, when: concernsAppointments, work: { { try $0.appointments.find(id: id) } }, show: { [weak self] in self?.show($0) }
        )
    }
    func end() {
        reading?.end()
    }

    public func openHome() {
        if let household = state.appointment?.household { ways?.toHome(household) }
    }
    /// Begins the visit that it is for, or goes on with the one that is being written at its home.
    public func visit() {
        guard let appointment = state.appointment else { return }
        starting.begin {
            try $0.visitDraft(at: appointment.household, for: appointment.id)
        } then: { [weak self] outcome in
            switch outcome {
            case .failure(let problem): self?.state.problem = problem
            case .success(let draft): self?.ways?.toVisit(draft)
            }
        }
    }
    /// Agrees on a time; whose phone this is comes.
    public func agree(on slot: TimeSlot) {
        save { try $0.appointments.agree(id: $1, slot: slot) }
    }
    public func write(reason: String) {
        state.reason = reason
    }
    public func ask(_ end: AppointmentEnd?) {
        state.asked = end
    }
    /// Says what became of it.
    public func say(_ end: AppointmentEnd) {
        let reason = state.reason.allSatisfy(\.isWhitespace) ? nil : state.reason
        save {
            switch end {
            case .kept: try $0.appointments.keep(id: $1, visit: nil)
            case .missedByResident: try $0.appointments.miss(id: $1, by: .resident)
            case .missedByManager: try $0.appointments.miss(id: $1, by: .manager)
            case .cancelled: try $0.appointments.cancel(id: $1, reason: reason)
            }
        }
    }

    private func save(_ act: @escaping @Sendable (Groups, AppointmentId) throws -> AppointmentView) {
        guard !state.isSaving else { return }
        (state.isSaving, state.asked, state.problem) = (true, nil, nil)
        Task {
            let outcome = await attempt { [open, id] in try await open.client.call { try act($0, id) } }
            state.isSaving = false
            if case .failure(let problem) = outcome { state.problem = problem } else { show(outcome) }
        }
    }
    private func show(_ outcome: Outcome<AppointmentView>) {
        switch outcome {
        case .success(let appointment): (state.appointment, state.readProblem, state.now) = (appointment, nil, open.clock.now)
        case .failure(let problem): state.readProblem = problem
        }
    }
}
