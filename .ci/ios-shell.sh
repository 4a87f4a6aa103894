#!/usr/bin/env bash
# The iOS shell as far as it goes without a Mac: package ZoufangCore built and tested against the real library and server, then the
# screens parsed and type-checked against a stub of SwiftUI (ios-shell/stubs/README.md says what that proves).
#   .ci/ios-shell.sh        all of it (`make ios`, `make test`); Swift's own count, the line that .ci/run counts, then the screens
#   .ci/ios-shell.sh views  the screens alone, against the package as it was last built
set -euo pipefail
cd "$(dirname "$0")/.."
PACKAGE=ios-shell/ZoufangCore
say() { printf 'ios-shell: %s\n' "$*" >&2; }

modules=target/swift/build/${PACKAGE//\//-}/debug/Modules
ffi=target/swift/generated/Sources/ZoufangBindingsFFI
stub=target/swift/stubs
mapfile -t views < <(find ios-shell/App -name '*.swift' | LC_ALL=C sort)

# A Mac has SwiftUI itself: there Xcode checks the screens.
check_views() {
    [ "$(uname)" != Darwin ] || { say "on a Mac the screens are built by Xcode: see ios-shell/README.md"; return; }
    # A screen that names what its model does not have.
    local wrong=$stub/Wrong.swift
    mkdir -p $stub
    sed 's/model\.startFirstSync/model.startFirstSink/' ios-shell/App/Enrol/EnrolScreen.swift >$wrong
    .ci/swift-run.sh bash -euc '
        stub=$1 modules=$2 ffi=$3 wrong=$4
        shift 4
        swiftc -parse "$@"
        swiftc -swift-version 6 -parse-as-library -emit-module -module-name SwiftUI -emit-module-path "$stub/SwiftUI.swiftmodule" ios-shell/stubs/SwiftUI.swift
        check() { swiftc -swift-version 6 -warnings-as-errors -typecheck -parse-as-library -module-name App -I "$stub" -I "$modules" -I "$ffi" "$@"; }
        check "$@"
        # The check must be able to fail.
        rest=()
        for view in "$@"; do [ "${view##*/}" = EnrolScreen.swift ] || rest+=("$view"); done
        if check "$wrong" "${rest[@]}" 2>"$stub/wrong.log" || ! grep -q startFirstSink "$stub/wrong.log"; then
            echo "ios-shell: a wrong name in a screen was not refused; see $stub/wrong.log" >&2
            exit 1
        fi' ios-shell $stub "$modules" $ffi $wrong "${views[@]}"
    say "${#views[@]} files of App/ parsed, and type-checked against the stub of SwiftUI"
}

case "${1:-all}" in
    all)
        .ci/swift.sh test $PACKAGE
        check_views
        ;;
    views) check_views ;;
    *)
        say "unknown: $1; known is views"
        exit 2
        ;;
esac
