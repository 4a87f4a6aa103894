package org.zoufang.client

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.deleteRecursively
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.CoreException
import org.zoufang.core.Page
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.desktop.FixedNetwork
import org.zoufang.desktop.MemoryKeyVault
import org.zoufang.desktop.SoftwareSigner

/** Several databases in one folder: profiles, and practice. */
class PlacesTest {
    private val vault = MemoryKeyVault()

    @OptIn(ExperimentalPathApi::class)
    private fun inFolder(act: suspend (String) -> Unit) {
        val folder: Path = Files.createTempDirectory("zoufang-places")
        try {
            patiently { act(folder.toString()) }
        } finally {
            folder.deleteRecursively()
        }
    }

    private suspend fun ZoufangClient.notes(): List<String> =
        call { households.list(Page()).flatMap { visits.ofHousehold(it.household, Page()) } }.map { it.note }

    @Test
    fun `practice has made-up homes and says so, sends nothing, and begins anew`() = inFolder { folder ->
        ZoufangClient.openPractice(folder, vault).use { practice ->
            assertTrue(practice.call { syncStatus() }.practice)
            assertEquals(12 to "练习管理员", practice.call { households.list(Page()) }.size to practice.profile()?.staffName)
            assertFailsWith<CoreException> { practice.sync() }
            assertTrue(practice.call { tasks.due(null) }.homes.isNotEmpty())
            practice.call {
                visits.save(VisitDraft(households.list(Page()).last().household, VisitMode.DOOR, VisitOutcome.DONE, note = "要扔掉的"))
            }
        }
        ZoufangClient.openPractice(folder, vault).use { assertTrue("要扔掉的" in it.notes()) }
        ZoufangClient.restartPractice(folder, vault).use { assertFalse("要扔掉的" in it.notes()) }
        assertEquals(emptyList(), ZoufangClient.profilesIn(folder), "practice is nobody's profile")
    }

    @Test
    fun `each profile is somebody's, and the folder says which there are`() = inFolder { folder ->
        Stage.open(homesCount = 3).use { stage ->
            val names = listOf(null to "测试管理员甲", "p2" to "测试协管员乙")
            for ((name, who) in names) {
                ZoufangClient.openProfile(folder, name, Ports(vault, SoftwareSigner(), FixedNetwork())).use { client ->
                    assertNull(client.profile(), "nobody's before enrolment")
                    client.enrol(client.readQr(stage.qr(who)))
                    assertEquals(who, client.profile()?.staffName)
                }
            }
            assertEquals(names.map { it.first }, ZoufangClient.profilesIn(folder))
            ZoufangClient.openProfile(folder, null, Ports(vault, SoftwareSigner(), FixedNetwork())).use {
                assertEquals("测试管理员甲" to "测试微网格", it.profile()?.run { staffName to areas.last().name })
            }
            assertFailsWith<CoreException.MendField> {
                ZoufangClient.openProfile(folder, "../elsewhere", Ports(vault, SoftwareSigner(), FixedNetwork()))
            }
        }
    }
}
