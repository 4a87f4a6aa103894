package org.zoufang.client

import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.core.ChosenValue
import org.zoufang.core.CoreException
import org.zoufang.core.HouseholdChange

class ConflictTest {
    @Test
    fun `two people write one field unseen, both see it, one of them settles it`() = patiently {
        Stage.open().use { stage ->
            val (first, second) = Phone.enrolled(stage) to Phone.enrolled(stage, "测试协管员乙")
            val home = first.homes().first()
            first.client.call { households.edit(home.household, listOf(HouseholdChange.Contact("张三样例"))) }
            second.client.call { households.edit(home.household, listOf(HouseholdChange.Contact("李四样例"))) }
            first.client.sync()
            second.client.sync()
            first.client.sync()
            for (phone in listOf(first, second)) {
                val conflict = phone.client.call { conflicts.list() }.single()
                assertEquals(home.household to "contact", conflict.household to conflict.field)
                assertEquals(setOf("张三样例", "李四样例"), conflict.sides.map { it.value.text }.toSet())
                assertEquals(1uL, phone.client.call { syncStatus() }.conflictsCount)
                assertTrue(phone.homes().first().hasConflict)
            }

            val seen = second.client.call { conflicts.list() }.single()
            val chosen = seen.sides.first { it.value.text == "张三样例" }.value
            val settle: Groups.() -> Unit = { conflicts.settle(seen.kind, seen.record, seen.field, ChosenValue.OfSide(chosen.json)) }
            second.client.call(settle)
            assertFailsWith<CoreException.NotHere> { second.client.call(settle) }
            second.client.sync()
            first.client.sync()
            for (phone in listOf(first, second)) {
                assertTrue(phone.client.call { conflicts.list() }.isEmpty())
                assertEquals("张三样例", phone.homes().first().contact)
                phone.close()
            }
        }
    }
}
