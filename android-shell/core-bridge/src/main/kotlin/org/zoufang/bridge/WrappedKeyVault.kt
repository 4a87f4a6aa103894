package org.zoufang.bridge

import java.io.File
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException
import java.security.GeneralSecurityException
import org.zoufang.core.KeyVault
import org.zoufang.core.PortException

/** Encrypts a database's key with one that never leaves the phone's key store, and back. */
interface KeyWrap {
    /** The key, encrypted, bound to its name. */
    fun wrap(name: String, key: ByteArray): ByteArray

    /** @throws GeneralSecurityException when it was wrapped under another name, by another phone, or was changed. */
    fun unwrap(name: String, wrapped: ByteArray): ByteArray
}

/**
 * Keys in files, wrapped: who copies the folder has nothing. A file that is there and does not open is an error and never reads as "no key",
 * or the core would make a new one beside a database that nobody opens again.
 */
class WrappedKeyVault(
    private val folder: File,
    private val wrap: KeyWrap,
    /** Makes a folder's renames durable: the JVM's own way needs Android 8. */
    private val force: (File) -> Unit,
) : KeyVault {
    override fun fetch(name: String): ByteArray? {
        val wrapped = try {
            file(name).readBytes()
        } catch (missing: FileNotFoundException) {
            // The same exception says that a file may not be read.
            if (file(name).exists()) throw PortException.Failed("unreadable")
            return null
        } catch (error: IOException) {
            throw failed(error)
        }
        return said { wrap.unwrap(name, wrapped) }
    }

    /** Written beside, forced to the disk, renamed: a crash leaves the old key or the new one. */
    override fun store(name: String, key: ByteArray) = said {
        val beside = File(folder, "$name.key.new")
        folder.mkdirs()
        FileOutputStream(beside).use { stream ->
            stream.write(wrap.wrap(name, key))
            stream.fd.sync()
        }
        if (!beside.renameTo(file(name))) throw IOException("not renamed")
        force(folder)
    }

    override fun erase(name: String) = said {
        if (file(name).exists() && !file(name).delete()) throw IOException("not deleted")
        if (folder.exists()) force(folder)
    }

    private fun file(name: String) = File(folder, "$name.key")

    private fun <T> said(act: () -> T): T = try {
        act()
    } catch (error: IOException) {
        throw failed(error)
    } catch (error: GeneralSecurityException) {
        throw failed(error)
    }

    /** By its kind alone: an exception's words may name files. */
    private fun failed(error: Exception) = PortException.Failed(error.javaClass.simpleName)
}
