#!/usr/bin/env bash
# The long run before a release: the trials of `make test` with as much time as is asked for, shared out among them.
#   .ci/gate.sh [MINUTES]          60 if not said; the summary is in target/gate/summary.md, what each trial said beside it
# Fails when a trial fails, and when one is not there.
set -uo pipefail
cd "$(dirname "$0")/.."

minutes=${1:-60}
case $minutes in '' | *[!0-9]* | 0) echo "gate: minutes are a number from 1, not '$minutes'" >&2; exit 2 ;; esac
total_s=$((minutes * 60))
out=target/gate
summary=$out/summary.md
mkdir -p "$out"
rm -f "$out"/*.log "$summary"

# Building is not part of the time.
.ci/with-rust.sh cargo test --locked -p zoufang-tests --no-run || { echo "gate: the tests do not build" >&2; exit 1; }

commit=$(git -c safe.directory="$PWD" rev-parse --short HEAD 2>/dev/null || echo unknown)
{
    echo "# Gate of $commit, $(date -u +%Y-%m-%d), $minutes minutes"
    echo
    echo "| trial | asked for | took | result |"
    echo "|---|---|---|---|"
} >"$summary"
bad=0

row() { echo "| $1 | $2 | $3 | $4 |" | tee -a "$summary" >&2; }

# trial NAME PERCENT SETTING…: runs a test binary with these in its environment. It has its part of the time, half as much again and 5 minutes;
# then it is stopped. In a setting, @S and @M stand for its part in seconds and in minutes.
trial() {
    local name=$1 seconds=$((total_s * $2 / 100)) settings=() began status=0 setting
    shift 2
    [ "$seconds" -gt 0 ] || seconds=1
    for setting in "$@"; do
        setting=${setting//@S/$seconds}
        settings+=("${setting//@M/$(((seconds + 59) / 60))}")
    done
    if [ ! -e "tests/tests/$name.rs" ] && [ ! -e "tests/tests/$name/main.rs" ]; then
        row "$name" "${settings[*]:-–}" "–" "not there: no such test in this tree"
        bad=$((bad + 1))
        return
    fi
    began=$SECONDS
    env "${settings[@]}" timeout --kill-after=30s $((seconds * 3 / 2 + 300)) \
        .ci/with-rust.sh cargo test --locked -p zoufang-tests --test "$name" -- --nocapture >"$out/$name.log" 2>&1 || status=$?
    case $status in
        0) row "$name" "${settings[*]:-as in make test}" "$((SECONDS - began)) s" "held" ;;
        124 | 137) row "$name" "${settings[*]:-as in make test}" "$((SECONDS - began)) s" "stopped: not done in time, see $out/$name.log" ;;
        *) row "$name" "${settings[*]:-as in make test}" "$((SECONDS - began)) s" "FAILED, see $out/$name.log" ;;
    esac
    [ "$status" -eq 0 ] || bad=$((bad + 1))
}

# The parts add up to 100. Two processors make 280 power-cut states a second (2026-11-24): an hour's part holds the 500,000 that are asked
# for, and no part makes more.
states=$((total_s * 50 / 100 * 280))
[ "$states" -lt 500000 ] || states=500000
trial power_cut 50 "POWER_CUT_STATES=$states"
# An upgrade's two stories make 8 % of what is asked for, some 40 a second.
trial upgrade 2 "POWER_CUT_STATES=$((total_s * 2 / 100 * 400))"
trial simulation 23 SIMULATION_SEEDS_COUNT=100000 SIMULATION_MINUTES=@M
trial kills 4 KILLS_SECONDS=@S
trial damage 4 "DAMAGE_COUNT=$((total_s * 4 / 100 * 20))"
# Nine targets on two threads: five rounds.
trial fuzzing 13 "FUZZING_SECONDS=$(((total_s * 13 / 100 + 4) / 5))" "FUZZING_SEED=$RANDOM"
trial restore 3
trial fleet 1

# What the trials said of themselves: counts, not only that they held.
{
    echo
    for log in "$out"/*.log; do
        [ -e "$log" ] || continue
        name=${log##*/}
        echo "## ${name%.log}"
        echo
        echo '```'
        grep -avE '^ *(Compiling|Finished|Running|Downloaded|Blocking)|^$|^running ' "$log" | tail -n 40
        echo '```'
        echo
    done
} >>"$summary"

if [ $bad -eq 0 ]; then echo "gate: everything held; $summary" >&2; else echo "gate: $bad of the trials did not hold or were not there; $summary" >&2; fi
[ $bad -eq 0 ]
