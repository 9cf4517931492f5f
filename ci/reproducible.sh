#!/usr/bin/env bash
# Builds twice as differently as it can and compares the packages: ci/reproducible.sh SCRATCH STORE [PYTHON [PROFILE]]
#
# STORE is a store with a finished build: its downloads are used, so that this needs no network.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1 given=$2 python=${3:-3.13} profile=${4:-release}
# Compiled before the environment is poisoned, which is meant for what it builds.
cargo build --quiet --package xtask
xtask=$PWD/target/debug/xtask
export CARGO_MANIFEST_DIR=$PWD/xtask

build() { # build FOLDER JOBS
    mkdir -p "$1/store/results"
    cp -a "$given"/{downloads,choices.json} "$1/store/"
    cp -a "$given"/results/build-host-runner-* "$1/store/results/"
    XTASK_STORE=$1/store XTASK_DIST=$1/dist "$xtask" build wasi --python "$python" --profile "$profile" --offline --quiet --jobs "$2"
}
one=$(umask 022 && TZ=UTC LC_ALL=C build "$scratch/one" 1)
two=$(umask 077 && TZ=Pacific/Chatham LC_ALL=C.UTF-8 CFLAGS=-O0 CC=false CPPFLAGS=-Dint=long PYTHONPATH=/nowhere PYTHONHOME=/nowhere \
    CONFIG_SITE=/nowhere PKG_CONFIG_PATH=/nowhere build "$scratch/ein-anderer-größerer-ordner" 3)
first=$(ci/tree-hash.sh "$one") second=$(ci/tree-hash.sh "$two")
printf '%s  %s\n%s  %s\n' "$first" "$one" "$second" "$two"
if [ "$first" != "$second" ]; then
    diff --recursive --brief "$one" "$two" >&2 || true
    exit 1
fi
