package org.zoufang.app.enrol

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.style.TextAlign
import androidx.compose.ui.unit.dp
import androidx.compose.ui.unit.sp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.MainButton
import org.zoufang.app.look.NoticeCard
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.app.look.Writing
import org.zoufang.app.words.Words
import org.zoufang.app.words.of
import org.zoufang.core.AreaView
import org.zoufang.core.Enrolled
import org.zoufang.core.Word

/** What a person can do on the page for the code. */
class EnrolEvents(val write: (String) -> Unit, val scan: (() -> Unit)?, val enrol: () -> Unit, val startFirstSync: () -> Unit)

/** The page for the code, with [others] where else to go; once it has worked, the digits to compare. */
@Composable
fun EnrolScreen(state: EnrolState, events: EnrolEvents, others: @Composable ColumnScope.() -> Unit = {}) = Ground {
    val words = LocalWords.current
    Column(Modifier.fillMaxSize().verticalScroll(rememberScrollState()).padding(EDGE, 24.dp), Arrangement.spacedBy(16.dp)) {
        Text(words.enrolTitle, Modifier.semantics { heading() }, style = MaterialTheme.typography.headlineMedium)
        val enrolled = state.enrolled
        if (enrolled == null) {
            Code(state, events)
            Column(Modifier.padding(top = 8.dp), Arrangement.spacedBy(8.dp), content = others)
        } else {
            Compare(enrolled, events)
        }
    }
}

@Composable
private fun ColumnScope.Code(state: EnrolState, events: EnrolEvents) {
    val words = LocalWords.current
    if (state.wasRevoked) NoticeCard(words.revoked)
    if (state.wasSetAside) NoticeCard(words.enrolSetAside)
    Text(words.enrolExplained, style = MaterialTheme.typography.bodyLarge)
    CodeEntry(state, events, words.enrol, words.enrolling)
}

/** Where the code goes, and the button that uses it. */
@Composable
internal fun ColumnScope.CodeEntry(state: EnrolState, events: EnrolEvents, enrol: String, enrolling: String) {
    val words = LocalWords.current
    events.scan?.let { scan ->
        OutlinedButton(scan, Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("scan")) { Text(words.scan) }
    }
    Writing(
        words.enrolText, state.text, "code", lines = 3..5, isWrong = state.problem?.field != null, filledFrom = state.fillsCount,
        onWrite = events.write,
    )
    state.problem?.let { ProblemCard(it) }
    MainButton(if (state.isBusy) enrolling else enrol, state.isBusy, "enrol", isEnabled = state.text.isNotBlank(), onTap = events.enrol)
}

@Composable
private fun Compare(enrolled: Enrolled, events: EnrolEvents) {
    val words = LocalWords.current
    Text(words.compareDigits, style = MaterialTheme.typography.bodyLarge)
    Digits(enrolled)
    Column {
        Title(words.whosePhone)
        Text(enrolled.staffName, style = MaterialTheme.typography.titleLarge)
        Title(words.areas)
        enrolled.areas.forEach { Text(words.area(it), style = MaterialTheme.typography.bodyLarge) }
    }
    MainButton(words.firstSync, isBusy = false, tag = "first-sync", onTap = events.startFirstSync)
}

/** What is compared with the supervisor's screen. */
@Composable
internal fun Digits(enrolled: Enrolled) {
    Text(
        enrolled.fingerprint.chunked(3).joinToString(" "), Modifier.fillMaxWidth().testTag("digits"),
        color = MaterialTheme.colorScheme.primary, fontSize = 44.sp, fontWeight = FontWeight.Bold, letterSpacing = 2.sp,
        lineHeight = 56.sp, textAlign = TextAlign.Center, style = MaterialTheme.typography.displaySmall,
    )
}

/** The name, and the role that is held there. */
private fun Words.area(area: AreaView): String {
    val role = area.role?.let { of(Word.OfRole(it)) }
    return if (role == null) area.name else "${area.name} · $role"
}
