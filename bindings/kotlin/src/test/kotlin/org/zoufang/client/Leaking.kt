package org.zoufang.client

import com.sun.jna.Native
import com.sun.jna.NativeLibrary
import java.nio.file.Files
import java.nio.file.Path
import java.util.UUID
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.zoufang.core.CoreException
import org.zoufang.core.EnrolInput
import org.zoufang.core.FfiConverterTypeChangeListener
import org.zoufang.core.FfiConverterTypeSyncListener
import org.zoufang.core.HomeView
import org.zoufang.core.Page
import org.zoufang.core.coreVersion
import org.zoufang.core.uniffiContinuationHandleMap

/** Does one kind of work in a process of its own and prints what the process gained by it. */
object Leaking {
    private const val CALLS_COUNT = 100_000
    private const val SUBSCRIPTIONS_COUNT = 10_000
    /** Run before the first look, so that caches and pools are filled. */
    private const val WARM_UP_PART = 2
    /** A leak gains in every round; what the C library keeps in reserve it gains once. The round that gained least is the one that counts. */
    private const val ROUNDS_MAX_COUNT = 3
    /** A round that gained less than this needs no other. */
    private const val SMALL_KIB = 1_500

    private val kept = mutableListOf<ByteArray>()

    @JvmStatic
    fun main(arguments: Array<String>) = runBlocking {
        val (work, qr) = arguments
        Phone.fresh().use { phone ->
            val client = phone.client
            val input = client.readQr(qr)
            client.enrol(input)
            client.sync()
            val home = phone.homes().first()
            val (count, step) = when (work) {
                "calls" -> CALLS_COUNT to callsOn(client, home, input)
                "subscriptions" -> SUBSCRIPTIONS_COUNT to subscriptionsOn(client)
                "native" -> CALLS_COUNT to { _: Int -> Native.malloc(100) }
                "heap" -> CALLS_COUNT to { _: Int -> kept += ByteArray(84) }
                else -> error("unknown work: $work")
            }
            repeat(count / WARM_UP_PART) { number -> step(number) }
            var least = Gain(Long.MAX_VALUE, Long.MAX_VALUE, Int.MAX_VALUE)
            for (round in 1..ROUNDS_MAX_COUNT) {
                val before = Look.now()
                repeat(count) { number -> step(number) }
                least = least.orLess(Look.now().since(before))
                if (least.nativeKib < SMALL_KIB && least.heapKib < SMALL_KIB) break
            }
            println("""{"calls":$count,"native_kib":${least.nativeKib},"heap_kib":${least.heapKib},"listeners":${least.handles}}""")
        }
    }

    /** What apps call: values in and out, errors, long calls, callbacks. */
    private fun callsOn(client: ZoufangClient, home: HomeView, spent: EnrolInput): (Int) -> Unit {
        val nobody = UUID.randomUUID()
        return { number ->
            runBlocking {
                when (number % 100) {
                    in 0..39 -> check(coreVersion().isNotEmpty())
                    in 40..79 -> check(client.call { households.find(home.household) } == home)
                    in 80..89 -> refused<CoreException.NotHere> { client.call { households.find(nobody) } }
                    in 90..93 -> check(client.call { syncStatus() }.enrolled)
                    in 94..96 -> check(client.call { households.list(Page(0u, 10u)) }.size == 10)
                    in 97..98 -> refused<CoreException.AskSupervisor> { client.enrol(spent) }
                    // A draft begun and thrown away: two commits, and a callback each.
                    else -> client.call { drafts.discard(drafts.startVisit(home.household)) }
                }
            }
        }
    }

    private fun subscriptionsOn(client: ZoufangClient): (Int) -> Unit = { runBlocking { check(client.changes.first().status) } }

    private inline fun <reified E : CoreException> refused(call: () -> Unit) {
        try {
            call()
        } catch (expected: CoreException) {
            check(expected is E) { expected }
            return
        }
        error("it was not refused")
    }

    private class Gain(val nativeKib: Long, val heapKib: Long, val handles: Int) {
        fun orLess(other: Gain) =
            Gain(minOf(nativeKib, other.nativeKib), minOf(heapKib, other.heapKib), minOf(handles, other.handles))
    }

    private class Look(val nativeKib: Long, val heapKib: Long, val handles: Int) {
        fun since(before: Look) = Gain(nativeKib - before.nativeKib, heapKib - before.heapKib, handles - before.handles)

        companion object {
            /** Collections in a row that find nothing more. */
            private const val IN_VAIN_COUNT = 30
            private val trim = NativeLibrary.getInstance("c").getFunction("malloc_trim")

            /** After the collector and the cleaners, which free what was collected on threads of their own, have done all they can. */
            fun now(): Look {
                val runtime = Runtime.getRuntime()
                var (used, inVain) = Long.MAX_VALUE to 0
                while (inVain < IN_VAIN_COUNT) {
                    System.gc()
                    Thread.sleep(1) // a collection stops the cleaners: this is their turn
                    val found = (runtime.totalMemory() - runtime.freeMemory()) / 1024
                    inVain = if (found < used) 0 else inVain + 1
                    used = minOf(used, found)
                }
                trim.invokeInt(arrayOf(0)) // the C library gives back what it holds free
                val status = Files.readAllLines(Path.of("/proc/self/status"))
                val resident = status.single { it.startsWith("VmRSS:") }.filter { it.isDigit() }.toLong()
                val handles =
                    FfiConverterTypeChangeListener.handleMap.size + FfiConverterTypeSyncListener.handleMap.size + uniffiContinuationHandleMap.size
                return Look(resident, used, handles)
            }
        }
    }
}
