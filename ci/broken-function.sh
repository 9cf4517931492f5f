#!/usr/bin/env bash
# Breaks one C function of CPython on purpose, and wants exactly its own test to turn red: ci/broken-function.sh SCRATCH STORE [TEST…]
#
# STORE is a store with a finished build of 3.13: its downloads and its source are used, so that this needs no network.
# All of CPython's tests run, unless some are named.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
scratch=$(cd -P -- "$1" && pwd) given=$2
shift 2

# math.cbrt gives the square root. In 3.13, one case asks for it, and nothing in the library uses it.
broken=test.test_math.MathTests.testCbrt
cp -a "$(XTASK_STORE=$given cargo xtask path wasi source)" "$scratch/source"
chmod -R u+w "$scratch/source"
sed -i 's/^FUNC1(cbrt, cbrt,/FUNC1(cbrt, sqrt,/' "$scratch/source/Modules/mathmodule.c"
grep -q '^FUNC1(cbrt, sqrt,' "$scratch/source/Modules/mathmodule.c" || { echo "math.cbrt is written differently now" >&2; exit 1; }

export XTASK_STORE=$given XTASK_DIST=$scratch/dist
options=(wasi --source "$scratch/source" --offline --format json --results "$scratch/results")
code=0
cargo xtask test "${options[@]}" --build "$@" >"$scratch/events.jsonl" || code=$?
[ "$code" = 1 ] || { echo "with a broken function the tests ended with $code, and not with 1; see $scratch/events.jsonl" >&2; exit 1; }

# The failed cases of junit.xml, in its own order.
failed=$(python3 - "$scratch/results/junit.xml" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree
for case in tree.parse(sys.argv[1]).iter("testcase"):
    if case.find("failure") is not None or case.find("error") is not None:
        print(f'{case.get("classname")}.{case.get("name")}')
PYTHON
)
[ "$failed" = "$broken" ] || { printf 'expected that only %s fails, and these did:\n%s\n' "$broken" "$failed" >&2; exit 1; }
echo "$broken failed, and nothing else"
