package org.zoufang.app.enrol

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.core.Enrolled

/** Reads a supervisor's QR picture with the camera; a phone without one pastes its text. */
fun interface Scanner {
    /** The picture's text; nothing when the person gave up. */
    suspend fun scan(): String?
}

/** The page for the code. */
data class EnrolState(
    /** The picture's text, as pasted or scanned. */
    val text: String = "",
    /** How often the text came from elsewhere than from typing. */
    val fillsCount: Int = 0,
    val isBusy: Boolean = false,
    val problem: Problem? = null,
    /** The phone was revoked before and is empty now. */
    val wasRevoked: Boolean = false,
    /** Whose phone it now is: digits to compare, and what it will hold. */
    val enrolled: Enrolled? = null,
)

/** Makes this phone one of the server's. */
class EnrolModel(private val open: OpenClient, private val scope: CoroutineScope, private val ways: Ways) {
    private val current = MutableStateFlow(EnrolState(wasRevoked = open.replacesErased))

    /** What is on screen. */
    val state: StateFlow<EnrolState> = current.asStateFlow()

    /** The text was typed or pasted. */
    fun write(text: String) = current.update { it.copy(text = text, problem = null) }

    /** The text came from a scanner, or was shared by another app. */
    fun fill(text: String) = current.update { it.copy(text = text, fillsCount = it.fillsCount + 1, problem = null) }

    /** Scans it. */
    fun scan(scanner: Scanner) {
        scope.launch { scanner.scan()?.let(::fill) }
    }

    /** Enrols by it. The code works once, so what has begun runs to its end even when the page is left. */
    fun enrol() {
        if (current.value.isBusy) return
        current.update { it.copy(isBusy = true, problem = null) }
        scope.launch {
            val outcome = attempt { open.client.enrol(open.client.readQr(current.value.text)) }
            current.update {
                when (outcome) {
                    // The secret is of no more use, and is not kept on screen.
                    is Outcome.Done -> it.copy(isBusy = false, text = "", enrolled = outcome.value)
                    is Outcome.Refused -> it.copy(isBusy = false, problem = outcome.problem)
                }
            }
        }
    }

    /** The digits were compared: on to the first sync. */
    fun startFirstSync() = ways.enrolled()
}
