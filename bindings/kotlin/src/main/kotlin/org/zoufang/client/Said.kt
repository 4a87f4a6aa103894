package org.zoufang.client

import org.zoufang.core.CoreException
import org.zoufang.core.Message

/** What to say to the person before the screen, in both languages, whatever the error is. */
val CoreException.said: Message
    get() = when (this) {
        is CoreException.Retry -> text
        is CoreException.FreeSpace -> text
        is CoreException.UpdateApp -> text
        is CoreException.UnlockPhone -> text
        is CoreException.EnrolAgain -> text
        is CoreException.AskSupervisor -> text
        is CoreException.MendField -> text
        is CoreException.NotHere -> text
        is CoreException.SignInToNetwork -> text
        is CoreException.WrongServer -> text
        is CoreException.Cancelled -> text
        is CoreException.Unexpected -> text
    }
