package org.zoufang.app.look

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.size
import androidx.compose.foundation.selection.toggleable
import androidx.compose.material3.AlertDialog
import androidx.compose.material3.Button
import androidx.compose.material3.CircularProgressIndicator
import androidx.compose.material3.FilterChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Surface
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.text.style.TextOverflow
import androidx.compose.ui.unit.dp

/** A choice: one chip a word, each as high as a finger needs. [problem] stands below, beside what it speaks of. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
fun <T> Choice(title: String, all: List<T>, chosen: Set<T>, label: (T) -> String, tag: String, problem: String? = null, onChoose: (T) -> Unit) {
    val words = LocalWords.current
    Column(Modifier.fillMaxWidth()) {
        Title(title)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
            all.forEach { one ->
                FilterChip(
                    selected = one in chosen,
                    onClick = { onChoose(one) },
                    label = { Text(label(one), style = MaterialTheme.typography.bodyLarge) },
                    // Not by its colour alone.
                    leadingIcon = if (one in chosen) ({ Text("✓") }) else null,
                    modifier = Modifier.heightIn(min = TOUCH_LEAST).testTag("$tag-$one"),
                )
            }
        }
        if (problem != null) FieldProblem(words.labelled(title, problem), tag)
    }
}

/**
 * A text, with what is wrong with it below. What is typed is held here and handed on: an input method that puts characters together must
 * not wait for a model's answer. [filledFrom] changes when the text came from elsewhere and is to be shown instead.
 */
@Composable
fun Writing(
    label: String, text: String, tag: String, lines: IntRange = 1..Int.MAX_VALUE, explained: String? = null, problem: String? = null,
    isWrong: Boolean = problem != null, filledFrom: Any? = null, onWrite: (String) -> Unit,
) {
    val words = LocalWords.current
    var typed by remember(filledFrom) { mutableStateOf(text) }
    Column(Modifier.fillMaxWidth()) {
        OutlinedTextField(
            value = typed,
            onValueChange = { typed = it; onWrite(it) },
            label = { Text(label, maxLines = 1, overflow = TextOverflow.Ellipsis) },
            supportingText = explained?.let { { Text(it) } },
            isError = isWrong,
            singleLine = lines.last == 1,
            minLines = lines.first,
            maxLines = lines.last,
            modifier = Modifier.fillMaxWidth().testTag(tag),
        )
        if (problem != null) FieldProblem(words.labelled(label, problem), tag)
    }
}

/** What is wrong with the field above. */
@Composable
private fun FieldProblem(text: String, tag: String) {
    Text(
        text, inSightOn(text).padding(start = EDGE, top = 4.dp, bottom = 4.dp).testTag("$tag-problem"),
        color = MaterialTheme.colorScheme.error, style = MaterialTheme.typography.bodyMedium,
    )
}

/** Yes or no; the whole line is the switch. */
@Composable
fun YesNo(label: String, isYes: Boolean, tag: String, onChange: (Boolean) -> Unit) {
    Row(
        Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).toggleable(isYes, role = Role.Switch, onValueChange = onChange).testTag(tag),
        Arrangement.SpaceBetween, Alignment.CenterVertically,
    ) {
        Text(label, Modifier.weight(1f), style = MaterialTheme.typography.bodyLarge)
        Switch(isYes, onCheckedChange = null)
    }
}

/** The one thing to do on a page, at its foot. */
@Composable
fun MainButton(text: String, isBusy: Boolean, tag: String, modifier: Modifier = Modifier, isEnabled: Boolean = true, onTap: () -> Unit) {
    Button(onTap, modifier.fillMaxWidth().heightIn(min = 52.dp).testTag(tag), enabled = isEnabled && !isBusy) {
        if (isBusy) {
            Box(Modifier.padding(end = 12.dp)) { CircularProgressIndicator(Modifier.size(20.dp), strokeWidth = 2.dp) }
        }
        Text(text, style = MaterialTheme.typography.titleMedium)
    }
}

/** Below a form: what saves it, clear of what scrolls above. */
@Composable
fun Foot(isSaving: Boolean, onSave: () -> Unit) {
    val words = LocalWords.current
    Surface(color = MaterialTheme.colorScheme.surfaceContainerLowest, shadowElevation = 6.dp) {
        Column(Modifier.fillMaxWidth().padding(EDGE, 8.dp), Arrangement.spacedBy(4.dp)) {
            Text(words.savedAsYouWrite, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
            MainButton(if (isSaving) words.saving else words.save, isSaving, "save", onTap = onSave)
        }
    }
}

/** Asks before a draft is thrown away. */
@Composable
fun AskDiscard(onDiscard: () -> Unit, onKeep: () -> Unit) {
    val words = LocalWords.current
    Ask(words.discard, words.discardAsked, words.discard, "discard", onDiscard, onKeep)
}

/** Asks before something is lost. */
@Composable
fun Ask(title: String, text: String, yes: String, tag: String, onYes: () -> Unit, onKeep: () -> Unit) =
    AskWith(LocalWords.current.keep, title, text, yes, tag, onYes, onKeep)

/** Asks, with a word of its own for what leaves all as it is. */
@Composable
fun AskWith(no: String, title: String, text: String, yes: String, tag: String, onYes: () -> Unit, onNo: () -> Unit) {
    AlertDialog(
        onDismissRequest = onNo,
        confirmButton = { TextButton(onYes, Modifier.testTag("$tag-yes")) { Text(yes) } },
        dismissButton = { TextButton(onNo, Modifier.testTag("$tag-no")) { Text(no) } },
        title = { Text(title) },
        text = { Text(text) },
    )
}
