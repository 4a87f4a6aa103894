package org.zoufang.client

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.SyncState

class EmbeddingPageTest {
    @Test
    fun `the first visit of the page is the one that is compiled here`() {
        val module = Path.of(System.getProperty("basedir"))
        val source = Files.readString(module.resolve("src/test/kotlin/org/zoufang/client/FirstVisit.kt"))
        val page = Files.readString(module.resolve("../../docs/embedding.md"))
        val compiled = source.substringAfter("// [first visit]\n").substringBefore("// [end]")
        val printed = page.substringAfter("## Kotlin").substringBefore("\n## ").substringAfter("```kotlin\nsuspend").substringBefore("```")
        assertEquals(compiled, "suspend$printed", "docs/embedding.md and FirstVisit.kt differ: mend the one that is wrong")
        assertTrue(compiled.lines().size <= 21, "a first visit takes 20 lines")
    }

    @Test
    fun `the first visit of the page is saved without a network and arrives`() = patiently {
        Stage.open().use { stage ->
            val folder = Files.createTempDirectory("zoufang-first-visit")
            val visit = firstVisit(folder, stage.qr())
            assertEquals(SyncState.QUEUED to 0, visit.sync to stage.visitsCount())
            Phone.inFolder(folder, "zoufang.db").use { again ->
                assertEquals(visit, again.client.call { visits.find(visit.id) })
                again.client.sync()
                assertEquals(1, stage.visitsCount())
            }
        }
    }
}
