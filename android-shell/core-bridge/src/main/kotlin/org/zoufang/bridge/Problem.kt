package org.zoufang.bridge

import org.zoufang.client.LibraryMismatch
import org.zoufang.client.said
import org.zoufang.core.CoreException
import org.zoufang.core.Message

/** What the person before the screen can do next: the core's twelve errors, by their steps. */
enum class NextStep {
    RETRY, FREE_SPACE, UPDATE_APP, UNLOCK_PHONE, ENROL_AGAIN, ASK_SUPERVISOR, MEND_FIELD, GO_BACK, SIGN_IN_TO_NETWORK, LEAVE_NETWORK, NOTHING, REPORT
}

/** Something that went wrong, as a screen shows it. */
data class Problem(
    val message: Message,
    val step: NextStep,
    /** The field to mend, by its name in the core. */
    val field: String? = null,
)

/** The database is damaged, or the key to it is missing: it may be set aside, when a person decides so. */
val Problem.canBeSetAside: Boolean get() = isOfKey || message.id == "open.damaged" || isDamage

/** The key is missing or another, perhaps for now alone. */
val Problem.isOfKey: Boolean get() = message.id == "open.missing_key" || message.id == "open.wrong_key"

/** The database opens and is damaged further in. */
val Problem.isDamage: Boolean get() = message.id == "store.damaged"

/** The error as it is shown. */
fun CoreException.asProblem(): Problem = when (this) {
    is CoreException.Retry -> Problem(said, NextStep.RETRY)
    is CoreException.FreeSpace -> Problem(said, NextStep.FREE_SPACE)
    is CoreException.UpdateApp -> Problem(said, NextStep.UPDATE_APP)
    is CoreException.UnlockPhone -> Problem(said, NextStep.UNLOCK_PHONE)
    is CoreException.EnrolAgain -> Problem(said, NextStep.ENROL_AGAIN)
    is CoreException.AskSupervisor -> Problem(said, NextStep.ASK_SUPERVISOR)
    is CoreException.MendField -> Problem(said, NextStep.MEND_FIELD, field)
    is CoreException.NotHere -> Problem(said, NextStep.GO_BACK)
    is CoreException.SignInToNetwork -> Problem(said, NextStep.SIGN_IN_TO_NETWORK)
    is CoreException.WrongServer -> Problem(said, NextStep.LEAVE_NETWORK)
    is CoreException.Cancelled -> Problem(said, NextStep.NOTHING)
    is CoreException.Unexpected -> Problem(said, NextStep.REPORT)
}

/** The one failure that the core cannot put into words, because it was not loaded. */
fun LibraryMismatch.asProblem(): Problem {
    val words = Message(
        id = "open.library",
        titleZh = "应用安装不完整",
        detailZh = "请重新安装应用；资料没有改动。",
        titleEn = "The app is not installed whole",
        detailEn = "Install it anew; the data was not touched.",
    )
    return Problem(words, NextStep.UPDATE_APP)
}

/** Runs [act]; what the core says against it becomes a value. */
suspend fun <T> attempt(act: suspend () -> T): Outcome<T> = try {
    Outcome.Done(act())
} catch (refused: CoreException) {
    Outcome.Refused(refused.asProblem())
}

/** What came of something that was tried. */
sealed interface Outcome<out T> {
    /** It was done. */
    data class Done<T>(val value: T) : Outcome<T>
    /** The core said no; nothing changed. */
    data class Refused(val problem: Problem) : Outcome<Nothing>
}
