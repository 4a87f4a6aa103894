import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "org.zoufang.bridge"
    compileSdk = 36
    defaultConfig { minSdk = 24 }
    sourceSets.named("main") { kotlin.srcDirs("src/main/kotlin", "src/android/kotlin") }
    compileOptions {
        // java.time below Android 8; the app switches this on too.
        isCoreLibraryDesugaringEnabled = true
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_17 }
}

dependencies {
    api(libs.zoufang.client)
    api(libs.coroutines.android)
    coreLibraryDesugaring(libs.desugar)
}
