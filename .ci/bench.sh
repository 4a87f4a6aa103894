#!/usr/bin/env bash
# Speed, as JSON lines on stdout: workload W beside the raw limit of this machine, the big phone beside what was promised, then what calls cost in Rust, Kotlin and Swift, with
# the same optimised library under all three. All other words go to stderr.
#   .ci/bench.sh [--repeat N]      more arguments are those of the bench program
#   .ci/bench.sh calls             the calls alone
set -euo pipefail
cd "$(dirname "$0")/.."
cargo() { .ci/with-rust.sh cargo "$@"; }

if [ "${1:-}" != calls ]; then
    cargo run --locked --release -p zoufang-tests --bin bench -- "$@"
fi
cargo build --locked --release -p zoufang-bindings
cargo run --locked --release --quiet -p zoufang-bindings --example cost
RUST_LIB_DIR=$PWD/target/release .ci/kotlin.sh bench
RUST_LIB_DIR=$PWD/target/release .ci/swift.sh bench
