package org.zoufang.bridge

import java.time.Clock
import java.time.Duration
import java.util.UUID
import kotlin.test.assertEquals
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import org.junit.jupiter.api.Test
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.NetworkState
import org.zoufang.core.Page
import org.zoufang.core.SyncStatus
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

class SyncsTest {
    private suspend fun OpenClient.saveVisit(): UUID = client.call {
        visits.save(VisitDraft(households.list(Page()).first().household, VisitMode.DOOR, VisitOutcome.DONE, note = "自动同步"))
    }.id

    private fun OpenClient.standing(): Flow<SyncStatus> = statuses().filterIsInstance<Outcome.Done<SyncStatus>>().map { it.value }

    @Test
    fun `what is saved is sent without anybody asking`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                open.saveVisit()
                open.standing().until { it.unsentCount == 0uL }
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `without a network nothing is tried, and what waits is sent when it is back`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                phone.network.states.value = NetworkState.OFFLINE
                open.saveVisit()
                assertEquals(1uL, open.standing().until { it.unsentCount > 0uL }.unsentCount)
                phone.network.states.value = NetworkState.METERED
                open.standing().until { it.unsentCount == 0uL }
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `when the time has come that the core named, it syncs without anybody asking`() = patiently {
        Stage.open().use { stage ->
            // The core names half an hour from now; by this clock that is in two seconds.
            val ahead = Clock.offset(Clock.systemDefaultZone(), Duration.ofMinutes(30).minusSeconds(2))
            TestPhone(clock = ahead).use { phone ->
                val open = phone.enrolled(stage)
                val two = async(start = CoroutineStart.UNDISPATCHED) { open.syncs.ended.take(2).collect() }
                open.syncs.ask()
                two.await()
                assertEquals(null, open.syncs.now.value.problem)
            }
        }
    }

    @Test
    fun `coming to the front syncs`() = patiently {
        Stage.open().use { stage ->
            TestPhone().use { phone ->
                val open = phone.enrolled(stage)
                phone.owner.toBackground()
                until { attempt { open.client.call { syncStatus() } } is Outcome.Refused }
                // Undispatched, so that it listens before the app is in front.
                val synced = async(start = CoroutineStart.UNDISPATCHED) { open.syncs.ended.first() }
                phone.owner.toForeground()
                synced.await()
                assertEquals(null, open.syncs.now.value.problem)
            }
        }
    }

    @Test
    fun `a phone that is not enrolled asks nobody`() = patiently {
        TestPhone().use { phone ->
            val open = phone.opened()
            phone.network.states.value = NetworkState.OFFLINE
            phone.network.states.value = NetworkState.UNMETERED
            // A person may ask all the same, and is told why it cannot be.
            open.syncs.ask()
            assertEquals(NextStep.ENROL_AGAIN, open.syncs.now.until { it.problem != null }.problem!!.step)
        }
    }
}
