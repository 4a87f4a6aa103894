package org.zoufang.app.words

import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.Locale
import java.util.concurrent.ConcurrentHashMap
import org.zoufang.core.Label
import org.zoufang.core.Message
import org.zoufang.core.SyncPhase
import org.zoufang.core.TimeSlot
import org.zoufang.core.Word
import org.zoufang.core.labelOf

/** Everything that the screens say, in one language. What the field's words are called, and what an error says, comes from the core. */
interface Words {
    // All screens
    val appName: String
    val back: String
    val retry: String
    val loading: String
    val unsent: String
    fun titleOf(message: Message): String
    fun detailOf(message: Message): String
    fun said(message: Message): String
    fun labelled(label: String, text: String): String
    fun pick(label: Label): String

    // Enrol
    val enrolTitle: String
    val enrolExplained: String
    val enrolText: String
    val revoked: String
    val scan: String
    val enrol: String
    val enrolling: String
    val compareDigits: String
    val whosePhone: String
    val areas: String
    val firstSync: String

    // Today
    val today: String
    /** How many of the homes were visited this month. */
    fun visited(count: Int, of: Int): String
    val search: String
    val searchAgain: String
    val nothingFound: String
    val noHomes: String
    val more: String
    val neverVisited: String
    fun lastVisit(day: String, outcome: String): String
    fun openMatters(count: Int): String
    val unfinished: String
    fun draftOfVisit(home: String): String
    fun draftOfMatter(home: String): String
    val clash: String

    // What is due
    val dueToday: String
    val nothingDue: String
    val allHomes: String
    fun allDue(count: Int): String
    /** How far a rule's homes are in its turn. */
    fun progress(rule: String, visited: Int, of: Int, until: String): String
    fun dueUntil(day: String): String
    fun overdueSince(day: String): String
    /** Times that nobody answered or was willing. */
    fun attempts(count: Int): String
    fun appointment(purpose: String, time: String): String
    fun fromTo(from: String, to: String): String

    // Appointments
    val appointments: String
    fun allAppointments(count: Int): String
    val noAppointments: String
    val timeHasPassed: String
    fun clashesWith(count: Int): String
    fun askedBy(party: String): String
    fun comes(name: String): String
    fun notThere(party: String): String
    val proposedTimes: String
    val agree: String
    val toHome: String
    val whatBecame: String
    val appointmentKept: String
    val residentMissed: String
    val managerMissed: String
    val cancelAppointment: String
    val cancelReason: String
    val endAsked: String

    // Notices
    val notices: String
    fun unreadNotices(count: Int): String
    val noNotices: String
    val unread: String
    fun sentOn(day: String): String
    fun validUntil(day: String): String
    val giveReceipt: String
    val receiptExplained: String
    fun receiptGiven(day: String): String
    fun readOn(day: String): String

    // The sync bar
    fun unsentCount(count: Long): String
    val allSent: String
    fun oldest(age: String): String
    fun lastSuccess(age: String): String
    val neverSynced: String
    val firstSyncIncomplete: String
    val sync: String
    val stop: String
    val syncing: String
    fun phase(phase: SyncPhase, done: Long, total: Long?): String
    fun held(conflicts: Long, quarantined: Long): String
    val heldTitle: String
    val conflicts: String
    val quarantine: String
    fun writtenBy(who: String, day: String): String
    /** What stood there before anybody wrote. */
    fun before(text: String): String
    val settle: String
    val settleExplained: String
    val emptyValue: String
    val someone: String

    // Profiles and practice
    /** The place for what is needed seldom. */
    val others: String
    val profiles: String
    fun profileNumber(number: Int): String
    fun several(names: List<String>): String
    val profileOpen: String
    val notEnrolled: String
    /** Of a profile that is not open. */
    fun maybeUnsent(count: Long): String
    val addProfile: String
    val addProfileExplained: String
    val practice: String
    val practiceExplained: String
    val practise: String
    val practiceBanner: String
    val practiceNoSync: String
    val leavePractice: String
    val beginAnew: String
    val beginAnewAsked: String

    // Ways back: a database that is set aside, and a server that does not know the phone
    val damagedExplained: String
    val keyMissingExplained: String
    val setAside: String
    val setAsideAsked: String
    val whatToDo: String
    val enrolSetAside: String
    val takingUpTitle: String
    val takingUpWaits: String
    val takingUpNow: String
    fun takenUp(count: Long): String
    fun takenUpKnown(count: Long): String
    fun takenUpLeft(count: Int): String
    /** Several of a kind that were left for the same reason. */
    fun leftAside(kind: String, reason: String, count: Int): String
    val ofUnknownKind: String
    val takenUpNothing: String
    val forgetAside: String
    val forgetAsideAsked: String
    val understood: String
    val rejoinTitle: String
    val rejoinExplained: String
    val rejoin: String
    val rejoining: String
    val rejoined: String

    // Home
    val visit: String
    val matter: String
    val contact: String
    val noContact: String
    val residents: String
    val visits: String
    val matters: String
    val none: String
    val visitSaved: String
    val matterSaved: String
    val matterOfVisit: String
    fun due(day: String): String
    val overdue: String

    // Visit and matter
    val mode: String
    val outcome: String
    val duties: String
    val note: String
    val noticesGiven: String
    /** What becomes of the appointment that a visit is made for. */
    val forAppointment: String
    val needsFollowUp: String
    val kind: String
    val track: String
    val urgency: String
    val summary: String
    val done: String
    val doneExplained: String
    val save: String
    val saving: String
    val savedAsYouWrite: String
    val discard: String
    val discardAsked: String
    val keep: String

    // Time
    fun age(of: Duration): String
    fun day(of: LocalDate, today: LocalDate): String
}

/** What a word of the field is called. Labels never change while the app runs. */
fun Words.of(word: Word): String = pick(labels.getOrPut(word) { labelOf(word) })

/** The day of a moment. */
fun Words.dayOf(at: Instant, now: Instant, zone: ZoneId): String = day(at.atZone(zone).toLocalDate(), now.atZone(zone).toLocalDate())

/** A day as the core gives it. */
fun Words.dateOf(date: String, now: Instant, zone: ZoneId): String = day(LocalDate.parse(date), now.atZone(zone).toLocalDate())

/** An agreed time: the hours, and the day unless it is today. */
fun Words.timesOf(slot: TimeSlot, now: Instant, zone: ZoneId): String {
    val (from, to) = slot.from.atZone(zone) to slot.to.atZone(zone)
    val hours = fromTo(HOUR.format(from), HOUR.format(to))
    return if (from.toLocalDate() == now.atZone(zone).toLocalDate()) hours else "${dayOf(slot.from, now, zone)} $hours"
}

/** How long ago; a clock that was turned back makes nothing older than now. */
fun Words.ageOf(at: Instant, now: Instant): String = age(Duration.between(at, now).coerceAtLeast(Duration.ZERO))

private val HOUR = DateTimeFormatter.ofPattern("H:mm", Locale.ROOT)
private val labels = ConcurrentHashMap<Word, Label>()
