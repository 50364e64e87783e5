#!/usr/bin/env bash
# Makes sure that the tests find what they need: a C compiler for the race
# detector, Chromium and a Chinese font for the browser tests, the Mosquitto
# clients as a second opinion on MQTT, and on Linux what gives the broker failing
# disks and power cuts. As root on Debian it installs what is missing; elsewhere it
# says what to install, and fails.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh

packages=()
names=()
need() {
	packages+=("$1")
	names+=("$2")
}

compiler=$(go env CC)
if ! { command -v "${compiler%% *}" && printf '#include <stdlib.h>\nint main(void){return 0;}\n' | "${compiler%% *}" -xc -fsyntax-only -; } >/dev/null 2>&1; then
	need gcc "a C compiler (the race detector needs it)"
	need libc6-dev "the C library's headers"
fi
[ -x "${GATEHOUSE_CHROMIUM:-/usr/bin/chromium}" ] || need chromium "Chromium at ${GATEHOUSE_CHROMIUM:-/usr/bin/chromium} (elsewhere: set GATEHOUSE_CHROMIUM to its path)"
if ! fc-list :lang=zh-cn 2>/dev/null | grep -q .; then
	need fonts-noto-cjk "a Chinese font, for example Noto CJK"
	need fontconfig "fontconfig"
fi
if ! { command -v mosquitto_sub && command -v mosquitto_pub; } >/dev/null; then
	need mosquitto-clients "mosquitto_sub and mosquitto_pub"
fi
if [ "$(uname -s)" = Linux ]; then
	command -v strace >/dev/null || need strace "strace"
	command -v mkfs.ext4 >/dev/null || need e2fsprogs "mkfs.ext4 of e2fsprogs"
fi
[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null; then
	step "installing for the tests: ${packages[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -q -y --no-install-recommends "${packages[@]}"
	exit 0
fi

say "The tests need, and this machine lacks:" >&2
for n in "${names[@]}"; do say "  - $n" >&2; done
say "On Debian or Ubuntu: sudo apt-get install ${packages[*]}" >&2
exit 1
