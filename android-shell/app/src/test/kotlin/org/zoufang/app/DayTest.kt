package org.zoufang.app

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.app.home.Saved
import org.zoufang.bridge.NextStep
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.attempt
import org.zoufang.bridge.until
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.DraftFields
import org.zoufang.core.Duty
import org.zoufang.core.HouseholdChange
import org.zoufang.core.MatterKind
import org.zoufang.core.MatterState
import org.zoufang.core.MatterTrack
import org.zoufang.core.NetworkState
import org.zoufang.core.SyncState
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** Days of a grid worker, through the models, against the real library, a real database and the real server. */
class DayTest {
    @Test
    fun `from the code to a visit on the server, with a dead battery in between`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val enrol = here.enrol()
                enrol.write(stage.qr())
                enrol.enrol()
                val enrolled = assertNotNull(enrol.state.until { it.enrolled != null }.enrolled)
                assertEquals("测试管理员甲" to 6, enrolled.staffName to enrolled.fingerprint.length)
                assertEquals("", enrol.state.value.text, "the secret does not stay on screen")
                enrol.startFirstSync()

                var today = here.today()
                val listed = today.listed { it.homesCount == 40 && it.status?.complete == true && !it.sync.isRunning }
                assertEquals(0 to 0uL, listed.visitedCount to listed.status?.unsentCount)
                val first = listed.homes!!.first()
                here.phone.network.states.value = NetworkState.OFFLINE // in the field

                today.openHome(first.household)
                here.home().visit()
                here.visit().run {
                    choose(VisitMode.DOOR)
                    toggle(Duty.INFORMATION)
                    toggle(Duty.ERRANDS)
                    toggle(Duty.INFORMATION)
                    "家中两位老人，暖气正常".indices.forEach { write("家中两位老人，暖气正常".substring(0, it + 1)) }
                }
                here.phone.opened().settle() // the disk has it; from here on a battery may die
                here.killedAndStarted()

                today = here.today()
                val offered = today.listed { it.drafts.isNotEmpty() }.drafts.single()
                assertEquals(first.addressText, offered.home)
                assertEquals("家中两位老人，暖气正常", assertIs<DraftFields.OfVisit>(offered.draft.fields).fields.note)
                today.openDraft(offered.draft)
                val visit = here.visit()
                val fields = visit.state.value.fields!!
                assertEquals(VisitMode.DOOR to listOf(Duty.ERRANDS), fields.mode to fields.duties)

                visit.save() // without an outcome
                val refused = assertNotNull(visit.state.until { it.problem != null }.problem)
                assertEquals(NextStep.MEND_FIELD to "outcome", refused.step to refused.field)
                assertEquals(1, today.state.value.drafts.size, "what was refused stays a draft")
                visit.choose(VisitOutcome.DONE)
                assertNull(visit.state.value.problem)
                visit.save()

                assertIs<Saved.Visit>(here.home().state.until { it.saved != null }.saved)
                assertEquals(SyncState.QUEUED, here.home().state.until { it.content?.visits?.size == 1 }.content!!.visits.single().sync)
                here.app.back()
                today.listed { it.visitedCount == 1 && it.status?.unsentCount == 1uL && it.drafts.isEmpty() && it.homes!!.first().unsent }
                assertEquals(0, stage.visitsCount())

                here.phone.network.states.value = NetworkState.METERED // it goes by itself
                today.listed { it.status?.unsentCount == 0uL && it.homes?.first()?.unsent == false }
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a matter is raised from the visit that was just saved, and one that was settled at once`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage)
                here.phone.network.states.value = NetworkState.OFFLINE
                today.openHome(today.state.value.homes!![2].household)
                here.home().visit()
                here.visit().run {
                    choose(VisitMode.MET)
                    choose(VisitOutcome.DONE)
                    save()
                }
                val visit = assertIs<Saved.Visit>(here.home().state.until { it.saved != null }.saved).id
                here.home().matter()
                here.matter().run {
                    save()
                    assertEquals(NextStep.MEND_FIELD, state.until { it.problem != null }.problem!!.step)
                    choose(MatterKind.HELP)
                    choose(MatterTrack.HARD)
                    writeDone("已联系物业，当天换好")
                    write("楼道灯不亮")
                    save()
                    assertEquals("track", state.until { it.problem != null }.problem!!.field, "only a simple matter is settled at once")
                    choose(MatterTrack.SIMPLE)
                    save()
                }
                val content = here.home().state.until { it.saved == Saved.Matter && it.content?.matters?.size == 1 }.content!!
                val matter = content.matters.single()
                assertEquals(visit to MatterState.SELF_HANDLED, matter.visit to matter.state)
                assertTrue(content.drafts.isEmpty())
                here.app.back()
                assertEquals(2uL, today.listed { (it.status?.unsentCount ?: 0uL) >= 2uL }.status?.unsentCount)

                here.phone.network.states.value = NetworkState.UNMETERED
                today.listed { it.status?.unsentCount == 0uL }
                assertEquals(1 to 1, stage.visitsCount() to stage.mattersCount())
            }
        }
    }

    @Test
    fun `a wrong code and a foreign picture are said in words, and what was pasted stays`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val enrol = here.enrol()
                enrol.write("https://example.com/wifi")
                enrol.enrol()
                assertEquals("qr", enrol.state.until { it.problem != null }.problem!!.field)
                val right = stage.qr()
                val code = here.phone.opened().client.readQr(right).code
                enrol.write(right.replace(code, "AAAAAAAA-AAAAAAAAAAAAAAAAAAAAAAAAAA"))
                enrol.enrol()
                val wrong = enrol.state.until { !it.isBusy && it.problem?.field == "code" }
                assertEquals("登记码不正确", wrong.problem!!.message.titleZh)
                assertTrue(wrong.text.isNotEmpty(), "what was pasted stays to be mended")
            }
        }
    }

    @Test
    fun `a server that is silent is waited for as long as a person likes, and nothing is lost`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage)
                stage.fallSilent()
                here.phone.network.states.value = NetworkState.OFFLINE // nothing goes by itself
                today.openHome(today.state.value.homes!!.first().household)
                here.home().visit()
                here.visit().run {
                    choose(VisitMode.DOOR)
                    choose(VisitOutcome.NO_ANSWER)
                    save()
                }
                here.home()
                here.app.back()
                today.listed { it.status?.unsentCount == 1uL }
                today.sync() // a person asks all the same
                today.listed { it.sync.isRunning && it.sync.progress != null }
                assertEquals(1uL, today.state.value.status!!.unsentCount)
                today.cancelSync()
                val stopped = today.listed { !it.sync.isRunning }
                assertEquals(1uL to null, stopped.status!!.unsentCount to stopped.failure, "who stops it needs no reproach")
                stage.heal()
                assertEquals(0, stopped.visitedCount, "nobody answered, so nobody was visited")
                today.sync()
                assertNull(today.listed { it.status?.unsentCount == 0uL && !it.sync.isRunning }.status!!.lastError)
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a server that is away leaves the unsent count and says why`() = patiently {
        AppOnPhone().use { here ->
            val today = Stage.open().use { here.working(it) }
            today.openHome(today.state.value.homes!!.first().household)
            here.home().matter()
            here.matter().run {
                choose(MatterKind.HAZARD)
                choose(MatterTrack.PROFESSIONAL)
                write("井盖松动")
                save()
            }
            here.home().state.until { it.saved == Saved.Matter }
            here.app.back()
            today.sync()
            // The status is told of the error while the run is still ending, and a running sync reproaches nobody.
            val failed = today.listed { it.status?.lastError != null && !it.sync.isRunning }
            assertEquals("sync.unreachable" to 1uL, failed.failure!!.id to failed.status!!.unsentCount)
            assertNotNull(failed.status.oldestUnsentAt)
        }
    }

    @Test
    fun `two phones write one field unseen, and both are told how many, and one settles it`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { first ->
                AppOnPhone().use { second ->
                    val phones = listOf(first to "测试管理员甲", second to "测试协管员乙").map { (here, name) -> here to here.working(stage, name) }
                    val home = phones[0].second.state.value.homes!!.first().household
                    for ((number, pair) in phones.withIndex()) {
                        pair.first.phone.network.states.value = NetworkState.OFFLINE
                        pair.first.phone.opened().client.call { households.edit(home, listOf(HouseholdChange.Contact("张${number}样例"))) }
                    }
                    for ((here, today) in phones) {
                        here.phone.network.states.value = NetworkState.UNMETERED
                        today.listed { it.status?.unsentCount == 0uL && !it.sync.isRunning }
                    }
                    phones[0].second.sync()
                    for ((here, today) in phones) {
                        assertEquals(1uL, today.listed { (it.status?.conflictsCount ?: 0uL) > 0uL }.status?.conflictsCount)
                        assertTrue(today.listed { it.homes!!.first().hasConflict }.homes!!.first().household == home)
                        today.openHeld()
                        val conflict = here.page<Page.Held>().model.state.until { it.conflicts.isNotEmpty() }.conflicts.single()
                        assertEquals(setOf("张0样例", "张1样例"), conflict.sides.map { it.value.text }.toSet())
                    }
                    val settling = phones[0].first.page<Page.Held>().model
                    val seen = settling.state.value.conflicts.single()
                    settling.settle(seen, seen.sides.single { it.value.text == "张1样例" })
                    settling.state.until { it.conflicts.isEmpty() && it.problem == null }
                    settling.settle(seen, seen.sides.first())
                    assertEquals(NextStep.GO_BACK, settling.state.until { it.problem != null }.problem?.step, "it was settled already")
                    for ((_, today) in phones) {
                        today.sync()
                        today.listed { it.status?.conflictsCount == 0uL && it.status?.unsentCount == 0uL && it.homes!!.first().contact == "张1样例" }
                    }
                }
            }
        }
    }

    @Test
    fun `many homes are counted whole and listed page by page, and found by two characters or initials`() = patiently {
        Stage.open(homesCount = 230).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 230)
                val listed = today.state.value
                assertEquals(100 to true, listed.homes!!.size to listed.hasMore)
                today.showMore()
                assertEquals(200, today.listed { it.homes!!.size > 100 }.homes!!.size)
                today.showMore()
                val all = today.listed { it.homes!!.size > 200 }
                assertEquals(230 to false, all.homes!!.size to all.hasMore)
                today.showMore()

                val contact = all.homes[7].contact!!
                today.search(contact)
                val found = today.listed { it.found?.hits?.isNotEmpty() == true }.found!!
                assertTrue(found.hits.any { it.household == all.homes[7].household }, "$found")
                assertTrue(found.hits.size < 20)
                today.search("csh") // 测试户
                today.listed { it.found!!.hits.size >= 20 }
                today.search("")
                assertNull(today.state.value.found)
            }
        }
    }

    @Test
    fun `a draft is thrown away only when that was asked for, and leaving keeps it`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage)
                today.openHome(today.state.value.homes!!.first().household)
                here.home().visit()
                here.visit().write("写到一半")
                here.visit().back()
                here.home().state.until { it.content?.drafts?.isNotEmpty() == true }
                here.home().visit() // goes on with it instead of beginning another
                val again = here.visit()
                assertEquals("写到一半", again.state.value.fields!!.note)
                again.askWhetherToDiscard(true)
                again.discard()
                assertTrue(here.home().state.until { it.content?.drafts?.isEmpty() == true }.content!!.visits.isEmpty())
                assertTrue(here.phone.opened().client.call { drafts.list() }.isEmpty())
            }
        }
    }

    @Test
    fun `a phone that is revoked ends on the page for the code and says so`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage)
                today.openHome(today.state.value.homes!!.first().household)
                assertFalse(here.app.state.value is AppState.Failed)
                stage.revoke("测试管理员甲")
                today.sync()
                assertTrue(here.enrol().state.value.wasRevoked)
                assertFalse(here.app.hasBack())
                here.working(stage, "测试协管员乙")
            }
        }
    }

    @Test
    fun `back in front the pages are as they were left`() = patiently {
        Stage.open().use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage)
                today.openHome(today.state.value.homes!!.first().household)
                val home = here.home()
                home.visit()
                val visit = here.visit()
                visit.write("电话打来了")
                val client = here.phone.opened().client
                here.phone.owner.toBackground()
                until { attempt { client.call { syncStatus() } } is Outcome.Refused }
                here.phone.owner.toForeground()
                until { attempt { client.call { syncStatus() } } is Outcome.Done }
                assertTrue(visit === here.visit())
                visit.choose(VisitMode.PHONE)
                visit.choose(VisitOutcome.DONE)
                visit.save()
                home.state.until { it.content?.visits?.singleOrNull()?.note == "电话打来了" }
                assertNull(home.state.value.problem)
            }
        }
    }
}
