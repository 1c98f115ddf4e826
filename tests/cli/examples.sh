#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of README.md and of the man pages do what they show: every line that begins
# with "$ kcrib" runs, in order, in one place. 0 and 1 (the answer is no) are what an
# example may end with; one that needs more than this machine has may end with 3 and says
# so with a hint.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
PATH="$(dirname "$kcrib"):$PATH"
export PATH

git init -q . 2>/dev/null
examples_of() {
	sed -n 's/^\(\.Dl \)\{0,1\}[ ]*\$ \(kcrib .*\)$/\2/p' "$1" | sed 's/\\-/-/g; s/\\&//g; s/\\e/\\/g'
}

for page in "$source/README.md" "$build"/man/*.1 "$build"/man/*.5 "$source"/man/*.5; do
	[ -f "$page" ] || continue
	examples_of "$page" >"$home/examples"
	while IFS= read -r line; do
		code=0
		timeout 20 sh -c "$line" >"$out" 2>"$err" </dev/null || code=$?
		is "${page##*/}: $line" [ "$code" -le 1 ]
	done <"$home/examples"
done

finish
