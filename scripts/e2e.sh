#!/usr/bin/env bash
# Browser tests in real Chromium against bin/server and bin/devicesim, which must
# be built. Arguments: a script of web/ui/package.json (e2e, screens, screenshots), then
# anything for Playwright.
. "$(dirname "$0")/lib.sh"

script=${1:-e2e}
[ $# -eq 0 ] || shift
exec npm --prefix web/ui run --silent "$script" -- "$@"
