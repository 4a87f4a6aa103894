package org.zoufang.client

import com.sun.jna.Native
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import java.math.BigInteger
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.zoufang.core.Connectivity
import org.zoufang.core.CoreException
import org.zoufang.core.KeyVault
import org.zoufang.core.NetworkState
import org.zoufang.core.OpenOptions
import org.zoufang.core.PortException
import org.zoufang.core.Signer
import org.zoufang.desktop.FileKeyVault
import org.zoufang.desktop.FixedNetwork
import org.zoufang.desktop.MemoryKeyVault
import org.zoufang.desktop.SoftwareSigner

class PortsTest {
    private class MoodyVault(private val within: KeyVault = MemoryKeyVault()) : KeyVault by within {
        var mood: Throwable? = null
        override fun fetch(name: String): ByteArray? = mood?.let { throw it } ?: within.fetch(name)
    }

    private class MoodySigner(private val within: Signer = SoftwareSigner()) : Signer {
        var mood: Throwable? = null
        override fun publicKey(): ByteArray = mood?.let { throw it } ?: within.publicKey()
        override fun sign(message: ByteArray): ByteArray = mood?.let { throw it } ?: within.sign(message)
    }

    @Test
    fun `a vault that throws leaves the database as it was`() = patiently {
        val vault = MoodyVault()
        Phone.fresh(vault).use { phone ->
            Stage.open().use { stage -> phone.enrol(stage) }
            val draft = phone.client.call { drafts.startMatter(null) }
            phone.client.pause()
            // The last is no Exception but an Error, which JNA takes instead of UniFFI: it must not read as "there is no key".
            Native.setCallbackExceptionHandler { _, _ -> }
            for (mood in listOf(PortException.Locked(), PortException.Failed("测试"), IllegalStateException("测试"), AssertionError("测试"))) {
                vault.mood = mood
                val locked = assertFailsWith<CoreException.UnlockPhone>("$mood") {
                    ZoufangClient.open(OpenOptions(phone.folder.resolve("phone.db").toString()), phone.ports)
                }
                assertTrue(locked.said.titleZh.isNotEmpty() && "测试" !in locked.said.toString())
            }
            vault.mood = PortException.Unusable()
            assertFailsWith<CoreException> {
                ZoufangClient.open(OpenOptions(phone.folder.resolve("phone.db").toString()), phone.ports)
            }
            vault.mood = null
            phone.client.resume()
            assertEquals(draft, phone.client.call { drafts.list() }.single().id)
        }
    }

    @Test
    fun `a vault without the key of a database that is there opens nothing and makes nothing anew`() = patiently {
        Phone.fresh().use { phone ->
            phone.client.pause()
            val forgetful = Ports(MemoryKeyVault(), phone.ports.signer, phone.ports.connectivity)
            val before = Files.readAllBytes(phone.folder.resolve("phone.db"))
            assertFailsWith<CoreException.AskSupervisor> {
                ZoufangClient.open(OpenOptions(phone.folder.resolve("phone.db").toString()), forgetful)
            }
            assertContentEquals(before, Files.readAllBytes(phone.folder.resolve("phone.db")))
        }
    }

    @Test
    fun `a signer that throws is an error before anything is sent`() = patiently {
        Stage.open().use { stage ->
            val signer = MoodySigner()
            Phone.fresh(signer = signer).use { phone ->
                val input = phone.client.readQr(stage.qr())
                signer.mood = PortException.Unusable()
                assertFailsWith<CoreException.EnrolAgain> { phone.client.enrol(input) }
                signer.mood = PortException.Locked()
                assertFailsWith<CoreException.UnlockPhone> { phone.client.enrol(input) }
                signer.mood = UnsupportedOperationException("测试")
                assertFailsWith<CoreException.UnlockPhone> { phone.client.enrol(input) }
                signer.mood = null
                assertEquals("测试管理员甲", phone.client.enrol(input).staffName, "the code was not spent")

                phone.client.sync()
                phone.visit(phone.homes().first(), "签名时锁屏")
                signer.mood = PortException.Locked()
                assertFailsWith<CoreException.UnlockPhone> { phone.client.sync() }
                signer.mood = null
                phone.client.sync()
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a network that throws or is away keeps nobody from working`(@TempDir folder: Path) = patiently {
        Stage.open().use { stage ->
            val networks = listOf(
                object : Connectivity {
                    override fun state(): NetworkState = throw IllegalStateException("测试")
                },
                FixedNetwork(NetworkState.METERED),
            )
            for ((number, network) in networks.withIndex()) {
                val ports = Ports(MemoryKeyVault(), SoftwareSigner(), network)
                ZoufangClient.open(OpenOptions(folder.resolve("$number.db").toString()), ports).use { client ->
                    client.enrol(client.readQr(stage.qr()))
                    assertTrue(client.sync().complete)
                }
            }
        }
    }

    @Test
    fun `the file vault keeps, replaces and erases`(@TempDir folder: Path) {
        val vault = FileKeyVault(folder)
        assertNull(vault.fetch("main"))
        vault.store("main", ByteArray(32) { 1 })
        vault.store("main", ByteArray(32) { 2 })
        assertContentEquals(ByteArray(32) { 2 }, FileKeyVault(folder).fetch("main"))
        assertEquals(listOf("main.key"), folder.toFile().list()!!.toList())
        assertEquals("rw-------", java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("main.key"))))
        repeat(2) { vault.erase("main") }
        assertNull(vault.fetch("main"))
    }

    @Test
    fun `the software signer gives whole points and signatures that verify`(@TempDir folder: Path) {
        val kept = SoftwareSigner.inFolder(folder)
        assertContentEquals(kept.publicKey(), SoftwareSigner.inFolder(folder).publicKey())
        // One point in 256 has a coordinate that begins with a zero byte.
        for (signer in List(600) { SoftwareSigner() } + kept) {
            val point = signer.publicKey()
            assertTrue(point.size == 65 && point[0] == 4.toByte())
        }
        val message = "走访".encodeToByteArray()
        val verifies = Signature.getInstance("SHA256withECDSA").run {
            initVerify(keyOf(kept.publicKey()))
            update(message)
            verify(kept.sign(message))
        }
        assertTrue(verifies)
    }

    private fun keyOf(point: ByteArray): ECPublicKey {
        val curve = java.security.AlgorithmParameters.getInstance("EC").run {
            init(java.security.spec.ECGenParameterSpec("secp256r1"))
            getParameterSpec(java.security.spec.ECParameterSpec::class.java)
        }
        val (x, y) = BigInteger(1, point.copyOfRange(1, 33)) to BigInteger(1, point.copyOfRange(33, 65))
        return KeyFactory.getInstance("EC").generatePublic(ECPublicKeySpec(ECPoint(x, y), curve)) as ECPublicKey
    }
}
