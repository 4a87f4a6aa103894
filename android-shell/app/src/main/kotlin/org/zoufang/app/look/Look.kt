package org.zoufang.app.look

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Typography
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.compositionLocalOf
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.text.TextStyle
import androidx.compose.ui.text.font.FontFamily
import org.zoufang.app.words.Words

/** The language of the screen. */
val LocalWords = compositionLocalOf<Words> { error("no words: wrap the screen in Look") }

/** Calm, and the same teal as the server's pages. Every text on its ground has a contrast of at least 4.5 to 1, as LookTest measures. */
internal val colours = lightColorScheme(
    primary = Color(0xFF0F5B58),
    onPrimary = Color.White,
    primaryContainer = Color(0xFFD3EBE8),
    onPrimaryContainer = Color(0xFF06302E),
    secondary = Color(0xFF3F5F5D),
    onSecondary = Color.White,
    secondaryContainer = Color(0xFFD9E8E6),
    onSecondaryContainer = Color(0xFF12302E),
    tertiary = Color(0xFF7A4B00),
    onTertiary = Color.White,
    tertiaryContainer = Color(0xFFFBE6C4),
    onTertiaryContainer = Color(0xFF4A2D00),
    background = Color(0xFFF7F9F8),
    onBackground = Color(0xFF1B2221),
    surface = Color(0xFFF7F9F8),
    onSurface = Color(0xFF1B2221),
    surfaceVariant = Color(0xFFE3EAE9),
    onSurfaceVariant = Color(0xFF44504F),
    surfaceContainerLowest = Color.White,
    surfaceContainerLow = Color.White,
    surfaceContainer = Color(0xFFEFF4F3),
    surfaceContainerHigh = Color(0xFFE9EFEE),
    surfaceContainerHighest = Color(0xFFE3EAE9),
    outline = Color(0xFF6B7877),
    outlineVariant = Color(0xFFC6D0CF),
    error = Color(0xFFA32A1F),
    onError = Color.White,
    errorContainer = Color(0xFFFBE3DF),
    onErrorContainer = Color(0xFF5C110A),
)

/** Dresses a screen. [font] is the phone's own on Android; elsewhere it names one with Chinese shapes. */
@Composable
fun Look(words: Words, font: FontFamily = FontFamily.Default, content: @Composable () -> Unit) {
    CompositionLocalProvider(LocalWords provides words) {
        MaterialTheme(colorScheme = colours, typography = typographyIn(font), content = content)
    }
}

private fun typographyIn(font: FontFamily): Typography = Typography().run {
    fun TextStyle.inFont() = copy(fontFamily = font)
    copy(
        displayLarge.inFont(), displayMedium.inFont(), displaySmall.inFont(),
        headlineLarge.inFont(), headlineMedium.inFont(), headlineSmall.inFont(),
        titleLarge.inFont(), titleMedium.inFont(), titleSmall.inFont(),
        bodyLarge.inFont(), bodyMedium.inFont(), bodySmall.inFont(),
        labelLarge.inFont(), labelMedium.inFont(), labelSmall.inFont(),
    )
}
