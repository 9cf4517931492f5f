#!/usr/bin/env bash
# Kills real builds at random moments and lets plain re-runs mend what is left: ci/kills.sh SCRATCH STORE [KILLS [SEED]]
#
# STORE is a store with a finished build of 3.13: its downloads and its host runner are used, so that the kills fall on the rest.
# Each time a build gets through between two kills, its package is compared with the first one, and everything begins anew.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
scratch=$1 given=$2 kills=${3:-50}
RANDOM=${4:-1}
xtask=$PWD/target/debug/xtask
export CARGO_MANIFEST_DIR=$PWD/xtask

cargo build --quiet --package xtask
mkdir -p "$scratch"
# Where links lead: the kernel tells the folders of processes so.
scratch=$(cd -P -- "$scratch" && pwd)
export XTASK_STORE=$scratch/kills-store XTASK_DIST=$scratch/kills-dist

begin_anew() {
    rm -rf "$XTASK_STORE" "$XTASK_DIST"
    mkdir -p "$XTASK_STORE/results"
    cp -a "$given"/{downloads,choices.json} "$XTASK_STORE/"
    cp -a "$given"/results/build-host-runner-* "$XTASK_STORE/results/"
}
arguments=(build wasi --offline --quiet)
package_hash() {
    local package
    package=$("$xtask" "${arguments[@]}")
    ci/tree-hash.sh "$package"
}
compare() {
    local hash
    hash=$(package_hash)
    [ "$hash" = "$reference" ] || { echo "after $killed kills the package is another: $hash" >&2; exit 1; }
}
# The folders in the store that processes work in, one a line.
leftovers() { find /proc -maxdepth 2 -name cwd -lname "$XTASK_STORE*" -printf '%p %l\n' 2>/dev/null || true; }

begin_anew
reference=$(package_hash)
echo "the package of an undisturbed build: $reference"

killed=0 finished=0
begin_anew
while [ "$killed" -lt "$kills" ]; do
    # Mostly short waits, some long enough for the longest stage.
    delay=$((RANDOM % 12)).$((RANDOM % 10))
    [ $((RANDOM % 4)) -ne 0 ] || delay=$((RANDOM % 120))
    # No function: the shell would run it in a process of its own, and that would be killed instead.
    "$xtask" "${arguments[@]}" >/dev/null 2>"$scratch/kills.log" &
    pid=$!
    ( sleep "$delay" && kill -9 "$pid" ) 2>/dev/null &
    killer=$!
    code=0
    wait "$pid" 2>/dev/null || code=$?
    case $code in
    0)
        kill "$killer" 2>/dev/null || true
        compare
        finished=$((finished + 1))
        begin_anew
        ;;
    137)
        killed=$((killed + 1))
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            [ -n "$(leftovers)" ] || break
            sleep 0.5
        done
        [ -z "$(leftovers)" ] || { echo "left running after kill $killed:" >&2; leftovers >&2; exit 1; }
        echo "kill $killed after $delay s: $(find "$XTASK_STORE/results" -mindepth 1 -maxdepth 1 | wc -l) results are there"
        ;;
    *)
        echo "after $killed kills a build failed by itself, with code $code:" >&2
        cat "$scratch/kills.log" >&2
        exit 1
        ;;
    esac
    wait "$killer" 2>/dev/null || true
done
compare
echo "$killed kills, $((finished + 1)) builds got through, all with the same package"
