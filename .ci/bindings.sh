#!/usr/bin/env bash
# Builds the library for this machine and writes the Kotlin and Swift that belong to it into target/generated. Files that would
# come out the same are left as they are, so that what was compiled from them stays good. All words go to stderr.
#   .ci/bindings.sh
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2
library=target/debug/libzoufang_bindings.so
[ "$(uname)" != Darwin ] || library=${library%.so}.dylib
generated=target/generated
made_from=$generated/made-from
cargo() { .ci/with-rust.sh cargo "$@"; }

# One at a time: a build beside this one must not read half a file.
mkdir -p $generated
exec 9>target/generated.lock
flock 9

# Two calls of cargo: in one, the generator's features would be unified into the library.
cargo build --locked --quiet -p zoufang-bindings
# What the generated code depends on: the library, its settings, and the generator with all below it.
inputs=$(cat $library bindings/uniffi.toml bindings/bindgen/src/*.rs Cargo.lock | sha256sum)
if [ "$(cat $made_from 2>/dev/null)" = "$inputs" ]; then
    echo "bindings: the Kotlin and Swift in $generated belong to this library"
    exit
fi
rm -f $made_from
fresh=$(mktemp -d target/generated.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
cargo run --locked --quiet -p zoufang-bindgen -- $library --out "$fresh"

files() { (cd "$1" && find kotlin swift -type f 2>/dev/null | sort || true); }
for file in $(comm -13 <(files "$fresh") <(files $generated)); do rm "$generated/$file"; done
for file in $(files "$fresh"); do
    cmp -s "$fresh/$file" "$generated/$file" && continue
    mkdir -p "$generated/${file%/*}"
    mv "$fresh/$file" "$generated/$file"
done
echo "$inputs" >$made_from
echo "bindings: wrote the Kotlin and Swift of this library to $generated"
