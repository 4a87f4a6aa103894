package org.zoufang.app.home

import java.time.Clock
import java.time.Instant
import java.time.ZoneId
import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.app.Ways
import org.zoufang.app.toDraft
import org.zoufang.app.visit.beginVisit
import org.zoufang.bridge.OpenClient
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Problem
import org.zoufang.bridge.attempt
import org.zoufang.client.Groups
import org.zoufang.core.DraftView
import org.zoufang.core.HomeView
import org.zoufang.core.MatterField
import org.zoufang.core.MatterSource
import org.zoufang.core.MatterView
import org.zoufang.core.Page
import org.zoufang.core.ResidentView
import org.zoufang.core.VisitView

/** Earlier visits and matters that a home shows: the latest. */
private val LATEST = Page(takeCount = 30u)

/** What was just saved from this home. */
sealed interface Saved {
    /** A visit, on which a matter may have come up. */
    data class Visit(val id: UUID) : Saved
    /** A matter. */
    data object Matter : Saved
}

/** All of a home. */
data class HomeContent(
    val home: HomeView,
    val residents: List<ResidentView>,
    val visits: List<VisitView>,
    val matters: List<MatterView>,
    val drafts: List<DraftView>,
)

/** A home on screen. */
data class HomeState(
    /** Nothing until it is read. */
    val content: HomeContent? = null,
    val saved: Saved? = null,
    val problem: Problem? = null,
    val now: Instant,
    val zone: ZoneId,
)

/** Reads one home and begins what is written there. */
class HomeModel(
    private val open: OpenClient,
    private val household: UUID,
    private val scope: CoroutineScope,
    private val clock: Clock,
    private val ways: Ways,
) {
    private val current = MutableStateFlow(HomeState(now = clock.instant(), zone = clock.zone))

    /** What is on screen. */
    val state: StateFlow<HomeState> = current.asStateFlow()

    init {
        scope.launch {
            open.readings({ it.kinds.isNotEmpty() || it.drafts || it.status }) { readHome(household) }.collect { outcome ->
                current.update {
                    when (outcome) {
                        is Outcome.Done -> it.copy(content = outcome.value, problem = null, now = clock.instant())
                        is Outcome.Refused -> it.copy(problem = outcome.problem)
                    }
                }
            }
        }
    }

    /** Begins a visit, or goes on with the one that is being written. */
    fun visit() = begin(ways::toVisit) { beginVisit(household) }

    /** Begins a matter of this home, taken up on the visit that was just saved if there is one. */
    fun matter() {
        val visit = (current.value.saved as? Saved.Visit)?.id
        begin(ways::toMatter) {
            drafts.startMatter(household).also { draft ->
                if (visit != null) {
                    drafts.saveMatterField(draft, MatterField.Source(MatterSource.VISIT))
                    drafts.saveMatterField(draft, MatterField.Visit(visit))
                }
            }
        }
    }

    fun goOn(draft: DraftView) = ways.toDraft(draft)
    fun back() = ways.back()

    internal fun visitSaved(id: UUID) = current.update { it.copy(saved = Saved.Visit(id)) }
    internal fun matterSaved() = current.update { it.copy(saved = Saved.Matter) }

    private fun begin(lead: (UUID) -> Unit, start: Groups.() -> UUID) {
        scope.launch {
            when (val outcome = attempt { open.client.call(start) }) {
                is Outcome.Done -> {
                    current.update { it.copy(saved = null, problem = null) }
                    lead(outcome.value)
                }
                is Outcome.Refused -> current.update { it.copy(problem = outcome.problem) }
            }
        }
    }
}

private fun Groups.readHome(id: UUID) = HomeContent(
    home = households.find(id),
    residents = residents.ofHousehold(id),
    visits = visits.ofHousehold(id, LATEST),
    matters = matters.ofHousehold(id, LATEST),
    drafts = drafts.list().filter { it.household == id },
)
