package org.zoufang.client

import org.zoufang.core.GENERATED_FOR
import org.zoufang.core.coreVersion
import org.zoufang.core.uniffiEnsureInitialized

/** The native library is missing, or is not the one that the generated Kotlin belongs to. The app was put together wrongly; nothing is lost. */
class LibraryMismatch internal constructor(message: String, cause: Throwable? = null) : IllegalStateException(message, cause)

/**
 * Loads the native library and makes sure that it belongs to the generated Kotlin: called with another one, it would read what it is given
 * as something else. [ZoufangClient.open] calls this; call it yourself before any other generated function.
 *
 * @throws LibraryMismatch with what to build anew.
 */
fun requireMatchingLibrary() {
    val found = try {
        uniffiEnsureInitialized()
        coreVersion()
    } catch (error: LinkageError) {
        throw LibraryMismatch("The native library zoufang_bindings does not load or lacks a function: ${error.message}. $REBUILD", error)
    } catch (error: RuntimeException) {
        throw LibraryMismatch("The native library zoufang_bindings was made by another UniFFI: ${error.message}. $REBUILD", error)
    }
    requireSame(GENERATED_FOR, found)
}

internal fun requireSame(generatedFor: String, found: String) {
    if (generatedFor != found) {
        throw LibraryMismatch("The Kotlin code was generated for zoufang_bindings $generatedFor, but $found was loaded. $REBUILD")
    }
}

private const val REBUILD =
    "Build both anew, together: run `make bindings`, take library and Kotlin from that one run, and look for an older library on jna.library.path."
