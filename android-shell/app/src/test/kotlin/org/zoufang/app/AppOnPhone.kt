package org.zoufang.app

import java.time.Clock
import kotlin.test.assertIs
import org.zoufang.app.enrol.EnrolModel
import org.zoufang.app.home.HomeModel
import org.zoufang.app.matter.MatterModel
import org.zoufang.app.today.TodayModel
import org.zoufang.app.today.TodayState
import org.zoufang.app.visit.VisitModel
import org.zoufang.bridge.TestPhone
import org.zoufang.bridge.until
import org.zoufang.client.Stage

/** The app on a test's phone: models over the real client, as they run on Android. */
class AppOnPhone : AutoCloseable {
    val phone = TestPhone()
    var app = started()
        private set

    private fun started() = AppModel(phone.owner, phone.scope, Clock.systemDefaultZone()).also { phone.owner.open() }

    /** The process is killed and the app started anew. */
    suspend fun killedAndStarted() {
        phone.kill()
        app = started()
    }

    suspend inline fun <reified P : Page> page(): P =
        assertIs<P>((app.state.until { it is AppState.Working && it.pages.last() is P } as AppState.Working).pages.last())

    suspend fun enrol(): EnrolModel = page<Page.Enrol>().model
    suspend fun today(): TodayModel = page<Page.Today>().model
    suspend fun home(): HomeModel = page<Page.Home>().model
    suspend fun visit(): VisitModel = page<Page.Visit>().model.apply { state.until { it.fields != null } }
    suspend fun matter(): MatterModel = page<Page.Matter>().model.apply { state.until { it.fields != null } }

    /** Enrols as a person does, up to the list with all homes. */
    suspend fun working(stage: Stage, name: String = "测试管理员甲", homesCount: Int = 40): TodayModel {
        val enrol = enrol()
        enrol.write(stage.qr(name))
        enrol.enrol()
        enrol.state.until { it.enrolled != null }
        enrol.startFirstSync()
        return today().apply { listed { it.homesCount == homesCount && it.status?.complete == true && !it.sync.isRunning } }
    }

    override fun close() = phone.close()
}

suspend fun TodayModel.listed(isSo: (TodayState) -> Boolean): TodayState = state.until(isSo)
