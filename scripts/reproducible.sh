#!/usr/bin/env bash
# Builds the programs of the last commit twice, in two folders and with nothing kept from
# an earlier build, and fails unless they are the same bytes: whoever has the source can
# then tell whether a program was made of it. The console is taken as it was built.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh go
[ -z "$(git status --porcelain --untracked-files=no)" ] || fail "commit first: what is not committed is not built"
commit=$(git rev-parse HEAD)
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT

# build FOLDER: the programs of the last commit, built there.
build() {
	git clone --quiet --shared --no-checkout . "$tmp/$1"
	git -C "$tmp/$1" checkout --quiet --detach "$commit"
	cp -R "$tmp/dist/." "$tmp/$1/web/dist/"
	(cd "$tmp/$1" && GOCACHE="$tmp/cache-of-${1//\//-}" scripts/build.sh)
}

cp -R web/dist "$tmp/dist" # once: somebody may build it anew meanwhile
step "twice, from nothing"
build one
build another/folder/with/a/longer/name
for program in server devicesim; do
	cmp "$tmp/one/bin/$program" "$tmp/another/folder/with/a/longer/name/bin/$program" || fail "bin/$program is not the same twice"
	say "bin/$program $(sha256sum "$tmp/one/bin/$program" | cut -d ' ' -f 1)"
done
step "the same bytes twice"
