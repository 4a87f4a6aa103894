package org.zoufang.bridge

import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.zoufang.client.Ports
import org.zoufang.client.ZoufangClient
import org.zoufang.core.CoreException
import org.zoufang.core.Enrolled
import org.zoufang.core.KeyVault

/** What the names begin with that the app gives to profiles after the first: p2, p3 and on. */
private const val PREFIX = "p"
/** Where in the folder it stands what is known of profiles that are not open. */
private const val REMEMBERED = "profiles.properties"

/**
 * The databases of this phone, in one folder: the profiles, and practice. Each profile has its own key in the vault, by the core's naming, and
 * its own device key: a server takes each device key once, and what one person signs with is never another's.
 */
class Profiles(
    private val folder: File,
    private val vault: KeyVault,
    private val network: Network,
    private val deviceKeyOf: (profile: String?) -> DeviceKey,
) {
    private val remembered = Remembered(File(folder, REMEMBERED))

    /** The profile that was open last, if it is still there, or else the first. Practice is never where the app begins. */
    internal suspend fun lastUsed(): Place.Profile = withContext(Dispatchers.IO) {
        val last = remembered.last
        Place.Profile(last.takeIf { attempt { it in ZoufangClient.profilesIn(folder.path) } == Outcome.Done(true) })
    }

    /** Opens it, making it if there is none. */
    internal suspend fun open(place: Place): ZoufangClient = when (place) {
        is Place.Profile -> ZoufangClient.openProfile(folder.path, place.name, portsOf(place))
        is Place.Practice -> ZoufangClient.openPractice(folder.path, vault)
    }

    /** Moves its database out of the way; nothing is deleted. It must be closed. */
    internal suspend fun setAside(place: Place.Profile) = withContext(Dispatchers.IO) {
        val waited = remembered.waits(place.name)
        // First: when the app is killed half-way, the work in it is looked for all the same.
        remembered.markWaiting(place.name)
        try {
            ZoufangClient.setAsideProfile(folder.path, place.name, portsOf(place))
        } catch (refused: CoreException) {
            remembered.markWaiting(place.name, waited)
            throw refused
        }
    }

    /** Whether work in a database that was set aside is still to be taken up, and whether a person has read what was. */
    internal suspend fun waits(place: Place.Profile): Boolean = withContext(Dispatchers.IO) { remembered.waits(place.name) }
    internal suspend fun isTold(place: Place.Profile): Boolean = withContext(Dispatchers.IO) { remembered.isTold(place.name) }
    internal suspend fun markTold(place: Place.Profile) = withContext(Dispatchers.IO) { remembered.markTold(place.name) }

    private fun portsOf(place: Place.Profile) = Ports(vault, deviceKeyOf(place.name), network)

    /** Throws away what was tried in practice. It must be closed. */
    internal suspend fun beginPracticeAnew(): ZoufangClient = ZoufangClient.restartPractice(folder.path, vault)

    internal fun deviceKey(place: Place.Profile): DeviceKey = deviceKeyOf(place.name)

    /** All profiles, the first one first. */
    internal suspend fun list(open: Place?): List<KnownProfile> = withContext(Dispatchers.IO) {
        val names = (ZoufangClient.profilesIn(folder.path) + null).distinct()
        names.map { name -> remembered.of(name, numberOf(name), isOpen = open == Place.Profile(name)) }.sortedBy { it.number }
    }

    /** One for a new person. One that was added before and never enrolled is taken again. */
    internal suspend fun another(): Place.Profile {
        val known = list(open = null)
        val unused = known.firstOrNull { it.staffName == null && it.number > 1 }
        return Place.Profile(if (unused != null) unused.name else PREFIX + (known.last().number + 1))
    }

    internal suspend fun use(place: Place.Profile) = withContext(Dispatchers.IO) { remembered.use(place.name) }

    internal suspend fun keep(place: Place.Profile, enrolled: Enrolled?, unsentCount: Long) =
        withContext(Dispatchers.IO) { remembered.keep(place.name, enrolled, unsentCount) }

    private fun numberOf(name: String?): Int = if (name == null) 1 else name.removePrefix(PREFIX).toIntOrNull() ?: Int.MAX_VALUE
}
