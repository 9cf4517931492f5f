#!/usr/bin/env bash
# One hash of a folder: names, contents, modes, times and links of all that is in it: ci/tree-hash.sh FOLDER
set -euo pipefail
cd "${1:?a folder must be given}"
export LC_ALL=C
{
    find . -type f -print0 | sort -z | xargs -0 sha256sum
    find . -mindepth 1 -printf '%p %y %m %l %Ts\n' | sed 's/^\(.*\) l [0-9]* \(.*\) [0-9]*$/\1 l \2/' | sort
} | sha256sum | cut -d' ' -f1
