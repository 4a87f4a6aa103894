/// Where a model can lead.
@MainActor public protocol Ways: AnyObject {
    /// To a home.
    func toHome(_ household: HouseholdId)
    /// To whose work the phone holds, and practice.
    func toProfiles()
    /// To what stands against each other or waits for a supervisor.
    func toHeld()
    /// To the notices of the units above.
    func toNotices()
    /// To one of them.
    func toNotice(_ notice: NoticeId)
    /// To the appointments that are not over.
    func toAppointments()
    /// To one of them.
    func toAppointment(_ appointment: AppointmentId)
    /// To a visit that is being written.
    func toVisit(_ draft: DraftId)
    /// To a matter that is being written.
    func toMatter(_ draft: DraftId)
    /// Back to the page before.
    func back()
    /// Back from a visit that was saved.
    func visitSaved(_ visit: VisitView)
    /// Back from a matter that was saved.
    func matterSaved()
    /// To what can be done when the database is damaged.
    func damaged(_ problem: Problem)
    /// On from enrolment.
    func enrolled()
}

extension Ways {
    /// To what a draft is.
    func toDraft(_ draft: DraftView) {
        switch draft.fields {
        case .ofVisit: toVisit(draft.id)
        case .ofMatter: toMatter(draft.id)
        }
    }
}
