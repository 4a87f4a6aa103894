package org.zoufang.client

import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import org.zoufang.core.Change
import org.zoufang.core.Connectivity
import org.zoufang.core.CoreException
import org.zoufang.core.EnrolInput
import org.zoufang.core.Enrolled
import org.zoufang.core.Enrolment
import org.zoufang.core.KeyVault
import org.zoufang.core.LeftAside
import org.zoufang.core.NetworkState
import org.zoufang.core.OpenOptions
import org.zoufang.core.PortException
import org.zoufang.core.SetAside
import org.zoufang.core.Signer
import org.zoufang.core.SyncOptions
import org.zoufang.core.SyncProgress
import org.zoufang.core.SyncReport
import org.zoufang.core.Syncing
import org.zoufang.core.TakenUp
import org.zoufang.core.ZoufangCore
import org.zoufang.core.profilePlace
import org.zoufang.core.setAside

/**
 * One profile on this phone. Open it once a process and keep it; every function may be called from any thread, and none but [close]
 * blocks the thread that calls it. Whatever goes wrong is a [CoreException], named after what can be done about it.
 */
class ZoufangClient private constructor(private val core: ZoufangCore, private val io: CoroutineDispatcher) : AutoCloseable {
    private val syncing: Syncing = core.sync()
    private val enrolment: Enrolment = core.enrolment()
    private val groups = Groups(core, syncing)
    private val waitForSync = AtomicInteger()

    /**
     * What changes on the phone, told after it is saved. The first says that anything may have changed and comes as soon as the
     * subscription stands, so a screen that reads at each of them misses nothing. Changes that a collector is too slow for are told as
     * one. The subscription ends with the collection.
     */
    val changes: Flow<Change> = changesOf(core)

    /** How far each sync is. Steps that a collector is too slow for are left out. The subscription ends with the collection. */
    val syncProgress: Flow<SyncProgress> = progressOf(syncing)

    /**
     * Calls the core, away from the calling thread: `client.call { visits.save(draft) }`. Give it all that belongs together, a call
     * crosses once. What has begun runs to its end even if the coroutine is cancelled meanwhile: then it is saved though nobody hears so.
     *
     * @throws CoreException as the functions in [block] say.
     */
    suspend fun <T> call(block: Groups.() -> T): T = withContext(io) { groups.block() }

    /**
     * Reads the text of a supervisor's QR picture.
     *
     * @throws CoreException.MendField with `qr`, `server_url`, `server_ca_pem` or `code`.
     */
    suspend fun readQr(text: String): EnrolInput = withContext(io) { enrolment.readQr(text) }

    /**
     * Makes this phone one of the server's devices. Runs to its end even if the coroutine is cancelled: the code works once.
     *
     * @throws CoreException nothing is stored then.
     */
    suspend fun enrol(input: EnrolInput): Enrolled = withContext(io) { enrolment.enrol(input) }

    /**
     * Comes back to this phone's own server with a new code of the same person, when a sync failed with `device.unknown`. Everything on the
     * phone stays; sync afterwards. Runs to its end even if the coroutine is cancelled.
     *
     * @throws CoreException nothing is changed then.
     */
    suspend fun rejoin(input: EnrolInput): Enrolled = withContext(io) { enrolment.rejoin(input) }

    /**
     * Takes up the work in every database that was set aside from this one's place, once the first sync of the phone that was enrolled anew
     * is complete. Twice is once.
     *
     * @throws CoreException.AskSupervisor before the first sync is complete; nothing is taken up then.
     */
    suspend fun takeUpSetAside(): TakenUp = withContext(io) { core.takeUpSetAside() }

    /**
     * Removes every file that was set aside from this one's place, at once, when a person has decided so; gives what could not be taken up
     * and goes with them.
     *
     * @throws CoreException.Retry while work that was taken out of one is unsent; nothing is removed then.
     */
    suspend fun forgetSetAside(): List<LeftAside> = withContext(io) { core.forgetSetAside() }

    /**
     * Whose phone this is and which areas it holds, without a network; nothing before enrolment.
     *
     * @throws CoreException when the store fails.
     */
    suspend fun profile(): Enrolled? = withContext(io) { enrolment.profile() }

    /**
     * Syncs: what was saved goes up, what others saved comes down. Who asks while a sync runs shares the next one. The last coroutine that
     * waits takes the sync with it when it is cancelled; what was exchanged by then stays.
     *
     * @throws CoreException also [CoreException.Cancelled], when [cancelSync] or [pause] ended it.
     */
    suspend fun sync(options: SyncOptions = SyncOptions()): SyncReport {
        waitForSync.incrementAndGet()
        var isGivenUp = false
        try {
            return withContext(io) { syncing.run(options) }
        } catch (cancelled: CancellationException) {
            isGivenUp = true
            throw cancelled
        } finally {
            // The library goes on with a sync that nobody waits for.
            if (waitForSync.decrementAndGet() == 0 && isGivenUp) syncing.cancel()
        }
    }

    /** Cancels the sync that runs and those that wait for it. Syncs that are asked for later run. */
    fun cancelSync() = syncing.cancel()

    /**
     * Closes the database before the app is suspended, within about two seconds; a sync that runs is cancelled first. Twice is once.
     *
     * @throws CoreException.Retry when the last checkpoint failed; the database is closed all the same and nothing is lost.
     */
    suspend fun pause() = withContext(io) { core.pause() }

    /** Opens the database again. Does nothing when it is open. */
    suspend fun resume() = withContext(io) { core.resume() }

    /**
     * Ends it for good, as [pause], and blocks for as long. Twice is once. A call that comes later gets [CoreException.Retry].
     *
     * The library's objects are left to the garbage collector, since a coroutine may still be about to call them.
     */
    override fun close() = core.shutDown()

    companion object {
        /**
         * Opens the profile, making its database if there is none. Needs neither network nor enrolment. [io] is where calls wait for the
         * disk.
         *
         * @throws CoreException a database that was there is left as it was.
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun open(options: OpenOptions, ports: Ports, io: CoroutineDispatcher = Dispatchers.IO): ZoufangClient = withContext(io) {
            requireMatchingLibrary()
            ZoufangClient(ZoufangCore.open(options, ports.vault, ports.signer, ports.connectivity), io)
        }

        /**
         * Opens one of the profiles in a folder of the app's own, each with a database and a database key of its own; without a name the
         * phone's first. The signer in [ports] must be that profile's own too: a server takes each device key once.
         *
         * @throws CoreException as [open]; [CoreException.MendField] for a name other than 1 to 32 of `a-z 0-9 -`.
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun openProfile(folder: String, name: String?, ports: Ports, io: CoroutineDispatcher = Dispatchers.IO): ZoufangClient {
            val options = withContext(io) {
                requireMatchingLibrary()
                profilePlace(folder, name)
            }
            return open(options, ports, io)
        }

        /**
         * The profiles in a folder: null for the first one, then the named ones in the order of their names. The practice database is none.
         *
         * @throws CoreException.Retry when the folder cannot be read.
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun profilesIn(folder: String, io: CoroutineDispatcher = Dispatchers.IO): List<String?> = withContext(io) {
            requireMatchingLibrary()
            org.zoufang.core.profilesIn(folder)
        }

        /**
         * Moves a profile's database that does not open, or is damaged further in, out of the way, so that the phone can be enrolled anew. It
         * must be closed. Nothing of it is deleted; [takeUpSetAside] brings its unsent work back.
         *
         * @throws CoreException.AskSupervisor when the database opens and is whole; others when the failure lies elsewhere.
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun setAsideProfile(folder: String, name: String?, ports: Ports, io: CoroutineDispatcher = Dispatchers.IO): SetAside =
            withContext(io) {
                requireMatchingLibrary()
                setAside(profilePlace(folder, name), ports.vault, ports.signer, ports.connectivity)
            }

        /**
         * Opens the practice database in a folder, with made-up homes in it if it is new. It is never sent anywhere, so it gets neither a
         * network nor a device key; its own key lies in [vault] beside the others. Profiles in the same folder are not touched.
         *
         * @throws CoreException as [open]; [CoreException.AskSupervisor] when a real profile lies under the practice database's name.
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun openPractice(folder: String, vault: KeyVault, io: CoroutineDispatcher = Dispatchers.IO): ZoufangClient = withContext(io) {
            requireMatchingLibrary()
            ZoufangClient(ZoufangCore.openPractice(folder, vault, NoDeviceKey, NoNetwork), io)
        }

        /**
         * Throws away what was tried in the practice database and begins anew. Close the one that is open first.
         *
         * @throws CoreException as [openPractice].
         * @throws LibraryMismatch when the app was put together wrongly.
         */
        suspend fun restartPractice(folder: String, vault: KeyVault, io: CoroutineDispatcher = Dispatchers.IO): ZoufangClient =
            withContext(io) {
                requireMatchingLibrary()
                ZoufangClient(ZoufangCore.restartPractice(folder, vault, NoDeviceKey, NoNetwork), io)
            }
    }
}

/** Practice signs nothing. A core that asked all the same would be told so, and no real key would be made or used. */
private object NoDeviceKey : Signer {
    override fun publicKey(): ByteArray = throw PortException.Unusable()
    override fun sign(message: ByteArray): ByteArray = throw PortException.Unusable()
}

/** Practice calls nobody. */
private object NoNetwork : Connectivity {
    override fun state(): NetworkState = NetworkState.OFFLINE
}
