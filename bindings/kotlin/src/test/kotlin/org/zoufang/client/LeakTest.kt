package org.zoufang.client

import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Test

/**
 * What 100,000 calls may leave behind, in KiB: half of what they would leave at 100 bytes a call. Measured: less than 1,500 native in one
 * round of three at the latest, 20 on the heap.
 */
private const val CALLS_GAIN_MAX_KIB = 5_000
/** What 10,000 subscriptions may leave behind: 250 bytes each, less than one weighs. Measured: none native, 20 on the heap. */
private const val SUBSCRIPTIONS_GAIN_MAX_KIB = 2_500

class LeakTest {
    /** A fixed heap, touched from the start, and a small compiler: then what the process gains is what the library gains. */
    private val flags = listOf("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

    /** One pool of native memory for all threads: what one thread frees another uses again, and free gaps stay few. */
    private val oneArena = mapOf("MALLOC_ARENA_MAX" to "1")

    private fun gains(work: String): Map<String, Int> = Stage.open().use { stage ->
        val child = ChildJvm.start(Leaking::class.java.name, work, stage.qr(), flags = flags, environment = oneArena)
        val said = child.inputReader().readText()
        assertEquals(0, child.waitFor(), said)
        Json.parseToJsonElement(said).jsonObject.mapValues { it.value.jsonPrimitive.int }.also { println("leak: $work $it") }
    }

    @Test
    fun `100,000 calls leave nothing behind`() {
        val gain = gains("calls")
        assertEquals(100_000, gain["calls"])
        assertTrue(gain["native_kib"]!! < CALLS_GAIN_MAX_KIB && gain["heap_kib"]!! < CALLS_GAIN_MAX_KIB, "$gain")
        assertEquals(0, gain["listeners"])
    }

    @Test
    fun `10,000 subscriptions leave nothing behind`() {
        val gain = gains("subscriptions")
        assertEquals(10_000, gain["calls"])
        assertTrue(gain["native_kib"]!! < SUBSCRIPTIONS_GAIN_MAX_KIB && gain["heap_kib"]!! < SUBSCRIPTIONS_GAIN_MAX_KIB, "$gain")
        assertEquals(0, gain["listeners"])
    }

    @Test
    fun `the gauge sees 100 bytes a call, on either side`() {
        assertTrue(gains("native")["native_kib"]!! > CALLS_GAIN_MAX_KIB)
        assertTrue(gains("heap")["heap_kib"]!! > CALLS_GAIN_MAX_KIB)
    }
}
