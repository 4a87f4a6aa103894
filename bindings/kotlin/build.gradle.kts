import org.jetbrains.kotlin.gradle.dsl.JvmTarget

// An AAR of the same sources that pom.xml builds for the JVM, with the native libraries and the keep rules that go with them.
// Needs beforehand: `make bindings` (the Kotlin), and the library of every ABI below in target/android/jniLibs/<abi>, built from the same
// commit with NDK r28 or newer and the cargo profile `mobile`. A missing one stops the build by name.
// An app that minifies needs R8 9.1.29 or newer, which Kotlin 2.4 asks for: AGP 9.1, or com.android.tools:r8 on the build's class path.
plugins {
    id("com.android.library") version "8.13.2"
    id("org.jetbrains.kotlin.android") version "2.4.20"
    `maven-publish`
}

group = "org.zoufang"
version = "0.1.0"

val repositoryRoot = rootDir.resolve("../..")
val generatedKotlin = repositoryRoot.resolve("target/generated/kotlin")
val nativeLibraries = repositoryRoot.resolve("target/android/jniLibs")
val abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64")

layout.buildDirectory = repositoryRoot.resolve("target/kotlin/android")

android {
    namespace = "org.zoufang.client"
    compileSdk = 36

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
        ndk { abiFilters += abis }
    }

    sourceSets.named("main") {
        // src/desktop stays out: its keys lie in files.
        kotlin.srcDirs(generatedKotlin, "src/main/kotlin")
        jniLibs.srcDirs(nativeLibraries)
    }

    compileOptions {
        // java.time below API 26; the app switches this on too.
        isCoreLibraryDesugaringEnabled = true
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    // Pages of 16 KB (Android 15 and later): libraries lie uncompressed and aligned in the APK, which AGP does by itself as long as this
    // stays false, and each .so has its LOAD segments aligned, which NDK r28 and JNA 5.17 do. `readelf -lW` must say 0x4000 for each.
    packaging { jniLibs { useLegacyPackaging = false } }

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_17 }
}

dependencies {
    // As an AAR, which carries libjnidispatch.so for Android; the jar of the same name carries the desktops'.
    api("net.java.dev.jna:jna:5.19.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
    coreLibraryDesugaring("com.android.tools:desugar_jdk_libs:2.1.5")
}

val requireBuiltParts by tasks.registering {
    description = "Stops with what to build where the generated Kotlin or the library of an ABI is missing."
    val wanted = abis.map { nativeLibraries.resolve("$it/libzoufang_bindings.so") } + generatedKotlin.resolve("org/zoufang/core/GeneratedFor.kt")
    doLast {
        val missing = wanted.filterNot { it.isFile }
        check(missing.isEmpty()) { "missing: ${missing.joinToString()}; run `make bindings` and build the library for Android" }
    }
}
tasks.named("preBuild") { dependsOn(requireBuiltParts) }

publishing {
    publications.register<MavenPublication>("release") {
        artifactId = "zoufang-client"
        afterEvaluate { from(components["release"]) }
    }
}
