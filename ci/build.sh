#!/usr/bin/env bash
# Builds each proven minor from an empty store of its own and uses the result: ci/build.sh SCRATCH-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1

passed=0
expect() { # expect WHAT WANTED FOUND
    if [ "$2" != "$3" ]; then
        printf '%s: expected\n%s\nand found\n%s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    passed=$((passed + 1))
}

for minor in 3.13 3.11; do
    export XTASK_STORE=$scratch/store-$minor XTASK_DIST=$scratch/dist-$minor
    package=$(cargo xtask build wasi --python "$minor")
    who=$(cargo xtask run wasi --python "$minor" -- -c 'import sys, os, platform; print(sys.platform, os.name, platform.machine())')
    expect "$minor: run" "wasi posix wasm32" "$who"

    # The launcher works from another folder, through a link, with arguments, pipes and exit codes.
    mkdir -p "$scratch/elsewhere"
    ln -sf "$package/bin/python$minor" "$scratch/elsewhere/snake"
    said=$(cd "$scratch/elsewhere" && printf 'print(input() + "!")' >program.py && echo hello | ./snake program.py)
    expect "$minor: launcher" "hello!" "$said"
    code=0
    "$package/bin/python$minor" -c 'import sys; sys.exit(7)' || code=$?
    expect "$minor: exit code" 7 "$code"

    # Somebody embeds it: compiled with the same toolchain, linked with what pkg-config says.
    ci/embed.sh "$package" "$(cargo xtask path wasi --python "$minor" toolchain)" \
        "$(cargo xtask path wasi --python "$minor" host-runner)" "$minor" "$scratch"
    passed=$((passed + 1))

    # Nothing changed: nothing is done, offline.
    expect "$minor: again" "$package" "$(cargo xtask build wasi --python "$minor" --offline)"
    cargo xtask doctor --store
done

echo "$passed passed, 0 failed"
