#!/usr/bin/env bash
# Compiles ci/extension.c against a package that loads extension modules, and uses it: ci/extension.sh PACKAGE TOOLCHAIN MINOR SCRATCH
set -euo pipefail
here=$(dirname "$0")
package=$1 toolchain=$2 minor=$3 scratch=$4/extension

mkdir -p "$scratch"
python=$package/bin/python$minor
# What the package says of its own extension modules goes for others, too.
suffix=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
# pkg-config's --define-prefix is not needed: the files find the package themselves. The words are separate on purpose.
flags=$(PKG_CONFIG_LIBDIR=$package/lib/pkgconfig pkg-config --cflags "python-$minor")
# shellcheck disable=SC2086
"$toolchain/bin/emcc" -O2 -fPIC -shared -sSIDE_MODULE=1 -sWASM_BIGINT $flags -o "$scratch/extension$suffix" "$here/extension.c"

said=$(cd "$scratch" && PYTHONPATH=. "$python" -c '
import extension, sys
print(extension.twice("ab"), extension.twice(2**70), extension.apply(lambda x: x + 1, 41), extension.compiled_for == sys.version.split()[0])
try:
    extension.apply(lambda x: 1 / x, 0)
except ZeroDivisionError as error:
    print(error)
# CPython itself has some, of the standard library and for its tests.
import _codecs_jp, _testmultiphase
print("蛇".encode("euc_jp"), _testmultiphase.foo(1, 2), _codecs_jp.__file__.rsplit("/", 1)[-1].split(".")[0])
')
expected='abab 2361183241434822606848 42 True
division by zero
b'"'"'\xbc\xd8'"'"' 3 _codecs_jp'
if [ "$said" != "$expected" ]; then
    printf 'the extension module said:\n%s\nand should have said:\n%s\n' "$said" "$expected" >&2
    exit 1
fi
