package org.zoufang.app.words

import java.util.Locale

/** Chinese where the phone speaks Chinese, English everywhere else. */
fun wordsFor(locale: Locale): Words = if (locale.language == "zh") Chinese else English
