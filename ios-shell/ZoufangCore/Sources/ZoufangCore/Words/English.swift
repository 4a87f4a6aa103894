import Foundation

private let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/// English.
public struct English: Words {
    public init() {}
    public let appName = "Zoufang"
    public let back = "Back"
    public let retry = "Try again"
    public let loading = "Opening…"
    public let unsent = "Not sent"
    public func title(of message: Message) -> String { message.titleEn }
    public func detail(of message: Message) -> String { message.detailEn }
    public func labelled(_ label: String, _ text: String) -> String { "\(label): \(text)" }
    public func pick(_ label: Label) -> String { label.en }

    public let enrolTitle = "Enrol this phone"
    public let enrolExplained = "Ask your supervisor for a code. Scan it with the camera, or paste its text below."
    public let enrolText = "Text of the code"
    public let paste = "Paste"
    public let scan = "Scan"
    public let revoked =
        "Your supervisor revoked this phone. Unsent work went to your supervisor, and the data on it was erased. Enrol again to go on."
    public let enrol = "Enrol"
    public let enrolling = "Enrolling…"
    public let compareDigits = "Compare with the six digits on your supervisor's screen: they must be the same"
    public let whosePhone = "Whose phone this is"
    public let areas = "Areas"
    public let firstSync = "Begin the first sync"

    public let others = "More"
    public let profiles = "Profiles"
    public func profileNumber(_ number: Int) -> String { "Profile \(number)" }
    public func several(_ names: [String]) -> String { names.joined(separator: ", ") }
    public let profileOpen = "In use"
    public let notEnrolled = "Not enrolled yet"
    public func maybeUnsent(_ count: UInt64?) -> String { count.map { "\($0) may not be sent" } ?? "Some entries may not be sent" }
    public let addProfile = "Add a profile"
    public let addProfileExplained =
        "For a colleague who shares this phone, or for work in another city. Profiles are kept apart; none sees another's."
    public let practice = "Practice"
    public let practiceExplained = "Try anything on made-up homes. Nothing is sent, and the real work is not touched."
    public let practise = "Begin to practise"
    public let practiceBanner = "Practice: made-up homes, nothing is sent"
    public let practiceNoSync = "Practice is never sent: there is nothing to sync"
    public let leavePractice = "Back to real work"
    public let beginAnew = "Begin anew"
    public let beginAnewAsked = "What you tried is deleted and cannot be brought back. The real work is not touched."

    public let damagedExplained =
        "The file with this phone's data cannot be read. It is kept as it is and nothing was deleted, so do not remove the "
        + "app. Try once more; if it still does not open, set the file aside and enrol with a new code."
    public let keyMissingExplained =
        "The key to the data cannot be had, perhaps only for now. The data is kept as it is and nothing was deleted, so do not "
        + "remove the app. Unlock or restart the phone and try again; only if it never opens, set the file aside and enrol "
        + "again. Without the key, work in it that was not sent may stay unreadable."
    public let setAside = "Set aside and begin anew"
    public let setAsideAsked =
        "The old file stays on this phone as it is; nothing is deleted now. Then you enrol with a new code from your supervisor. "
        + "After the first sync, work that was not sent comes back by itself, as far as it can be read. Drafts that were not "
        + "finished stay in the file."
    public let whatToDo = "What to do"
    public let enrolSetAside =
        "The old data is set aside on this phone; nothing was deleted. Ask your supervisor for a new code. Once you have "
        + "enrolled and the first sync is complete, work that was not sent comes back by itself, as far as it can be read."
    public let takingUpTitle = "Unsent work from the old data"
    public let takingUpWaits = "It comes back by itself when the first sync is complete."
    public let takingUpNow = "Reading the file that was set aside…"
    public let ofUnknownKind = "Unreadable"
    public let takenUpNothing =
        "Nothing was found that had to come back. The file stays on this phone for 30 days; if you remember work that was not sent, "
        + "tell your administrator."
    public let forgetAside = "Remove the old file"
    public let forgetAsideAsked =
        "The old file and what could not come back are deleted and cannot be brought back. Do it only if that work is not "
        + "needed any more, or your administrator says so."
    public let understood = "Understood"
    public let rejoinTitle = "The server does not know this phone any more"
    public let rejoinExplained =
        "The server came back from an older backup. All that you wrote is safe on this phone, so do not remove the app. Ask "
        + "your supervisor for a new code and enter it below."
    public let rejoin = "Come back with the new code"
    public let rejoining = "Coming back…"
    public let rejoined =
        "The server knows this phone again, and the sync goes on. Compare with the six digits on your supervisor's screen: "
        + "they must be the same."
    public func takenUp(_ count: UInt64) -> String {
        count == 1 ? "1 entry came back and goes up with the next sync." : "\(count) entries came back and go up with the next sync."
    }
    public func takenUpKnown(_ count: UInt64) -> String { count == 1 ? "1 entry is here already." : "\(count) entries are here already." }
    public func takenUpLeft(_ count: Int) -> String {
        (count == 1 ? "1 entry could not come back and is" : "\(count) entries could not come back and are")
            + " still in the file that was set aside, which is removed after a year. Tell your administrator:"
    }
    public func leftAside(_ kind: String, _ reason: String, _ count: Int) -> String { "\(kind): \(reason) (\(count))" }

    public let today = "Today"
    public func visited(_ count: Int, of all: Int) -> String { "\(count) / \(all) homes visited this month" }
    public let search = "Search: two characters, or initials"
    public let searchAgain = "The index is not complete yet; search again for more"
    public let nothingFound = "Nothing found"
    public let neverVisited = "Not visited yet"
    public let noHomes = "No homes yet: sync first"
    public let more = "Reading more…"
    public func lastVisit(_ day: String, _ outcome: String) -> String { "Last \(day) · \(outcome)" }
    public func openMatters(_ count: UInt32) -> String { count == 1 ? "1 matter" : "\(count) matters" }
    public let unfinished = "Not finished"
    public let clash = "Values differ"

    public let dueToday = "To visit"
    public let nothingDue = "All that was due is visited"
    public func allDue(_ count: Int) -> String { "Show all \(count) homes" }
    public func progress(_ rule: String, _ visited: UInt32, of all: UInt32, until: String) -> String {
        "\(rule): \(visited) / \(all) homes visited, until \(until)"
    }
    public func dueUntil(_ day: String) -> String { "until \(day)" }
    public func overdueSince(_ day: String) -> String { "Overdue since \(day)" }
    public func attempts(_ count: UInt32) -> String { count == 1 ? "tried once" : "tried \(count) times" }
    public func appointment(_ purpose: String, _ time: String) -> String { "Appointment: \(purpose.lowercased()), \(time)" }
    public func fromTo(_ from: String, _ to: String) -> String { "\(from)–\(to)" }

    public let appointments = "Appointments"
    public func allAppointments(_ count: Int) -> String { "All appointments: \(count)" }
    public let noAppointments = "There are no appointments"
    public let timeHasPassed = "its time has passed: say what came of it"
    public func clashesWith(_ count: Int) -> String { count == 1 ? "at the time of another" : "at the time of \(count) others" }
    public func askedBy(_ party: String) -> String { "asked for by: \(party.lowercased())" }
    public func comes(_ name: String) -> String { "\(name) comes" }
    public func notThere(_ party: String) -> String { "not there: \(party.lowercased())" }
    public let proposedTimes = "Times that would suit"
    public let agree = "Agree on this time"
    public let toHome = "See the home"
    public let whatBecame = "What came of it"
    public let appointmentKept = "It took place"
    public let residentMissed = "The resident was not there"
    public let managerMissed = "I did not come"
    public let cancelAppointment = "Call it off"
    public let cancelReason = "Why it is called off (may stay empty)"
    public let endAsked = "This cannot be taken back."

    public let notices = "Notices"
    public func unreadNotices(_ count: UInt32) -> String { count == 1 ? "1 notice unread" : "\(count) notices unread" }
    public let noNotices = "There are no notices now"
    public let unread = "Unread"
    public func sentOn(_ day: String) -> String { "sent \(day)" }
    public func validUntil(_ day: String) -> String { "holds until \(day)" }
    public let giveReceipt = "I have read it: send a receipt"
    public let receiptExplained = "Whoever sent it waits for the receipt. Without a network it goes later."
    public func receiptGiven(_ day: String) -> String { "Receipt given \(day)" }
    public func readOn(_ day: String) -> String { "Read \(day)" }
    public let noticesGiven = "Notices given"

    public func unsentCount(_ count: UInt64) -> String { "\(count) not sent" }
    public let allSent = "All sent"
    public func oldest(_ age: String) -> String { "oldest \(age) ago" }
    public func lastSuccess(_ age: String) -> String { "Last sync \(age) ago" }
    public let neverSynced = "Never synced"
    public let firstSyncIncomplete = "The first sync is not complete; homes are missing"
    public let sync = "Sync"
    public let stop = "Stop"
    public let syncing = "Syncing…"
    public func phase(_ phase: SyncPhase, _ count: String) -> String {
        switch phase {
        case .signingIn: "Connecting to the server…"
        case .pushing: "Sending \(count)"
        case .pulling: "Receiving \(count)"
        case .erasing: "Erasing \(count)"
        }
    }
    public func held(conflicts: UInt64, quarantined: UInt64) -> String {
        let differing = conflicts == 1 ? "1 record with differing values" : "\(conflicts) records with differing values"
        let parts = [conflicts > 0 ? differing : nil, quarantined > 0 ? "\(quarantined) waiting for a supervisor" : nil]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
    public let heldTitle = "For people to settle"
    public let conflicts = "Values differ"
    public let quarantine = "Waiting for a supervisor"
    public func side(of who: String, _ text: String) -> String { "\(who): \(text)" }
    public func before(_ text: String) -> String { "Before: \(text)" }
    public let settle = "This holds"
    public let settleExplained = "Several people wrote here without seeing the others. Choose what holds."
    public let emptyValue = "(empty)"
    public let someone = "A colleague"

    public let visit = "Visit"
    public let matter = "Matter"
    public let contact = "Contact"
    public let noContact = "No contact person"
    public let residents = "Residents"
    public let visits = "Earlier visits"
    public let matters = "Matters"
    public let none = "None"
    public let visitSaved = "The visit is saved on this phone"
    public let matterSaved = "The matter is saved on this phone"
    public let matterOfVisit = "Note a matter of the residents"
    public func due(_ day: String) -> String { "answer by \(day)" }
    public let overdue = "overdue"

    public let mode = "How"
    public let outcome = "Outcome"
    public let duties = "Duties served"
    public let note = "Note"
    public let needsFollowUp = "Come again"
    public let forAppointment =
        "This visit is for an appointment: if you meet, it is kept; if not, it is noted as missed by the resident."
    public let kind = "Kind"
    public let track = "Track"
    public let urgency = "Urgency"
    public let summary = "What it is about"
    public let done = "What was done on the spot"
    public let doneExplained = "If it was settled at once; otherwise leave it empty"
    public let save = "Save"
    public let saving = "Saving…"
    public let savedAsYouWrite = "Kept on the phone as you write, even if the app is closed"
    public let discard = "Delete draft"
    public let discardAsked = "What you wrote is deleted and cannot be brought back."
    public let keep = "Keep"

    public func age(minutes: Int) -> String {
        switch minutes {
        case ..<1: "less than a minute"
        case ..<60: "\(minutes) min"
        case ..<(24 * 60): "\(minutes / 60) h"
        case ..<(2 * 24 * 60): "1 day"
        default: "\(minutes / (24 * 60)) days"
        }
    }
    public func day(_ day: DateComponents, isThisYear: Bool) -> String {
        let inYear = "\(day.day ?? 0) \(months[((day.month ?? 1) - 1) % 12])"
        return isThisYear ? inYear : "\(inYear) \(day.year ?? 0)"
    }
    public let todayAsDay = "today"
    public let yesterday = "yesterday"
    public let tomorrow = "tomorrow"
}
