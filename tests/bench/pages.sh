#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPU of the Pages panel by refresh, beside readers of the same facts in one run:
#	pages.sh PAGES_TOOL [KCRIB]
# The tool brings its own load and reads smaps_rollup of every process for comparison;
# hugeadm and numastat join in where they are installed. Fails when the bound is broken.
set -eu

tool=$1
kcrib=${2:-}

# CPU seconds of a command run ten times.
cpu_of() {
	# shellcheck disable=SC2016
	sh -c 'i=0; while [ $i -lt 10 ]; do "$@" >/dev/null 2>&1; i=$((i + 1)); done; times' \
		sh "$@" | tail -n 1
}

"$tool"
for peer in "hugeadm --pool-list" "numastat -m"; do
	# shellcheck disable=SC2086 # a program and its argument
	set -- $peer
	if command -v "$1" >/dev/null; then
		echo "$peer, ten runs (user sys): $(cpu_of "$@")"
	else
		echo "$1: not installed, left out"
	fi
done
[ -z "$kcrib" ] || echo "kcrib hugepages --json, ten runs (user sys): $(cpu_of "$kcrib" hugepages --json)"
