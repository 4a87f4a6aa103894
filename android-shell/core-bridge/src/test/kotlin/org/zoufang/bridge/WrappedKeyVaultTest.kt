package org.zoufang.bridge

import java.io.File
import java.io.IOException
import java.nio.file.Files
import java.security.KeyPairGenerator
import java.security.spec.ECGenParameterSpec
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.spec.GCMParameterSpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.PortException

class WrappedKeyVaultTest {
    private class SoftwareWrap : KeyWrap {
        private val secret = KeyGenerator.getInstance("AES").apply { init(256) }.generateKey()
        override fun wrap(name: String, key: ByteArray): ByteArray = Cipher.getInstance("AES/GCM/NoPadding").run {
            init(Cipher.ENCRYPT_MODE, secret)
            updateAAD(name.toByteArray())
            iv + doFinal(key)
        }
        override fun unwrap(name: String, wrapped: ByteArray): ByteArray = Cipher.getInstance("AES/GCM/NoPadding").run {
            init(Cipher.DECRYPT_MODE, secret, GCMParameterSpec(128, wrapped, 0, 12))
            updateAAD(name.toByteArray())
            doFinal(wrapped, 12, wrapped.size - 12)
        }
    }

    private val folder = Files.createTempDirectory("zoufang-keys").resolve("keys").toFile()
    private val forced = mutableListOf<File>()
    private val wrap = SoftwareWrap()
    private fun vault(wrap: KeyWrap = this.wrap) = WrappedKeyVault(folder, wrap) { forced += it }
    private val key = ByteArray(32) { it.toByte() }

    @Test
    fun `a key comes back after the process ended and lies nowhere in the open`() {
        assertNull(vault().fetch("main"))
        vault().store("main", ByteArray(32))
        vault().store("main", key)
        assertContentEquals(key, vault().fetch("main"))
        assertEquals(listOf("main.key"), folder.list()!!.toList(), "nothing is left beside it")
        assertTrue(key.joinToString() !in File(folder, "main.key").readBytes().joinToString())
        assertEquals(folder, forced.last(), "its name is durable too")
        repeat(2) { vault().erase("main") }
        assertNull(vault().fetch("main"))
    }

    @Test
    fun `a file that does not open is an error and never reads as no key`() {
        vault().store("main", key)
        assertFailsWith<PortException.Failed> { vault(SoftwareWrap()).fetch("main") }
        File(folder, "main.key").copyTo(File(folder, "other.key"))
        assertFailsWith<PortException.Failed> { vault().fetch("other") }
        File(folder, "main.key").run { writeBytes(readBytes().apply { this[20] = (this[20] + 1).toByte() }) }
        assertFailsWith<PortException.Failed> { vault().fetch("main") }
        File(folder, "main.key").run { delete(); mkdir() }
        assertFailsWith<PortException.Failed> { vault().fetch("main") }
    }

    @Test
    fun `a disk that fails while a key is stored leaves the key before it`() {
        vault().store("main", key)
        val broken = WrappedKeyVault(folder, object : KeyWrap by wrap {
            override fun wrap(name: String, key: ByteArray): ByteArray = throw IOException("测试")
        }) { }
        assertFailsWith<PortException.Failed> { broken.store("main", ByteArray(32)) }
        assertContentEquals(key, vault().fetch("main"))
    }

    @Test
    fun `a public key's point has 65 bytes whatever its coordinates begin with`() {
        val made = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        // One coordinate in 256 begins with a zero byte.
        repeat(600) {
            val public = made.generateKeyPair().public
            val point = public.uncompressedPoint()
            val (x, y) = (public as java.security.interfaces.ECPublicKey).w.run { affineX to affineY }
            assertEquals(65, point.size)
            assertEquals(x to y, point.copyOfRange(1, 33).number() to point.copyOfRange(33, 65).number())
        }
        assertFailsWith<IllegalArgumentException> {
            KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair().public.uncompressedPoint()
        }
    }

    private fun ByteArray.number() = java.math.BigInteger(1, this)
}
