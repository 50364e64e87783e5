#!/usr/bin/env bash
# Everything that is checked without running the tests. All checks run, whatever
# fails; the last line says whether all is well.
. "$(dirname "$0")/lib.sh"

scripts/toolchain.sh
scripts/ui.sh deps
failed=()

check() {
	local name=$1
	shift
	step "$name"
	"$@" || failed+=("$name")
}

formatted() {
	local bad
	bad=$(files '*.go' | xargs gofmt -l)
	[ -z "$bad" ] || {
		say "not formatted (gofmt -w):" "$bad"
		return 1
	}
}

# A linter for scripts is no part of the toolchain: it looks where it is installed.
shell_scripts() {
	if command -v shellcheck >/dev/null; then
		shellcheck -x -P SCRIPTDIR scripts/*.sh .ci/run
	else
		for f in scripts/*.sh .ci/run; do bash -n "$f"; done
		say "shellcheck is not installed: only the syntax was checked"
	fi
}

# What reads strangers' bytes is tested by its own tests, nearly all of it.
covered() {
	local least=95.0 out
	out=$(go test -tags "$TAGS" -cover ./broker/packet ./broker/topic) || { say "$out"; return 1; }
	say "$out"
	say "$out" | awk -v least="$least" '/coverage:/ { sub(/.*coverage: /, ""); if ($1 + 0 < least) bad = 1 } END { exit bad }' || {
		say "at least $least % of the statements are wanted"
		return 1
	}
}

# The broker is for other programs too, on other machines.
elsewhere() {
	local target
	for target in linux/386 windows/amd64 darwin/arm64; do
		GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go build -tags "$TAGS" ./broker/... || return 1
	done
}

check "gofmt" formatted
check "go vet" go vet -tags "$TAGS" ./...
check "the broker on other systems" elsewhere
check "golangci-lint" go tool -modfile=tools/go.mod golangci-lint run
check "go mod tidy" go mod tidy -diff
check "import rules" go test -count 1 -tags "$TAGS" ./arch
check "what must not allocate" go test -count 1 -tags "$TAGS" -run Allocat ./broker/... ./prove/...
check "coverage of packet and topic" covered
check "generated: web/openapi.yaml" go test -tags "$TAGS" -run OpenAPI ./web
check "console: types, lint, format, texts, generated types" npm --prefix web/ui run --silent check
check "shell scripts" shell_scripts
scripts/sizes.sh

if [ ${#failed[@]} -gt 0 ]; then
	step "failed: $(printf '%s; ' "${failed[@]}")"
	exit 1
fi
step "all checks passed"
