#!/usr/bin/env bash
# The Android app as far as it goes without an Android SDK: its models and screens are built, rendered and tested on the JVM against the
# library, the server and a database that are real, and its Android sources are compiled. Screens lie in target/android-shell/screens after.
#   .ci/android-shell.sh          all of it (`make android`, `make test`); ends with Surefire's counts
#   .ci/android-shell.sh models   without the Android sources, for work on the rest
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/setup.sh android
.ci/bindings.sh
.ci/with-rust.sh cargo build --locked --quiet -p zoufang-tests --bin stage >&2

# The tests of bindings/kotlin run in .ci/kotlin.sh; -DskipTests does not reach those of the app.
mvn -B -ntp -Dstyle.color=never -Dmaven.wagon.http.retryHandler.count=5 -Daether.connector.http.retryHandler.count=5 \
    -DskipTests -f android-shell/pom.xml verify
case "${1:-all}" in
    all) .ci/android-check.sh ;;
    models) ;;
    *)
        echo "android-shell: unknown: $1; known is models" >&2
        exit 2
        ;;
esac
