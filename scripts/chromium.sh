#!/usr/bin/env bash
# The browser tests need a Chromium of the system: CHROMIUM, or /usr/bin/chromium. Installed by apt where that is possible.
set -euo pipefail

browser="${CHROMIUM:-/usr/bin/chromium}"
if [ ! -x "$browser" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "==> Chromium"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
  else
    echo "There is no Chromium at $browser. Install one, or name it in CHROMIUM." >&2
    exit 1
  fi
fi
