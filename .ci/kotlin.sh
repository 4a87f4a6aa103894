#!/usr/bin/env bash
# The Kotlin package by Maven, against the library and the server that are built for it here.
#   .ci/kotlin.sh          builds it, and tests it with the library as it ships (`make kotlin`, `make test`); ends with Surefire's counts
#   .ci/kotlin.sh bench    measures what calls cost, a JSON line a case; more words go to stderr
#   .ci/kotlin.sh docs     the reference as pages: target/docs/kotlin/index.html
# RUST_LIB_DIR names a folder with another build of the library.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/setup.sh kotlin
.ci/bindings.sh
libraries=${RUST_LIB_DIR:-$PWD/target/debug}
stage=$PWD/target/debug/stage

# Plain lines, no transfer bars; a download that breaks off is tried again. What lies in the local repository is not asked for.
maven() {
    mvn -B -ntp -Dstyle.color=never -Dmaven.wagon.http.retryHandler.count=5 -Daether.connector.http.retryHandler.count=5 \
        -Drust.lib.dir="$libraries" -f bindings/kotlin/pom.xml "$@"
}
build_stage() { .ci/with-rust.sh cargo build --locked --quiet -p zoufang-tests --bin stage >&2; }

case "${1:-test}" in
    test)
        build_stage
        # The generator reads the build for development; the phone gets this one, so this one is tried.
        if [ -z "${RUST_LIB_DIR:-}" ]; then
            status=0
            # Elsewhere the linker that packs it is another.
            [ "$(uname -sm)" = "Linux x86_64" ] || status=3
            [ $status -ne 0 ] || shipped=$(.ci/mobile.sh cdylib) || status=$?
            case $status in
                0) libraries=$PWD/${shipped%/*} ;;
                3) echo "kotlin: NOT tried: the library as it ships, which is not packed here. The build for development is tried instead" >&2 ;;
                *) exit $status ;;
            esac
        fi
        maven verify
        ;;
    bench)
        build_stage
        maven test-compile dependency:build-classpath >&2
        out=target/kotlin/bindings
        java -Djna.library.path="$libraries" -Dzoufang.stage="$stage" \
            -cp "$out/test-classes:$out/classes:$(cat $out/test.classpath)" org.zoufang.client.bench.Bench
        ;;
    docs) maven dokka:dokka ;;
    *)
        echo "kotlin: unknown: $1; known are test, bench, docs" >&2
        exit 2
        ;;
esac
