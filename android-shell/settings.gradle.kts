// The Android app: Gradle 8.13 or newer, JDK 17, an Android SDK with platform 36. See README.md for what has to be built before.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "android-shell"

// Stands in for org.zoufang:zoufang-client, from the same commit.
includeBuild("../bindings/kotlin")
include(":core-bridge", ":app")
