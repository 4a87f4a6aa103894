package org.zoufang.bridge

import java.io.RandomAccessFile
import java.nio.file.Files
import java.nio.file.Path
import java.time.Clock
import java.util.concurrent.ConcurrentHashMap
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.io.path.fileSize
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.zoufang.client.PATIENCE
import org.zoufang.client.Stage
import org.zoufang.core.KeyVault
import org.zoufang.core.NetworkState
import org.zoufang.core.OpenOptions
import org.zoufang.core.PortException
import org.zoufang.core.profilePlace
import org.zoufang.desktop.MemoryKeyVault
import org.zoufang.desktop.SoftwareSigner

/** Waits until it is so, for as long as tests wait. */
suspend fun <T> Flow<T>.until(isSo: (T) -> Boolean): T = withTimeout(PATIENCE) { first(isSo) }

/** A network that a test switches. */
class SwitchedNetwork : Network {
    override val states = MutableStateFlow(NetworkState.UNMETERED)
}

/** A device key in software that can be made anew. */
class RenewableKey : DeviceKey {
    @Volatile private var key = SoftwareSigner()
    override fun forget() {
        key = SoftwareSigner()
    }
    override fun publicKey(): ByteArray = key.publicKey()
    override fun sign(message: ByteArray): ByteArray = key.sign(message)
}

/** Keys in memory, in a vault that a test locks. */
class LockableVault : KeyVault {
    private val keys = MemoryKeyVault()
    @Volatile var isLocked = false
    override fun fetch(name: String): ByteArray? = opened { keys.fetch(name) }
    override fun store(name: String, key: ByteArray) = opened { keys.store(name, key) }
    override fun erase(name: String) = opened { keys.erase(name) }
    private fun <T> opened(act: () -> T): T = if (isLocked) throw PortException.Locked() else act()
}

private const val PAGE_BYTES = 4096
private const val SALT_BYTES = 16L

/** A phone of a test with its owner: files and keys that outlive the process, and a process that can be killed and started again. */
class TestPhone(val vault: KeyVault = LockableVault(), private val clock: Clock = Clock.systemDefaultZone()) : AutoCloseable {
    private val folder: Path = Files.createTempDirectory("zoufang-shell")
    private val deviceKeys = ConcurrentHashMap<String, RenewableKey>()
    val network = SwitchedNetwork()
    /** What the process runs on; one thread at a time, as on a phone's main thread. */
    var scope = newScope()
        private set
    var owner = newOwner()
        private set

    /** Opens it, and gives the client once it is open. */
    suspend fun opened(): OpenClient {
        owner.open()
        return (owner.opening.until { it is Opening.Ready } as Opening.Ready).open
    }

    /** The client of a place, once that is open; nothing is opened by this. */
    suspend fun openAt(place: Place): OpenClient =
        (owner.opening.until { it is Opening.Ready && it.open.place == place } as Opening.Ready).open

    /** An enrolled one that has synced for the first time. */
    suspend fun enrolled(stage: Stage, name: String = "测试管理员甲"): OpenClient = opened().apply { enrol(stage, name) }

    private val firstPlace: OpenOptions get() = profilePlace(folder.toString(), null)
    /** Under which name the first profile's key lies in the vault. */
    val keyName: String get() = checkNotNull(firstPlace.keyName)

    /** Pages of the first profile's database become noise, from one to another, but for the salt at the head: it must be closed. */
    fun damagePages(from: Int, to: Int) = RandomAccessFile(firstPlace.path, "rw").use { file ->
        file.seek(from.toLong() * PAGE_BYTES + if (from == 0) SALT_BYTES else 0)
        val end = minOf(file.length(), (to + 1).toLong() * PAGE_BYTES)
        file.write(ByteArray((end - file.filePointer).toInt()) { 0x5a })
    }

    /** How many pages that database has. */
    fun pagesCount(): Int = (Path.of(firstPlace.path).fileSize() / PAGE_BYTES).toInt()

    /** How many files of databases that were set aside lie there. */
    fun asideCount(): Int = folder.toFile().walk().count { ".set-aside-" in it.name }

    /** What a server would know a profile by. */
    fun deviceKey(profile: String? = null): List<Byte> = keyOf(profile).publicKey().toList()

    /** Whether a word lies readable in any file of the phone. */
    fun holdsInClear(word: String): Boolean = folder.toFile().walk().filter { it.isFile }.any { word in it.readBytes().decodeToString() }

    /** As when the process is killed: models and all coroutines are gone, files and keys stay. */
    suspend fun kill() {
        owner.abandon()
        scope.cancel()
        scope = newScope()
        owner = newOwner()
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        runBlocking { owner.close() }
        scope.cancel()
        folder.deleteRecursively()
    }

    private fun newScope() = CoroutineScope(SupervisorJob() + Dispatchers.Default.limitedParallelism(1))
    private fun newOwner() = ClientOwner(scope, network, clock, Profiles(folder.toFile(), vault, network, ::keyOf))
    private fun keyOf(profile: String?) = deviceKeys.getOrPut(deviceKeyName(profile)) { RenewableKey() }
}

/** Enrols it and syncs for the first time. */
suspend fun OpenClient.enrol(stage: Stage, name: String) {
    client.enrol(client.readQr(stage.qr(name)))
    client.sync()
}

/** Waits until a look says so; for what nobody tells. */
suspend fun until(isSo: suspend () -> Boolean) = withTimeout(PATIENCE) { while (!isSo()) yield() }
