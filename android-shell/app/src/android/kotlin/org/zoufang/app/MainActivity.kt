package org.zoufang.app

import android.content.Intent
import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.BackHandler
import androidx.activity.compose.setContent
import androidx.activity.enableEdgeToEdge
import androidx.activity.viewModels
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.platform.LocalConfiguration
import androidx.lifecycle.AndroidViewModel
import androidx.lifecycle.viewModelScope
import android.app.Application
import java.time.Clock
import java.util.Locale
import org.zoufang.app.words.wordsFor

/** Keeps the app's model while the phone is turned; it ends with the activity for good. */
class Kept(application: Application) : AndroidViewModel(application) {
    /** The app. */
    val app = AppModel((application as ZoufangApplication).owner, viewModelScope, Clock.systemDefaultZone())
}

/** The one activity. */
class MainActivity : ComponentActivity() {
    private val kept: Kept by viewModels()

    override fun onCreate(savedInstanceState: Bundle?) {
        enableEdgeToEdge()
        super.onCreate(savedInstanceState)
        // Residents' data stays out of the list of recent apps and of screen recordings.
        window.setFlags(WindowManager.LayoutParams.FLAG_SECURE, WindowManager.LayoutParams.FLAG_SECURE)
        if (savedInstanceState == null) take(intent)
        setContent {
            val state by kept.app.state.collectAsState()
            val canGoBack = (state as? AppState.Working)?.run { pages.size > 1 } ?: false
            BackHandler(canGoBack) { kept.app.back() }
            ZoufangApp(kept.app, wordsFor(LocalConfiguration.current.locales[0] ?: Locale.getDefault()))
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        take(intent)
    }

    /** Another app, such as the phone's camera, shares the text of a supervisor's picture. Nothing happens by it alone: a person taps "enrol". */
    private fun take(intent: Intent) {
        if (intent.action == Intent.ACTION_SEND) intent.getStringExtra(Intent.EXTRA_TEXT)?.let(kept.app::take)
    }
}
