#!/usr/bin/env bash
# The Apple package: the library for devices and simulators as target/apple/ZoufangBindingsFFI.xcframework (`make xcframework`), beside
# the Swift that belongs to it. Needs a Mac with Xcode 16 or newer. Elsewhere it says so, builds nothing and ends with status 2.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2
DEVICE=aarch64-apple-ios
SIMULATORS="aarch64-apple-ios-sim x86_64-apple-ios"
export IPHONEOS_DEPLOYMENT_TARGET=17.0

missing=0
lack() { printf 'xcframework: missing: %s\n             %s\n' "$1" "$2"; missing=1; }
[ "$(uname)" = Darwin ] || lack "a Mac (this is $(uname))" "only Apple's tools make an XCFramework"
xcodebuild -version >/dev/null 2>&1 || lack "Xcode" "install Xcode 16 or newer, then: sudo xcode-select --switch /Applications/Xcode.app"
if [ $missing -ne 0 ]; then
    echo "xcframework: nothing was built. What can be checked without a Mac is checked by 'make swift'"
    exit 2
fi

.ci/bindings.sh
out=target/apple
rm -rf $out
mkdir -p $out/headers/ZoufangBindingsFFI $out/simulator
cp target/generated/swift/ZoufangBindingsFFI.h $out/headers/ZoufangBindingsFFI/
# Xcode looks for a module map under this name alone. A folder of its own, so that two packages' headers do not meet.
cp target/generated/swift/ZoufangBindingsFFI.modulemap $out/headers/ZoufangBindingsFFI/module.modulemap
device=$(.ci/mobile.sh staticlib $DEVICE)
slices=()
for target in $SIMULATORS; do slices+=("$(.ci/mobile.sh staticlib "$target")"); done
lipo -create "${slices[@]}" -output $out/simulator/libzoufang_bindings.a
xcodebuild -create-xcframework \
    -library "$device" -headers $out/headers \
    -library $out/simulator/libzoufang_bindings.a -headers $out/headers \
    -output $out/ZoufangBindingsFFI.xcframework
bindings/swift/assemble.sh
# For a release: SwiftPM wants the sum of what it downloads.
(cd $out && zip -qry ZoufangBindingsFFI.xcframework.zip ZoufangBindingsFFI.xcframework)
echo "xcframework: $out/ZoufangBindingsFFI.xcframework; checksum of the .zip: $(swift package compute-checksum $out/ZoufangBindingsFFI.xcframework.zip)"
