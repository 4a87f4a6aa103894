package org.zoufang.desktop

import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.TRUNCATE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentHashMap
import org.zoufang.core.KeyVault

/** Keys for as long as the process lives. For tests. */
class MemoryKeyVault : KeyVault {
    private val keys = ConcurrentHashMap<String, ByteArray>()
    override fun fetch(name: String): ByteArray? = keys[name]?.copyOf()
    override fun store(name: String, key: ByteArray) {
        keys[name] = key.copyOf()
    }
    override fun erase(name: String) {
        keys.remove(name)
    }
}

/**
 * Keys in files of a folder, one a name, readable for their owner alone. For development: who reads the folder reads the database. An app
 * keeps its keys in the Keystore.
 */
class FileKeyVault(private val folder: Path) : KeyVault {
    override fun fetch(name: String): ByteArray? = try {
        Files.readAllBytes(file(name))
    } catch (missing: NoSuchFileException) {
        null
    }
    /** Written beside, forced to the disk, renamed: a crash leaves the old key or the new one. */
    override fun store(name: String, key: ByteArray) {
        val beside = folder.resolve("$name.key.new")
        FileChannel.open(beside, setOf(CREATE, WRITE, TRUNCATE_EXISTING), OWNER_ONLY).use { channel ->
            channel.write(ByteBuffer.wrap(key))
            channel.force(true)
        }
        Files.move(beside, file(name), ATOMIC_MOVE)
        FileChannel.open(folder, READ).use { it.force(true) }
    }
    override fun erase(name: String) {
        Files.deleteIfExists(file(name))
    }
    private fun file(name: String): Path = folder.resolve("$name.key")
}
