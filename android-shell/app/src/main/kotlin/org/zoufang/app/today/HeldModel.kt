package org.zoufang.app.today

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.core.ChosenValue
import org.zoufang.core.ConflictSide
import org.zoufang.core.ConflictView
import org.zoufang.core.Page
import org.zoufang.core.QuarantineView

/** What only people can settle. */
data class HeldState(
    val conflicts: List<ConflictView> = emptyList(),
    val quarantined: List<QuarantineView> = emptyList(),
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
)

/** Reads what stands against each other, for the person to settle, and what waits for a supervisor. */
class HeldModel(private val open: OpenClient, private val scope: CoroutineScope, private val clock: Clock) {
    private val current = MutableStateFlow(HeldState(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<HeldState> = current.asStateFlow()

    init {
        scope.launch {
            open.readings({ it.kinds.isNotEmpty() || it.status }) { conflicts.list() to quarantine.list(Page()) }.collect { outcome ->
                current.update {
                    when (outcome) {
                        is Outcome.Done -> it.copy(conflicts = outcome.value.first, quarantined = outcome.value.second, now = clock.instant())
                        is Outcome.Refused -> it.copy(problem = outcome.problem)
                    }
                }
            }
        }
    }

    /** What one side wrote holds from now on. It leaves the list with the change that this tells. */
    fun settle(conflict: ConflictView, side: ConflictSide) {
        current.update { it.copy(problem = null) }
        scope.launch {
            val chosen = ChosenValue.OfSide(side.value.json)
            val outcome = attempt { open.client.call { conflicts.settle(conflict.kind, conflict.record, conflict.field, chosen) } }
            if (outcome is Outcome.Refused) current.update { it.copy(problem = outcome.problem) }
        }
    }
}
