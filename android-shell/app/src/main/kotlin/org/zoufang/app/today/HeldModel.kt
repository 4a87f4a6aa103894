package org.zoufang.app.today

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.core.ConflictView
import org.zoufang.core.Page
import org.zoufang.core.QuarantineView

/** What only people can settle, to be read. */
data class HeldState(
    val conflicts: List<ConflictView> = emptyList(),
    val quarantined: List<QuarantineView> = emptyList(),
    val problem: Problem? = null,
)

/** Reads what stands against each other and what waits for a supervisor. */
class HeldModel(open: OpenClient, scope: CoroutineScope) {
    private val current = MutableStateFlow(HeldState())

    /** What is on screen. */
    val state: StateFlow<HeldState> = current.asStateFlow()

    init {
        scope.launch {
            open.readings({ it.kinds.isNotEmpty() || it.status }) { HeldState(conflicts.list(), quarantine.list(Page())) }.collect { outcome ->
                current.value = when (outcome) {
                    is Outcome.Done -> outcome.value
                    is Outcome.Refused -> current.value.copy(problem = outcome.problem)
                }
            }
        }
    }
}
