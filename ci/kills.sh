#!/usr/bin/env bash
# Kills real builds at random moments and lets plain re-runs mend what is left: ci/kills.sh SCRATCH STORE [KILLS [SEED]]
#
# STORE is a store with a finished build of 3.13: its downloads and its host runner are used, so that the kills fall on the rest.
# Each time a build gets through between two kills, its package is compared with the first one, and everything begins anew.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1 given=$2 kills=${3:-50}
RANDOM=${4:-1}
xtask=$PWD/target/debug/xtask
export CARGO_MANIFEST_DIR=$PWD/xtask
export XTASK_STORE=$scratch/kills-store XTASK_DIST=$scratch/kills-dist

cargo build --quiet --package xtask
begin_anew() {
    rm -rf "$XTASK_STORE" "$XTASK_DIST"
    mkdir -p "$XTASK_STORE/results"
    cp -a "$given"/{downloads,choices.json} "$XTASK_STORE/"
    cp -a "$given"/results/build-host-runner-* "$XTASK_STORE/results/"
}
build() { "$xtask" build wasi --offline --quiet; }
leftovers() { pgrep --full --list-full -- "$XTASK_STORE" || true; }

begin_anew
reference=$(ci/tree-hash.sh "$(build)")
echo "the package of an undisturbed build: $reference"

killed=0 finished=0
begin_anew
while [ "$killed" -lt "$kills" ]; do
    # Mostly short waits, some long enough for the longest stage.
    delay=$((RANDOM % 12)).$((RANDOM % 10))
    [ $((RANDOM % 4)) -ne 0 ] || delay=$((RANDOM % 120))
    build >/dev/null 2>"$scratch/kills.log" &
    pid=$!
    ( sleep "$delay" && kill -9 "$pid" ) 2>/dev/null &
    killer=$!
    if wait "$pid" 2>/dev/null; then
        kill "$killer" 2>/dev/null || true
        hash=$(ci/tree-hash.sh "$(build)")
        [ "$hash" = "$reference" ] || { echo "after $killed kills the package is another: $hash" >&2; exit 1; }
        finished=$((finished + 1))
        begin_anew
    else
        killed=$((killed + 1))
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            [ -n "$(leftovers)" ] || break
            sleep 0.5
        done
        [ -z "$(leftovers)" ] || { echo "left running after kill $killed:" >&2; leftovers >&2; exit 1; }
    fi
    wait "$killer" 2>/dev/null || true
done
hash=$(ci/tree-hash.sh "$(build)")
[ "$hash" = "$reference" ] || { echo "after $killed kills the package is another: $hash" >&2; exit 1; }
echo "$killed kills, $((finished + 1)) builds got through, all with the same package"
