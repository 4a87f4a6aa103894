package org.zoufang.client

import java.nio.file.Files
import java.nio.file.Path
import java.util.UUID
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test

/** Saved before it is killed: in mid-work, at a moment that nobody chose. */
private const val VISITS_COUNT = 40

class KilledTest {
    @Test
    fun `every visit whose save returned is there after the process was killed`() = patiently {
        Stage.open().use { stage ->
            val folder = Files.createTempDirectory("zoufang-killed")
            Phone.inFolder(folder).run {
                enrol(stage)
                client.sync()
                client.close()
            }
            val saved = mutableListOf<UUID>()
            repeat(2) {
                val worker = ChildJvm.start(SavingUntilKilled::class.java.name, folder.toString())
                val lines = worker.inputReader().lineSequence().iterator()
                val wanted = saved.size + VISITS_COUNT
                while (saved.size < wanted) saved += UUID.fromString(lines.next())
                worker.toHandle().destroyForcibly() // by its handle: that leaves what it said readable
                // What it had still said; a line that was cut is none.
                lines.forEach { line -> if (line.length == 36) saved += UUID.fromString(line) }
                assertEquals(128 + 9, worker.waitFor())
            }
            Phone.inFolder(folder).use { phone ->
                for (id in saved) assertEquals(id, phone.client.call { visits.find(id) }.id)
                phone.client.sync()
                val onServer = stage.visitsCount()
                // At most one visit a kill was saved and not said.
                assertTrue(onServer in saved.size..saved.size + 2, "${saved.size} said, $onServer on the server")
                assertEquals(0uL, phone.client.call { syncStatus() }.unsentCount)
            }
        }
    }
}

/** Saves visits and prints the id of each once it is saved. */
object SavingUntilKilled {
    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val phone = Phone.inFolder(Path.of(arguments.single()))
        val homes = phone.homes()
        generateSequence(0) { it + 1 }.forEach { number ->
            val visit = runBlocking { phone.visit(homes[number % homes.size], "第 $number 次") }
            println(visit.id)
        }
    }
}
