package org.zoufang.desktop

import org.zoufang.core.Connectivity
import org.zoufang.core.NetworkState

/** A network that is as it is said to be. */
class FixedNetwork(private val state: NetworkState = NetworkState.UNMETERED) : Connectivity {
    override fun state(): NetworkState = state
}
