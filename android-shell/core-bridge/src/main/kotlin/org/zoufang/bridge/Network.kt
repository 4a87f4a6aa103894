package org.zoufang.bridge

import kotlinx.coroutines.flow.StateFlow
import org.zoufang.core.Connectivity
import org.zoufang.core.NetworkState

/** What the phone knows of its network, told as it changes. The core asks for it too. */
interface Network : Connectivity {
    /** How it is now. */
    val states: StateFlow<NetworkState>
    override fun state(): NetworkState = states.value
}
