#!/usr/bin/env bash
# Builds the library as apps ship it and holds its size to the ledger in docs/size.md. Only on x86_64 Linux: elsewhere it says so.
set -euo pipefail
cd "$(dirname "$0")/.."
GROWTH_MAX_PERCENT=5
SIZE_MAX_BYTES=$((4500 * 1024 * 1024 / 1000))

if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "size: not measured: the ledger is of x86_64 Linux, this is $(uname -sm)" >&2
    exit 0
fi
known=$(awk -F '|' '/^\| 20[0-9-]+ \|/ { gsub(/ /, "", $3); last = $3 } END { print last }' docs/size.md)
status=0
library=$(.ci/mobile.sh cdylib) || status=$?
if [ $status -eq 3 ]; then
    echo "size: NOT measured: the library that ships cannot be built here (above)" >&2
    exit 0
fi
[ $status -eq 0 ] || exit $status
found=$(stat -c %s "$library")
most=$((known * (100 + GROWTH_MAX_PERCENT) / 100))
[ "$most" -le "$SIZE_MAX_BYTES" ] || most=$SIZE_MAX_BYTES
printf 'size: %d bytes (%s MiB), gzip -9 %d; the ledger says %d, at most %d\n' "$found" \
    "$(awk -v bytes="$found" 'BEGIN { printf "%.2f", bytes / 1048576 }')" "$(gzip -9c "$library" | wc -c)" "$known" "$most" >&2
if [ "$found" -gt "$most" ]; then
    echo "size: the library has grown too much. What made it so? If it must: a new line in docs/size.md, with the reason" >&2
    exit 1
fi
