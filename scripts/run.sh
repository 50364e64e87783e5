#!/usr/bin/env bash
# Builds what changed, starts the server with the demo property and the simulator
# with its devices, and says where everything is. Ctrl-C stops both.
# shellcheck disable=SC2317  # traps call the functions
. "$(dirname "$0")/lib.sh"

DATA=${DATA:-data}
scripts/toolchain.sh
scripts/ui.sh
say "building the server and the simulator"
scripts/build.sh

tmp=$(mktemp -d)
server=''
simulator=''
stopping=''

# Each child has a process group of its own: Ctrl-C reaches this script only,
# which stops them in order.
set -m

# end PID: asks a child to stop and waits until it has.
end() {
	[ -n "$1" ] || return 0
	kill -TERM "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

stop() {
	trap '' INT TERM
	end "$simulator"
	end "$server"
	rm -rf "$tmp"
}

interrupted() {
	stopping=yes
	stop
	trap - EXIT
	say
	say "Stopped. The data is kept in $DATA."
	exit 0
}
trap interrupted INT TERM
trap stop EXIT

# await NAME PID FD: prints the child's ready line without the word ready. If the
# child ends before it, this script ends with the child's exit code.
await() {
	local line code=0
	while IFS= read -r line <&"$3"; do
		case $line in
		'ready '*)
			ready=${line#ready }
			return
			;;
		*) say "$line" ;;
		esac
	done
	wait "$2" || code=$?
	[ "$code" -ne 0 ] || code=1
	say "$1 did not start; nothing is left running." >&2
	exit "$code"
}

# value NAME LINE: the value of NAME=value in a line of such pairs.
value() {
	local pair
	for pair in $2; do
		case $pair in "$1="*) printf '%s' "${pair#*=}" ;; esac
	done
}

# What is worth reading here is said below; everything else on request.
export GATEHOUSE_LOG_LEVEL=${GATEHOUSE_LOG_LEVEL:-error}
export GATEHOUSE_SIM_LOG_LEVEL=${GATEHOUSE_SIM_LOG_LEVEL:-error}

mkfifo "$tmp/server" "$tmp/simulator"

bin/server --demo --data "$DATA" >"$tmp/server" </dev/null &
server=$!
exec 3<"$tmp/server"
await "The server" "$server" 3
at_server=$ready
cat <&3 &

bin/devicesim --devices "$DATA/devices.json" >"$tmp/simulator" </dev/null &
simulator=$!
exec 4<"$tmp/simulator"
await "The simulator" "$simulator" 4
at_simulator=$ready
cat <&4 &

say
say "------------------------------------------------------------------------"
say "  Gatehouse is running, with a demo property and simulated devices."
say
say "  Console             $(value http "$at_server")"
token=$(value setup-token "$at_server")
if [ -n "$token" ]; then
	say "  Setup token         $token"
	say "                      (creates the first administrator, works once)"
fi
say "  Simulated devices   $(value control "$at_simulator")"
say "  MQTT                $(value mqtt "$at_server")"
say "  Data                $DATA"
say
say "  Ctrl-C stops both. Without the simulator the devices go offline; to start"
say "  it again by itself: bin/devicesim --devices $DATA/devices.json"
say "------------------------------------------------------------------------"
say

code=0
wait "$server" || code=$?
[ -n "$stopping" ] || say "The server ended by itself (exit code $code)." >&2
exit "$code"
