#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Notes that live: filling, trust, probes, import and export, and the note of the man page.
# shellcheck disable=SC2016 # the backticks are Markdown
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# ---- the note that kcrib-notes.5 shows
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$source/man/kcrib-notes.5" |
	sed '/^\.Ed/,$d; /^\.Bd/d' >page.md
run new page.md --name page
is 'the note of the man page is saved' [ "$code" = 0 ]
run show page
is 'its first probe is true' has "$out" 'task. \[true here\]'
is 'its second probe is not' has "$out" '\[not here: kernel .*, not >= 9999\]'
is 'its live value is this kernel' has "$out" "The kernel is $(cat /proc/sys/kernel/osrelease)"
run run page#1 field=wchan --print
is 'its first command is filled' [ "$(cat "$out")" = 'ps -T -p 1 -o spid,wchan' ]
run run page#1 field=other --print
is 'a choice is one of its words' [ "$code" = 2 ]
run run page#2 pid=1 --print
is 'a lone code span is a command' [ "$(cat "$out")" = 'ls /proc/1/task' ]
run check page
is 'check says 1 when something is not true' [ "$code" = 1 ]
run check page --json
is 'check speaks JSON' has "$out" '"probe":"new","state":"not here"'
run run page#1
is 'nothing runs without a terminal' [ "$code" = 3 ]
run run page --print
is 'of several commands one must be named' has "$err" 'page#1 to #2'

# ---- what was imported runs nothing
mkdir -p in/sub
printf '# tar\n\n> Archives.\n\n- List:\n\n`tar tf {{path/to/x.tar}}`\n' >in/tar.md
printf '%% a\n# b\necho <c>\n$ c: touch %s/surprise; echo x\n' "$home" >in/s.cheat
printf 'title \033]0;x\007\n' >in/sub/esc.md
ln -s /etc/passwd in/link.md
printf 'a\0b' >in/nul.md
run import in
is 'a folder is imported' has "$out" '^new  *3$'
is 'a link out of the folder is not followed' has "$err" 'link.md: a symbolic link'
run run s c= --print
is 'printing is allowed' has "$out" "echo ''"
run run s
is 'running is not' has "$err" 'was imported'
is 'its suggestion command did not run' [ ! -e "$home/surprise" ]
run trust s
run run s --print
is 'trusted, and still not run without a terminal' [ ! -e "$home/surprise" ]
run rename s other
run trust --no s
run run other c=
is 'a new name is no trust' has "$err" 'was imported'
run trust other
run run other c=
is 'trusted by its new name' has "$err" 'nobody is at the terminal'
run rename other s
run show esc
is 'escapes are shown, not sent' hasnt "$out" "$(printf '\033')"

# ---- again, and out
run import in
is 'a second import changes nothing' has "$out" '^unchanged  *3$'
printf '\n- More:\n\n`tar xf {{x}}`\n' >>in/tar.md
run import in
is 'a changed file is brought up to date' has "$out" '^updated  *1$'
EDITOR="sed -i s/List/Show/" run edit tar
sed 's/Archives/Archiving/' in/tar.md >t && mv t in/tar.md
run import in
is 'a changed file and an edited note are merged' has "$out" '^merged with your edits  *1$'
run show tar --raw
is 'the edit is there' has "$out" 'Show:'
is 'the update is there' has "$out" 'Archiving'
EDITOR="sed -i s/Show/Mine/" run edit tar
sed 's/List/Theirs/' in/tar.md >t && mv t in/tar.md
run import in
run show tar.new --raw
is 'what cannot be merged stands beside' has "$out" 'Theirs'
run show tar --raw
is 'and the edit stays' has "$out" 'Mine'
run export out --json
is 'export writes files' [ -f out/s.cheat ]
is 'an untouched note comes out byte by byte' cmp -s in/s.cheat out/s.cheat
is 'in its folder' cmp -s in/sub/esc.md out/sub/esc.md
run export nav --format navi
is 'another format lists what it cannot say' has "$out" 'running text'
is 'and is written' has nav/tar.cheat 'tar tf <'

# ---- widget
for shell in bash zsh fish; do
	run widget $shell
	if command -v $shell >/dev/null 2>&1; then
		is "the widget is $shell" $shell -n "$out"
	else
		skip "the widget is $shell" "no $shell here"
	fi
done
run widget csh
is 'there is none for csh' [ "$code" = 2 ]

finish
