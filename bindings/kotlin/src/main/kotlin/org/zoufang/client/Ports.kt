package org.zoufang.client

import org.zoufang.core.Connectivity
import org.zoufang.core.KeyVault
import org.zoufang.core.Signer

/**
 * What the core needs from the phone. Its calls come on threads of the library's own, from inside calls to the core: an implementation
 * must not call the core. What it throws becomes the error of the call that needed it; a `PortException` says which.
 */
class Ports(
    /** Where the database's key rests. */
    val vault: KeyVault,
    /** The device's private key. */
    val signer: Signer,
    /** What is known of the network. */
    val connectivity: Connectivity,
)
