package org.zoufang.bridge

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.client.Stage
import org.zoufang.client.patiently
import org.zoufang.core.NetworkState
import org.zoufang.core.Page
import org.zoufang.core.VisitDraft
import org.zoufang.core.VisitMode
import org.zoufang.core.VisitOutcome

class ProfilesTest {
    private val first = Place.Profile(null)
    private val second = Place.Profile("p2")
    private suspend fun TestPhone.known() = assertIs<Outcome.Done<List<KnownProfile>>>(owner.knownProfiles()).value

    @Test
    fun `two people share a phone, each with homes, unsent work and a device key of their own`() = patiently {
        Stage.open(homesCount = 3).use { here ->
            Stage.open(homesCount = 5).use { there ->
                TestPhone().use { phone ->
                    val open = phone.enrolled(here)
                    phone.network.states.value = NetworkState.OFFLINE
                    open.client.call {
                        visits.save(VisitDraft(households.list(Page()).first().household, VisitMode.DOOR, VisitOutcome.DONE, note = "还没上传"))
                    }
                    assertEquals(listOf(KnownProfile(null, 1, "测试管理员甲", listOf("测试微网格"), 1, isOpen = true)), phone.known())
                    val key = phone.deviceKey()

                    phone.owner.addProfile()
                    val other = phone.openAt(second)
                    assertFalse(other.client.call { syncStatus() }.enrolled)
                    assertEquals("测试管理员甲" to 1L, phone.known().first().run { staffName to unsentCount }, "unsent work is not forgotten")
                    other.enrol(there, "测试管理员丁")
                    assertEquals(5, other.client.call { households.list(Page()) }.size)
                    assertEquals(listOf("测试管理员甲" to false, "测试管理员丁" to true), phone.known().map { it.staffName to it.isOpen })
                    assertNotEquals(key, phone.deviceKey("p2"))
                    assertEquals(key, phone.deviceKey())
                    phone.kill()

                    val again = phone.opened()
                    assertEquals<Place>(second, again.place, "the one that was used last")
                    assertEquals("测试管理员丁", again.client.profile()?.staffName)
                    phone.owner.change(Place.Practice)
                    phone.openAt(Place.Practice)
                    assertTrue(phone.known().none { it.isOpen })
                    phone.owner.leavePractice()
                    phone.openAt(second)
                    phone.owner.change(first)
                    val back = phone.openAt(first)
                    assertEquals(3, back.client.call { households.list(Page()) }.size)
                    back.client.sync()
                    assertEquals(1 to 0, here.visitsCount() to there.visitsCount())
                    assertEquals(listOf(0L, 0L), phone.known().map { it.unsentCount })
                }
            }
        }
    }

    @Test
    fun `a profile that was added and never enrolled is taken again, so that none are left lying about`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            TestPhone().use { phone ->
                phone.enrolled(stage)
                phone.owner.addProfile()
                phone.openAt(second)
                phone.owner.change(first)
                phone.openAt(first)
                phone.owner.addProfile()
                phone.openAt(second)
                assertEquals(listOf<Pair<String?, String?>>(null to "测试管理员甲", "p2" to null), phone.known().map { it.name to it.staffName })
            }
        }
    }

    @Test
    fun `a profile whose phone was revoked is erased alone, with a new key of its own`() = patiently {
        Stage.open(homesCount = 3).use { stage ->
            TestPhone().use { phone ->
                phone.enrolled(stage)
                val key = phone.deviceKey()
                phone.owner.addProfile()
                val other = phone.openAt(second)
                other.enrol(stage, "测试协管员乙")
                phone.known()
                assertTrue(phone.holdsInClear("测试协管员乙"))
                assertFalse(phone.holdsInClear("测试户"), "of residents nothing is readable")
                val revoked = phone.deviceKey("p2")
                stage.revoke("测试协管员乙")
                other.syncs.ask()
                val anew = (phone.owner.opening.until { it is Opening.Ready && it.open !== other } as Opening.Ready).open
                assertTrue(anew.replacesErased)
                until { !phone.holdsInClear("测试协管员乙") }
                assertEquals<Place>(second, anew.place)
                assertNull(phone.known().last().staffName)
                assertNotEquals(revoked, phone.deviceKey("p2"))
                assertEquals(key, phone.deviceKey())
                phone.owner.change(first)
                assertEquals(3, phone.openAt(first).client.call { households.list(Page()) }.size)
            }
        }
    }

    @Test
    fun `the first profile keeps the name of its key from before there were more`() {
        assertEquals("zoufang.device" to "zoufang.device.p2", deviceKeyName(null) to deviceKeyName("p2"))
    }
}
