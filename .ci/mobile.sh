#!/usr/bin/env bash
# Builds the library as apps ship it: profile `mobile`, and what of size and reproducibility only the linker and the compiler's
# flags can do. Prints the path of what it built. All other words go to stderr.
#   .ci/mobile.sh cdylib                           for this machine: target/mobile-build/x86_64-unknown-linux-gnu/mobile/libzoufang_bindings.so
#   .ci/mobile.sh staticlib aarch64-apple-ios      for a device
# Status 3: the sources of Rust's standard library are not here and could not be fetched.
#   .ci/mobile.sh cdylib aarch64-linux-android     the same, through cargo-ndk
set -euo pipefail
cd "$(dirname "$0")/.."
NO_SOURCES=3
crate_type=${1:?cdylib or staticlib}
host=$(.ci/with-rust.sh rustc -vV | sed -n 's/^host: //p')
target=${2:-$host}

# The standard library is built with the rest, from its sources: for size, with the same tables for unwinding, and without its reader of debug
# information, which a stripped library has no use for. 240 KB less (2026-11-27; docs/adr/0013). Cargo calls this unstable; the same compiler does
# it, and the sources are those of its release.
sources=$(.ci/with-rust.sh rustc --print sysroot)/lib/rustlib/src/rust
if [ ! -f "$sources/library/Cargo.lock" ]; then
    echo "mobile: adding the sources of Rust's standard library" >&2
    .ci/with-rust.sh rustup component add rust-src >&2 || {
        echo "mobile: nothing was built: they are needed in $sources: install Rust by rustup (make setup), or your system's package rust-src" >&2
        exit $NO_SOURCES
    }
fi
export RUSTC_BOOTSTRAP=1
standard=(-Z build-std=std,panic_unwind -Z build-std-features=panic-unwind,optimize_for_size)

# C code needs no unwind tables: a panic never passes through it (rusqlite catches it before). So it needs no frame pointers either, which cc
# would take over from the compiler's flags below (29 KB of SQLite); nothing of it is called from outside the library.
export CFLAGS="${CFLAGS:-} -fno-asynchronous-unwind-tables -fno-unwind-tables -fvisibility=hidden -fomit-frame-pointer"
# Paths of the build machine are nobody's business, and the same sources give the same library anywhere.
registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
for folder in "$registry"/*/ "$sources/" "$PWD/"; do
    RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$folder="
done
# With frame pointers the tables for unwinding need not say what every push and pop does: 140 KB of them against 2 KB of code (2026-11-27).
export RUSTFLAGS="$RUSTFLAGS -C force-frame-pointers=yes"

linker=()
if [ "$crate_type" = cdylib ]; then
    # Equal functions once, equal text ends once, relocations packed: 0.5 MB (2026-11-24). Android reads its own packed form since
    # API 23 and the standard one only since 30; glibc reads the standard one only from a library that says so.
    packed=-z,pack-relative-relocs
    case "$target" in *-android*) packed=--pack-dyn-relocs=android ;; esac
    linker+=(-C "linker=$PWD/.ci/link-shared.sh")
    for option in --icf=all -O2 "$packed"; do
        linker+=(-C "link-arg=-Wl,$option")
    done
    # 16 KB pages, as Android asks for since 2025-11-01; 64-bit targets only have them.
    case "$target" in aarch64-*-android | x86_64-*-android) linker+=(-C link-arg=-Wl,-z,max-page-size=16384) ;; esac
fi

# cargo-ndk names the NDK's compiler and linker to cargo, and the target.
case "$target" in
    *-android*) cargo=(.ci/with-rust.sh cargo ndk --target "$target" --platform 24 rustc) ;;
    *) cargo=(.ci/with-rust.sh cargo rustc --target "$target") ;;
esac
# A target folder of its own: these flags would otherwise have everything else built anew.
"${cargo[@]}" --locked "${standard[@]}" -p zoufang-bindings --lib --profile mobile --target-dir target/mobile-build \
    --crate-type "$crate_type" -- ${linker[@]+"${linker[@]}"} >&2
case "$crate_type" in cdylib) name=libzoufang_bindings.so ;; *) name=libzoufang_bindings.a ;; esac
echo "target/mobile-build/$target/mobile/$name"
