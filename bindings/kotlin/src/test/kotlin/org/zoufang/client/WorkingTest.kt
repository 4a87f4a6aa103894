package org.zoufang.client

import java.util.UUID
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.CoreException
import org.zoufang.core.DraftFields
import org.zoufang.core.Duty
import org.zoufang.core.HouseholdChange
import org.zoufang.core.MatterDraft
import org.zoufang.core.MatterField
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterSource
import org.zoufang.core.MatterState
import org.zoufang.core.MatterTrack
import org.zoufang.core.Page
import org.zoufang.core.SyncState
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitField
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome
import org.zoufang.core.VisitState

class WorkingTest {
    @Test
    fun `work is done without a network and stands on the server after a sync`() = patiently {
        Stage.open().use { stage ->
            Phone.fresh().use { phone ->
                val enrolled = phone.enrol(stage)
                assertEquals("测试管理员甲", enrolled.staffName)
                assertTrue(enrolled.fingerprint.length == 6 && enrolled.areas.last().name == "测试微网格", "$enrolled")
                assertTrue(phone.client.sync().complete)
                val (first, second) = phone.homes()

                stage.fallSilent() // from here on the phone is alone
                val help = MatterDraft(MatterKind.HELP, MatterTrack.SIMPLE, "楼道灯不亮", MatterSource.VISIT)
                val draft = VisitDraft(
                    first.household, VisitMode.DOOR, VisitOutcome.DONE, note = "家中两位老人，暖气正常",
                    duties = listOf(Duty.INFORMATION), matters = listOf(help),
                )
                val saved = phone.client.call { visits.save(draft) }
                assertEquals(VisitState.DONE to SyncState.QUEUED, saved.state to saved.sync)
                assertEquals(1, saved.matters.size)
                val edited = phone.client.call {
                    households.edit(second.household, listOf(HouseholdChange.Phone("13900000000"), HouseholdChange.Contact(null)))
                }
                assertEquals("13900000000" to null, edited.phone to edited.contact)
                val told = phone.client.call { matters.report(help.copy(summary = "井盖松动", household = second.household)) }
                assertEquals(MatterState.REPORTED, told.state)
                val found = phone.client.call { search.find("暖气", 10u) }
                assertEquals(saved.id, found.hits.single().id)
                val status = phone.client.call { syncStatus() }
                assertTrue(status.unsentCount >= 4u && status.oldestUnsentAt != null, "$status")
                assertEquals(0, stage.visitsCount())

                stage.heal()
                val report = phone.client.sync()
                assertEquals(status.unsentCount, report.pushedCount)
                assertEquals(1 to 2, stage.visitsCount() to stage.mattersCount())
                assertEquals(SyncState.ACKNOWLEDGED, phone.client.call { visits.find(saved.id) }.sync)
                assertEquals(0uL, phone.client.call { syncStatus() }.unsentCount)
            }
        }
    }

    @Test
    fun `a draft is saved field by field and comes back after the app was closed`() = patiently {
        Stage.open().use { stage ->
            val phone = Phone.enrolled(stage)
            val home = phone.homes().first()
            val draft = phone.client.call { drafts.startVisit(home.household) }
            val early = assertFailsWith<CoreException.MendField> { phone.client.call { drafts.saveAsVisit(draft) } }
            assertEquals("mode", early.field)
            phone.client.call {
                drafts.saveVisitField(draft, VisitField.Mode(VisitMode.PHONE))
                drafts.saveVisitField(draft, VisitField.Note("写到一半"))
                drafts.saveVisitField(draft, VisitField.Duties(listOf(Duty.ERRANDS)))
            }
            phone.reopened().use { again ->
                val kept = again.client.call { drafts.find(draft) }
                val fields = assertIs<DraftFields.OfVisit>(kept.fields).fields
                assertEquals(home.household to "写到一半", fields.household to fields.note)
                assertEquals(VisitMode.PHONE to listOf(Duty.ERRANDS), fields.mode to fields.duties)
                assertNull(fields.outcome)
                val saved = again.client.call {
                    drafts.saveVisitField(draft, VisitField.Outcome(VisitOutcome.DONE))
                    drafts.saveAsVisit(draft)
                }
                assertEquals(draft to "写到一半", saved.id to saved.note)
                val matter = again.client.call {
                    val started = drafts.startMatter(home.household)
                    drafts.saveMatterField(started, MatterField.Kind(MatterKind.DISPUTE))
                    drafts.saveMatterField(started, MatterField.Track(MatterTrack.HARD))
                    drafts.saveMatterField(started, MatterField.Source(MatterSource.PATROL))
                    drafts.saveMatterField(started, MatterField.Summary("漏水纠纷"))
                    drafts.saveAsMatter(started)
                }
                assertEquals("漏水纠纷", matter.summary)
                assertTrue(again.client.call { drafts.list() }.isEmpty())
            }
        }
    }

    @Test
    fun `homes come page by page in the order they are walked`() = patiently {
        Stage.open(homesCount = 120).use { stage ->
            Phone.enrolled(stage).use { phone ->
                val pages = listOf(0u, 50u, 100u, 150u).map { skip -> phone.client.call { households.list(Page(skip, 50u)) } }
                assertEquals(listOf(50, 50, 20, 0), pages.map { it.size })
                val homes = pages.flatten()
                assertEquals(120, homes.map { it.household }.toSet().size)
                assertEquals(homes.map { it.walkKey }.sorted(), homes.map { it.walkKey })
                assertTrue(homes.all { it.contact!!.startsWith("测试户") && it.microGridName == "测试微网格" })
            }
        }
    }

    @Test
    fun `errors name what to do next in both languages`() = patiently {
        Phone.fresh().use { phone ->
            val unknown = assertFailsWith<CoreException.EnrolAgain> { phone.homes() }
            assertEquals("手机未登记" to "This phone is not enrolled", unknown.said.titleZh to unknown.said.titleEn)
            val picture = assertFailsWith<CoreException.MendField> { phone.client.readQr("https://example.com/wifi") }
            assertEquals("qr", picture.field)
            Stage.open().use { stage ->
                phone.enrol(stage)
                phone.client.sync()
                val home = phone.homes().first()
                val nowhere = assertFailsWith<CoreException.NotHere> { phone.client.call { households.find(UUID.randomUUID()) } }
                assertEquals("household", nowhere.what)
                val crowd = assertFailsWith<CoreException.MendField> {
                    phone.client.call { households.edit(home.household, listOf(HouseholdChange.PeopleCount(70_000u))) }
                }
                assertEquals("people_count", crowd.field)
                val twice = assertFailsWith<CoreException.AskSupervisor> { phone.enrol(stage) }
                val wrong = Phone.fresh().use { other ->
                    assertFailsWith<CoreException.MendField> {
                        other.client.enrol(other.client.readQr(stage.qr()).copy(code = "AAAAAAAA-AAAAAAAAAAAAAAAAAAAAAAAAAA"))
                    }
                }
                assertEquals("code", wrong.field)
                for (text in listOf(unknown, picture, nowhere, crowd, twice, wrong).map { it.said }) {
                    assertTrue(listOf(text.titleZh, text.detailZh).all { line -> line.any { it in '一'..'鿿' } }, "$text")
                    assertTrue(listOf(text.titleEn, text.detailEn).all { line -> line.isNotBlank() && line.all { it.code < 128 } }, "$text")
                }
                stage.revoke("测试管理员甲")
                assertNotNull(phone.client.sync().wiped)
            }
        }
    }
}
