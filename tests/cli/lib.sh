# shellcheck shell=sh disable=SC2034 # what is set here is for the scripts
# SPDX-License-Identifier: GPL-2.0-or-later
# What every script here reads first. Arguments of a script: KCRIB SOURCE BUILD. It speaks
# TAP: each `is` is a case. HOME and the XDG folders are a fresh folder that goes away.

kcrib=$(cd "$(dirname "$1")" && pwd)/${1##*/} source=$2 build=$3
export kcrib source build
cases=0 failures=0

home=$(mktemp -d "${TMPDIR:-/tmp}/kcrib-cli-XXXXXX")
trap 'rm -rf "$home"' EXIT
trap 'exit 1' HUP INT TERM
export HOME="$home"
export XDG_DATA_HOME="$home/data" XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state"
unset NO_COLOR KCRIB_DB EDITOR VISUAL || :
export LC_ALL=C.UTF-8 TERM=xterm-256color
mkdir "$home/work"
cd "$home/work" || exit 1

# run ARG...: kcrib without a terminal; leaves $code, and the files $out and $err.
out=$home/out err=$home/err
run() {
	code=0
	"$kcrib" "$@" >"$out" 2>"$err" </dev/null || code=$?
}

# is NAME COMMAND...: one case, passed when the command succeeds.
is() {
	name=$1
	shift
	cases=$((cases + 1))
	if "$@"; then
		echo "ok $cases - $name"
	else
		failures=$((failures + 1))
		echo "not ok $cases - $name"
		echo "# failed: $*"
		sed 's/^/# out: /' "$out" 2>/dev/null | head -n 20
		sed 's/^/# err: /' "$err" 2>/dev/null | head -n 20
	fi
}

skip() {
	cases=$((cases + 1))
	echo "ok $cases - $1 # SKIP $2"
}

has() {
	grep -q -e "$2" "$1"
}

hasnt() {
	! grep -q -e "$2" "$1"
}

empty() {
	! [ -s "$1" ]
}

# No byte of the file could act on a terminal: no control character but LF and tab.
harmless() {
	! LC_ALL=C tr -d '\n\t' <"$1" | LC_ALL=C grep -q '[[:cntrl:]]'
}

# Exactly one JSON value and nothing else.
json() {
	python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$1" \
		2>/dev/null
}

# Is there such a command?
command_exists() {
	"$kcrib" help "$@" >/dev/null 2>&1
}

finish() {
	echo "1..$cases"
	[ "$failures" = 0 ] && [ "$cases" != 0 ]
	exit
}
