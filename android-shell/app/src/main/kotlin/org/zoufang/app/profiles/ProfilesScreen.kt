package org.zoufang.app.profiles

import androidx.compose.foundation.clickable
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedButton
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.zoufang.app.look.EDGE
import org.zoufang.app.look.Ground
import org.zoufang.app.look.Head
import org.zoufang.app.look.LocalWords
import org.zoufang.app.look.Mark
import org.zoufang.app.look.ProblemCard
import org.zoufang.app.look.TOUCH_LEAST
import org.zoufang.app.look.Title
import org.zoufang.bridge.KnownProfile

/** What a person can do with profiles and practice. */
class ProfilesEvents(
    val choose: (KnownProfile) -> Unit,
    val add: () -> Unit,
    val practise: () -> Unit,
    val leavePractice: () -> Unit,
    val askWhetherToBeginAnew: (Boolean) -> Unit,
    val beginAnew: () -> Unit,
)

/** Whose work the phone holds, and practice. */
@Composable
fun ProfilesScreen(state: ProfilesState, events: ProfilesEvents, onBack: () -> Unit) = Ground {
    val words = LocalWords.current
    Head(words.others, "", onBack)
    Column(Modifier.weight(1f).verticalScroll(rememberScrollState()).padding(EDGE, 8.dp), Arrangement.spacedBy(8.dp)) {
        state.problem?.let { ProblemCard(it) }
        ProfileList(state, events)
        PracticeEntry(state, events)
    }
}

/** Below the page for the code, and where nothing opens: the ways to other profiles, where there are some, and to practice. */
@Composable
fun ColumnScope.Elsewhere(state: ProfilesState, events: ProfilesEvents, isEnabled: Boolean = true) {
    if (state.profiles.size > 1) ProfileList(state, events, isEnabled)
    PracticeEntry(state, events, isEnabled)
}

@Composable
private fun ColumnScope.ProfileList(state: ProfilesState, events: ProfilesEvents, isEnabled: Boolean = true) {
    val words = LocalWords.current
    Title(words.profiles)
    state.profiles.forEach { ProfileCard(it, isEnabled, events.choose) }
    if (state.canAdd) {
        OutlinedButton(events.add, Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("profile-add"), isEnabled) { Text(words.addProfile) }
        Text(words.addProfileExplained, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodySmall)
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun ProfileCard(profile: KnownProfile, isEnabled: Boolean, onTap: (KnownProfile) -> Unit) {
    val words = LocalWords.current
    val card = CardDefaults.cardColors(MaterialTheme.colorScheme.surfaceContainerLowest, MaterialTheme.colorScheme.onSurface)
    Card(Modifier.fillMaxWidth().testTag("profile-${profile.number}"), colors = card, elevation = CardDefaults.cardElevation(1.dp)) {
        val touched = Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).clickable(isEnabled && !profile.isOpen) { onTap(profile) }
        Column(touched.padding(EDGE, 10.dp), Arrangement.spacedBy(4.dp)) {
            Text(profile.staffName ?: words.profileNumber(profile.number), style = MaterialTheme.typography.titleMedium)
            FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
                val below = if (profile.staffName == null) words.notEnrolled else words.several(profile.areaNames)
                Text(below, color = MaterialTheme.colorScheme.onSurfaceVariant, style = MaterialTheme.typography.bodyMedium)
                if (profile.isOpen) Mark(words.profileOpen, MaterialTheme.colorScheme.secondaryContainer, MaterialTheme.colorScheme.onSecondaryContainer)
                if (!profile.isOpen && profile.unsentCount > 0) Mark(words.maybeUnsent(profile.unsentCount))
            }
        }
    }
}

@Composable
private fun ColumnScope.PracticeEntry(state: ProfilesState, events: ProfilesEvents, isEnabled: Boolean = true) {
    val words = LocalWords.current
    if (state.isPractice) return
    Title(words.practice)
    Text(words.practiceExplained, style = MaterialTheme.typography.bodyMedium)
    OutlinedButton(events.practise, Modifier.fillMaxWidth().heightIn(min = TOUCH_LEAST).testTag("practise"), isEnabled) { Text(words.practise) }
}
