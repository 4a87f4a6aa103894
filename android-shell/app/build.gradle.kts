import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
    alias(libs.plugins.kotlin.compose)
}

android {
    namespace = "org.zoufang.app"
    compileSdk = 36

    defaultConfig {
        applicationId = "org.zoufang.app"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }

    sourceSets.named("main") {
        manifest.srcFile("src/android/AndroidManifest.xml")
        res.srcDirs("src/android/res")
        kotlin.srcDirs("src/main/kotlin", "src/android/kotlin")
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            // JNA's and UniFFI's own rules come with zoufang-client; proguard-rules.pro says what this app adds.
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    buildFeatures { compose = true }

    compileOptions {
        isCoreLibraryDesugaringEnabled = true
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    // No list of the dependencies goes into the APK, encrypted for a shop that this app is not sold in.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_17 }
}

dependencies {
    implementation(project(":core-bridge"))
    implementation(libs.compose.foundation)
    implementation(libs.compose.ui)
    implementation(libs.compose.material3)
    implementation(libs.activity.compose)
    implementation(libs.lifecycle.viewmodel)
    coreLibraryDesugaring(libs.desugar)
}
