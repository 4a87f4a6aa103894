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
import org.zoufang.core.EnrolInput
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
    /** A database was set aside before, and the work in it is still to be taken up. */
    val wasSetAside: Boolean = false,
    /** Whose phone it now is: digits to compare, and what it will hold. */
    val enrolled: Enrolled? = null,
)

/** Makes this phone one of the server's by a code, in one way or another. */
class EnrolModel private constructor(
    private val open: OpenClient, private val scope: CoroutineScope, before: EnrolState,
    private val enrolBy: suspend (EnrolInput) -> Enrolled, private val goOn: (EnrolModel) -> Unit,
) {
    private val current = MutableStateFlow(before)

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
            val outcome = attempt { enrolBy(open.client.readQr(current.value.text)) }
            current.update {
                when (outcome) {
                    // The secret is of no more use, and is not kept on screen.
                    is Outcome.Done -> it.copy(isBusy = false, text = "", enrolled = outcome.value)
                    is Outcome.Refused -> it.copy(isBusy = false, problem = outcome.problem)
                }
            }
        }
    }

    /** The digits were compared: on to what comes next. */
    fun startFirstSync() = goOn(this)

    companion object {
        /** For a phone that no server knows yet; the first sync follows. */
        fun first(open: OpenClient, scope: CoroutineScope, ways: Ways) = EnrolModel(
            open, scope, EnrolState(wasRevoked = open.replacesErased, wasSetAside = open.takingUp.now.value.isWaiting),
            enrolBy = { open.client.enrol(it) }, goOn = { ways.enrolled() },
        )

        /** For a phone that its own server does not know any more: it comes back with all that it holds, and the sync goes on at once. */
        fun back(open: OpenClient, scope: CoroutineScope) = EnrolModel(
            open, scope, EnrolState(),
            enrolBy = { input -> open.client.rejoin(input).also { open.syncs.ask() } }, goOn = { it.current.value = EnrolState() },
        )
    }
}
