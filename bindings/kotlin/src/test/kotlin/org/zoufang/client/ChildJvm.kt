package org.zoufang.client

import java.nio.file.Path

/** A Java process of a test's own, with the same classes and the same native library. */
object ChildJvm {
    fun start(main: String, vararg arguments: String, flags: List<String> = emptyList(), environment: Map<String, String> = emptyMap()): Process {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val library = "-Djna.library.path=" + System.getProperty("jna.library.path")
        val command = listOf(java, library) + flags + listOf("-cp", ownClassPath(), main) + arguments
        val builder = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT)
        builder.environment() += environment
        return builder.start()
    }
    private fun ownClassPath(): String = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
}
