package org.zoufang.app.start

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.AskWith
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.MainButton
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.bridge.Problem
import org.zoufang.bridge.isOfKey

/** Setting the database aside: whether the person is asked, and what the answers do. */
class SetAsideEvents(val isAsked: Boolean, val ask: (Boolean) -> Unit, val setAside: () -> Unit)

/**
 * Before anything can be shown: the phone's data is being opened, or why it did not open, with [aside] the way to begin anew, and with
 * [others] where else to go. Its model is the app's own.
 */
@Composable
fun StartScreen(problem: Problem?, onRetry: () -> Unit, aside: SetAsideEvents? = null, others: @Composable ColumnScope.() -> Unit = {}) = Ground {
    val words = LocalWords.current
    Column(
        Modifier.fillMaxSize().verticalScroll(rememberScrollState()).padding(EDGE),
        Arrangement.spacedBy(24.dp, Alignment.CenterVertically), Alignment.CenterHorizontally,
    ) {
        Text(words.appName, color = MaterialTheme.colorScheme.primary, style = MaterialTheme.typography.headlineLarge)
        if (problem == null) {
            CircularProgressIndicator()
            Text(words.loading, style = MaterialTheme.typography.bodyLarge)
        } else {
            ProblemCard(problem)
            if (aside != null) Text(if (problem.isOfKey) words.keyMissingExplained else words.damagedExplained, style = MaterialTheme.typography.bodyLarge)
            MainButton(words.retry, isBusy = false, tag = "retry", onTap = onRetry)
            if (aside != null) SetAside(aside)
            Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), content = others)
        }
    }
}

@Composable
private fun SetAside(events: SetAsideEvents) {
    val words = LocalWords.current
    OutlinedButton({ events.ask(true) }, Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("aside")) { Text(words.setAside) }
    if (events.isAsked) AskWith(words.back, words.setAside, words.setAsideAsked, words.setAside, "aside", events.setAside) { events.ask(false) }
}
