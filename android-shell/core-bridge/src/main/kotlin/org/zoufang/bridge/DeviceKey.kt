package org.zoufang.bridge

import org.zoufang.core.Signer

/** The device's key, which is made where there is none. */
interface DeviceKey : Signer {
    /** Throws it away. The server takes each key once, so a phone that is to be enrolled, for the first time or again, needs a new one. */
    fun forget()
}
