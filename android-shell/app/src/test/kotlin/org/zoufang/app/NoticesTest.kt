package org.zoufang.app

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.v2.runComposeUiTest
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.words.Chinese
import org.zoufang.bridge.until
import org.zoufang.client.PATIENCE
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.NetworkState
import org.zoufang.core.Page as Window
import org.zoufang.core.SyncState
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** Notices of the real server, read on the phone, with the receipt's way back. */
@OptIn(ExperimentalTestApi::class)
class NoticesTest {
    @Test
    fun `a receipt is given by a tap and not by looking, without a network, and arrives later`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                stage.notice("测试通知一")
                val today = here.working(stage, homesCount = 3)
                today.listed { it.unreadCount == 1 }
                here.phone.network.states.value = NetworkState.OFFLINE
                today.openNotices()
                val notices = here.page<Page.Notices>().model
                val listed = notices.state.until { it.notices != null }.notices!!.single()
                assertEquals("测试通知一" to null, listed.title to listed.readAt)

                notices.openNotice(listed.id)
                val notice = here.page<Page.Notice>().model
                val shown = notice.state.until { it.notice != null }
                assertTrue(shown.wantsReceipt)
                assertEquals("测试通知一：测试正文", shown.notice?.body)
                notice.back()
                here.page<Page.Notices>()
                assertNull(notices.state.value.notices!!.single().readAt, "looking is no receipt")

                notices.openNotice(listed.id)
                here.page<Page.Notice>().model.run {
                    state.until { it.wantsReceipt }
                    giveReceipt()
                    giveReceipt()
                    val given = state.until { it.notice?.readAt != null }
                    assertFalse(given.wantsReceipt)
                    assertEquals(SyncState.QUEUED, given.notice?.receiptSync)
                    assertEquals(0, stage.receiptsCount())
                    here.phone.network.states.value = NetworkState.UNMETERED
                    state.until { it.notice?.receiptSync == SyncState.ACKNOWLEDGED }
                    back()
                }
                assertEquals(1, stage.receiptsCount())
                assertNotNull(notices.state.until { it.notices?.single()?.readAt != null })
                notices.back()
                today.listed { it.unreadCount == 0 }
            }
        }
    }

    @Test
    fun `a visit says which notices it gave, and a draft keeps them`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                stage.notice("测试通知三")
                stage.notice("测试通知四")
                val today = here.working(stage, homesCount = 3)
                val household = today.state.value.homes!!.first().household
                today.openHome(household)
                here.home().visit()
                val ids = here.visit().run {
                    val notices = notices.until { it.size == 2 }
                    notices.forEach { give(it.id, isGiven = true) }
                    give(notices.last().id, isGiven = true)
                    give(notices.first().id, isGiven = false)
                    choose(VisitMode.DOOR)
                    notices.map { it.id }
                }
                here.phone.opened().settle()
                here.killedAndStarted()
                val again = here.today()
                again.openDraft(again.listed { it.drafts.isNotEmpty() }.drafts.single().draft)
                here.visit().run {
                    assertEquals(listOf(ids.last()), state.value.fields?.notices)
                    choose(VisitOutcome.DONE)
                    save()
                }
                val visit = here.home().state.until { it.content?.visits?.size == 1 }.content!!.visits.single()
                assertEquals(listOf(ids.last()), visit.notices.map { it.id })
                assertTrue(visit.notices.single().title!!.startsWith("测试通知"))
            }
        }
    }

    @Test
    fun `a finger finds the number of unread notices and gives the receipt`() = Stage.open(homesCount = 3).use { stage ->
        AppOnPhone().use { here ->
            val today = runBlocking { here.working(stage, homesCount = 3) }
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                appears("notices")
                assertFalse(described("1 条通知未读"))
                stage.notice("测试通知二")
                today.sync()
                waitUntil("one is unread", PATIENCE.inWholeMilliseconds) { described("1 条通知未读") }
                tap("notices")
                says("测试通知二")
                says("未读")
                val id = runBlocking { here.phone.opened().client.call { notices.list(Window()).single().id } }
                tap("notice-$id")
                tap("receipt")
                says("今天已发送回执")
                gone("receipt")
                tap("back")
                tap("back")
                waitUntil("none is unread", PATIENCE.inWholeMilliseconds) { !described("1 条通知未读") }
            }
        }
    }
}
