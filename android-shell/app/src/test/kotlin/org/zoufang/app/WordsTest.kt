package org.zoufang.app

import java.time.Duration
import java.time.LocalDate
import java.util.Locale
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.zoufang.app.words.Chinese
import org.zoufang.app.words.English
import org.zoufang.app.words.Words
import org.zoufang.app.words.of
import org.zoufang.app.words.wordsFor
import org.zoufang.core.Duty
import org.zoufang.core.Word

class WordsTest {
    /** Every text without a parameter, by its getter. */
    private fun Words.texts(): Map<String, String> = Words::class.java.methods
        .filter { it.parameterCount == 0 && it.returnType == String::class.java }
        .associate { it.name to it.invoke(this) as String }

    @Test
    fun `every text exists in both languages, and in its own letters`() {
        assertTrue(Chinese.texts().size > 50)
        for ((name, text) in Chinese.texts()) assertTrue(text.any { it in '一'..'鿿' }, "$name: $text")
        for ((name, text) in English.texts()) assertTrue(text.isNotBlank() && text.none { it in '一'..'鿿' }, "$name: $text")
    }

    @Test
    fun `what the field's words are called comes from the core`() {
        assertEquals("协管员" to "Co-management", Word.OfDuty(Duty.CO_MANAGEMENT).run { Chinese.of(this) to English.of(this) })
    }

    @Test
    fun `ages and days are said as people say them`() {
        val today = LocalDate.of(2026, 1, 1)
        assertEquals("昨天", Chinese.day(LocalDate.of(2025, 12, 31), today))
        assertEquals("2025年12月30日" to "30 Dec 2025", LocalDate.of(2025, 12, 30).run { Chinese.day(this, today) to English.day(this, today) })
        assertEquals("明天" to "tomorrow", LocalDate.of(2026, 1, 2).run { Chinese.day(this, today) to English.day(this, today) })
        assertEquals("1月9日", Chinese.day(LocalDate.of(2026, 1, 9), today))
        assertEquals("不到 1 分钟" to "1 day", Chinese.age(Duration.ZERO) to English.age(Duration.ofHours(47)))
        assertEquals("59 分钟" to "23 h", Chinese.age(Duration.ofMinutes(59)) to English.age(Duration.ofMinutes(1439)))
    }

    @Test
    fun `a phone that speaks Chinese gets Chinese`() {
        assertEquals(listOf(Chinese, Chinese, English), listOf("zh-Hans-CN", "zh-TW", "fr").map { wordsFor(Locale.forLanguageTag(it)) })
    }
}
