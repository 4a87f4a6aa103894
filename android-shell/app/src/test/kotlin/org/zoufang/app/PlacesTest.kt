package org.zoufang.app

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertHeightIsAtLeast
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.onNodeWithText
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.v2.runComposeUiTest
import androidx.compose.ui.unit.dp
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.words.Chinese
import org.zoufang.app.words.English
import org.zoufang.bridge.Place
import org.zoufang.bridge.until
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.NetworkState
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

/** From one of the phone's databases to another: practice and back, one person's work and another's. */
@OptIn(ExperimentalTestApi::class)
class PlacesTest {
    @Test
    fun `somebody new practises before the phone is enrolled, tries a visit, begins anew after being asked, and goes back`() =
        AppOnPhone().use { here ->
            runComposeUiTest {
                setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                appears("code")
                scrollAndTap("practise")
                says("练习模式：虚构住户，不会上传")
                says("本月已走访 1 / 12 户")
                says("练习内容不会上传，这里不用同步")
                gone("sync")
                assertFalse(found("未上传"), "practice has no mark of what was not sent")
                val due = runBlocking { here.today().listed { it.due?.homes?.isNotEmpty() == true }.due!!.homes.first() }
                tap("due-${due.home.household}")
                says("练习模式：虚构住户，不会上传")
                tap("visit")
                says("练习模式：虚构住户，不会上传")
                tap("outcome-DONE")
                tap("mode-DOOR")
                onNodeWithTag("note").performScrollTo().performTextInput("随便试试")
                tap("save")
                says("随便试试")
                tap("back")
                says("本月已走访 2 / 12 户")

                tap("practice-anew")
                says("练习中写下的内容会清除，不能恢复")
                tap("anew-no")
                says("本月已走访 2 / 12 户")
                tap("practice-anew")
                tap("anew-yes")
                says("本月已走访 1 / 12 户")
                tap("practice-leave")
                appears("code")
                gone("practice")
            }
        }

    @Test
    fun `an enrolled phone practises and comes back to its work, in English`() = Stage.open(homesCount = 3).use { stage ->
        AppOnPhone().use { here ->
            runBlocking { here.working(stage, homesCount = 3) }
            runComposeUiTest {
                setContent { ZoufangApp(here.app, English, font = chineseFont) }
                tap("others")
                onNodeWithText("测试管理员甲").assertIsDisplayed()
                onNodeWithText("In use").assertIsDisplayed()
                scrollAndTap("practise")
                says("Practice: made-up homes, nothing is sent")
                onNodeWithTag("practice-leave").assertHeightIsAtLeast(48.dp)
                tap("others")
                gone("practise")
                tap("practice-leave")
                says("0 / 3 homes visited this month")
                appears("sync")
                gone("practice")
            }
        }
    }

    @Test
    fun `after the app was killed while practising it begins with the real work`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                here.working(stage, homesCount = 3)
                here.app.profiles.practise()
                here.phone.openAt(Place.Practice)
                here.killedAndStarted()
                val listed = here.today().listed { it.homesCount == 3 && it.status != null }
                assertEquals(false, listed.status?.practice)
                assertFalse((here.app.state.value as AppState.Working).isPractice)
            }
        }
    }

    @Test
    fun `a colleague gets a profile on the same phone, and what the first had not sent stays in sight`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 3)
                here.phone.network.states.value = NetworkState.OFFLINE
                today.openHome(today.state.value.homes!!.first().household)
                here.home().visit()
                here.visit().run {
                    choose(VisitMode.DOOR)
                    choose(VisitOutcome.DONE)
                    save()
                }
                here.home().state.until { it.saved != null }
                here.app.profiles.state.until { it.canAdd && it.profiles.single().unsentCount == 1L }
                here.app.profiles.add()
                here.phone.openAt(Place.Profile("p2"))
                here.enrol()
                val known = here.app.profiles.state.until { it.profiles.size == 2 }
                assertFalse(known.canAdd, "one who has not enrolled yet is enough")
                assertEquals("测试管理员甲" to 1L, known.profiles[0].run { staffName to unsentCount })
                assertNull(known.profiles[1].staffName)
                here.working(stage, "测试协管员乙", homesCount = 3)
                val both = here.app.profiles.state.until { it.profiles.last().staffName != null }
                assertTrue(both.profiles.last().isOpen)

                here.app.profiles.choose(both.profiles.first())
                here.phone.openAt(Place.Profile(null))
                here.today().listed { it.status?.unsentCount == 1uL && it.visitedCount == 1 }
                here.phone.network.states.value = NetworkState.UNMETERED
                here.today().listed { it.status?.unsentCount == 0uL }
                assertEquals(1, stage.visitsCount())
            }
        }
    }
}
