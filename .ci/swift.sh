#!/usr/bin/env bash
# The Swift packages by SwiftPM: on Linux in the Debian that .ci/swift-chroot.sh makes, on a Mac with its own Swift.
#   .ci/swift.sh [test] [PACKAGE]  builds and tests a package (`make swift`, `make test`): bindings/swift, if none is named. Ends with
#                                  Swift's own count and with a line as cargo has it, which .ci/run counts
#   .ci/swift.sh fmt [PACKAGE]     gives its Swift the form that `test` asks for
#   .ci/swift.sh bench             measures what calls cost, a JSON line a case; all other words go to stderr
#   .ci/swift.sh docs              the reference as pages in target/docs/swift
# RUST_LIB_DIR names a folder with another build of the library, for `bench`.
set -euo pipefail
cd "$(dirname "$0")/.."
TIME_MAX_MINUTES=20
package=${2:-bindings/swift}
say() { printf 'swift: %s\n' "$*" >&2; }

written=$PWD/target/swift
scratch=$written/build/${package//\//-}
export RUST_LIB_DIR=${RUST_LIB_DIR:-$PWD/target/debug} ZOUFANG_STAGE=$PWD/target/debug/stage
in_debian() { .ci/swift-run.sh -e RUST_LIB_DIR -e ZOUFANG_STAGE "$@"; }
[ "$(uname)" != Darwin ] || in_debian() { "$@"; }

# All that SwiftPM writes goes below target/. The linker is not to ask for what Swift's own libraries lack: libswiftObservation of 6.0
# does (swiftlang/swift#75670).
swiftpm() {
    local verb=$1
    shift
    in_debian timeout --kill-after=30s ${TIME_MAX_MINUTES}m swift "$verb" --package-path "$package" --scratch-path "$scratch" \
        --cache-path "$written/cache" --config-path "$written/config" --security-path "$written/security" \
        -Xswiftc -warnings-as-errors -Xlinker --allow-shlib-undefined "$@"
}

# As bindings/swift/.swift-format says, for every package; on Apple's systems the tool lies elsewhere and nothing is checked.
form() {
    local verb=$1
    shift
    [ "$(uname)" != Darwin ] || return 0
    in_debian /usr/libexec/swift/bin/swift-format "$verb" "$@" --parallel --recursive --configuration bindings/swift/.swift-format \
        "$package"
}

# Counts what it prints: tests that passed, tests that failed. Fails when Swift does, and unless every test of Swift's own count passed:
# one that was skipped or not run must not read as passed.
test_package() {
    local log=$written/${package//\//-}.log status=0 passed failed all
    swiftpm test --disable-xctest 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
    passed=$(grep '^✔ Test .* passed after ' "$log" | grep -vc '^. Test run with ' || true)
    failed=$(grep '^✘ Test .* failed after ' "$log" | grep -vc '^. Test run with ' || true)
    all=$(sed -n 's/^. Test run with \([0-9]*\) tests* .*/\1/p' "$log")
    [ "$status" -ne 124 ] || say "stopped after $TIME_MAX_MINUTES minutes"
    if [ "$status" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] && [ "$passed" = "$all" ]; then
        echo "test result: ok. $passed passed; 0 failed; Swift, $package"
        return
    fi
    # What ended Swift without a count is a failure too.
    [ "$failed" -gt 0 ] || failed=1
    echo "test result: FAILED. $passed passed; $failed failed; Swift, $package: ${all:-no} tests, status $status"
    return 1
}

# The name that Swift has for this machine.
target() { in_debian swift -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1; }

write_docs() {
    swiftpm build --target ZoufangClient >&2
    local modules=$scratch/debug/Modules graphs=$written/graphs module
    rm -rf "$graphs" target/docs/swift
    mkdir -p "$graphs" target/docs
    for module in ZoufangBindings ZoufangClient; do
        in_debian swift symbolgraph-extract -module-name $module -target "$(target)" -minimum-access-level public \
            -skip-synthesized-members -I "$modules" -I target/swift/generated/Sources/ZoufangBindingsFFI -output-dir "$graphs"
    done
    in_debian /usr/libexec/swift/bin/docc convert --additional-symbol-graph-dir "$graphs" --warnings-as-errors \
        --fallback-display-name Zoufang --fallback-bundle-identifier org.zoufang --output-dir target/docs/swift
    [ -s target/docs/swift/documentation/zoufangclient/zoufangclient/index.html ] || { say "docc wrote no pages"; return 1; }
    say "wrote target/docs/swift; the pages need a server: python3 -m http.server -d target/docs/swift, then /documentation/zoufangclient"
}

.ci/bindings.sh
bindings/swift/assemble.sh
case "${1:-test}" in
    test)
        form lint --strict || { say "the form is not as it should be: .ci/swift.sh fmt $package"; exit 1; }
        .ci/with-rust.sh cargo build --locked --quiet -p zoufang-tests --bin stage >&2
        test_package
        ;;
    bench)
        .ci/with-rust.sh cargo build --locked --quiet -p zoufang-tests --bin stage >&2
        swiftpm build -c release --product Bench >&2
        in_debian "$scratch/release/Bench"
        ;;
    docs) write_docs ;;
    fmt) form format --in-place ;;
    *)
        say "unknown: $1; known are test, fmt, bench, docs"
        exit 2
        ;;
esac
