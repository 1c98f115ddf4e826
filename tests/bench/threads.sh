#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPU per refresh of the Threads panel beside top -H, htop and ps, at one refresh a second:
#	threads.sh LOAD_THREADS KCRIB [THREADS [SECONDS]]
# The load is one process of its own: THREADS (10000) sleepers, of which one in a hundred
# runs a little each 100 ms. Each full-screen tool runs in a pty of 200 x 50; its CPU time
# (user + system of the whole process) is read from /proc before and after SECONDS. The
# first seconds of each do not count. Printed: milliseconds a refresh, and the ratio to
# kcrib's panel without privileges and with the usual 1024 descriptors, and with all that
# root has. Where that is allowed, all of it runs at real-time priority: on a busy machine
# a tool that waits for a CPU refreshes less often and would seem cheaper than it is.
# Everything is started here and ends here.
set -eu

if [ -z "${KCRIB_BENCH_RT:-}" ] && chrt -f 1 true 2>/dev/null; then
	KCRIB_BENCH_RT=1 exec chrt -f 1 sh "$0" "$@"
fi

load=$1 kcrib=$2 n=${3:-10000} seconds=${4:-8}
tmp=$(mktemp -d)
loader='' tool=''

cleanup() {
	[ -z "$tool" ] || kill "$tool" 2>/dev/null || :
	exec 9>&- || :
	[ -z "$loader" ] || wait "$loader" 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT INT TERM

# utime + stime in ticks; the name is the only field with blanks
ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# cpu_of NAME COMMAND: milliseconds of CPU a second, of a full-screen program
cpu_of() {
	name=$1
	shift
	rm -f "$tmp/pid"
	script -qfc "stty cols 200 rows 50; echo \$\$ >'$tmp/pid'; exec $*" /dev/null \
		<"$tmp/keys" >"$tmp/screen" 2>&1 &
	runner=$!
	i=0
	while [ ! -s "$tmp/pid" ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	tool=$(cat "$tmp/pid")
	sleep 4
	if ! before=$(ticks "$tool" 2>/dev/null); then
		tool=''
		echo "$name: it did not run, left out"
		return
	fi
	sleep "$seconds"
	after=$(ticks "$tool")
	kill "$tool" 2>/dev/null || :
	wait "$runner" 2>/dev/null || :
	tool=''
	awk -v name="$name" -v d="$((after - before))" -v s="$seconds" \
		'BEGIN { printf "%s|%.1f\n", name, d * 10 / s }' >>"$tmp/result"
}

have() {
	command -v "$1" >/dev/null || {
		echo "$1: not installed, left out"
		return 1
	}
}

mkfifo "$tmp/keys" "$tmp/in"
exec 8<>"$tmp/keys"
"$load" "$n" $((n / 100)) <"$tmp/in" >"$tmp/ready" &
loader=$!
exec 9>"$tmp/in"
i=0
while ! grep -q ready "$tmp/ready" && [ $i -lt 300 ]; do
	kill -0 "$loader" 2>/dev/null || exit 77
	sleep 0.1
	i=$((i + 1))
done
: >"$tmp/result"
export TERM=xterm-256color HTOPRC=/dev/null XDG_CONFIG_HOME="$tmp" XDG_DATA_HOME="$tmp" XDG_STATE_HOME="$tmp"
chmod 0777 "$tmp"
cp "$kcrib" "$tmp/kcrib"

if [ "$(id -u)" = 0 ] && have setpriv && have prlimit; then
	plain="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cpu_of "kcrib, no privileges" "$plain" prlimit --nofile=1024 "$tmp/kcrib" ui threads "$loader"
	cpu_of "top -H, no privileges" "$plain" top -H -d 1
	! have htop || cpu_of "htop, no privileges" "$plain" htop -d 10
	cpu_of "kcrib, root" "$tmp/kcrib" ui threads "$loader"
else
	cpu_of "kcrib, no privileges" prlimit --nofile=1024 "$tmp/kcrib" ui threads "$loader"
fi
! have htop || cpu_of "htop" htop -d 10
cpu_of "top -H" top -H -d 1
# ps is run anew each time
start=$(awk '{ print $16 + $17 }' "/proc/$$/stat")
for i in 1 2 3; do
	ps -T -p "$loader" >/dev/null
done
end=$(awk '{ print $16 + $17 }' "/proc/$$/stat")
echo "ps -T -p|$(((end - start) * 10 / 3))" >>"$tmp/result"

echo "$n threads, CPU of one refresh:"
awk -F '|' '
	{ name[NR] = $1; ms[NR] = $2 }
	$1 == "kcrib, no privileges" { plain = $2 }
	$1 == "kcrib, root" { root = $2 }
	function ratio(x, of) {
		return of ? sprintf("%.1f x", x / of) : "-"
	}
	END {
		printf("%-24s %8s %18s %14s\n", "", "ms", "of kcrib plain", "of kcrib root")
		for (i = 1; i <= NR; i++)
			printf("%-24s %8.1f %18s %14s\n", name[i], ms[i],
				ratio(ms[i], plain), ratio(ms[i], root))
	}' "$tmp/result"
