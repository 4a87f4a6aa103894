// The Android build of this package: one library module, this folder. Gradle 8.13 or newer and an Android SDK.
// The JVM build is pom.xml; both compile the same sources.
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

rootProject.name = "zoufang-client"
