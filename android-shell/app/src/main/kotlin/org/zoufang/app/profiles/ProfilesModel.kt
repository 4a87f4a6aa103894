package org.zoufang.app.profiles

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import org.zoufang.bridge.ClientOwner
import org.zoufang.bridge.KnownProfile
import org.zoufang.bridge.Opening
import org.zoufang.bridge.Outcome
import org.zoufang.bridge.Place
import org.zoufang.bridge.Problem

/** Whose work the phone holds, and practice. */
data class ProfilesState(
    val profiles: List<KnownProfile> = emptyList(),
    /** Practice is open, or was to be opened. */
    val isPractice: Boolean = false,
    val asksWhetherToBeginAnew: Boolean = false,
    val problem: Problem? = null,
) {
    /** One who has not enrolled yet is enough. */
    val canAdd: Boolean get() = profiles.isNotEmpty() && profiles.all { it.staffName != null }
}

/** Leads from one of the phone's databases to another. Lives as long as the app: it is needed where none is open. */
class ProfilesModel(private val owner: ClientOwner, scope: CoroutineScope) {
    private val current = MutableStateFlow(ProfilesState())

    /** What is on screen. */
    val state: StateFlow<ProfilesState> = current.asStateFlow()

    init {
        scope.launch {
            owner.opening.collectLatest { opening ->
                when (opening) {
                    is Opening.Underway -> Unit
                    is Opening.Failed -> read(opening.place)
                    // Its unsent work and whose it is change while it is open.
                    is Opening.Ready -> opening.open.run { statuses().collect { read(place) } }
                }
            }
        }
    }

    fun practise() = owner.change(Place.Practice)
    fun leavePractice() = owner.leavePractice()
    fun askWhetherToBeginAnew(asks: Boolean) = current.update { it.copy(asksWhetherToBeginAnew = asks) }

    /** Throws away what was tried. */
    fun beginAnew() {
        askWhetherToBeginAnew(false)
        owner.beginPracticeAnew()
    }

    fun choose(profile: KnownProfile) = owner.change(Place.Profile(profile.name))
    fun add() = owner.addProfile()

    private suspend fun read(place: Place) {
        val known = owner.knownProfiles()
        current.update {
            when (known) {
                is Outcome.Done -> it.copy(profiles = known.value, isPractice = place is Place.Practice, problem = null)
                is Outcome.Refused -> it.copy(isPractice = place is Place.Practice, problem = known.problem)
            }
        }
    }
}
