#!/bin/sh
# Runs this package's python.wasm. In the guest, the package is /usr/local and the current folder is /.
#
# The program that runs it is $PYTHON_HOST_RUNNER, the host-runner beside this package, or else host-runner or wasmtime in PATH.
# Variables whose names begin with PYTHON are passed on.

@FIND_PACKAGE@

runner=$PYTHON_HOST_RUNNER
[ -n "$runner" ] || runner=$package/../host-runner/bin/host-runner
[ -x "$runner" ] || runner=$(command -v "${PYTHON_HOST_RUNNER:-host-runner}" || command -v wasmtime)
if [ -z "$runner" ]; then
    echo "${0##*/}: error: nothing here can run WebAssembly: no host-runner and no wasmtime in PATH" >&2
    echo "hint: install wasmtime, or name a host runner in PYTHON_HOST_RUNNER" >&2
    exit 127
fi

# Options of the runner come before the module, the program's own arguments after it.
# The host runner keeps the compiled module, and can keep the package from being written to; wasmtime takes neither option.
set -- "$package/python.wasm" "$@"
for name in $(env | sed -n 's/^\(PYTHON[A-Z0-9_]*\)=.*/\1/p'); do
    case $name in
    PYTHONHOME | PYTHON_HOST_RUNNER) ;;
    *) set -- --env "$name" "$@" ;;
    esac
done
protect=
case ${runner##*/} in
host-runner)
    protect=::ro
    cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    [ -z "$cache" ] || set -- --cache "$cache/host-runner" "$@"
    ;;
esac
exec "$runner" run \
    --dir "$package::/usr/local$protect" --dir .::/ --dir "$PWD" \
    --argv0 /usr/local/bin/python@MINOR@ --wasm max-wasm-stack=@STACK@ "$@"
