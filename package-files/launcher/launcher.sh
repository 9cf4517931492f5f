#!/bin/sh
# Runs this package's python.wasm. In the guest, the package is /usr/local and the current folder is /.
#
# It uses the first of these runners that exists: the program that $PYTHON_HOST_RUNNER names, the host-runner beside this
# package, and from PATH host-runner, Node.js @NODE@ or newer, and wasmtime.
# Variables whose names begin with PYTHON are passed on.

@FIND_PACKAGE@

fail() {
    echo "${0##*/}: error: $1" >&2
    echo "hint: $2" >&2
    exit 127
}

# Whether a program is a Node.js that is new enough.
new_enough() {
    version=$("$1" --version 2>/dev/null)
    version=${version#v}
    [ "${version%%.*}" -ge @NODE@ ] 2>/dev/null
}

runner=
if [ -n "${PYTHON_HOST_RUNNER-}" ]; then
    runner=$(command -v "$PYTHON_HOST_RUNNER") ||
        fail "PYTHON_HOST_RUNNER is $PYTHON_HOST_RUNNER, which is not a program" "set it to a path, or to a name in PATH"
elif [ -x "$package/../host-runner/bin/host-runner" ]; then
    runner=$package/../host-runner/bin/host-runner
elif ! runner=$(command -v host-runner); then
    found=
    for name in node nodejs; do
        node=$(command -v "$name") || continue
        if new_enough "$node"; then
            runner=$node
            break
        fi
        found="; $node is ${version:-broken}, too old"
    done
    [ -n "$runner" ] || runner=$(command -v wasmtime) ||
        fail "no WebAssembly runner in PATH (host-runner, Node.js @NODE@ or newer, or wasmtime)$found" \
            "install Node.js @NODE@ or newer, or wasmtime, or set PYTHON_HOST_RUNNER to a program"
fi

# Options of the runner come before the module, the program's own arguments after it.
# wasmtime has no read-only directories, and configures its cache differently.
set -- "$package/python.wasm" "$@"
for name in $(env | sed -n 's/^\(PYTHON[A-Z0-9_]*\)=.*/\1/p'); do
    case $name in
    PYTHONHOME | PYTHON_HOST_RUNNER) ;;
    *) set -- --env "$name" "$@" ;;
    esac
done
protect=
script=
case ${runner##*/} in
host-runner)
    protect=::ro
    cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [ -z "$cache" ] || set -- --cache "$cache/host-runner" "$@"
    ;;
node | nodejs)
    protect=::ro
    script=$package/node.mjs
    ;;
esac
exec "$runner" ${script:+--no-warnings "$script"} run \
    --dir "$package::/usr/local$protect" --dir .::/ --dir "$PWD" \
    --argv0 /usr/local/bin/python@MINOR@ --wasm max-wasm-stack=@STACK@ "$@"
