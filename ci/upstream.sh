#!/usr/bin/env bash
# Builds from upstream's own URLs, played by a server on this machine that misbehaves: ci/upstream.sh SCRATCH-FOLDER [STORE]
#
# The server has CPython's release as it is, and a WASI SDK made from the prepared packages, so that the lock is another
# one in that one entry. STORE is a store that has those packages (and perhaps the host runner) already: it is only read.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
ready=${2:-}

version=3.13.15
python=Python-$version.tar.xz
sdk=wasi-sdk-24.0-x86_64-linux.tar.gz
releases=github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-24
assets=release-assets.githubusercontent.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-24

passed=0
pass() { # pass WHAT
    passed=$((passed + 1))
    printf 'ok: %s\n' "$1"
}
expect() { # expect WHAT WANTED FOUND
    if [ "$2" != "$3" ]; then
        printf '%s: expected\n%s\nand found\n%s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    pass "$1"
}
expect_line() { # expect_line WHAT EXTENDED-REGULAR-EXPRESSION FILE
    if ! grep -Eq -- "$2" "$3"; then
        printf '%s: expected a line like\n%s\nin %s:\n' "$1" "$2" "$3" >&2
        cat "$3" >&2
        exit 1
    fi
    pass "$1"
}
hash_of() { sha256sum "$1" | cut -d ' ' -f 1; }
locked() { grep -A 3 "file = \"$1\"" "$copy/recipes/lock.toml" | sed -n 's/^sha256 = "\(.*\)"$/\1/p'; }

server=
stop() {
    if [ -n "$server" ]; then
        kill "$server" || true
        wait "$server" || true
        server=
    fi
}
trap stop EXIT
serve() { # serve NAME [OPTION…]: a new server, whose log is NAME.requests
    stop
    requests=$scratch/$1.requests
    shift
    : >"$requests"
    "$programs/examples/loopback_upstream" "$scratch/servers" --authority "$scratch/authority.pem" \
        --redirect "github.com=${assets%%/*}" "$@" >"$requests" &
    server=$!
    until [ -s "$requests" ]; do
        kill -0 "$server"
        sleep 0.1
    done
    proxy=$(head -n 1 "$requests")
}
# The tool, with no way to anything but the server. What it says is shown, and kept in $said.
said=$scratch/said
upstream() { # upstream STORE ARGUMENT…
    local store=$1
    shift
    printf -- '-- cargo xtask %s\n' "$*"
    local code=0
    env -u NO_PROXY -u no_proxy -u ALL_PROXY -u all_proxy -u XTASK_MIRROR -u SSL_CERT_DIR \
        HTTPS_PROXY="$proxy" https_proxy="$proxy" HTTP_PROXY="$proxy" http_proxy="$proxy" \
        SSL_CERT_FILE="$scratch/authority.pem" CARGO_MANIFEST_DIR="$copy/xtask" \
        XTASK_STORE="$store" XTASK_DIST="$scratch/dist" \
        "$programs/xtask" "$@" >"$said" 2>&1 || code=$?
    sed 's/^/   /' "$said"
    return "$code"
}
code_of() { # code_of COMMAND…: runs it, and leaves its exit code in $code
    code=0
    "$@" || code=$?
}

# Both at once, so that the crates that they share are compiled once. The host runner's are downloaded while there is a network.
cargo build --quiet --package xtask --bin xtask --example loopback_upstream
cargo fetch --quiet --locked
programs=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug

# What the server plays: the packages' road gives CPython's archive, and what the SDK is made from.
packages=$scratch/store-packages
mkdir -p "$packages/downloads" "$packages/results"
if [ -n "$ready" ]; then
    cp -a "$ready"/downloads/*.tar.xz "$ready"/downloads/*.deb "$packages/downloads/"
    cp -a "$ready"/results/prepare-toolchain-* "$packages/results/"
fi
from_packages=(wasi --python "$version" --toolchain debian-clang)
XTASK_STORE=$packages "$programs/xtask" fetch "${from_packages[@]}" >"$said"
archive=$(grep "$python\$" "$said")
XTASK_STORE=$packages "$programs/xtask" build "${from_packages[@]}" --until prepare-toolchain
debian=$(XTASK_STORE=$packages "$programs/xtask" path "${from_packages[@]}" toolchain)

mkdir -p "$scratch/servers/www.python.org/ftp/python/$version" "$scratch/servers/$releases"
cp "$archive" "$scratch/servers/www.python.org/ftp/python/$version/$python"

# An SDK as its makers lay it out, but for the programs' libraries, which are files of their own here.
made=$scratch/${sdk%.tar.gz}
rm -rf "$made"
mkdir -p "$made"/{bin,libexec,lib/clang,share/wasi-sysroot/include,share/wasi-sysroot/lib}
for program in clang clang++ clang-cpp llvm-ar llvm-nm llvm-objdump llvm-ranlib llvm-strip wasm-ld; do
    cp -L "$debian/usr/lib/llvm-19/bin/$program" "$made/libexec/"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nroot=${0%%/*}/..\nLD_LIBRARY_PATH=$root/lib exec "$root/libexec/%s" "$@"\n' "$program" >"$made/bin/$program"
    chmod +x "$made/bin/$program"
done
# clang calls the linker by the name that Debian gives it.
ln -s wasm-ld "$made/libexec/wasm-ld-19"
cp -a "$debian"/{usr/,}lib/x86_64-linux-gnu/*.so* "$made/lib/"
cp -a "$debian/usr/lib/llvm-19/lib/clang/19" "$made/lib/clang/"
for kind in include lib; do
    cp -a "$debian/usr/$kind/wasm32-wasi" "$made/share/wasi-sysroot/$kind/wasm32-wasip1"
done
printf '24.0\nmade for a test from other programs\n' >"$made/VERSION"
tar -C "$scratch" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c "${made##*/}" | gzip -1 >"$scratch/servers/$releases/$sdk"
rm -rf "$made"
sdk_hash=$(hash_of "$scratch/servers/$releases/$sdk")
sdk_third=$(($(stat -c %s "$scratch/servers/$releases/$sdk") / 3))
python_third=$(($(stat -c %s "$archive") / 3))

# A checkout of its own, where only the lock's entry for that SDK is another, which the tool writes itself.
copy=$scratch/checkout
rm -rf "$copy"
mkdir -p "$copy"
git ls-files -z | tar -c --null --files-from=- | tar -x -C "$copy"
expect "CPython's archive has the bytes that the lock pins" "$(locked "$python")" "$(hash_of "$archive")"
awk -v name="\"$sdk\"" 'BEGIN { RS = ""; ORS = "\n\n" } index($0, name) == 0' recipes/lock.toml >"$copy/recipes/lock.toml"
without=$(hash_of "$copy/recipes/lock.toml")

rm -rf "$scratch"/store-{lock,wrong,choose,upstream}
serve lock --fault "$sdk=truncated:$sdk_third"
code_of upstream "$scratch/store-lock" lock --check
expect "lock --check: what is missing is a wrong lock" 3 "$code"
code_of upstream "$scratch/store-lock" lock --update
expect_line "lock --update: a download that was cut is told" "https://$releases/$sdk: broke off" "$said"
expect "lock --update: half a download is no download" "1 $without" "$code $(hash_of "$copy/recipes/lock.toml")"
upstream "$scratch/store-lock" lock --update
expect "lock --update: pins what came" "$sdk_hash" "$(locked "$sdk")"
upstream "$scratch/store-lock" lock --check
expect "lock --update: changes nothing else" 6 "$(diff recipes/lock.toml "$copy/recipes/lock.toml" | grep -c '^[<>]')"

# Wrong bytes: once is enough to fail, and no other road is taken instead.
store=$scratch/store-wrong
serve wrong --fault "$sdk=wrong"
code_of upstream "$store" build wasi --python "$version" --until fetch-toolchain
expect "wrong bytes: the run fails" 1 "$code"
expect_line "wrong bytes: both hashes are told" "sent other bytes than the pinned ones: found sha256 [0-9a-f]{64} .*pinned is $sdk_hash" "$said"
expect "wrong bytes: nothing of them stays" "" "$(find "$store/downloads" "$store/results" -name '*wasi-sdk*' ! -name '*.lock')"
expect "wrong bytes: no package is taken instead" "" "$(find "$store/downloads" -name '*.deb')"

# What upstream does not have: the newest release is only promised by the recipe.
store=$scratch/store-choose
serve choose
upstream "$store" build wasi --python 3.13 --until fetch-source
expect_line "404: the next release is chosen" "^using Python $version from upstream and wasi-sdk 24 from upstream$" "$said"
expect_line "404: the newest was asked for" "^HEAD https://www.python.org/ftp/python/3.13.16/Python-3.13.16.tar.xz$" "$requests"
code_of upstream "$store" build wasi --python 3.13.16
expect "404: a release that was named is not replaced" 4 "$code"
expect_line "404: the release that upstream lacks is named" "^  Python 3.13.16: www.python.org does not have it" "$said"

# The whole road, with faults on the way.
store=$scratch/store-upstream
mkdir -p "$store/results"
if [ -n "$ready" ]; then
    for part in "$ready"/host-runner-target "$ready"/results/build-host-runner-*; do
        if [ -e "$part" ]; then
            cp -a "$part" "$store/${part#"$ready"/}"
        fi
    done
fi
serve build --fault "$python=truncated:$python_third" --fault "$sdk=500,truncated:$sdk_third,stalled:$sdk_third"
upstream "$store" build wasi --python "$version"
expect_line "build: both come from upstream" "^using Python $version from upstream and wasi-sdk 24 from upstream$" "$said"
expect "build: the cut download of CPython was continued" \
    "GET https://www.python.org/ftp/python/$version/$python
GET https://www.python.org/ftp/python/$version/$python bytes=$python_third-" \
    "$(grep "^GET .*$python" "$requests")"
expect "build: the SDK was sent on, after an error, a cut and a standstill" \
    "GET https://$assets/$sdk
GET https://$assets/$sdk
GET https://$assets/$sdk bytes=$sdk_third-
GET https://$assets/$sdk bytes=$((2 * sdk_third))-" \
    "$(grep "^GET https://$assets" "$requests")"
expect "build: the downloads are what the lock pins" \
    "$(locked "$python") $sdk_hash" \
    "$(hash_of "$store/downloads/$(locked "$python" | cut -c 1-12)-$python") $(hash_of "$store/downloads/${sdk_hash:0:12}-$sdk")"
expect "build: nobody else was asked" "$(printf '%s\n' github.com "${assets%%/*}" www.python.org)" \
    "$(sed -nE 's,^[A-Z]+ (https?://)?([^/:]+).*,\2,p' "$requests" | sort -u)"
package=$(tail -n 1 "$said")
upstream "$store" run wasi --python "$version" -- -c 'import sys, os, platform; print(sys.platform, os.name, platform.machine())'
expect "run" "wasi posix wasm32" "$(tail -n 1 "$said")"
stop
upstream "$store" build wasi --python "$version" --offline
expect "again, with no server: nothing is done" "$package" "$(tail -n 1 "$said")"

echo "$passed passed, 0 failed"
