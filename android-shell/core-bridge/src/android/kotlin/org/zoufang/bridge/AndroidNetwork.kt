package org.zoufang.bridge

import android.content.Context
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.zoufang.core.NetworkState

/**
 * What Android says of the network that it uses by default. Whether a well-known site answers on it (Android's "validated") is not asked:
 * a city's own network need not reach one.
 */
class AndroidNetwork(context: Context) : Network {
    private val known = MutableStateFlow(NetworkState.OFFLINE)
    override val states: StateFlow<NetworkState> = known.asStateFlow()

    private val callback = object : ConnectivityManager.NetworkCallback() {
        override fun onCapabilitiesChanged(network: android.net.Network, capabilities: NetworkCapabilities) {
            val isFree = capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
            known.value = if (isFree) NetworkState.UNMETERED else NetworkState.METERED
        }

        override fun onLost(network: android.net.Network) {
            known.value = NetworkState.OFFLINE
        }
    }

    init {
        // Registered once a process and kept until it ends.
        context.getSystemService(ConnectivityManager::class.java).registerDefaultNetworkCallback(callback)
    }
}
