package org.zoufang.bridge

import android.app.Activity
import android.app.Application
import android.os.Bundle

/** Tells the owner when the app comes to the front and when it goes, by its activities; turning the phone is neither. */
class InFront(private val owner: ClientOwner) : Application.ActivityLifecycleCallbacks {
    private var startedCount = 0

    override fun onActivityStarted(activity: Activity) {
        if (startedCount++ == 0) owner.toForeground()
    }

    override fun onActivityStopped(activity: Activity) {
        if (activity.isChangingConfigurations) {
            startedCount--
        } else if (--startedCount == 0) {
            owner.toBackground()
        }
    }

    override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) = Unit
    override fun onActivityResumed(activity: Activity) = Unit
    override fun onActivityPaused(activity: Activity) = Unit
    override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) = Unit
    override fun onActivityDestroyed(activity: Activity) = Unit
}
