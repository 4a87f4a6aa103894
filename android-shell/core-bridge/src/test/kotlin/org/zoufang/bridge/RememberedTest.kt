package org.zoufang.bridge

import java.io.File
import java.util.UUID
import kotlin.io.path.createTempDirectory
import kotlin.test.AfterTest
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.AreaView
import org.zoufang.core.Enrolled
import org.zoufang.core.Role
import org.zoufang.core.UnitLevel

class RememberedTest {
    private val folder = createTempDirectory("zoufang-remembered").toFile()
    private val file = File(folder, "profiles.properties")
    private fun area(name: String, level: UnitLevel) = AreaView(UUID(1, name.hashCode().toLong()), level, name, Role.MICRO_GRID_MANAGER)
    private val enrolled = Enrolled(
        UUID(1, 1), "测试管理员甲", "https://zoufang.example", "482913",
        listOf(area("测试社区", UnitLevel.COMMUNITY), area("测试微网格一", UnitLevel.MICRO_GRID), area("测试=微网格#二", UnitLevel.MICRO_GRID)),
    )

    @AfterTest
    fun clear() {
        folder.deleteRecursively()
    }

    @Test
    fun `what profiles said is known to the next process, each apart`() {
        Remembered(file).run {
            keep(null, enrolled, 0)
            keep("p2", enrolled.copy(staffName = "测试协管员乙", areas = listOf(area("测试街道", UnitLevel.STREET))), 12)
            use("p2")
        }
        val next = Remembered(file)
        assertEquals("p2", next.last)
        assertEquals(KnownProfile(null, 1, "测试管理员甲", listOf("测试微网格一", "测试=微网格#二"), 0, isOpen = false), next.of(null, 1, isOpen = false))
        assertEquals(KnownProfile("p2", 2, "测试协管员乙", listOf("测试街道"), 12, isOpen = true), next.of("p2", 2, isOpen = true))
        next.keep("p2", null, 0)
        assertEquals(KnownProfile("p2", 2, null, emptyList(), 0, isOpen = false), next.of("p2", 2, isOpen = false))
        assertEquals("测试管理员甲", next.of(null, 1, isOpen = false).staffName)
        next.use(null)
        assertNull(next.last)
        assertEquals(listOf("profiles.properties"), folder.list()!!.toList(), "nothing is left beside it")
    }

    @Test
    fun `what was set aside is remembered until it was read, and heard of anew by whoever is enrolled next`() {
        Remembered(file).markWaiting("p2")
        assertTrue(Remembered(file).waits("p2"))
        assertTrue(!Remembered(file).waits(null), "each profile by itself")
        Remembered(file).keep("p2", null, 0)
        assertTrue(Remembered(file).waits("p2"), "that nobody is enrolled yet takes nothing away")
        Remembered(file).markTold("p2")
        Remembered(file).keep("p2", enrolled, 0)
        assertTrue(Remembered(file).run { isTold("p2") && !waits("p2") })
        Remembered(file).keep("p2", null, 0)
        assertTrue(!Remembered(file).isTold("p2"))
    }

    @Test
    fun `a file that is damaged or cannot be written costs the words alone`() {
        file.writeText("last=p2\n.staff=\\u12")
        val damaged = Remembered(file)
        assertNull(damaged.last)
        damaged.keep(null, enrolled, 3)
        assertEquals(3, damaged.of(null, 1, isOpen = false).unsentCount)
        folder.deleteRecursively()
        damaged.keep(null, enrolled, 4)
        assertTrue(!folder.exists())
        assertEquals(0, damaged.of(null, 1, isOpen = false).unsentCount)
    }
}
