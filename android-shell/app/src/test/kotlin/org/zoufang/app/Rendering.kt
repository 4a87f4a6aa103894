package org.zoufang.app

import androidx.compose.runtime.Composable
import androidx.compose.ui.ImageComposeScene
import androidx.compose.ui.text.ExperimentalTextApi
import androidx.compose.ui.text.font.FontFamily
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.platform.SystemFont
import androidx.compose.ui.unit.Density
import java.awt.image.BufferedImage
import java.io.ByteArrayInputStream
import java.nio.file.Files
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.jetbrains.skia.EncodedImageFormat
import org.jetbrains.skia.FontMgr
import org.jetbrains.skia.FontStyle
import org.zoufang.app.look.Look
import org.zoufang.app.words.Chinese
import org.zoufang.app.words.English
import org.zoufang.app.words.Words

private const val CHINESE_FONT = "Noto Sans CJK SC"

/** Named, because what the JVM falls back to has the Japanese shapes of many characters. Android has its own. */
@OptIn(ExperimentalTextApi::class)
val chineseFont = FontFamily(
    SystemFont(CHINESE_FONT, FontWeight.Normal),
    SystemFont(CHINESE_FONT, FontWeight.Medium),
    SystemFont(CHINESE_FONT, FontWeight.Bold),
)

/** Fails where the pictures would hold empty boxes instead of characters. */
fun requireChineseFont() {
    val found = FontMgr.default.matchFamilyStyleCharacter(CHINESE_FONT, FontStyle.NORMAL, arrayOf("zh-Hans"), '走'.code)
    assertEquals(CHINESE_FONT, found?.familyName, "no font with Chinese characters is installed; on Debian: apt-get install fonts-noto-cjk")
}

/** A phone's screen: in which words, how wide, and how large its owner has set the text. */
enum class Phone(val words: Words, val widthDp: Int, val heightDp: Int, val fontScale: Float) {
    ZH(Chinese, 360, 800, 1f),
    EN(English, 360, 800, 1f),
    NARROW(Chinese, 320, 640, 1.5f),
    NARROW_EN(English, 320, 640, 1.5f),
}

/** Draws a screen as it is on such a phone and keeps the picture under target/android-shell/screens. */
fun render(name: String, phone: Phone, content: @Composable () -> Unit): BufferedImage {
    requireChineseFont()
    val density = 2f
    val scene = ImageComposeScene((phone.widthDp * density).toInt(), (phone.heightDp * density).toInt(), Density(density, phone.fontScale)) {
        Look(phone.words, chineseFont, content)
    }
    try {
        // The second is drawn after what animates when it appears has come to rest.
        scene.render(0)
        val png = assertNotNull(scene.render(2_000_000_000L).encodeToData(EncodedImageFormat.PNG)).bytes
        val folder = Path.of(checkNotNull(System.getProperty("zoufang.screens")) { "-Dzoufang.screens names no folder" })
        Files.createDirectories(folder)
        Files.write(folder.resolve("$name-${phone.name.lowercase()}.png"), png)
        return ImageIO.read(ByteArrayInputStream(png)).also { assertDrawn(it, phone) }
    } finally {
        scene.close()
    }
}

private fun assertDrawn(image: BufferedImage, phone: Phone) {
    assertEquals(phone.widthDp * 2 to phone.heightDp * 2, image.width to image.height)
    val seen = HashSet<Int>()
    for (y in 0 until image.height step 4) for (x in 0 until image.width step 4) seen += image.getRGB(x, y)
    assertTrue(seen.size > 10, "only ${seen.size} colours: nothing was drawn")
}
