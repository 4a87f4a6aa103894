package org.zoufang.app

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertHeightIsAtLeast
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.hasClickAction
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.v2.runComposeUiTest
import androidx.compose.ui.unit.dp
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.words.Chinese
import org.zoufang.client.Stage
import org.zoufang.core.NetworkState
import org.zoufang.core.VisitOutcome

/** Fingers on the screens: what is tapped and typed goes through the models into the real client. */
@OptIn(ExperimentalTestApi::class)
class TappingTest {
    @Test
    fun `a worker pastes the code, visits the first home and sees it sent`() = Stage.open().use { stage ->
        AppOnPhone().use { here ->
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                appears("code")
                onNodeWithTag("code").performTextInput(stage.qr())
                tap("enrol")
                says("请与上级屏幕上的六位数字核对")
                onNodeWithText("测试管理员甲").assertIsDisplayed()
                tap("first-sync")
                says("本月已走访 0 / 40 户")
                says("全部已上传")
                runOnUiThread { here.phone.network.states.value = NetworkState.OFFLINE }

                val first = runBlocking { here.today().listed { it.homes != null }.homes!!.first() }
                tap("home-${first.household}")
                tap("visit")
                tap("save")
                appears("mode-problem")
                says("有一项内容不符合要求")
                tap("mode-DOOR")
                tap("outcome-DONE")
                onNodeWithTag("note").performScrollTo().performTextInput("家中两位老人")
                tap("save")
                says("走访已保存在手机上")
                says("家中两位老人")
                tap("back")
                says("1 条未上传")
                says("本月已走访 1 / 40 户")
                onNodeWithTag("search").performTextInput("两位老人")
                appears("hit-${runBlocking { here.today().listed { it.found?.hits?.size == 1 }.found!!.hits.single().id }}")
                assertEquals(0, stage.visitsCount())
                tap("sync")
                says("全部已上传")
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a worker deletes a draft only after being asked`() = Stage.open().use { stage ->
        AppOnPhone().use { here ->
            val today = runBlocking { here.working(stage) }
            today.openHome(today.state.value.homes!!.first().household)
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                tap("matter")
                appears("summary")
                onNodeWithTag("summary").performTextInput("写错了")
                onNodeWithTag("discard").performScrollTo().performClick()
                tap("discard-no")
                onNodeWithTag("discard").performScrollTo().performClick()
                tap("discard-yes")
                appears("matter")
                assertTrue(runBlocking { here.phone.opened().client.call { drafts.list() } }.isEmpty())
            }
        }
    }

    @Test
    fun `whatever can be tapped is large enough for a finger`() = Stage.open().use { stage ->
        AppOnPhone().use { here ->
            val today = runBlocking { here.working(stage) }
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                fun assertReachable() {
                    val tapped = onAllNodes(hasClickAction())
                    val count = tapped.fetchSemanticsNodes().size
                    assertTrue(count > 1)
                    for (number in 0 until count) tapped[number].assertHeightIsAtLeast(48.dp)
                }
                appears("list")
                assertReachable()
                today.openHome(today.state.value.homes!!.first().household)
                appears("visit")
                assertReachable()
                tap("visit")
                appears("outcome-${VisitOutcome.DONE}")
                assertReachable()
                tap("back")
                tap("matter")
                appears("summary")
                assertReachable()
            }
        }
    }
}
