package org.zoufang.client

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.zoufang.core.HomeView
import org.zoufang.core.KeyVault
import org.zoufang.core.OpenOptions
import org.zoufang.core.Page
import org.zoufang.core.Signer
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.VisitView
import org.zoufang.desktop.FileKeyVault
import org.zoufang.desktop.FixedNetwork
import org.zoufang.desktop.MemoryKeyVault
import org.zoufang.desktop.SoftwareSigner

/** How long a test waits for what must come. */
val PATIENCE = 60.seconds

/** Runs a test's coroutines in real time: what they wait for is a real library, a real file and a real server. */
fun patiently(block: suspend CoroutineScope.() -> Unit) = runBlocking { withTimeout(PATIENCE, block) }

/** A phone of a test: its files, its keys, and the client while it is open. */
class Phone private constructor(val folder: Path, val ports: Ports, val client: ZoufangClient) : AutoCloseable {
    private val isClosed = AtomicBoolean()

    suspend fun enrol(stage: Stage, name: String = "测试管理员甲") = client.enrol(client.readQr(stage.qr(name)))

    suspend fun homes(): List<HomeView> = client.call { households.list(Page()) }

    suspend fun visit(home: HomeView, note: String): VisitView =
        client.call { visits.save(VisitDraft(home.household, VisitMode.DOOR, VisitOutcome.DONE, note = note)) }

    /** Closes it and opens it again over the same files and keys, as after an app was ended in order. */
    suspend fun reopened(): Phone {
        client.close()
        isClosed.set(true)
        return Phone(folder, ports, openIn(folder, ports))
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        if (isClosed.compareAndSet(false, true)) {
            client.close()
            folder.deleteRecursively()
        }
    }

    companion object {
        /** One that knows no server yet. */
        suspend fun fresh(vault: KeyVault = MemoryKeyVault(), signer: Signer = SoftwareSigner()): Phone {
            val folder = Files.createTempDirectory("zoufang-phone")
            val ports = Ports(vault, signer, FixedNetwork())
            return Phone(folder, ports, openIn(folder, ports))
        }
        /** One that has enrolled and synced for the first time. */
        suspend fun enrolled(stage: Stage, name: String = "测试管理员甲"): Phone = fresh().apply {
            enrol(stage, name)
            client.sync()
        }
        /** One whose keys lie beside its database, so that another process can open it. */
        suspend fun inFolder(folder: Path, file: String = "phone.db"): Phone {
            val ports = Ports(FileKeyVault(folder), SoftwareSigner.inFolder(folder), FixedNetwork())
            return Phone(folder, ports, openIn(folder, ports, file))
        }
        private suspend fun openIn(folder: Path, ports: Ports, file: String = "phone.db") =
            ZoufangClient.open(OpenOptions(folder.resolve(file).toString()), ports)
    }
}
