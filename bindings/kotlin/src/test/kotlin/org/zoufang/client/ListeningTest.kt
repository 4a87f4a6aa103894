package org.zoufang.client

import java.util.concurrent.BlockingQueue
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import org.zoufang.core.Change
import org.zoufang.core.ChangeListener
import org.zoufang.core.FfiConverterTypeChangeListener
import org.zoufang.core.HouseholdChange
import org.zoufang.core.ListenerException
import org.zoufang.core.LogLevel
import org.zoufang.core.LogSink
import org.zoufang.core.OpenOptions
import org.zoufang.core.RecordKind
import org.zoufang.core.SyncPhase
import org.zoufang.core.SyncProgress
import org.zoufang.core.ZoufangCore
import org.zoufang.core.logTo

class ListeningTest {
    private fun <T> BlockingQueue<T>.next(): T = assertNotNull(poll(PATIENCE.inWholeSeconds, TimeUnit.SECONDS), "nothing came")

    /** Lets [test] hear a phone's changes, from the first one on, which says that anything may have changed. */
    private suspend fun hearing(phone: Phone, test: suspend CoroutineScope.(Channel<Change>) -> Unit) = coroutineScope {
        val heard = Channel<Change>(Channel.UNLIMITED)
        val ear = launch { phone.client.changes.collect(heard::send) }
        assertEquals(Change(RecordKind.entries, emptyList(), drafts = true, status = true), heard.receive())
        test(heard)
        ear.cancelAndJoin()
    }

    @Test
    fun `a change is told after it is saved and names kinds and ids`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                hearing(phone) { heard ->
                    val home = phone.homes().first()
                    phone.client.call { households.edit(home.household, listOf(HouseholdChange.Contact("张三样例"))) }
                    val change = heard.receive()
                    assertEquals(listOf(RecordKind.HOUSEHOLD) to listOf(home.household), change.kinds to change.ids)
                    assertEquals("张三样例", phone.homes().first().contact)
                    val draft = phone.client.call { drafts.startVisit(home.household) }
                    val started = heard.receive()
                    assertTrue(started.drafts && started.kinds.isEmpty(), "$started")
                    phone.client.call { drafts.discard(draft) }
                    assertTrue(heard.receive().drafts)
                }
            }
        }
    }

    @Test
    fun `what a collector is too slow for is told as one change`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                val (homes, gate) = phone.homes() to Channel<Unit>()
                val told = mutableListOf<Change>()
                val slow = launch(start = CoroutineStart.UNDISPATCHED) {
                    phone.client.changes.collect {
                        told += it
                        gate.receive()
                    }
                }
                // A quick collector beside it says when all that was saved has been told, by a draft that follows.
                hearing(phone) { quick ->
                    homes.take(20).forEach { phone.visit(it, "慢") }
                    phone.client.call { drafts.startVisit(homes.first().household) }
                    while (!quick.receive().drafts) continue
                }
                val count = told.size
                repeat(2) { gate.send(Unit) }
                slow.cancelAndJoin()
                assertTrue(count == 1 && told.size <= 3, "$told")
                assertTrue(told.drop(1).any { RecordKind.VISIT in it.kinds && it.status }, "$told")
            }
        }
    }

    @Test
    fun `merged changes name at least what each of them named`() {
        val id = java.util.UUID.randomUUID()
        val visit = Change(listOf(RecordKind.VISIT), listOf(id), drafts = false, status = true)
        val drafts = Change(emptyList(), emptyList(), drafts = true, status = false)
        assertEquals(visit.copy(drafts = true), merged(visit, drafts))
        assertEquals(visit.copy(drafts = true), merged(drafts, visit))
        val both = merged(visit, visit.copy(kinds = listOf(RecordKind.MATTER, RecordKind.VISIT)))
        assertEquals(Change(listOf(RecordKind.VISIT, RecordKind.MATTER), emptyList(), drafts = false, status = true), both)
    }

    @Test
    fun `a subscription ends with its collection and the library lets go of the listener`() = patiently {
        Phone.fresh().use { phone ->
            val before = FfiConverterTypeChangeListener.handleMap.size
            repeat(100) { phone.client.changes.first() }
            assertEquals(before, FfiConverterTypeChangeListener.handleMap.size)
        }
    }

    @Test
    fun `a sync tells how far it is`() = patiently {
        Stage.open().use { stage ->
            Phone.fresh().use { phone ->
                phone.enrol(stage)
                // Undispatched, so that it has subscribed before the sync begins.
                val step = async(start = CoroutineStart.UNDISPATCHED) { phone.client.syncProgress.first() }
                stage.fallSilent() // no later step takes the place of the first
                val sync = launch { phone.client.sync() }
                assertEquals(SyncProgress(SyncPhase.SIGNING_IN, 0uL, null), step.await())
                sync.cancelAndJoin()
            }
        }
    }

    @Test
    fun `a listener that throws is logged, is not fatal, and hears the next`() = patiently {
        val lines = LinkedBlockingQueue<Pair<LogLevel, String>>()
        requireMatchingLibrary()
        logTo(object : LogSink {
            override fun line(level: LogLevel, text: String) {
                lines += level to text
            }
        })
        val phone = Phone.fresh()
        Stage.open().use { stage -> phone.enrol(stage) }
        // The client's own listeners do not throw, so this one is the library's.
        phone.client.close()
        val (vault, signer, connectivity) = phone.ports.run { Triple(vault, signer, connectivity) }
        val core = ZoufangCore.open(OpenOptions(phone.folder.resolve("phone.db").toString()), vault, signer, connectivity)
        val heard = LinkedBlockingQueue<Thread>()
        val subscription = core.subscribe(object : ChangeListener {
            override fun changed(change: Change) {
                heard += Thread.currentThread()
                if (heard.size % 2 == 1) throw IllegalStateException("张三样例") else throw ListenerException.Failed("张三样例")
            }
        })
        val threads = (1..3).map {
            core.drafts().startMatter(null)
            heard.next()
        }
        assertTrue(Thread.currentThread() !in threads, "$threads")
        val warning = generateSequence { lines.next() }.first { (_, text) -> text.startsWith("a listener failed") }
        assertEquals(LogLevel.WARNING, warning.first)
        assertTrue("changes" in warning.second && "张三" !in warning.second, warning.second)
        subscription.cancel()
        core.shutDown()
        phone.close()
    }
}
