#!/usr/bin/env bash
# Installs Chromium on the machine that CI has for itself, if there is none: ci/chromium.sh
# It is not for people's own machines: there, `cargo xtask doctor` says what is missing.
set -euo pipefail

if command -v chromium chromium-browser >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "ci/chromium.sh: error: there is no Chromium in PATH, and only root can install one, with apt-get" >&2
    echo "hint: on Debian, \`apt-get install chromium\`" >&2
    exit 4
fi
apt-get update >&2
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium >&2
