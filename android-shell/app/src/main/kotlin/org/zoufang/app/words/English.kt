package org.zoufang.app.words

import java.time.Duration
import java.time.LocalDate
import org.zoufang.core.Label
import org.zoufang.core.Message
import org.zoufang.core.SyncPhase

private val MONTHS = listOf("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

/** English. */
object English : Words {
    override val appName = "Zoufang"
    override val back = "Back"
    override val retry = "Try again"
    override val loading = "Opening…"
    override val unsent = "Not sent"
    override fun titleOf(message: Message) = message.titleEn
    override fun detailOf(message: Message) = message.detailEn
    override fun said(message: Message) = labelled(message.titleEn, message.detailEn)
    override fun labelled(label: String, text: String) = "$label: $text"
    override fun pick(label: Label) = label.en

    override val enrolTitle = "Enrol this phone"
    override val enrolExplained =
        "Ask your supervisor for a code. Scan it with the phone's camera and paste the text below, or share it with this app."
    override val enrolText = "Text of the code"
    override val revoked =
        "Your supervisor revoked this phone. Unsent work went to your supervisor, and the data on it was erased. Enrol again to go on."
    override val scan = "Scan"
    override val enrol = "Enrol"
    override val enrolling = "Enrolling…"
    override val compareDigits = "Compare with the six digits on your supervisor's screen: they must be the same"
    override val whosePhone = "Whose phone this is"
    override val areas = "Areas"
    override val firstSync = "Begin the first sync"

    override val today = "Today"
    override fun visited(count: Int, of: Int) = "$count / $of homes visited this month"
    override val search = "Search homes, notes"
    override val searchAgain = "The index is not complete yet; search again for more"
    override val nothingFound = "Nothing found"
    override val noHomes = "No homes yet: sync first"
    override val more = "Reading more…"
    override val neverVisited = "Not visited yet"
    override fun lastVisit(day: String, outcome: String) = "Last $day · $outcome"
    override fun openMatters(count: Int) = if (count == 1) "1 matter" else "$count matters"
    override val unfinished = "Not finished"
    override fun draftOfVisit(home: String) = "Visit · $home"
    override fun draftOfMatter(home: String) = "Matter · $home"
    override val clash = "Values differ"

    override val dueToday = "To visit"
    override val nothingDue = "All that was due is visited"
    override val allHomes = "All homes"
    override fun allDue(count: Int) = "Show all $count homes"
    override fun progress(rule: String, visited: Int, of: Int, until: String) = "$rule: $visited / $of homes visited, until $until"
    override fun dueUntil(day: String) = "until $day"
    override fun overdueSince(day: String) = "Overdue since $day"
    override fun attempts(count: Int) = if (count == 1) "tried once" else "tried $count times"
    override fun appointment(purpose: String, time: String) = "Appointment: ${purpose.lowercase()}, $time"
    override fun fromTo(from: String, to: String) = "$from–$to"

    override val appointments = "Appointments"
    override fun allAppointments(count: Int) = "All appointments: $count"
    override val noAppointments = "There are no appointments"
    override val timeHasPassed = "its time has passed: say what came of it"
    override fun clashesWith(count: Int) = if (count == 1) "at the time of another" else "at the time of $count others"
    override fun askedBy(party: String) = "asked for by: ${party.lowercase()}"
    override fun comes(name: String) = "$name comes"
    override fun notThere(party: String) = "not there: ${party.lowercase()}"
    override val proposedTimes = "Times that would suit"
    override val agree = "Agree on this time"
    override val toHome = "See the home"
    override val whatBecame = "What came of it"
    override val appointmentKept = "It took place"
    override val residentMissed = "The resident was not there"
    override val managerMissed = "I did not come"
    override val cancelAppointment = "Call it off"
    override val cancelReason = "Why it is called off (may stay empty)"
    override val endAsked = "This cannot be taken back."

    override val notices = "Notices"
    override fun unreadNotices(count: Int) = if (count == 1) "1 notice unread" else "$count notices unread"
    override val noNotices = "There are no notices now"
    override val unread = "Unread"
    override fun sentOn(day: String) = "sent $day"
    override fun validUntil(day: String) = "holds until $day"
    override val giveReceipt = "I have read it: send a receipt"
    override val receiptExplained = "Whoever sent it waits for the receipt. Without a network it goes later."
    override fun receiptGiven(day: String) = "Receipt given $day"
    override fun readOn(day: String) = "Read $day"

    override fun unsentCount(count: Long) = "$count not sent"
    override val allSent = "All sent"
    override fun oldest(age: String) = "Oldest $age ago"
    override fun lastSuccess(age: String) = "Last sync $age ago"
    override val neverSynced = "Never synced"
    override val firstSyncIncomplete = "First sync not complete"
    override val sync = "Sync"
    override val stop = "Stop"
    override val syncing = "Syncing…"
    override fun phase(phase: SyncPhase, done: Long, total: Long?): String {
        val count = if (total == null) "$done" else "$done / $total"
        return when (phase) {
            SyncPhase.SIGNING_IN -> "Connecting to the server…"
            SyncPhase.PUSHING -> "Sending $count"
            SyncPhase.PULLING -> "Receiving $count"
            SyncPhase.ERASING -> "Erasing $count"
        }
    }
    override fun held(conflicts: Long, quarantined: Long) = listOfNotNull(
        (if (conflicts == 1L) "1 record differs" else "$conflicts records differ").takeIf { conflicts > 0 },
        "$quarantined for a supervisor".takeIf { quarantined > 0 },
    ).joinToString(", ")
    override val heldTitle = "For people to settle"
    override val conflicts = "Values differ"
    override val quarantine = "Waiting for a supervisor"
    override fun writtenBy(who: String, day: String) = "$who · $day"
    override fun before(text: String) = "Before: $text"
    override val settle = "This holds"
    override val settleExplained = "Several people wrote here without seeing the others. Choose what holds."
    override val emptyValue = "(empty)"
    override val someone = "A colleague"

    override val others = "More"
    override val profiles = "Profiles"
    override fun profileNumber(number: Int) = "Profile $number"
    override fun several(names: List<String>) = names.joinToString(", ")
    override val profileOpen = "In use"
    override val notEnrolled = "Not enrolled yet"
    override fun maybeUnsent(count: Long) = "$count may not be sent"
    override val addProfile = "Add a profile"
    override val addProfileExplained =
        "For a colleague who shares this phone, or for work in another city. Profiles are kept apart; none sees another's."
    override val practice = "Practice"
    override val practiceExplained = "Try anything on made-up homes. Nothing is sent, and the real work is not touched."
    override val practise = "Begin to practise"
    override val practiceBanner = "Practice: made-up homes, nothing is sent"
    override val practiceNoSync = "Practice is never sent: there is nothing to sync"
    override val leavePractice = "Back to real work"
    override val beginAnew = "Begin anew"
    override val beginAnewAsked = "What you tried is deleted and cannot be brought back. The real work is not touched."

    override val damagedExplained =
        "The file with this phone's data cannot be read. It is kept as it is and nothing was deleted, so do not remove the app. Try once more; if it still does not open, set the file aside and enrol with a new code."
    override val keyMissingExplained =
        "The key to the data cannot be had, perhaps only for now. The data is kept as it is and nothing was deleted, so do not remove the app. Unlock or restart the phone and try again; only if it never opens, set the file aside and enrol again. Without the key, work in it that was not sent may stay unreadable."
    override val setAside = "Set aside and begin anew"
    override val setAsideAsked =
        "The old file stays on this phone as it is; nothing is deleted now. Then you enrol with a new code from your supervisor. After the first sync, work that was not sent comes back by itself, as far as it can be read. Drafts that were not finished stay in the file."
    override val whatToDo = "What to do"
    override val enrolSetAside =
        "The old data is set aside on this phone; nothing was deleted. Ask your supervisor for a new code. Once you have enrolled and the first sync is complete, work that was not sent comes back by itself, as far as it can be read."
    override val takingUpTitle = "Unsent work from the old data"
    override val takingUpWaits = "It comes back by itself when the first sync is complete."
    override val takingUpNow = "Reading the file that was set aside…"
    override fun takenUp(count: Long) = if (count == 1L) "1 entry came back and goes up with the next sync." else "$count entries came back and go up with the next sync."
    override fun takenUpKnown(count: Long) = if (count == 1L) "1 entry is here already." else "$count entries are here already."
    override fun takenUpLeft(count: Int) =
        (if (count == 1) "1 entry could not come back and is" else "$count entries could not come back and are") +
            " still in the file that was set aside, which is removed after a year. Tell your administrator:"
    override fun leftAside(kind: String, reason: String, count: Int) = "$kind: $reason ($count)"
    override val ofUnknownKind = "Unreadable"
    override val takenUpNothing =
        "Nothing was found that had to come back. The file stays on this phone for 30 days; if you remember work that was not sent, tell your administrator."
    override val forgetAside = "Remove the old file"
    override val forgetAsideAsked =
        "The old file and what could not come back are deleted and cannot be brought back. Do it only if that work is not needed any more, or your administrator says so."
    override val understood = "Understood"
    override val rejoinTitle = "The server does not know this phone any more"
    override val rejoinExplained =
        "The server came back from an older backup. All that you wrote is safe on this phone, so do not remove the app. Ask your supervisor for a new code and enter it below."
    override val rejoin = "Come back with the new code"
    override val rejoining = "Coming back…"
    override val rejoined = "The server knows this phone again, and the sync goes on. Compare with the six digits on your supervisor's screen: they must be the same."

    override val visit = "Visit"
    override val matter = "Matter"
    override val contact = "Contact"
    override val noContact = "No contact person"
    override val residents = "Residents"
    override val visits = "Earlier visits"
    override val matters = "Matters"
    override val none = "None"
    override val visitSaved = "The visit is saved on this phone"
    override val matterSaved = "The matter is saved on this phone"
    override val matterOfVisit = "Note a matter of the residents"
    override fun due(day: String) = "answer by $day"
    override val overdue = "overdue"

    override val mode = "How"
    override val outcome = "Outcome"
    override val duties = "Duties served"
    override val note = "Note"
    override val noticesGiven = "Notices given"
    override val forAppointment =
        "This visit is for an appointment: if you meet, it is kept; if not, it is noted as missed by the resident."
    override val needsFollowUp = "Come again"
    override val kind = "Kind"
    override val track = "Track"
    override val urgency = "Urgency"
    override val summary = "What it is about"
    override val done = "What was done on the spot"
    override val doneExplained = "If it was settled at once; otherwise leave it empty"
    override val save = "Save"
    override val saving = "Saving…"
    override val savedAsYouWrite = "Kept on the phone as you write, even if the app is closed"
    override val discard = "Delete draft"
    override val discardAsked = "What you wrote is deleted and cannot be brought back."
    override val keep = "Keep"

    override fun age(of: Duration): String = when {
        of.toMinutes() < 1 -> "less than a minute"
        of.toHours() < 1 -> "${of.toMinutes()} min"
        of.toDays() < 1 -> "${of.toHours()} h"
        of.toDays() == 1L -> "1 day"
        else -> "${of.toDays()} days"
    }
    override fun day(of: LocalDate, today: LocalDate): String = when {
        of == today -> "today"
        of == today.plusDays(1) -> "tomorrow"
        of == today.minusDays(1) -> "yesterday"
        of.year == today.year -> "${of.dayOfMonth} ${MONTHS[of.monthValue - 1]}"
        else -> "${of.dayOfMonth} ${MONTHS[of.monthValue - 1]} ${of.year}"
    }
}
