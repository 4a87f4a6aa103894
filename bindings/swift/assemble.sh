#!/usr/bin/env bash
# Puts the generated Swift together as a package, target/swift/generated, which bindings/swift/Package.swift depends on. Needs
# target/generated/swift (`make bindings`); files that would come out the same are left as they are.
#   bindings/swift/assemble.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
from=target/generated/swift
to=target/swift/generated

put() {
    cmp -s "$1" "$to/$2" && return
    # What was compiled against another surface is not reused: a test crashed so (signal 11, 2026-11-24) that a build from nothing passes.
    [ ! -e "$to/$2" ] || rm -rf target/swift/build
    mkdir -p "$(dirname "$to/$2")"
    cp "$1" "$to/$2"
}
[ -e $from/GeneratedFor.swift ] || { echo "assemble: $from is missing: run 'make bindings'" >&2; exit 1; }
mkdir -p $to
put bindings/swift/generated/Package.swift Package.swift
put $from/ZoufangBindings.swift Sources/ZoufangBindings/ZoufangBindings.swift
put $from/GeneratedFor.swift Sources/ZoufangBindings/GeneratedFor.swift
# On Apple's systems the framework brings its header; elsewhere the compiler looks for it here.
put $from/ZoufangBindingsFFI.h Sources/ZoufangBindingsFFI/ZoufangBindingsFFI.h
put $from/ZoufangBindingsFFI.modulemap Sources/ZoufangBindingsFFI/module.modulemap
