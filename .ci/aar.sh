#!/usr/bin/env bash
# The Android package: the library for every ABI and the AAR around it, as target/android/zoufang-client.aar (`make aar`).
# Needs the Android SDK with an NDK r28 or newer, cargo-ndk 4, Gradle 8.13 or newer, and Google's Maven repository. Where something is
# missing it says what and how to get it, builds nothing and ends with status 2.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2
NDK_VERSION_MIN=28
PAGE_BYTES_MIN=16384
# Rust's name and Android's.
ABIS="aarch64-linux-android:arm64-v8a armv7-linux-androideabi:armeabi-v7a x86_64-linux-android:x86_64"

missing=0
lack() { printf 'aar: missing: %s\n     %s\n' "$1" "$2"; missing=1; }
sdk=${ANDROID_HOME:-${ANDROID_SDK_ROOT:-}}
ndk=${ANDROID_NDK_HOME:-${ANDROID_NDK_ROOT:-}}
[ -n "$ndk" ] || ndk=$(find "$sdk/ndk" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort -V | tail -n 1 || true)

[ -d "$sdk/platforms" ] || lack "the Android SDK" "install it and set ANDROID_HOME; then: sdkmanager 'platforms;android-36' 'ndk;28.2.13676358'"
version=$(sed -n 's/^Pkg.Revision *= *\([0-9]*\).*/\1/p' "$ndk/source.properties" 2>/dev/null || true)
[ "${version:-0}" -ge $NDK_VERSION_MIN ] || lack "an NDK, r$NDK_VERSION_MIN or newer (found: ${version:-none})" "sdkmanager 'ndk;28.2.13676358', or set ANDROID_NDK_HOME"
.ci/with-rust.sh cargo ndk --version >/dev/null 2>&1 || lack "cargo-ndk" "cargo install cargo-ndk --version ^4 --locked"
command -v gradle >/dev/null || lack "Gradle" "install Gradle 8.13 or newer (Android Studio has one too)"
if [ $missing -ne 0 ]; then
    echo "aar: nothing was built. What can be checked without an SDK is checked by 'make kotlin' and 'make size'"
    exit 2
fi

export ANDROID_NDK_HOME=$ndk
.ci/bindings.sh
for abi in $ABIS; do
    library=$(.ci/mobile.sh cdylib "${abi%:*}")
    folder=target/android/jniLibs/${abi#*:}
    mkdir -p "$folder"
    cp "$library" "$folder/"
    echo "aar: ${abi#*:} $(wc -c <"$library") bytes"
    case "${abi#*:}" in armeabi-v7a) continue ;; esac
    # Android 15 refuses libraries whose segments are aligned to less than a page of 16 KB.
    "$ndk"/toolchains/llvm/prebuilt/*/bin/llvm-readelf -lW "$library" | awk -v least=$PAGE_BYTES_MIN -v abi="${abi#*:}" '
        $1 == "LOAD" && strtonum($NF) < least { print "aar: " abi ": a segment is aligned to " $NF; bad = 1 }
        END { exit bad }'
done
gradle -p bindings/kotlin --console=plain assembleRelease
cp target/kotlin/android/outputs/aar/*-release.aar target/android/zoufang-client.aar
echo "aar: target/android/zoufang-client.aar, $(wc -c <target/android/zoufang-client.aar) bytes"
