#!/usr/bin/env bash
# Runs a command in the Debian with Swift that .ci/swift-chroot.sh makes. The project lies there at its own path and is the working
# folder; the network is the machine's. The environment is clean but for the variables that are named with -e.
#   .ci/swift-run.sh swift --version
#   LIBRARY=target/debug .ci/swift-run.sh -e LIBRARY bash -c 'ls "$LIBRARY"'
# The mounts are in a namespace of their own and end with the command. The Debian itself is read-only, so that no run changes what the
# next one finds: what is to be kept goes below target/, and so do the home folder and temporary files.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf 'swift-run: %s\n' "$*" >&2; }

project=$(pwd -P)
written=$project/target/swift
environment=(HOME="$written/home" TMPDIR="$written/tmp" PATH=/usr/bin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}")
while [ "${1:-}" = -e ]; do
    [ -z "${!2+set}" ] || environment+=("$2=${!2}")
    shift 2
done
[ $# -gt 0 ] || { say "which command? See the head of .ci/swift-run.sh"; exit 2; }
root=$(.ci/swift-chroot.sh)
mkdir -p "$written/home" "$written/tmp"
# SwiftPM leaves small folders behind.
find "$written/tmp" -mindepth 1 -mtime +1 -delete

# Mounting needs root; what runs inside is whoever called.
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" unshare --mount true || { say "this machine refuses mounts (see the line above): in a container, allow CAP_SYS_ADMIN"; exit 125; }
inside='
    root=$1 project=$2 who=$3
    shift 3
    mount --bind "$root" "$root" && mount -t tmpfs tmpfs "$root/tmp" && mkdir -p "$root$project" && mount -o remount,bind,ro "$root" &&
        mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount --bind "$project" "$root$project" || {
        echo "swift-run: this machine refuses mounts (see the line above): in a container, allow CAP_SYS_ADMIN" >&2
        exit 125
    }
    exec chroot --userspec="$who" "$root" /usr/bin/env -i "$@"'
in_project='cd "$0" && exec "$@"'
exec "${as_root[@]}" unshare --mount --fork bash -c "$inside" swift-run "$root" "$project" "$(id -u):$(id -g)" \
    "${environment[@]}" bash -c "$in_project" "$project" "$@"
