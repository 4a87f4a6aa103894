package org.zoufang.app

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.v2.runComposeUiTest
import java.time.Instant
import java.util.UUID
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.appointments.AppointmentEnd
import org.zoufang.app.appointments.AppointmentModel
import org.zoufang.app.appointments.isAgreed
import org.zoufang.app.words.Chinese
import org.zoufang.bridge.NextStep
import org.zoufang.bridge.until
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.AppointmentDraft
import org.zoufang.core.AppointmentParty
import org.zoufang.core.AppointmentPurpose
import org.zoufang.core.AppointmentState
import org.zoufang.core.NetworkState
import org.zoufang.core.Page as Window
import org.zoufang.core.TimeSlot
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** Appointments on the first page, agreed on, kept, missed and called off. */
@OptIn(ExperimentalTestApi::class)
class AppointmentsTest {
    private val soon = inHours(0)
    private val nextWeek = inHours(7 * 24)
    private fun inHours(hours: Long) = Instant.now().plusSeconds(hours * 3600).let { TimeSlot(it, it.plusSeconds(3600)) }

    private suspend fun AppOnPhone.propose(slots: List<TimeSlot>, agreed: TimeSlot?): UUID = phone.opened().client.call {
        val home = households.list(Window()).first().household
        val draft = AppointmentDraft(home, AppointmentPurpose.VISIT, AppointmentParty.RESIDENT, slots = slots, agreed = agreed)
        appointments.propose(draft).id
    }

    private suspend fun AppOnPhone.appointment(): AppointmentModel =
        page<Page.Appointment>().model.apply { state.until { it.appointment != null } }

    @Test
    fun `one of today stands on the first page and is said what became of it, after being asked`() = Stage.open(homesCount = 2).use { stage ->
        AppOnPhone().use { here ->
            val today = runBlocking { here.working(stage, homesCount = 2) }
            here.phone.network.states.value = NetworkState.OFFLINE
            val listed = runBlocking {
                here.propose(listOf(soon), soon)
                here.propose(listOf(nextWeek), nextWeek)
                today.listed { it.appointments.size == 2 }.appointmentsOfToday.single()
            }
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                says("全部预约 2")
                tap("appointment-${listed.id}")
                says("居民提出 · 测试管理员甲上门")
                scrollAndTap("end-MISSED_BY_RESIDENT")
                says("说了就不能改回来")
                tap("end-no")
                assertEquals(AppointmentState.AGREED, runBlocking { here.appointment() }.state.value.appointment?.state)
                scrollAndTap("end-MISSED_BY_RESIDENT")
                tap("end-yes")
                says("居民没有到")
                gone("end-MISSED_BY_RESIDENT")
                gone("visit")
                tap("back")
                says("全部预约 1")
                gone("appointment-${listed.id}")
            }
        }
    }

    @Test
    fun `a proposed time is agreed on and the visit keeps it`() = patiently {
        Stage.open(homesCount = 2).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 2)
                val id = here.propose(listOf(nextWeek, soon), agreed = null)
                assertTrue(today.listed { it.appointments.size == 1 }.appointmentsOfToday.isEmpty())
                today.openAppointments()
                val list = here.page<Page.Appointments>().model
                list.openAppointment(list.state.until { it.appointments?.size == 1 }.appointments!!.single().id)
                val page = here.appointment()
                assertEquals(listOf(AppointmentEnd.CANCELLED), page.state.value.ends)
                val slots = page.state.value.slots
                assertEquals(2, slots.size)
                page.agree(slots[1])
                page.agree(slots[0])
                val agreed = page.state.until { it.appointment?.isAgreed == true && !it.isSaving }
                assertEquals("测试管理员甲" to slots[1], agreed.appointment?.run { staffName to slot }, "two taps agree on one time")
                assertNull(agreed.problem)
                today.listed { state -> state.appointmentsOfToday.map { it.id } == listOf(id) }

                page.visit()
                here.visit().run {
                    choose(VisitMode.DOOR)
                    choose(VisitOutcome.DONE)
                    save()
                }
                assertNotNull(page.state.until { it.appointment?.state == AppointmentState.KEPT }.appointment?.visit)
                today.sync()
                today.listed { it.status?.unsentCount == 0uL && it.appointments.isEmpty() }
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `one whose time has passed waits for a word and is called off with a reason, once`() = patiently {
        Stage.open(homesCount = 1).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 1)
                val past = inHours(-3 * 24)
                here.propose(listOf(past), past)
                val late = today.listed { it.appointmentsOfToday.isNotEmpty() }.appointmentsOfToday.single()
                assertTrue(late.isOverdue)
                today.openAppointment(late.id)
                val page = here.appointment()
                page.write("居民改到社区办理")
                page.say(AppointmentEnd.CANCELLED)
                val over = page.state.until { it.appointment?.state == AppointmentState.CANCELLED && !it.isSaving }
                assertEquals("居民改到社区办理" to emptyList(), over.appointment?.reason to over.ends)
                page.say(AppointmentEnd.KEPT)
                assertEquals(NextStep.MEND_FIELD, page.state.until { it.problem != null }.problem?.step)
                assertEquals(AppointmentState.CANCELLED, page.state.value.appointment?.state)
            }
        }
    }
}
