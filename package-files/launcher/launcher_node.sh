#!/bin/sh
# Runs this package's Python with Node.js: the program that $PYTHON_NODE names, or node in PATH.

@FIND_PACKAGE@

node=$(command -v "${PYTHON_NODE:-node}")
if [ -z "$node" ]; then
    echo "${0##*/}: error: this Python needs Node.js, but ${PYTHON_NODE:-node} was not found" >&2
    echo "hint: install Node.js, or set PYTHON_NODE to its path" >&2
    exit 127
fi

# Recursion in C code uses the native stack, and V8 uses only as much of it as --stack-size allows (in KiB).
# The remaining 1 MiB is for V8 itself and for the functions that it calls.
stack=@STACK@
ulimit -S -s "$stack" 2>/dev/null || ulimit -S -s "$(ulimit -H -s)" 2>/dev/null
limit=$(ulimit -S -s)
case $limit in
unlimited) ;;
*) [ "$limit" -ge "$stack" ] || stack=$limit ;;
esac
options="--stack-size=$((stack - 1024))"
# With a cache folder, all code is compiled once with optimizations and kept; see compiled_code.cjs.
[ -z "${PYTHON_NODE_CACHE-}" ] || options="$options --allow-natives-syntax --no-liftoff --no-wasm-lazy-compilation"
# shellcheck disable=SC2086 # options are words
exec "$node" $options "$package/start.cjs" "$@"
