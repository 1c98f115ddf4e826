#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Search and save, measured on stores of 6,000, 100,000 and 1,000,000 notes that are made
# of the text found on this machine, beside fzf, fzy and rg on the same text.
#
#   search.sh [SIZES...]      the sizes to build, default "6000 100000"
#
# BENCH names the program (default build/tests/bench/bench_search), TLDR a git directory of
# the tldr pages, WORK a folder that is kept; without it everything is removed at the end.
# A million notes take some minutes and 4 GB.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bench=${BENCH:-$here/../../build/tests/bench/bench_search}
specs=$here/../spec/search
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- 6000 100000

[ -x "$bench" ] || { echo "search.sh: no $bench: ninja -C build tests/bench/bench_search" >&2; exit 2; }

# ms WORDS...: wall time of a command, the median of five
ms() {
	for _ in 1 2 3 4 5; do
		from=$(date +%s%N)
		"$@" >/dev/null 2>&1 || :
		echo $(($(date +%s%N) - from))
	done | sort -n | sed -n 3p | awk '{ printf "%.1f ms", $1 / 1e6 }'
}

peers() {
	# one line a note, as these programs want it
	tr '\n\036' ' \n' <"$1" >"$1.lines"
	printf '  peers, one answer on the same text, wall, start included:\n'
	for words in 'huge' 'git am reject' 'exit_reason'; do
		printf '    %-16s' "$words"
		command -v fzf >/dev/null 2>&1 &&
			printf ' fzf %s' "$(ms sh -c 'fzf --filter "$1" <"$2"' sh "$words" "$1.lines")"
		command -v fzy >/dev/null 2>&1 &&
			printf '  fzy %s' "$(ms sh -c 'fzy -e "$1" <"$2"' sh "$words" "$1.lines")"
		command -v rg >/dev/null 2>&1 &&
			printf '  rg %s' "$(ms rg -i -F "$words" "$1.lines")"
		printf '  kcrib %s\n' "$(ms "$bench" find "$2" "$words")"
	done
	rm -f "$1.lines"
}

for size; do
	text=$work/$size.txt
	db=$work/$size.db
	echo "== $size notes"
	[ -s "$text" ] || python3 "$here/corpus.py" "$size" ${TLDR:+--tldr "$TLDR"} >"$text"
	[ -s "$db" ] || "$bench" build "$db" "$text"
	for spec in queries held-out unseen; do
		"$bench" quality "$db" "$specs/$spec.spec"
	done
	"$bench" keys "$db" "$specs/queries.spec"
	"$bench" open "$db"
	"$bench" save "$db"
	peers "$text" "$db"
done
