#!/usr/bin/env bash
# Builds variants of emscripten-node and uses what they are for: ci/variants.sh SCRATCH-FOLDER [dl|pthreads]…
# It goes on with the store that ci/build.sh left, if there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1
shift
[ $# -gt 0 ] || set -- dl pthreads

export XTASK_STORE=$scratch/store XTASK_DIST=$scratch/dist
passed=0
expect() { # expect WHAT WANTED FOUND
    if [ "$2" != "$3" ]; then
        printf '%s: expected\n%s\nand found\n%s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    passed=$((passed + 1))
}
code_of() { # code_of COMMAND…
    local code=0
    "$@" >/dev/null 2>&1 || code=$?
    echo "$code"
}

for variant; do
    host=emscripten-node-$variant
    package=$(cargo xtask build "$host")
    python=$package/bin/python3.13
    expect "$host: run" "emscripten posix wasm32" \
        "$(cargo xtask run "$host" -- -c 'import sys, os, platform; print(sys.platform, os.name, platform.machine())')"
    expect "$host: exit code" 7 "$(code_of "$python" -c 'import sys; sys.exit(7)')"
    case $variant in
    dl)
        # Somebody's own extension module, and some of the package's.
        ci/extension.sh "$package" "$(cargo xtask path "$host" toolchain)" 3.13 "$scratch"
        passed=$((passed + 1))
        ;;
    pthreads)
        # Threads that wait for each other, and more of them than there are processors.
        said=$("$python" -c '
import queue, threading
todo, done, lock, count = queue.Queue(), queue.Queue(), threading.Lock(), 0
def work():
    global count
    while (number := todo.get()) is not None:
        with lock:
            count += 1
        done.put(number * number)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for number in range(1000): todo.put(number)
for _ in threads: todo.put(None)
for thread in threads: thread.join()
print(sum(done.get() for _ in range(1000)), count, threading.active_count())')
        expect "$host: threads" "332833500 1000 1" "$said"
        said=$(echo hello | "$python" -c 'import threading; t = threading.Thread(target=lambda: print(input() + "!")); t.start(); t.join()')
        expect "$host: streams from a thread" "hello!" "$said"
        said=$("$python" -u -c 'print("x" * 1000000)' | (sleep 1; wc -c))
        expect "$host: a full pipe" 1000001 "$said"
        expect "$host: _exit in a thread" 3 "$(code_of "$python" -c 'import os, threading, time
threading.Thread(target=os._exit, args=(3,)).start(); time.sleep(60)')"
        expect "$host: a daemon thread does not keep it" 0 "$(code_of "$python" -c 'import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()')"
        expect "$host: a trap in a thread" 134 "$(code_of "$python" -c 'import os, threading, time
threading.Thread(target=os.abort).start(); time.sleep(60)')"
        ;;
    esac
    expect "$host: again" "$package" "$(cargo xtask build "$host" --offline)"
done

echo "$passed passed, 0 failed"
