#!/usr/bin/env bash
# What must hold before anything is run: form, tracked files, who depends on whom, lints, and what ships building alone. The
# quick checks come first. `make check` adds the tidy test, `make test` adds every test.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo() { .ci/with-rust.sh cargo "$@"; }

# A function that is given as a step returns its own failures: before `||` bash suspends `set -e` inside it.
step() {
    local started=$SECONDS
    printf '== %s\n' "$1" >&2
    shift
    "$@" || { printf '== failed: %s\n' "$*" >&2; exit 1; }
    printf '== ok, %d s\n' $((SECONDS - started)) >&2
}

scripts_parse() {
    local script
    for script in .ci/*; do bash -n "$script" || return 1; done
}

# What ships is built alone: a crate that compiles in the workspace only because another one switches on its features is
# found here. The other members stand between these.
alone() {
    local member
    for member in zoufang-domain zoufang-bindings zoufang-sync-server; do
        cargo check --quiet --locked -p "$member" || return 1
    done
}

step "scripts parse" scripts_parse
step "only sources are tracked" .ci/tracked-files.sh
step "form (make fmt mends it)" cargo fmt --all --check
step "dependency rules" .ci/dependency-rules.sh
step "lints" cargo clippy --locked --workspace --all-targets -- -D warnings
step "what ships builds alone" alone
