#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Completions as the shells themselves run them.
# shellcheck disable=SC3044 # "complete" is a command of kcrib here
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

run complete 'he'
is 'complete offers a command with a note' [ "$(cat "$out")" = "$(printf 'help\twhat a command does and takes')" ]
run complete -- 'help con'
is 'complete offers what a command takes' has "$out" '^config	'
run complete 'no-such-command '
is 'complete with nothing to offer answers no' [ "$code" = 1 ]
touch 'a file' 'b	tab' "$(printf 'c\033[31m')"

if command -v bash >/dev/null 2>&1; then
	cat >"$home/bash" <<'END'
PATH=$(dirname "$kcrib"):$PATH
source "$build/man/kcrib"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
_kcrib 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
END
	in_bash() {
		bash "$home/bash" "$@" >"$out" 2>"$err"
	}
	is 'bash reads the file' bash -n "$build/man/kcrib"
	in_bash kcrib he
	is 'bash completes commands' [ "$(cat "$out")" = help ]
	in_bash kcrib help con
	is 'bash completes values' [ "$(cat "$out")" = config ]
	in_bash kcrib --root / help con
	is 'bash steps over global options' [ "$(cat "$out")" = config ]
	in_bash kcrib help --js
	is 'bash completes global options' [ "$(cat "$out")" = --json ]
	in_bash kcrib no-such-command x
	is 'bash offers nothing where there is nothing' [ -z "$(cat "$out")" ]
else
	skip 'bash' 'not here'
fi

if command -v zsh >/dev/null 2>&1; then
	is 'zsh reads the file' zsh -n "$build/man/_kcrib"
	cat >"$home/zsh" <<'END'
path=("${kcrib:h}" $path)
compdef() { : }
_describe() { local -a v; v=("${(@P)@[-1]}"); print -l -- "${v[@]}" }
_files() { print files }
compadd() { : }
compset() { : }
words=("$@") CURRENT=$# PREFIX=$argv[-1]
source "$build/man/_kcrib"
END
	zsh -f "$home/zsh" kcrib help con >"$out" 2>"$err"
	is 'zsh completes values' has "$out" '^config:the settings'
	zsh -f "$home/zsh" kcrib --root / he >"$out" 2>"$err"
	is 'zsh completes commands' has "$out" '^help:what a command'
	zsh -f "$home/zsh" kcrib no-such-command x >"$out" 2>"$err"
	is 'zsh falls back to files' [ "$(cat "$out")" = files ]
else
	skip 'zsh' 'not here'
fi

if command -v fish >/dev/null 2>&1; then
	is 'fish reads the file' fish -n "$build/man/kcrib.fish"
	in_fish() {
		PATH="$(dirname "$kcrib"):$PATH" fish --no-config \
			-c "source '$build/man/kcrib.fish'; complete -C '$1'" >"$out" 2>"$err"
	}
	in_fish 'kcrib he'
	is 'fish completes commands' has "$out" '^help	what a command'
	in_fish 'kcrib help con'
	is 'fish completes values' has "$out" '^config	'
	in_fish 'kcrib --jso'
	is 'fish completes options' has "$out" '^--json	'
else
	skip 'fish' 'not here'
fi

finish
