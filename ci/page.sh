#!/usr/bin/env bash
# Uses the page and the JavaScript interface of a built emscripten-browser in a real Chromium: ci/page.sh SCRATCH-FOLDER [NAME-OF-TEST]
# XTASK_STORE and XTASK_DIST say where the package is. Screenshots are left in SCRATCH-FOLDER/screenshots: look at them.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$1
mkdir -p "$scratch/page" "$scratch/screenshots"
scratch=$(cd "$scratch" && pwd)

for name in ${CHROMIUM:-chromium chromium-browser google-chrome}; do
    chromium=$(command -v "$name") && break
done
if [ -z "${chromium:-}" ]; then
    echo "ci/page.sh: error: there is no Chromium in PATH" >&2
    echo "hint: apt-get install chromium, or name its program in CHROMIUM" >&2
    exit 4
fi

# What drives the browser: pinned by version and by the hash of its contents.
version=1.65.1
integrity=sha512-hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw==
cp ci/fixtures/page/*.mjs "$scratch/page/"
if ! grep --quiet --fixed-strings "$integrity" "$scratch/page/node_modules/.package-lock.json" 2>/dev/null; then
    echo '{ "private": true }' >"$scratch/page/package.json"
    npm --prefix "$scratch/page" install --no-audit --no-fund --no-package-lock --ignore-scripts "playwright-core@$version" >&2
    if ! grep --quiet --fixed-strings "$integrity" "$scratch/page/node_modules/.package-lock.json"; then
        echo "ci/page.sh: error: playwright-core $version is not what it was when it was pinned" >&2
        exit 1
    fi
fi

package=$(cargo xtask path emscripten-browser)
# The page's second choice.
cargo xtask path wasi >/dev/null
export CHROMIUM_PROGRAM=$chromium PACKAGE=$package SCREENSHOTS=$scratch/screenshots

# The server that people use: it says where it listens, and ends with Ctrl-C.
cargo xtask serve emscripten-browser --port 0 >"$scratch/url" &
server=$!
trap 'kill -INT $server 2>/dev/null || true' EXIT
# It may have to be compiled first.
for _ in $(seq 600); do
    if [ -s "$scratch/url" ] || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.2
done
SERVED_URL=$(cat "$scratch/url")
if [ -z "$SERVED_URL" ]; then
    echo "ci/page.sh: error: cargo xtask serve did not say where it listens; what it said stands above" >&2
    exit 1
fi
export SERVED_URL

(cd "$scratch/page" && node --test --test-concurrency=1 --test-timeout=180000 ${2:+--test-name-pattern="$2"} page.test.mjs interface.test.mjs)

kill -INT "$server"
code=0
wait "$server" || code=$?
trap - EXIT
if [ "$code" != 0 ]; then
    echo "ci/page.sh: error: cargo xtask serve ended with $code after Ctrl-C" >&2
    exit 1
fi
