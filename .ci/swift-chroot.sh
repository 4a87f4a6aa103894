#!/usr/bin/env bash
# Makes a Debian trixie with Swift to build and test the Swift side on Linux, once a machine; does nothing, and quickly, when
# it is there. About a minute and 2 GB. Its path is the last line, on stdout; all other words go to stderr.
#   .ci/swift-chroot.sh
# ZOUFANG_CACHE names another folder than /var/cache/zoufang, DEBIAN_MIRROR another mirror than the one apt uses here.
set -euo pipefail
SWIFT=6.0.3
SUITE=trixie
cache=${ZOUFANG_CACHE:-/var/cache/zoufang}
root=$cache/$SUITE-swift-$SWIFT
say() { printf 'swift-chroot: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# libc6-dev and libstdc++-14-dev are what a program is linked with; libssl-dev signs for tests, where CryptoKit is not.
packages=swiftlang,libc6-dev,libstdc++-14-dev,libssl-dev
# Neither debugger nor editors work here. docc stays: it makes the pages of the API.
left_out=(/usr/share/doc/ /usr/share/man/ /usr/share/locale/ /usr/libexec/swift/lib/swift_static/ /usr/libexec/swift/lib/liblldb
    /usr/libexec/swift/bin/lldb /usr/libexec/swift/bin/clangd /usr/libexec/swift/bin/sourcekit-lsp)
# Written into it at the end: a root that was made by another recipe is made anew.
recipe="$SUITE $SWIFT $packages ${left_out[*]}"
is_ready() { [ "$(cat "$root/recipe" 2>/dev/null)" = "$recipe" ]; }

# The mirror that apt has on this machine, if it is a Debian.
mirror() {
    [ -z "${DEBIAN_MIRROR:-}" ] || { printf '%s\n' "$DEBIAN_MIRROR"; return; }
    cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | awk '
        $1 == "URIs:" && $2 !~ /security/ { print $2; found = 1; exit }
        $1 == "deb" { at = ($2 ~ /^\[/) ? 0 : 2; for (i = 2; !at && i <= NF; i++) if ($i ~ /\]$/) at = i + 1
                      if ($at ~ /debian/ && $at !~ /security/) { print $at; found = 1; exit } }
        END { if (!found) print "http://deb.debian.org/debian" }'
}

if is_ready; then
    printf '%s\n' "$root"
    exit
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop "making $root needs root: please run as root"
    as_root=(sudo)
fi
[ "$(uname -s)" = Linux ] || stop "this is for Linux; on a Mac, Xcode builds bindings/swift after 'make xcframework'"
command -v apt-get >/dev/null || stop "this needs Debian or Ubuntu: apt-get was not found"
"${as_root[@]}" unshare --mount true || stop "this machine refuses mounts (see the line above): in a container, allow CAP_SYS_ADMIN"
"${as_root[@]}" mkdir -p "$cache"

# One at a time: who waited finds it ready.
exec 9<"$cache"
flock 9
if ! is_ready; then
    if ! command -v mmdebstrap >/dev/null || ! [ -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
        say "installing by apt-get: mmdebstrap debian-archive-keyring"
        "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq >&2 || stop "apt-get update failed (see above)"
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq \
            --no-install-recommends mmdebstrap debian-archive-keyring >/dev/null || stop "apt-get gives no mmdebstrap (see above)"
    fi
    building=$root.building
    say "making $root from $(mirror): Debian $SUITE, Swift $SWIFT, about 560 MB to fetch"
    started=$SECONDS
    "${as_root[@]}" rm -rf --one-file-system "$building"
    options=(--mode=root --variant=minbase --include="$packages" --keyring=/usr/share/keyrings/debian-archive-keyring.gpg
        --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "5"')
    for path in "${left_out[@]}"; do options+=(--dpkgopt="path-exclude=$path*"); done
    if ! "${as_root[@]}" mmdebstrap --quiet "${options[@]}" "$SUITE" "$building" "$(mirror)" >&2; then
        "${as_root[@]}" rm -rf --one-file-system "$building"
        stop "mmdebstrap failed (see above); nothing was left behind"
    fi
    found=$("${as_root[@]}" cat "$building/var/lib/dpkg/status" | awk '$1 == "Package:" { own = $2 == "swiftlang" } own && $1 == "Version:" { print $2 }')
    case "$found" in "$SWIFT"-*) ;; *) stop "$SUITE has Swift $found, and $SWIFT is wanted: $building was left to be looked at" ;; esac
    printf '%s\n' "$recipe" | "${as_root[@]}" tee "$building/recipe" >/dev/null
    "${as_root[@]}" rm -rf --one-file-system "$root"
    "${as_root[@]}" mv "$building" "$root"
    say "made in $((SECONDS - started)) s, $("${as_root[@]}" du -sm --one-file-system "$root" | cut -f 1) MB"
fi
printf '%s\n' "$root"
