import ZoufangBindings

/// The calls of the core that may wait for the disk, inside ``ZoufangClient/call(_:)``. All groups are the same core.
public struct Groups: Sendable {
    /// Homes: households in their dwellings.
    public let households: any HouseholdsProtocol
    /// Residents and their periods of residence.
    public let residents: any ResidentsProtocol
    /// Visits.
    public let visits: any VisitsProtocol
    /// What is due.
    public let tasks: any TasksProtocol
    /// Appointments, both ways.
    public let appointments: any AppointmentsProtocol
    /// Care needs, as far as the holder's role sees them.
    public let care: any CareProtocol
    /// What residents ask of their own data.
    public let rights: any RightsProtocol
    /// What a visit asks beside its own fields.
    public let forms: any FormsProtocol
    /// Matters that residents ask or report.
    public let matters: any MattersProtocol
    /// Notices of the units above.
    public let notices: any NoticesProtocol
    /// What is being written.
    public let drafts: any DraftsProtocol
    /// Values that stand against each other.
    public let conflicts: any ConflictsProtocol
    /// Work that waits for a supervisor.
    public let quarantine: any QuarantineProtocol
    /// Search.
    public let search: any SearchProtocol
    private let enrolment: any EnrolmentProtocol
    private let syncing: any SyncingProtocol

    init(of core: any ZoufangCoreProtocol) {
        households = core.households()
        residents = core.residents()
        visits = core.visits()
        tasks = core.tasks()
        appointments = core.appointments()
        care = core.care()
        rights = core.rights()
        forms = core.forms()
        matters = core.matters()
        notices = core.notices()
        drafts = core.drafts()
        conflicts = core.conflicts()
        quarantine = core.quarantine()
        search = core.search()
        enrolment = core.enrolment()
        syncing = core.sync()
    }

    /// The profile of this phone; nothing before enrolment and after it was wiped.
    public func profile() throws -> Enrolled? { try enrolment.profile() }
    /// How this phone stands towards its server: what is always on screen.
    public func syncStatus() throws -> SyncStatus { try syncing.status() }
}
