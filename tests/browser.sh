#!/bin/sh
# Finds the browser that the tests of the pages use, or installs it where that is possible without asking.
# Without one those tests are skipped, and this says so.
set -u

find_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" 2>/dev/null && return 0
    done
    return 1
}

find_browser && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
        find_browser && exit 0
    fi
fi

cat >&2 <<'TEXT'
**************************************************************************
  NO BROWSER: the tests that play the page in a real browser are SKIPPED.
  Install chromium (Debian: apt-get install chromium) and run them again.
**************************************************************************
TEXT
exit 0
