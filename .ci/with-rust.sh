#!/usr/bin/env bash
# Runs a command with a Rust that is new enough for the workspace: the one on PATH, else what .ci/setup.sh installed.
#   .ci/with-rust.sh cargo build
set -euo pipefail
wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$(dirname "$0")/../Cargo.toml")

new_enough() {
    local found
    command -v cargo >/dev/null && found=$(rustc --version 2>/dev/null | awk '{print $2}') && [ -n "$found" ] &&
        [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]
}

if ! new_enough; then
    export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    new_enough || export RUSTUP_TOOLCHAIN=$wanted
    new_enough || { echo "Rust $wanted or newer is needed and was not found: run 'make setup'" >&2; exit 1; }
fi
exec "$@"
