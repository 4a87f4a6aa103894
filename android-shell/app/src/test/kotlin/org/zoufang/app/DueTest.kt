package org.zoufang.app

import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.v2.runComposeUiTest
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.home.Saved
import org.zoufang.app.look.Look
import org.zoufang.app.today.DraftRow
import org.zoufang.app.enrol.EnrolEvents
import org.zoufang.app.today.BackEvents
import org.zoufang.app.today.TodayEvents
import org.zoufang.app.today.TodayScreen
import org.zoufang.app.today.TodayState
import org.zoufang.app.words.Chinese
import org.zoufang.bridge.until
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.AppointmentDraft
import org.zoufang.core.AppointmentParty
import org.zoufang.core.AppointmentPurpose
import org.zoufang.core.AppointmentState
import org.zoufang.core.DraftFields
import org.zoufang.core.NetworkState
import org.zoufang.core.Page
import org.zoufang.core.TaskState
import org.zoufang.core.TimeSlot
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** What is due on the first screen, by rules of the real server. */
@OptIn(ExperimentalTestApi::class)
class DueTest {
    @Test
    fun `homes that are due stand first with the reason, overdue before due, and leave when they are visited`() = patiently {
        Stage.open(homesCount = 12).use { stage ->
            AppOnPhone().use { here ->
                stage.visitDay(daysAgo = 3, name = "测试重点走访")
                val today = here.working(stage, homesCount = 12)
                here.phone.network.states.value = NetworkState.OFFLINE
                val due = today.listed { it.due?.homes?.size == 12 }
                assertEquals(10, due.dueHomes.size, "as many as a worker visits in a day")
                assertEquals(listOf(TaskState.OVERDUE to "测试重点走访"), due.due!!.homes.first().tasks.map { it.state to it.ruleName })
                assertEquals(listOf(0u to 12u), due.due!!.progress.map { it.visitedCount to it.homesCount })
                today.showAllDue()
                assertEquals(12, today.state.value.dueHomes.size)

                val first = due.dueHomes.first()
                today.visit(first)
                here.visit().run {
                    assertNull(state.value.fields?.appointment)
                    choose(VisitMode.DOOR)
                    choose(VisitOutcome.DONE)
                    save()
                }
                assertIs<Saved.Visit>(here.home().state.until { it.saved != null }.saved)
                here.app.back()
                val after = today.listed { it.due?.homes?.size == 11 }
                assertTrue(after.due!!.homes.none { it.home.household == first.home.household })
                assertEquals(listOf(1u to 12u), after.due!!.progress.map { it.visitedCount to it.homesCount })
                assertEquals(12, after.homes?.size, "the list of all homes stays whole")
            }
        }
    }

    @Test
    fun `a rule that comes down while the list is open shows itself`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 3)
                assertTrue(today.listed { it.due != null }.due!!.homes.isEmpty())
                stage.visitDay(daysAgo = 0, name = "测试走访日")
                today.sync()
                val tasks = today.listed { it.due?.homes?.size == 3 }.due!!.homes.flatMap { it.tasks }
                assertEquals(setOf(TaskState.DUE to "${LocalDate.now(ZoneId.of("Asia/Shanghai")).plusDays(2)}"), tasks.map { it.state to it.dueTo }.toSet())
            }
        }
    }

    @Test
    fun `the visit that is due by an appointment is made for it, and the appointment is kept`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 3)
                here.phone.network.states.value = NetworkState.OFFLINE
                val slot = Instant.now().let { TimeSlot(it.minusSeconds(60), it.plusSeconds(60)) }
                val client = here.phone.opened().client
                val appointment = client.call {
                    val home = households.list(Page()).last().household
                    val draft = AppointmentDraft(home, AppointmentPurpose.ERRAND, AppointmentParty.RESIDENT, slots = listOf(slot), agreed = slot)
                    appointments.propose(draft)
                }
                val due = today.listed { it.due?.homes?.size == 1 }.due!!.homes.single()
                today.visit(due)
                here.visit().run {
                    assertEquals(appointment.id, state.value.fields?.appointment)
                    choose(VisitMode.DOOR)
                    choose(VisitOutcome.DONE)
                    save()
                }
                here.home().state.until { it.saved != null }
                assertEquals(AppointmentState.KEPT, client.call { appointments.find(appointment.id) }.state)
                assertTrue(client.call { drafts.list().none { it.fields is DraftFields.OfVisit } })
                here.app.back()
                today.listed { it.due?.homes?.isEmpty() == true }
            }
        }
    }

    @Test
    fun `what is due and what is unfinished comes into sight although the homes were read before it`() = runComposeUiTest {
        val read = TodayState(homes = Samples.homes, homesCount = 9, now = Samples.now, zone = Samples.zone)
        var state by mutableStateOf(read)
        val back = BackEvents(EnrolEvents({}, null, {}, {}), {}, {}, {}, {}, {})
        val nothing = TodayEvents({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, back)
        setContent { Look(Chinese, chineseFont) { TodayScreen(state, nothing) } }
        onNodeWithTag("home-${Samples.homes[0].household}").assertIsDisplayed()
        state = read.copy(due = Samples.due)
        waitForIdle()
        onNodeWithTag("due-${Samples.due.homes[0].home.household}").assertIsDisplayed()
        state = state.copy(drafts = Samples.drafts.map { DraftRow(it, "1号楼1单元101") })
        waitForIdle()
        onNodeWithTag("draft-${Samples.drafts[0].id}").assertIsDisplayed()
    }

    @Test
    fun `a finger begins the visit from the list of what is due`() = AppOnPhone().use { here ->
        runBlocking {
            here.enrol()
            here.app.profiles.practise()
        }
        runComposeUiTest {
            setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
            says("该走访的")
            says("（练习）每周走访：已走访 1 / 12 户")
            val due = runBlocking { here.today().listed { it.due?.homes?.isNotEmpty() == true }.due!!.homes.first().home }
            tap("due-visit-${due.household}")
            says(due.addressText)
            tap("outcome-DONE")
            tap("mode-DOOR")
            tap("save")
            says("走访已保存在手机上")
            tap("back")
            says("（练习）每周走访：已走访 2 / 12 户")
        }
    }
}
