// The plugins of all modules, once; everything that is built goes below target/, as in the rest of the repository.
buildscript {
    repositories { google() }
    dependencies {
        // What Kotlin 2.4 writes into class files is read by R8 9.1.29 and later ones; the Android plugin brings an older one.
        classpath("com.android.tools:r8:9.1.57")
    }
}

plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.android.library) apply false
    alias(libs.plugins.kotlin.android) apply false
    alias(libs.plugins.kotlin.compose) apply false
}

allprojects {
    layout.buildDirectory = rootDir.resolve("../target/android-shell/gradle/$name")
}
