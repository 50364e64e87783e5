#!/usr/bin/env bash
# go with the build tags of this repository: scripts/go.sh test ./broker/...
. "$(dirname "$0")/lib.sh"

command=$1
shift
exec go "$command" -tags "$TAGS" "$@"
