package org.zoufang.client.bench

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.jar.JarFile
import kotlinx.coroutines.runBlocking
import org.zoufang.client.ChildJvm
import org.zoufang.client.Phone
import org.zoufang.client.Stage
import org.zoufang.client.requireMatchingLibrary
import org.zoufang.core.Page
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.coreVersion

/** What it costs to call the core from Kotlin. One JSON line a case; times in microseconds. */
object Bench {
    private const val CALLS_COUNT = 100_000
    private const val PAGES_COUNT = 2_000
    private const val VISITS_COUNT = 1_000
    private const val STARTS_COUNT = 10
    private val firstPage = Page(0u, 50u)

    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        check(arguments.isEmpty()) { "no arguments" }
        val folder = Files.createTempDirectory("zoufang-bench")
        Stage.open(homesCount = 50).use { stage ->
            Phone.inFolder(folder).apply {
                enrol(stage)
                client.sync()
                client.close()
            }
            started(folder)
            Phone.inFolder(folder).use { phone ->
                measure("call", CALLS_COUNT) { coreVersion() }
                // The same with the hop to another thread and back that every call of an app makes.
                measure("call_dispatched", CALLS_COUNT) { phone.client.call { coreVersion() } }
                measure("page_50_homes", PAGES_COUNT) { phone.client.call { households.list(firstPage) } }
                val homes = phone.homes()
                measure("visit_saved", VISITS_COUNT) { number ->
                    val home = homes[number % homes.size].household
                    phone.client.call { visits.save(VisitDraft(home, VisitMode.DOOR, VisitOutcome.DONE, note = "家中两位老人，暖气正常")) }
                }
            }
        }
    }

    private suspend fun measure(case: String, count: Int, act: suspend (Int) -> Unit) {
        repeat(count / 5) { act(it) }
        print(case, LongArray(count) { number -> timed { act(number) } })
    }

    /** Each start in a process of its own, over the same profile with 50 homes. */
    private fun started(folder: Path) {
        fun starts(vararg how: String) = List(STARTS_COUNT) {
            val child = ChildJvm.start(FirstScreen::class.java.name, folder.toString(), *how)
            val told = child.inputReader().readText().trim().split(' ').map { it.toLong() }
            check(child.waitFor() == 0)
            told
        }
        val cold = starts()
        print("library_loaded", cold.map { it[0] }.toLongArray())
        print("first_screen", cold.map { it[1] }.toLongArray())
        print("first_screen_after_class_load", starts(FirstScreen.CLASSES_FIRST).map { it[1] }.toLongArray())
    }

    private fun print(case: String, nanos: LongArray) {
        nanos.sort()
        fun at(part: Double) = "%.1f".format(java.util.Locale.ROOT, nanos[((nanos.size - 1) * part).toInt()] / 1000.0)
        println("""{"case":"$case","language":"kotlin","n":${nanos.size},"p50_us":${at(0.5)},"p95_us":${at(0.95)},"p99_us":${at(0.99)}}""")
    }
}

/**
 * Prints how long the library took to load, and how long all took until the first screen's homes were there. From `main` on, or from
 * when the classes of the package and of what it stands on have been loaded (not initialised), as an app's are by its own start.
 */
object FirstScreen {
    const val CLASSES_FIRST = "classes-first"

    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        if (arguments.size == 2 && arguments[1] == CLASSES_FIRST) loadClasses()
        var loaded = 0L
        val shown = timed {
            loaded = timed { requireMatchingLibrary() }
            check(Phone.inFolder(Path.of(arguments[0])).client.call { households.list(Page(0u, 50u)) }.size == 50)
        }
        println("$loaded $shown")
    }

    private fun loadClasses() {
        val wanted = listOf("org/zoufang/", "com/sun/jna/", "kotlin/", "kotlinx/coroutines/")
        val loader = FirstScreen::class.java.classLoader
        for (entry in System.getProperty("java.class.path").split(File.pathSeparator).map(::File)) {
            val names = when {
                entry.isDirectory -> entry.walk().map { it.relativeTo(entry).path }.toList()
                entry.isFile -> JarFile(entry).use { jar -> jar.entries().asSequence().map { it.name }.toList() }
                else -> emptyList()
            }
            for (name in names) {
                if (!name.endsWith(".class") || wanted.none(name::startsWith)) continue
                // What asks for something that is not on this class path (Android, other platforms) is not needed here either.
                runCatching { Class.forName(name.removeSuffix(".class").replace('/', '.'), false, loader) }
            }
        }
    }
}

private inline fun timed(act: () -> Unit): Long {
    val started = System.nanoTime()
    act()
    return System.nanoTime() - started
}
