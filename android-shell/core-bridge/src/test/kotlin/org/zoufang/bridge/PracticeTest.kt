package org.zoufang.bridge

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.DraftFields
import org.zoufang.core.KeyVault
import org.zoufang.core.Page
import org.zoufang.core.PortException
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitField
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.desktop.MemoryKeyVault

class PracticeTest {
    private suspend fun OpenClient.homes() = client.call { households.list(Page()) }
    private suspend fun OpenClient.notes() =
        client.call { households.list(Page()).flatMap { visits.ofHousehold(it.household, Page()) } }.map { it.note }
    private suspend fun OpenClient.visit(note: String) = client.call {
        visits.save(VisitDraft(households.list(Page()).first().household, VisitMode.DOOR, VisitOutcome.DONE, note = note))
    }

    @Test
    fun `who practises and comes back finds the real work as it was, with the key that the server knows`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val real = phone.enrolled(stage)
                val key = phone.deviceKey()
                val draft = real.client.call { drafts.startVisit(households.list(Page()).first().household) }
                val saver = real.saver<VisitField> { drafts.saveVisitField(draft, it) }
                "换到练习之前最后的字".indices.forEach { saver.put(VisitField.Note("换到练习之前最后的字".substring(0, it + 1))) }

                phone.owner.change(Place.Practice)
                val practice = phone.openAt(Place.Practice)
                assertTrue(practice.isPractice && practice.client.call { syncStatus() }.practice)
                assertEquals(12, practice.homes().size)
                assertTrue(practice.homes().all { it.microGridName == "练习微网格" })
                practice.visit("（练习）试一试")
                practice.syncs.ask()
                assertIs<Outcome.Refused>(attempt { practice.client.sync() })
                assertEquals(SyncNow(), practice.syncs.now.value, "practice never syncs")

                phone.owner.leavePractice()
                val back = phone.openAt(Place.Profile(null))
                assertEquals("换到练习之前最后的字", assertIs<DraftFields.OfVisit>(back.client.call { drafts.find(draft) }.fields).fields.note)
                assertEquals(40, back.homes().size)
                assertEquals(key, phone.deviceKey())
                back.visit("真实的走访")
                back.client.sync()
                assertEquals(1, stage.visitsCount(), "of practice nothing was sent")
            }
        }
    }

    @Test
    fun `a phone that is not enrolled practises without a device key, and a code that is read there enrols nothing`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                phone.opened()
                val key = phone.deviceKey()
                phone.owner.change(Place.Practice)
                val practice = phone.openAt(Place.Practice)
                assertIs<Outcome.Refused>(attempt { practice.client.enrol(practice.client.readQr(stage.qr())) })
                assertEquals(key, phone.deviceKey())
                phone.kill()
                val real = phone.opened()
                assertEquals<Place>(Place.Profile(null), real.place, "a process that starts begins with the real work")
                assertFalse(real.client.call { syncStatus() }.enrolled)
            }
        }
    }

    @Test
    fun `practice that begins anew throws away what was tried, and nothing else`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                phone.enrolled(stage).visit("真实的走访")
                phone.owner.change(Place.Practice)
                val first = phone.openAt(Place.Practice)
                first.visit("（练习）要扔掉的")
                phone.owner.beginPracticeAnew()
                val anew = phone.owner.opening.until { it is Opening.Ready && it.open !== first }.let { (it as Opening.Ready).open }
                assertTrue(anew.isPractice)
                assertEquals(listOf("（练习）家中一切正常。"), anew.notes())
                phone.owner.leavePractice()
                val status = phone.openAt(Place.Profile(null)).client.call { syncStatus() }
                assertEquals(true to 1uL, status.enrolled to status.unsentCount)
            }
        }
    }

    @Test
    fun `a phone that is revoked while its holder practises is erased once the real work is open again, and practice stays`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            TestPhone().use { phone ->
                phone.enrolled(stage)
                phone.owner.change(Place.Practice)
                val practice = phone.openAt(Place.Practice)
                stage.revoke("测试管理员甲")
                practice.syncs.ask()
                practice.visit("（练习）照常")
                phone.owner.leavePractice()
                val erased = phone.owner.opening.until { it is Opening.Ready && it.open.replacesErased }
                assertFalse((erased as Opening.Ready).open.client.call { syncStatus() }.enrolled)
                phone.owner.change(Place.Practice)
                assertTrue("（练习）照常" in phone.openAt(Place.Practice).notes())
            }
        }
    }

    @Test
    fun `practice goes to the background and comes back as the real work does`() = patiently {
        TestPhone().use { phone ->
            phone.owner.change(Place.Practice)
            val practice = phone.openAt(Place.Practice)
            phone.owner.toBackground()
            until { attempt { practice.homes() } is Outcome.Refused }
            phone.owner.toForeground()
            until { attempt { practice.homes() } is Outcome.Done }
            assertEquals(Opening.Ready(practice), phone.owner.opening.value)
        }
    }

    @Test
    fun `what is found in practice is found at once`() = patiently {
        TestPhone().use { phone ->
            phone.owner.change(Place.Practice)
            val found = phone.openAt(Place.Practice).client.call { search.find("练习", 50u) }
            assertTrue(found.hits.isNotEmpty() && found.isComplete, "${found.hits.size} ${found.isComplete}")
        }
    }

    @Test
    fun `practice that does not open says so, and the way back is open`() = patiently {
        val vault = object : KeyVault by MemoryKeyVault() {
            val within = MemoryKeyVault()
            override fun fetch(name: String): ByteArray? = if (name == "practice") throw PortException.Locked() else within.fetch(name)
            override fun store(name: String, key: ByteArray) = within.store(name, key)
        }
        TestPhone(vault).use { phone ->
            phone.opened()
            phone.owner.change(Place.Practice)
            val failed = assertIs<Opening.Failed>(phone.owner.opening.until { it is Opening.Failed })
            assertEquals(NextStep.UNLOCK_PHONE to Place.Practice, failed.problem.step to failed.place)
            phone.owner.leavePractice()
            assertNull(phone.openAt(Place.Profile(null)).client.profile())
        }
    }
}
