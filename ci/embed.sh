#!/usr/bin/env bash
# Compiles, links and runs ci/embed.c against a package: ci/embed.sh PACKAGE TOOLCHAIN HOST-RUNNER MINOR SCRATCH
set -euo pipefail
here=$(dirname "$0")
package=$1 toolchain=$2 runner=$3 minor=$4 scratch=$5

triple=$(sed -n 's/^  "triple": "\(.*\)",$/\1/p' "$package/PYTHON.json")
# pkg-config's --define-prefix is not needed: the files find the package themselves. The words are separate on purpose.
flags=$(PKG_CONFIG_LIBDIR=$package/lib/pkgconfig pkg-config --cflags --libs "python-$minor-embed")
# shellcheck disable=SC2086
"$toolchain/bin/clang" --target="$triple" --sysroot="$toolchain/usr" \
    -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS \
    -Wl,-z,stack-size=1048576 -o "$scratch/embed.wasm" "$here/embed.c" $flags
said=$("$runner" run --dir "$package::/usr/local::ro" "$scratch/embed.wasm")
if [ "$said" != '{"embedded": "wasi"}' ]; then
    echo "the embedded Python said: $said" >&2
    exit 1
fi
