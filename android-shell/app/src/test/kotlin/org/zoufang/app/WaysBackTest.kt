package org.zoufang.app

import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performTextInput
import androidx.compose.ui.test.v2.runComposeUiTest
import java.util.UUID
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.zoufang.app.words.Chinese
import org.zoufang.app.words.English
import org.zoufang.bridge.LockableVault
import org.zoufang.bridge.Place
import org.zoufang.bridge.isDamage
import org.zoufang.bridge.until
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.NetworkState
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

private const val NAME = "测试管理员甲"

/** The ways back from the two worst moments: the database does not open, and the server does not know the phone any more. */
@OptIn(ExperimentalTestApi::class)
class WaysBackTest {
    private suspend fun AppOnPhone.saveVisit(homeAt: Int, note: String) {
        val today = today()
        today.openHome(today.listed { it.homes != null }.homes!![homeAt].household)
        home().visit()
        visit().run {
            choose(VisitMode.DOOR)
            choose(VisitOutcome.DONE)
            write(note)
            save()
        }
        home().state.until { it.saved != null }
        app.back()
    }

    private suspend fun AppOnPhone.failed(isSo: (AppState.Failed) -> Boolean = { true }): AppState.Failed =
        app.state.until { it is AppState.Failed && isSo(it) } as AppState.Failed

    /** Waits until so many visits stand on the server: what the first page shows may be older than the last save. */
    private suspend fun Stage.arrived(count: Int) = until { visitsCount() == count }

    /** Works, with one visit that was sent and one that was not. */
    private suspend fun AppOnPhone.withUnsentWork(stage: Stage) {
        val today = working(stage, homesCount = 3)
        saveVisit(0, "已上传")
        stage.arrived(1)
        today.listed { it.status?.unsentCount == 0uL && it.visitedCount == 1 }
        phone.network.states.value = NetworkState.OFFLINE
        saveVisit(1, "还没上传")
        today.listed { it.status?.unsentCount == 1uL }
    }

    @Test
    fun `a damaged database is set aside after one question, and what was not sent comes back, counted, once`() =
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                runBlocking {
                    here.withUnsentWork(stage)
                    here.phone.kill()
                    here.phone.damagePages(0, 0)
                    here.killedAndStarted()
                    here.failed()
                }
                runComposeUiTest {
                    setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                    says("没有删除任何内容，请不要卸载应用")
                    scrollAndTap("aside")
                    says("旧资料文件会原样留在这部手机上")
                    tap("aside-no")
                    gone("aside-no")
                    assertIs<AppState.Failed>(here.app.state.value)
                    scrollAndTap("aside")
                    tap("aside-yes")
                    appears("code")
                    says("旧资料已另存在这部手机上，没有删除")
                    here.phone.network.states.value = NetworkState.UNMETERED
                    runBlocking { here.working(stage, homesCount = 3) }
                    says("补回 1 条，随下次同步上传。")
                    runBlocking {
                        stage.arrived(2)
                        here.today().listed { it.status?.unsentCount == 0uL && it.visitedCount == 2 }
                    }
                }
                // Nobody said yet that it was read.
                runBlocking {
                    here.killedAndStarted()
                    val again = here.today().listed { it.takingUp.taken != null }.takingUp.taken!!
                    assertEquals(0uL to 0, again.takenCount to again.left.size)
                    here.today().acknowledgeTakenUp()
                    here.today().listed { !it.takingUp.isWaiting }
                    here.killedAndStarted()
                    val quiet = here.today().listed { it.status?.complete == true && it.homes != null }
                    assertFalse(quiet.takingUp.isWaiting)
                    assertEquals(2, stage.visitsCount())
                }
            }
        }

    @Test
    fun `taking up that was cut short by the app's end is done at the next start`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                here.withUnsentWork(stage)
                here.phone.kill()
                here.phone.damagePages(0, 0)
                here.killedAndStarted()
                here.failed()
                here.app.setAside()
                val enrol = here.enrol()
                assertTrue(enrol.state.value.wasSetAside)
                // The first sync cannot come to its end.
                enrol.write(stage.qr(NAME))
                enrol.enrol()
                enrol.state.until { it.enrolled != null }
                here.killedAndStarted()
                here.today().listed { it.takingUp.isWaiting && it.takingUp.taken == null && it.status?.complete == false }
                here.phone.network.states.value = NetworkState.UNMETERED
                val taken = here.today().listed { it.takingUp.taken != null }.takingUp.taken!!
                assertEquals(1uL to 0, taken.takenCount to taken.left.size)
                stage.arrived(2)
                here.today().listed { it.status?.unsentCount == 0uL && it.visitedCount == 2 }
            }
        }
    }

    @Test
    fun `another person who enrols after a damage gets nobody's work, and it is said what stays in the file`() =
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                runBlocking {
                    here.withUnsentWork(stage)
                    here.phone.kill()
                    here.phone.damagePages(0, 0)
                    here.phone.network.states.value = NetworkState.UNMETERED
                    here.killedAndStarted()
                    here.failed()
                    here.app.setAside()
                    here.working(stage, "测试协管员乙", homesCount = 3)
                }
                runComposeUiTest {
                    setContent { ZoufangApp(here.app, English, font = chineseFont) }
                    says("could not come back and")
                    says("Visit: ")
                    scrollAndTap("forget-aside")
                    says("are deleted and cannot be brought back")
                    tap("forget-aside-no")
                    gone("forget-aside-no")
                    assertTrue(here.phone.asideCount() > 0)
                    scrollAndTap("forget-aside")
                    tap("forget-aside-yes")
                    gone("taken-up")
                    assertEquals(0, here.phone.asideCount())
                }
                assertEquals(1, stage.visitsCount())
            }
        }

    @Test
    fun `a key that is away for now costs nothing, and other places stay in reach`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                here.withUnsentWork(stage)
                val vault = here.phone.vault as LockableVault
                vault.isLocked = true
                here.killedAndStarted()
                assertFalse(here.failed().canSetAside, "the phone is locked: nothing is to be set aside")
                vault.isLocked = false

                val name = here.phone.keyName
                val key = assertNotNull(vault.fetch(name))
                vault.erase(name)
                here.app.retry()
                assertTrue(here.failed { it.problem.message.id == "open.missing_key" }.canSetAside)
                here.app.profiles.practise()
                here.phone.openAt(Place.Practice)
                here.app.profiles.leavePractice()
                here.failed { it.problem.message.id == "open.missing_key" }
                vault.store(name, key)
                here.app.retry()
                val back = here.today().listed { it.homesCount == 3 && it.status?.unsentCount == 1uL && it.visitedCount == 2 }
                assertFalse(back.takingUp.isWaiting)
            }
        }
    }

    @Test
    fun `without the key nothing can be read out of what was set aside, and that is said`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                here.withUnsentWork(stage)
                here.phone.kill()
                here.phone.vault.erase(here.phone.keyName)
                here.phone.network.states.value = NetworkState.UNMETERED
                here.killedAndStarted()
                here.failed()
                here.app.setAside()
                here.working(stage, homesCount = 3)
                val taken = here.today().listed { it.takingUp.taken != null }.takingUp.taken!!
                assertEquals(0uL to 0uL, taken.takenCount to taken.knownCount)
                assertEquals(listOf("open.missing_key"), taken.left.map { it.reason.id }, "the whole file")
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a database that opens and is damaged further in leads to the same way`() = patiently {
        Stage.open(homesCount = 40).use { stage ->
            AppOnPhone().use { here ->
                here.working(stage)
                here.phone.network.states.value = NetworkState.OFFLINE
                here.phone.kill()
                val pages = here.phone.pagesCount()
                here.phone.damagePages(pages / 2, pages - 1)
                here.killedAndStarted()
                val shown = here.app.state.until { it is AppState.Failed || it is AppState.Working }
                if (shown is AppState.Working) {
                    val today = here.today()
                    today.listed { it.problem?.isDamage == true }
                    today.openDamage()
                }
                assertTrue(here.failed().canSetAside)
                here.app.setAside()
                assertTrue(here.enrol().state.value.wasSetAside)
            }
        }
    }

    @Test
    fun `a problem on the first page stays until the same succeeds or it was read`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                val today = here.working(stage, homesCount = 3)
                stage.visitDay(0, "测试走访日")
                today.sync()
                val due = today.listed { it.due?.homes?.size == 3 }.due!!.homes.first()
                // A home that is not on this phone.
                val gone = due.copy(home = due.home.copy(household = UUID.randomUUID()))
                today.visit(gone)
                val problem = today.listed { it.problem != null }.problem
                here.saveVisit(0, "别的都读得到")
                assertEquals(problem, today.listed { it.visitedCount == 1 }.problem)
                today.visit(today.listed { it.due?.homes?.size == 2 }.due!!.homes.first())
                here.visit()
                assertNull(today.state.value.problem, "the same succeeded")
                here.app.back()
                today.visit(gone)
                today.listed { it.problem == problem }
                today.dismissProblem()
                assertNull(today.state.value.problem)
            }
        }
    }

    @Test
    fun `a server that does not know the phone any more takes it back by a new code, with all that was not sent`() =
        Stage.open(homesCount = 3).use { stage ->
            AppOnPhone().use { here ->
                runBlocking {
                    stage.qr(NAME)
                    stage.backUp()
                    here.withUnsentWork(stage)
                    stage.restore()
                    assertEquals(0, stage.visitsCount())
                    here.phone.network.states.value = NetworkState.UNMETERED
                }
                runComposeUiTest {
                    setContent { ZoufangApp(here.app, Chinese, font = chineseFont) }
                    says("服务器不认识这部手机了")
                    runBlocking { here.today().listed { it.status?.unsentCount == 1uL && !it.sync.isRunning } }
                    says("1 条未上传")
                    // A code of somebody else's changes nothing.
                    onNodeWithTag("code").performTextInput(stage.qr("测试协管员乙"))
                    scrollAndTap("enrol")
                    says("登记码属于另一人")
                    here.app.take(stage.qr(NAME))
                    runBlocking { here.today().rejoining.state.until { it.fillsCount > 0 } }
                    scrollAndTap("enrol")
                    appears("digits")
                    runBlocking {
                        stage.arrived(2)
                        here.today().listed { it.status?.unsentCount == 0uL && it.visitedCount == 2 }
                    }
                    scrollAndTap("rejoined")
                    gone("rejoin")
                    says("全部已上传")
                }
            }
        }
}
