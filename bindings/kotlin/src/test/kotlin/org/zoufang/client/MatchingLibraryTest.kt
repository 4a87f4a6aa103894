package org.zoufang.client

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.zoufang.core.GENERATED_FOR
import org.zoufang.core.coreVersion

class MatchingLibraryTest {
    @Test
    fun `library and Kotlin are of one build`() {
        requireMatchingLibrary()
        assertEquals(GENERATED_FOR, coreVersion())
    }

    @Test
    fun `another version is refused with what to build`() {
        val refused = assertFailsWith<LibraryMismatch> { requireSame("0.1.0+aaaaaaaaaaaa", "0.1.0+bbbbbbbbbbbb") }
        for (word in listOf("0.1.0+aaaaaaaaaaaa", "0.1.0+bbbbbbbbbbbb", "make bindings")) assertTrue(word in refused.message!!, refused.message)
    }

    @Test
    fun `a library that is missing or is another one is refused with what to build`(@TempDir folder: Path) {
        val empty = Files.createFile(folder.resolve("libzoufang_bindings.so")).toString()
        // In a process of its own: here the library is loaded already.
        for (library in listOf("/nowhere/libzoufang_bindings.so", empty, "libc.so.6")) {
            val flag = "-Duniffi.component.zoufang_bindings.libraryOverride=$library"
            val child = ChildJvm.start(RefusedLibrary::class.java.name, flags = listOf(flag))
            val said = child.inputReader().readText()
            assertEquals(0, child.waitFor())
            assertTrue(said.startsWith("The native library zoufang_bindings does not load") && "make bindings" in said, said)
        }
    }
}

/** Prints why the library is refused. */
object RefusedLibrary {
    @JvmStatic
    fun main(arguments: Array<String>) {
        check(arguments.isEmpty())
        print(assertFailsWith<LibraryMismatch> { requireMatchingLibrary() }.message)
    }
}
