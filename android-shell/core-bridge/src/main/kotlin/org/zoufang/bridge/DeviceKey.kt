package org.zoufang.bridge

import org.zoufang.core.Signer

/** The key that a profile's phone signs with, which is made where there is none. */
interface DeviceKey : Signer {
    /** Throws it away. The server takes each key once, so a phone that is to be enrolled, for the first time or again, needs a new one. */
    fun forget()
}

/** What a profile's device key is called in the phone's key store. The first one's name is as old as the app: a phone keeps its key. */
fun deviceKeyName(profile: String?): String = if (profile == null) "zoufang.device" else "zoufang.device.$profile"
