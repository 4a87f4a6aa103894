package org.zoufang.bridge

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.util.Properties
import org.zoufang.core.Enrolled
import org.zoufang.core.UnitLevel

private const val LAST = "last"
private const val STAFF = "staff"
private const val AREAS = "areas"
private const val UNSENT = "unsent"
/** What becomes of a database that was set aside from a profile's place. */
private const val ASIDE = "aside"
private const val WAITS = "waits"
private const val TOLD = "told"
/** Stands between the names of micro-grids; no name holds it. */
private const val BETWEEN = "\n"

/**
 * What the app knows of profiles that are not open, in a plain file beside their databases: which was used last, whose each is, and how much
 * it had not sent. Two people who share a phone must see whose is whose before one is opened, and opening the other's to look would undo that
 * each has a database and a key of their own. So the names of staff and micro-grid are kept in clear; they are the names of the phone's
 * holders and never a resident's, and the folder is the app's own and out of every backup. A file that is lost or damaged costs these words
 * and nothing else: what was set aside is then looked for once more.
 */
internal class Remembered(private val file: File) {
    /** The profile that was open last. */
    val last: String? get() = read().getProperty(LAST)?.ifEmpty { null }

    /** It is open now. */
    fun use(profile: String?) = change { setProperty(LAST, profile.orEmpty()) }

    /** What an open profile says of itself. */
    fun keep(profile: String?, enrolled: Enrolled?, unsentCount: Long) = change {
        val areas = enrolled?.areas.orEmpty()
        val names = areas.filter { it.level == UnitLevel.MICRO_GRID }.ifEmpty { areas.takeLast(1) }.map { it.name }
        set(profile, STAFF, enrolled?.staffName)
        set(profile, AREAS, names.joinToString(BETWEEN).ifEmpty { null })
        // Whoever is enrolled next hears of it anew.
        if (enrolled == null && aside(profile) == TOLD) set(profile, ASIDE, null)
        set(profile, UNSENT, unsentCount.takeIf { it > 0 }?.toString())
    }

    /** Work in a database that was set aside is still to be taken up. */
    fun waits(profile: String?): Boolean = read().aside(profile) == WAITS

    /** What was taken up from there was read by a person. */
    fun isTold(profile: String?): Boolean = read().aside(profile) == TOLD

    /** A database is about to be set aside, or, when it was not after all, is not. */
    fun markWaiting(profile: String?, isWaiting: Boolean = true) = change { set(profile, ASIDE, WAITS.takeIf { isWaiting }) }

    /** A person has read what was taken up. */
    fun markTold(profile: String?) = change { set(profile, ASIDE, TOLD) }

    /** What it said when it was last open. */
    fun of(profile: String?, number: Int, isOpen: Boolean): KnownProfile = read().run {
        fun said(what: String) = getProperty("${profile.orEmpty()}.$what")
        KnownProfile(
            profile, number, said(STAFF), said(AREAS)?.split(BETWEEN).orEmpty(), said(UNSENT)?.toLongOrNull() ?: 0, isOpen,
        )
    }

    private fun Properties.aside(profile: String?): String? = getProperty("${profile.orEmpty()}.$ASIDE")

    private fun Properties.set(profile: String?, what: String, value: String?) {
        val key = "${profile.orEmpty()}.$what"
        if (value == null) remove(key) else setProperty(key, value)
    }

    @Synchronized
    private fun read(): Properties = Properties().apply {
        try {
            file.reader().use { load(it) }
        } catch (missing: IOException) {
            clear()
        } catch (damaged: IllegalArgumentException) {
            clear()
        }
    }

    /** Written beside and renamed: a crash leaves the old words or the new ones. A disk that is full keeps the old ones. */
    @Synchronized
    private fun change(act: Properties.() -> Unit) {
        val before = read()
        val after = (before.clone() as Properties).apply(act)
        if (after == before) return
        try {
            val beside = File(file.path + ".new")
            FileOutputStream(beside).use { stream ->
                after.store(stream.writer(), null)
                stream.fd.sync()
            }
            beside.renameTo(file)
        } catch (full: IOException) {
            // Nothing depends on it.
        }
    }
}
