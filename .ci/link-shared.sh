#!/usr/bin/env bash
# Links as the compiler asks, and leaves out what only the generator of Kotlin and Swift reads: uniffi's description of every call
# with its documentation, 105 KB and 294 names (2026-11-26). The generator reads them in the build for development. Its checksums of every call
# go too, 136 names that the generated code is made not to ask for (`omit_checksums` in bindings/uniffi.toml, and bindings/bindgen).
set -euo pipefail
for argument in "$@"; do
    case "$argument" in
        # What the compiler lists here is kept; what it does not is not referred to by anything and goes.
        *--version-script=*) sed -i '/UNIFFI_META/d; /uniffi_zoufang_bindings_checksum_/d; /zoufang_cipher_setup/d' "${argument#*--version-script=}" ;;
    esac
done
# cargo-ndk names the linker of its target so.
linker=cc
for name in ${!CARGO_TARGET_@}; do
    case "$name" in CARGO_TARGET_*_LINKER) linker=${!name} ;; esac
done
exec "$linker" "$@"
