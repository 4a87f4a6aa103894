package org.zoufang.client

import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import org.zoufang.core.CoreException
import org.zoufang.core.SyncProgress

class SyncingTest {
    /** Lets [test] hear how far a phone's syncs are. */
    private suspend fun watching(phone: Phone, test: suspend CoroutineScope.(Channel<SyncProgress>) -> Unit) = coroutineScope {
        val heard = Channel<SyncProgress>(Channel.UNLIMITED)
        // Undispatched, so that it has subscribed before the test goes on.
        val watch = launch(start = CoroutineStart.UNDISPATCHED) { phone.client.syncProgress.collect(heard::send) }
        test(heard)
        watch.cancelAndJoin()
    }

    @Test
    fun `a sync is cancelled, and a later one does its work`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                phone.visit(phone.homes().first(), "取消之前保存")
                stage.fallSilent()
                watching(phone) { heard ->
                    val sync = async { runCatching { phone.client.sync() } }
                    heard.receive()
                    phone.client.cancelSync()
                    val cancelled = sync.await().exceptionOrNull()
                    assertTrue(cancelled is CoreException.Cancelled, "$cancelled")
                }
                assertNull(phone.client.call { syncStatus() }.lastError)
                stage.heal()
                phone.client.sync()
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `a coroutine that is cancelled takes its sync with it`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                phone.visit(phone.homes().first(), "离开屏幕之前保存")
                stage.fallSilent()
                watching(phone) { heard ->
                    val left = launch { phone.client.sync() }
                    heard.receive()
                    left.cancelAndJoin()
                    // The next one could not begin while the first still waited for the server.
                    val next = launch { phone.client.sync() }
                    heard.receive()
                    next.cancelAndJoin()
                }
                stage.heal()
                phone.client.sync()
                assertEquals(1, stage.visitsCount())
            }
        }
    }

    @Test
    fun `who leaves a sync that another coroutine waits for too leaves it running`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                phone.visit(phone.homes().first(), "两处同时要求同步")
                stage.fallSilent()
                watching(phone) { heard ->
                    val stays = async { runCatching { phone.client.sync() } }
                    heard.receive()
                    val leaves = launch(start = CoroutineStart.UNDISPATCHED) { phone.client.sync() }
                    leaves.cancelAndJoin()
                    stage.heal()
                    // It ended with the connection that was silent, or, where it had not asked yet, with the server's answer.
                    val ended = stays.await().exceptionOrNull()
                    assertTrue(ended == null || ended is CoreException.Retry, "nobody cancelled it: $ended")
                }
                assertTrue(phone.client.sync().complete)
            }
        }
    }

    @Test
    fun `pausing cancels a sync and closes the file, resuming opens it, twice is once`() = patiently {
        Stage.open().use { stage ->
            Phone.enrolled(stage).use { phone ->
                val saved = phone.visit(phone.homes().first(), "暂停之前保存")
                stage.fallSilent()
                watching(phone) { heard ->
                    val sync = async { runCatching { phone.client.sync() } }
                    heard.receive()
                    phone.client.pause()
                    val cancelled = sync.await().exceptionOrNull()
                    assertTrue(cancelled is CoreException.Cancelled, "$cancelled")
                }
                phone.client.pause()
                assertFailsWith<CoreException.Retry> { phone.homes() }
                stage.heal()
                repeat(2) { phone.client.resume() }
                assertEquals(saved.id, phone.client.call { visits.find(saved.id) }.id)
                phone.client.sync()
                assertEquals(1, stage.visitsCount())
                repeat(2) { phone.client.close() }
                assertFailsWith<CoreException.Retry> { phone.homes() }
            }
        }
    }

    @Test
    fun `a phone speaks to the server whose authority it has pinned and to no other`() = patiently {
        Stage.open(tls = true).use { stage ->
            assertTrue(stage.serverUrl.startsWith("https://"))
            Phone.enrolled(stage).use { phone ->
                phone.visit(phone.homes().first(), "加密连接")
                phone.client.sync()
                assertEquals(1, stage.visitsCount())
            }
            Stage.open(tls = true).use { other ->
                Phone.fresh().use { phone ->
                    val input = phone.client.readQr(stage.qr())
                    val refused = assertFailsWith<CoreException.WrongServer> { phone.client.enrol(input.copy(caPem = other.caPem)) }
                    assertTrue(refused.said.titleZh.isNotEmpty())
                    assertEquals(false, phone.client.call { syncStatus() }.enrolled)
                    assertEquals("测试管理员甲", phone.client.enrol(input).staffName, "the code was not spent")
                }
            }
        }
    }
}
