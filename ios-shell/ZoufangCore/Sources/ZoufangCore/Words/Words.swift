import Foundation

/// Everything that the screens say, in one language. What the field's words are called, and what an error says, comes from the core.
public protocol Words: Sendable {
    // All screens
    var appName: String { get }
    var back: String { get }
    var retry: String { get }
    var loading: String { get }
    var unsent: String { get }
    func title(of message: Message) -> String
    func detail(of message: Message) -> String
    func labelled(_ label: String, _ text: String) -> String
    func pick(_ label: Label) -> String

    // Enrol
    var enrolTitle: String { get }
    var enrolExplained: String { get }
    var enrolText: String { get }
    var paste: String { get }
    var scan: String { get }
    var revoked: String { get }
    var enrol: String { get }
    var enrolling: String { get }
    var compareDigits: String { get }
    var whosePhone: String { get }
    var areas: String { get }
    var firstSync: String { get }

    // Profiles and practice
    /// The place for what is needed seldom.
    var others: String { get }
    var profiles: String { get }
    func profileNumber(_ number: Int) -> String
    func several(_ names: [String]) -> String
    var profileOpen: String { get }
    var notEnrolled: String { get }
    /// Of a profile that is not open; nothing where the number is not known.
    func maybeUnsent(_ count: UInt64?) -> String
    var addProfile: String { get }
    var addProfileExplained: String { get }
    var practice: String { get }
    var practiceExplained: String { get }
    var practise: String { get }
    var practiceBanner: String { get }
    /// In the place of the sync button.
    var practiceNoSync: String { get }
    var leavePractice: String { get }
    var beginAnew: String { get }
    var beginAnewAsked: String { get }

    // Ways back: a database that is set aside, and a server that does not know the phone
    var damagedExplained: String { get }
    var keyMissingExplained: String { get }
    var setAside: String { get }
    var setAsideAsked: String { get }
    var whatToDo: String { get }
    var enrolSetAside: String { get }
    var takingUpTitle: String { get }
    var takingUpWaits: String { get }
    var takingUpNow: String { get }
    var ofUnknownKind: String { get }
    var takenUpNothing: String { get }
    var forgetAside: String { get }
    var forgetAsideAsked: String { get }
    var understood: String { get }
    var rejoinTitle: String { get }
    var rejoinExplained: String { get }
    var rejoin: String { get }
    var rejoining: String { get }
    var rejoined: String { get }
    func takenUp(_ count: UInt64) -> String
    func takenUpKnown(_ count: UInt64) -> String
    func takenUpLeft(_ count: Int) -> String
    /// Several of a kind that were left for the same reason.
    func leftAside(_ kind: String, _ reason: String, _ count: Int) -> String

    // Today
    var today: String { get }
    /// How many of the homes were visited this month.
    func visited(_ count: Int, of all: Int) -> String
    var search: String { get }
    var searchAgain: String { get }
    var nothingFound: String { get }
    var neverVisited: String { get }
    var noHomes: String { get }
    var more: String { get }
    func lastVisit(_ day: String, _ outcome: String) -> String
    func openMatters(_ count: UInt32) -> String
    var unfinished: String { get }
    var clash: String { get }

    // What is due
    var dueToday: String { get }
    var nothingDue: String { get }
    func allDue(_ count: Int) -> String
    /// How far a rule's homes are in its turn.
    func progress(_ rule: String, _ visited: UInt32, of all: UInt32, until: String) -> String
    func dueUntil(_ day: String) -> String
    func overdueSince(_ day: String) -> String
    /// Times that nobody answered or was willing.
    func attempts(_ count: UInt32) -> String
    func appointment(_ purpose: String, _ time: String) -> String
    func fromTo(_ from: String, _ to: String) -> String

    // Appointments
    var appointments: String { get }
    func allAppointments(_ count: Int) -> String
    var noAppointments: String { get }
    var timeHasPassed: String { get }
    func clashesWith(_ count: Int) -> String
    func askedBy(_ party: String) -> String
    func comes(_ name: String) -> String
    func notThere(_ party: String) -> String
    var proposedTimes: String { get }
    var agree: String { get }
    var toHome: String { get }
    var whatBecame: String { get }
    var appointmentKept: String { get }
    var residentMissed: String { get }
    var managerMissed: String { get }
    var cancelAppointment: String { get }
    var cancelReason: String { get }
    var endAsked: String { get }

    // Notices
    var notices: String { get }
    func unreadNotices(_ count: UInt32) -> String
    var noNotices: String { get }
    var unread: String { get }
    func sentOn(_ day: String) -> String
    func validUntil(_ day: String) -> String
    var giveReceipt: String { get }
    var receiptExplained: String { get }
    func receiptGiven(_ day: String) -> String
    func readOn(_ day: String) -> String
    var noticesGiven: String { get }

    // The sync bar
    func unsentCount(_ count: UInt64) -> String
    var allSent: String { get }
    func oldest(_ age: String) -> String
    func lastSuccess(_ age: String) -> String
    var neverSynced: String { get }
    var firstSyncIncomplete: String { get }
    var sync: String { get }
    var stop: String { get }
    var syncing: String { get }
    func phase(_ phase: SyncPhase, _ count: String) -> String
    func held(conflicts: UInt64, quarantined: UInt64) -> String
    var heldTitle: String { get }
    var conflicts: String { get }
    var quarantine: String { get }
    func side(of who: String, _ text: String) -> String
    /// What stood there before anybody wrote.
    func before(_ text: String) -> String
    var settle: String { get }
    var settleExplained: String { get }
    var emptyValue: String { get }
    var someone: String { get }

    // Home
    var visit: String { get }
    var matter: String { get }
    var contact: String { get }
    var noContact: String { get }
    var residents: String { get }
    var visits: String { get }
    var matters: String { get }
    var none: String { get }
    var visitSaved: String { get }
    var matterSaved: String { get }
    var matterOfVisit: String { get }
    func due(_ day: String) -> String
    var overdue: String { get }

    // Visit and matter
    var mode: String { get }
    var outcome: String { get }
    var duties: String { get }
    var note: String { get }
    var needsFollowUp: String { get }
    /// What becomes of the appointment that a visit is made for.
    var forAppointment: String { get }
    var kind: String { get }
    var track: String { get }
    var urgency: String { get }
    var summary: String { get }
    var done: String { get }
    var doneExplained: String { get }
    var save: String { get }
    var saving: String { get }
    var savedAsYouWrite: String { get }
    var discard: String { get }
    var discardAsked: String { get }
    var keep: String { get }

    // Time
    /// How long, in the largest unit that is full.
    func age(minutes: Int) -> String
    /// A day as it is said on another; nothing is said of the year when it is the same.
    func day(_ day: DateComponents, isThisYear: Bool) -> String
    var todayAsDay: String { get }
    var yesterday: String { get }
    var tomorrow: String { get }
}

/// Chinese where the phone speaks Chinese, English everywhere else. Takes the languages as the person ordered them.
public func wordsOfPhone(_ languages: [String] = Locale.preferredLanguages) -> any Words {
    languages.first?.hasPrefix("zh") ?? false ? Chinese() : English()
}
