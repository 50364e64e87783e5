# shellcheck shell=bash
# What the scripts share: the working folder, the build tags, and words for people.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# mkfs.ext4, losetup and mosquitto stand there, and not everybody's PATH has it.
PATH=$PATH:/usr/sbin:/sbin
export PATH

# gin without MessagePack: nothing uses it, and it is 6 MB.
TAGS=nomsgpack
export TAGS

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
	printf '%s\n' "$*" >&2
	exit 1
}

# files NAME...: the repository's own files with these names (patterns of find),
# with or without git.
files() {
	local names=() n
	for n; do names+=(-o -name "$n"); done
	find . -type d \( -name node_modules -o -name .git -o -path ./bin -o -path ./data -o -path ./web/dist -o -name test-results \) -prune \
		-o -type f \( "${names[@]:1}" \) -print | sed 's|^\./||' | sort
}
