package org.zoufang.bridge

import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.DraftFields
import org.zoufang.core.KeyVault
import org.zoufang.core.Page
import org.zoufang.core.PortException
import org.zoufang.core.VisitField
import org.zoufang.core.VisitMode
import org.zoufang.desktop.MemoryKeyVault

class ClientOwnerTest {
    private class LockableVault(private val within: KeyVault = MemoryKeyVault()) : KeyVault by within {
        @Volatile var isLocked = false
        override fun fetch(name: String): ByteArray? = if (isLocked) throw PortException.Locked() else within.fetch(name)
    }

    @Test
    fun `a phone that is locked says so, and opens when it is tried again`() = patiently {
        val vault = LockableVault()
        TestPhone(vault).use { phone ->
            vault.isLocked = true
            phone.owner.open()
            val failed = assertIs<Opening.Failed>(phone.owner.opening.until { it is Opening.Failed })
            assertEquals(NextStep.UNLOCK_PHONE, failed.problem.step)
            assertTrue(failed.problem.message.titleZh.isNotEmpty())
            vault.isLocked = false
            val open = phone.opened()
            phone.owner.open()
            assertSame(open, phone.opened(), "it is opened once")
        }
    }

    @Test
    fun `in the background the file is closed, what was typed is written before, and back in front readings go on`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                val draft = open.client.call { drafts.startVisit(households.list(Page()).first().household) }
                val saver = open.saver<VisitField> { drafts.saveVisitField(draft, it) }
                val readings = mutableListOf<Outcome<Int>>()
                val read = MutableStateFlow(0)
                val reader = launch { open.readings({ true }) { drafts.list().size }.collect { readings += it; read.value++ } }
                read.until { it > 0 }

                "暂停之前最后的字".indices.forEach { saver.put(VisitField.Note("暂停之前最后的字".substring(0, it + 1))) }
                phone.owner.toBackground()
                // A call that fails says that it is closed; the owner does it in its turn.
                until { attempt { open.client.call { syncStatus() } } is Outcome.Refused }
                val before = read.value
                phone.owner.toForeground()
                read.until { it > before }
                assertTrue(readings.all { it is Outcome.Done }, "$readings")
                val kept = open.client.call { drafts.find(draft) }.fields
                assertEquals("暂停之前最后的字", assertIs<DraftFields.OfVisit>(kept).fields.note)
                reader.cancel()
            }
        }
    }

    @Test
    fun `a field of a draft is on the disk soon after it was typed, even if the process is killed`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                val draft = open.client.call { drafts.startVisit(households.list(Page()).first().household) }
                val saver = open.saver<VisitField> { drafts.saveVisitField(draft, it) }
                saver.put(VisitField.Mode(VisitMode.PHONE))
                (1..200).forEach { saver.put(VisitField.Note("第 $it 个字")) }
                assertNull(saver.settle())
                phone.kill()
                val fields = assertIs<DraftFields.OfVisit>(phone.opened().client.call { drafts.find(draft) }.fields).fields
                assertEquals(VisitMode.PHONE to "第 200 个字", fields.mode to fields.note)
            }
        }
    }

    @Test
    fun `a field that is refused waits and says why, and the others are saved`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                val draft = open.client.call { drafts.startVisit(households.list(Page()).first().household) }
                val saver = open.saver<VisitField> { drafts.saveVisitField(draft, it) }
                saver.put(VisitField.Note("长".repeat(100_000)))
                saver.put(VisitField.Mode(VisitMode.MET))
                assertEquals("note", saver.settle()?.field)
                saver.put(VisitField.Note("短"))
                assertNull(saver.settle())
                val fields = assertIs<DraftFields.OfVisit>(open.client.call { drafts.find(draft) }.fields).fields
                assertEquals(VisitMode.MET to "短", fields.mode to fields.note)
            }
        }
    }

    @Test
    fun `a phone that was revoked is erased, opened anew and can be enrolled again`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                val revokedKey = phone.deviceKey()
                stage.revoke("测试管理员甲")
                open.syncs.ask()
                val anew = assertIs<Opening.Ready>(phone.owner.opening.until { it is Opening.Ready && it.open !== open }).open
                assertTrue(anew.replacesErased)
                assertEquals(false, anew.client.call { syncStatus() }.enrolled)
                assertNotEquals(revokedKey, phone.deviceKey(), "the server knows the old key as a revoked one")
                assertEquals("测试协管员乙", anew.client.enrol(anew.client.readQr(stage.qr("测试协管员乙"))).staffName)
                anew.client.sync()
                assertEquals(40, anew.client.call { households.list(Page()) }.size)
            }
        }
    }
}
