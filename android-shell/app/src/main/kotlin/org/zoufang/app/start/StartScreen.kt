package org.zoufang.app.start

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.MainButton
import org.zoufang.app.look.ProblemCard
import org.zoufang.bridge.Problem

/**
 * Before anything can be shown: the phone's data is being opened, or why it did not open, and with [others] where else to go. Its model is
 * the app's own.
 */
@Composable
fun StartScreen(problem: Problem?, onRetry: () -> Unit, others: @Composable ColumnScope.() -> Unit = {}) = Ground {
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
            MainButton(words.retry, isBusy = false, tag = "retry", onTap = onRetry)
            Column(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), content = others)
        }
    }
}
