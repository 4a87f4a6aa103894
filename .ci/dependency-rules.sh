#!/usr/bin/env bash
# Who may depend on whom (docs/architecture.md), proved with `cargo tree` and Cargo.lock. Prints every rule that is broken.
set -euo pipefail
cd "$(dirname "$0")/.."
broken=0
complain() { printf 'dependency rule broken: %s\n' "$*" >&2; broken=1; }

# The crates that a member pulls in, one a line. Kinds: normal, build, dev. More arguments go to `cargo tree`. Always assigned to
# a variable first: inside `for … in $(…)` a failing cargo would go unseen, and every rule would hold.
crates_of() {
    local member=$1 kinds=$2
    shift 2
    .ci/with-rust.sh cargo tree --locked -p "$member" -e "$kinds" --prefix none --format '{p}' "$@" |
        awk 'NF {print $1}' | sort -u
}
# Those lines of the first list that stand in the second; the lists are parted by blanks.
among() { grep -Fx -f <(tr -s ' \n' '\n' <<<"$2") <<<"$1" || true; }

# 1. The domain is pure: no runtime, network, database, files, clock or randomness.
impure="tokio async-std smol mio socket2 rusqlite libsqlite3-sys reqwest hyper hyper-util h2 axum tower tower-http http
getrandom rand rand_core fastrand ring rustls tempfile walkdir memmap2 iana-time-zone"
found=$(crates_of zoufang-domain normal,build)
grep -qFx serde <<<"$found" || complain "cargo tree does not list zoufang-domain's crates"
for crate in $(among "$found" "$impure"); do
    complain "zoufang-domain is pure, but pulls in $crate (cargo tree -p zoufang-domain -i $crate)"
done

# 2. The server shares the domain with the phone, and nothing else of it.
found=$(crates_of zoufang-sync-server normal,build,dev)
for crate in $(among "$found" "zoufang-core zoufang-bindings"); do
    complain "zoufang-sync-server depends on $crate"
done

# 3. UniFFI is known to the bindings alone, and to the generator beside them.
members=$(.ci/with-rust.sh cargo tree --locked --workspace --depth 0 --prefix none --format '{p}' | awk 'NF {print $1}')
for member in $members; do
    case "$member" in zoufang-bindings | zoufang-bindgen) continue ;; esac
    found=$(crates_of "$member" normal,build,dev --depth 1)
    for crate in $(grep '^uniffi' <<<"$found" || true); do
        complain "$member depends on $crate: only zoufang-bindings may"
    done
done

# 4. One TLS stack, one SQLite, and none of the crates that freeze rusqlite at an old version. Cargo.lock is read, because it
#    holds what any target and any feature could bring in.
locked=$(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.lock)
banned="aws-lc-rs aws-lc-sys native-tls openssl openssl-sys openssl-src boring
sqlx sqlx-core sqlx-sqlite diesel sea-orm deadpool-sqlite tokio-rusqlite rusqlite_migration r2d2_sqlite"
for crate in $(among "$locked" "$banned"); do
    complain "$crate is banned (cargo tree --workspace --target all -i $crate)"
done
for crate in libsqlite3-sys rusqlite rustls ring; do
    count=$(grep -cFx "$crate" <<<"$locked" || true)
    [ "$count" -eq 1 ] || complain "$crate must be there exactly once, found $count versions (cargo tree -d)"
done

# 5. What ships knows nothing of the defects that the simulation is tried with.
for member in zoufang-bindings zoufang-sync-server zoufang-tests; do
    found=$(.ci/with-rust.sh cargo tree --locked -p "$member" -e normal,build --prefix none --format '{p} {f}')
    if grep -q planted-defects <<<"$found"; then
        complain "$member is built with planted defects"
    fi
done

exit $broken
