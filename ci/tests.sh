#!/usr/bin/env bash
# Runs a share of CPython's own tests on what ci/build.sh built: ci/tests.sh SCRATCH-FOLDER
# `cargo xtask test wasi` runs all of them.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1

export XTASK_STORE=$scratch/store XTASK_DIST=$scratch/dist

for minor in 3.13 3.11; do
    # A sixth of the work: shards are balanced by time.
    cargo xtask test wasi --python "$minor" --offline --shard 1/6
    # The same without copies, on some that a copy could get wrong: start-up, memory, files, time and random numbers.
    cargo xtask test wasi --python "$minor" --offline --fresh test_gc test_sys test_tempfile test_time test_random
    # What make left, on one that minds the folder that it is started in.
    cargo xtask test wasi --python "$minor" --offline --from-build test_ntpath
    # By hand.
    said=$(cargo xtask run wasi --python "$minor" --offline -- -m test test_bool)
    grep --quiet --ignore-case "result: SUCCESS$" <<<"$said"
    # CPython's own collector ends with 0, and read to its end.
    information=$(cargo xtask info wasi --python "$minor" --offline)
    grep --quiet "^sys.platform: wasi$" <<<"$information"
done

# The same on the second host: a twentieth of the work, and its files, pipes and deep recursion.
cargo xtask test emscripten-node --offline --shard 1/20
cargo xtask test emscripten-node --offline test_io test_os test_call test_marshal test_patma

# And on the third, in Chromium.
cargo xtask test emscripten-browser --offline --shard 1/10

# Files and runners that are broken, each in another way, are reported as failures.
ci/audit.sh "$scratch/audit"
