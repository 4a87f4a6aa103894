package org.zoufang.app

import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasContentDescription
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollTo
import org.zoufang.client.PATIENCE

/** Waits until something is there. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.appears(tag: String) = waitUntil("$tag appears", PATIENCE.inWholeMilliseconds) {
    onAllNodesWithTag(tag).fetchSemanticsNodes().isNotEmpty()
}

/** Waits until it is not there any more. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.gone(tag: String) = waitUntil("$tag is gone", PATIENCE.inWholeMilliseconds) {
    onAllNodesWithTag(tag).fetchSemanticsNodes().isEmpty()
}

/** Whether it can be read now. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.found(text: String): Boolean = onAllNodes(hasText(text, substring = true)).fetchSemanticsNodes().isNotEmpty()

/** Whether a screen reader says it now. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.described(text: String): Boolean = onAllNodes(hasContentDescription(text)).fetchSemanticsNodes().isNotEmpty()

/** Waits until it can be read. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.says(text: String) = waitUntil("'$text' appears", PATIENCE.inWholeMilliseconds) { found(text) }

/** Taps it, once it is there. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.tap(tag: String) {
    appears(tag)
    onNodeWithTag(tag).performClick()
}

/** Brings it into sight first. */
@OptIn(ExperimentalTestApi::class)
fun ComposeUiTest.scrollAndTap(tag: String) {
    appears(tag)
    onNodeWithTag(tag).performScrollTo().performClick()
}
