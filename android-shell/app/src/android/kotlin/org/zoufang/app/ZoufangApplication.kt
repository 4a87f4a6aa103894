package org.zoufang.app

import android.app.Application
import java.io.File
import java.time.Clock
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import org.zoufang.bridge.AndroidNetwork
import org.zoufang.bridge.ClientOwner
import org.zoufang.bridge.InFront
import org.zoufang.bridge.KeystoreSigner
import org.zoufang.bridge.Profiles
import org.zoufang.bridge.androidKeyVault

/** The process: it owns the one client, whichever activities come and go. */
class ZoufangApplication : Application() {
    /** Owns the client. */
    lateinit var owner: ClientOwner
        private set

    override fun onCreate() {
        super.onCreate()
        val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
        val network = AndroidNetwork(this)
        // Out of every backup, like the keys: a database that is copied to a second phone is a fork, which the server freezes.
        val folder = File(noBackupFilesDir, "data").apply { mkdirs() }
        val profiles = Profiles(folder, androidKeyVault(this), network) { KeystoreSigner(this, it) }
        owner = ClientOwner(scope, network, Clock.systemDefaultZone(), profiles)
        registerActivityLifecycleCallbacks(InFront(owner))
        owner.open()
    }
}
