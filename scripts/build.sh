#!/usr/bin/env bash
# Builds bin/server and bin/devicesim.
. "$(dirname "$0")/lib.sh"

mkdir -p bin
go build -tags "$TAGS" -trimpath -ldflags '-s -w' -o bin/ ./cmd/server ./cmd/devicesim
