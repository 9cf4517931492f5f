#!/usr/bin/env bash
# Builds each proven minor and host, from a store that is empty at first, and uses the results: ci/build.sh SCRATCH-FOLDER
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

export XTASK_STORE=$scratch/store XTASK_DIST=$scratch/dist

for minor in 3.13 3.11; do
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

# The second host of a minor, which takes the build Python from the first.
package=$(cargo xtask build emscripten-node)
who=$(cargo xtask run emscripten-node -- -c 'import sys, os, platform, zlib, bz2; print(sys.platform, os.name, platform.machine())')
expect "emscripten-node: run" "emscripten posix wasm32" "$who"
ln -sf "$package/bin/python3.13" "$scratch/elsewhere/adder"
said=$(cd "$scratch/elsewhere" && echo hello | ./adder program.py)
expect "emscripten-node: launcher" "hello!" "$said"
code=0
"$package/bin/python3.13" -c 'import sys; sys.exit(7)' || code=$?
expect "emscripten-node: exit code" 7 "$code"
# Files, arguments and environment of the machine; a pipe that is full while node made it non-blocking.
said=$(cd "$scratch/elsewhere" && NAME=ä "$package/bin/python3.13" -c 'import os, sys; print(os.path.samefile("program.py", os.open("program.py", 0)), sys.argv[1], os.environ["NAME"], os.isatty(1))' ö)
expect "emscripten-node: the machine's own" "True ö ä False" "$said"
said=$("$package/bin/python3.13" -c 'print("x" * 1000000)' | (sleep 1; wc -c))
expect "emscripten-node: a full pipe" 1000001 "$said"
# A trap is told of, and no silent exit.
code=0
said=$("$package/bin/python3.13" -c 'import os; os.abort()' 2>&1) || code=$?
expect "emscripten-node: a trap" "134 1" "$code $(grep --count '^python: fatal: RuntimeError: Aborted' <<<"$said")"
# Compiled code is kept where that is asked for, and used the next time: nothing is written then.
export PYTHON_NODE_CACHE=$scratch/node-cache
expect "emscripten-node: a new cache" 6765 "$("$package/bin/python3.13" -c 'print(6765)')"
kept=$(stat --format "%n %y" "$PYTHON_NODE_CACHE"/*)
expect "emscripten-node: kept code" 10946 "$("$package/bin/python3.13" -c 'print(10946)')"
expect "emscripten-node: the cache" "$kept" "$(stat --format "%n %y" "$PYTHON_NODE_CACHE"/*)"
# What is damaged is made anew, and what cannot be kept costs time only.
code_file=$(ls "$PYTHON_NODE_CACHE"/*)
first_bytes() { head --bytes 32 "$code_file" | od --address-radix n --format x1 | tr -d ' \n'; }
hash_of_rest() { tail --bytes +33 "$code_file" | sha256sum | cut -d ' ' -f 1; }
damage() { # damage WHAT COMMAND…
    local what=$1
    shift
    "$@"
    expect "emscripten-node: a cache that is $what" 17711 "$("$package/bin/python3.13" -c 'print(17711)')"
    expect "emscripten-node: no longer $what" "$(hash_of_rest)" "$(first_bytes)"
}
middle=$(($(stat --format %s "$code_file") / 2))
damage empty truncate --size 0 "$code_file"
damage truncated truncate --size "$middle" "$code_file"
damage changed dd if=/dev/zero of="$code_file" bs=1 count=64 seek="$middle" conv=notrunc status=none
said=$(PYTHON_NODE_CACHE=/dev/null "$package/bin/python3.13" -c 'print(28657)' 2>/dev/null)
expect "emscripten-node: no cache" 28657 "$said"
unset PYTHON_NODE_CACHE
expect "emscripten-node: again" "$package" "$(cargo xtask build emscripten-node --offline)"

# The third one, in a real Chromium.
package=$(cargo xtask build emscripten-browser)
in_browser() { cargo xtask run emscripten-browser -- "$@"; }
who=$(in_browser -c 'import sys, os, platform, zlib, bz2; print(sys.platform, os.name, platform.machine())')
expect "emscripten-browser: run" "emscripten posix wasm32" "$who"
expect "emscripten-browser: streams" "hello!" "$(echo hello | in_browser -c 'print(input() + "!")')"
code=0
in_browser -c 'import sys; sys.exit(7)' || code=$?
expect "emscripten-browser: exit code" 7 "$code"
code=0
said=$(in_browser -c 'import os; os.abort()' 2>&1) || code=$?
expect "emscripten-browser: a trap" "134 1" "$code $(grep --count 'the guest trapped: RuntimeError: Aborted' <<<"$said")"
expect "emscripten-browser: again" "$package" "$(cargo xtask build emscripten-browser --offline)"

echo "$passed passed, 0 failed"
