#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The promises that hold for every command: exit codes, streams, JSON, colours.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run
is 'without a terminal it exits with 2' [ "$code" = 2 ]
is 'and says how it is used, on standard error' has "$err" '^usage: kcrib'
is 'and nothing on standard output' empty "$out"

run --version
is '--version is one line' [ "$code:$(wc -l <"$out")" = 0:1 ]
run --help
is '--help succeeds' [ "$code" = 0 ]
run help
is 'help lists commands' has "$out" '^  help '
is 'help does not list what is hidden' hasnt "$out" '^  complete '

run no-such-command
is 'an unknown command is wrong usage' [ "$code" = 2 ]
is 'the error names it' has "$err" '^kcrib: unknown command: no-such-command$'
run fnid huge
is 'a slip of the fingers is understood' has "$err" '^hint: did you mean find?'
is 'and gives a hint' has "$err" '^hint: '
is 'nothing goes to standard output' empty "$out"
run help --no-such-option
is 'an unknown option is wrong usage' [ "$code" = 2 ]
run help no-such-command
is 'help for nothing fails' [ "$code" = 3 ]
run --color=sometimes help
is 'a wrong value of a global option is wrong usage' [ "$code" = 2 ]
run --root
is 'a missing value is wrong usage' [ "$code" = 2 ]
run -C /no/such/folder help
is 'a folder that is not there is a failure' [ "$code" = 3 ]
is 'said as what: object: reason' has "$err" '^kcrib: .*/no/such/folder: No such file'

run --json help
is '--json is one value' json "$out"
run help --json
is '--json may stand behind the command' json "$out"
run --json config
is '--json of an empty table is an empty array' [ "$(cat "$out")" = '[]' ]
run config
is 'an empty table says what would be there' has "$out" 'No settings'

mkdir -p "$XDG_CONFIG_HOME/kcrib"
printf '[a]\nkey = one\033[31mtwo\n' >"$XDG_CONFIG_HOME/kcrib/config"
run config
is 'settings are found' has "$out" 'a.key'
is 'control characters in data are shown, not sent' harmless "$out"
is 'and can be seen' has "$out" 'one^\[\[31mtwo'
run --json config
is 'JSON escapes them too' harmless "$out"
is 'and keeps the value' python3 -c '
import json, sys
assert json.load(open(sys.argv[1]))[0]["value"] == "one\x1b[31mtwo"' "$out"
printf 'broken' >"$XDG_CONFIG_HOME/kcrib/config"
run help
is 'broken settings do not stop the program' [ "$code" = 0 ]
rm "$XDG_CONFIG_HOME/kcrib/config"

bad=$(printf 'no\033[2Jsuch')
run "$bad"
is 'an error shows control characters, too, without sending them' harmless "$err"
run -C "$bad" help
is 'also those of a path' harmless "$err"

run help
is 'a pipe gets no colours' harmless "$out"
run --color=always help
is '--color=always sends them' has "$out" "$(printf '\033')"
NO_COLOR=1
export NO_COLOR
run help
is 'NO_COLOR takes them away' harmless "$out"
unset NO_COLOR

"$kcrib" help >/dev/full 2>"$err" </dev/null && code=0 || code=$?
is 'a full disk under the output is a failure' [ "$code" = 3 ]
is 'and is said' has "$err" 'standard output'

(
	unset HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME
	"$kcrib" help >"$out" 2>"$err" </dev/null
)
is 'help needs no HOME' has "$out" '^  help '

# every command: help, man page, completions
"$kcrib" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | sed 's/  .*//' >"$home/commands"
is 'there are commands' [ "$(wc -l <"$home/commands")" -gt 2 ]
fails=
while read -r words; do
	# shellcheck disable=SC2086 # two words are two arguments
	"$kcrib" $words --help >"$out" 2>"$err" </dev/null || fails="$fails $words"
	grep -q "^kcrib $words" "$out" || fails="$fails $words"
	# shellcheck disable=SC2086 # two words are two arguments
	"$kcrib" --json $words --no-such-option >"$out" 2>"$err" </dev/null
	# find looks for options, too: they are words of notes
	[ $? = 2 ] || [ "$words" = find ] || fails="$fails $words(option)"
	grep -q "^\.Cm $words\$" "$build/man/kcrib.1" || fails="$fails $words(man)"
	grep -q "'$words')" "$build/man/kcrib" || fails="$fails $words(bash)"
done <"$home/commands"
echo "# $fails"
is 'every command has help, refuses unknown options, is in man page and completion' \
	[ -z "$fails" ]

finish
