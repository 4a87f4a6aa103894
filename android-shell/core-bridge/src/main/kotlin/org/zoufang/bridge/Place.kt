package org.zoufang.bridge

/** One of the phone's databases. One is open at a time. */
sealed interface Place {
    /** Somebody's own work; without a name the phone's first. */
    data class Profile(val name: String?) : Place
    /** Made-up homes, which belong to no server. */
    data object Practice : Place
}

/** What is shown of a profile, also while another is open. */
data class KnownProfile(
    /** The app's own name for its files; nothing for the phone's first. */
    val name: String?,
    /** What people count by: 1 for the phone's first. */
    val number: Int,
    /** Whose it is; nothing before enrolment. */
    val staffName: String?,
    /** The micro-grids, by name; empty before enrolment. */
    val areaNames: List<String>,
    /** Entries that had not been sent when it was last seen open. */
    val unsentCount: Long,
    val isOpen: Boolean,
)
