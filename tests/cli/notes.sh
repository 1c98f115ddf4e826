#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Notes from the shell: found, shown, written, taken back; nothing in them reaches the
# terminal as more than text.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command_exists find || ! command_exists new; then
	skip 'notes' 'this kcrib has no commands for notes'
	finish
fi

run --json find transparent huge pages
is 'find answers with JSON' json "$out"
is 'find has what scripts rely on' python3 -c '
import json, sys
hits = json.load(open(sys.argv[1]))
assert hits and all({"slug", "title", "lang", "tags", "score", "snippet"} <= set(h) for h in hits)
assert "thp" in [h["slug"] for h in hits[:3]]
assert isinstance(hits[0]["tags"], list)' "$out"
run --json find --limit 2 page
is '--limit is kept' python3 -c '
import json, sys
assert len(json.load(open(sys.argv[1]))) == 2' "$out"
run find qqqxyzzyqqq
is 'nothing found is the answer no' [ "$code" = 1 ]
run --json find qqqxyzzyqqq
is 'and as JSON an empty array' [ "$code:$(cat "$out")" = '1:[]' ]

run show thp
is 'show prints the note' has "$out" 'ransparent'
run show --raw thp
is '--raw prints its own bytes' cmp -s "$out" "$source/data/notes/thp.md"
run show no-such-note
is 'a note that is not there is a failure' [ "$code" = 3 ]
is 'said in one line' has "$err" '^kcrib: .*no-such-note'

# shellcheck disable=SC2016 # the backquotes are Markdown
printf -- '---\ntitle: "own \033[31mnote"\ntags: [mine]\n---\n# own\n\nx\033[2Jy \302\2332Kz\n\n```sh\necho \033]0;t\007\n```\n' >hostile.md
"$kcrib" new hostile.md >"$out" 2>"$err" </dev/null
is 'a note is made from a file' [ $? = 0 ]
is 'and what is said about it is harmless' harmless "$out"
for words in 'list --tag mine' 'find own' 'history own-note' 'show own-note'; do
	# shellcheck disable=SC2086 # words are arguments
	run $words
	is "$words: nothing of it can act on a terminal" harmless "$out"
	is "$words: nor on standard error" harmless "$err"
	# shellcheck disable=SC2086
	run --json $words
	is "$words: nor as JSON" harmless "$out"
done

finish
