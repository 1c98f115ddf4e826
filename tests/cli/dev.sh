#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ./dev: what it refuses and says, without building anything.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
dev=$source/dev

dev() {
	code=0
	"$dev" "$@" >"$out" 2>"$err" </dev/null || code=$?
}

dev help
is 'help succeeds' [ "$code" = 0 ]
for word in run test lint bench fuzz faults format; do
	is "help names $word" has "$out" "\./dev $word"
done
dev
is 'without a word it is wrong usage' [ "$code" = 2 ]
dev no-such-word
is 'an unknown word is wrong usage' [ "$code" = 2 ]
dev fuzz soon
is 'fuzz wants seconds' [ "$code" = 2 ]

# a machine on which nothing is installed and nobody can be asked
mkdir "$home/bare"
for tool in sh dirname cat cut sort tr grep sed id printf env; do
	ln -s "$(command -v "$tool")" "$home/bare/$tool"
done
code=0
PATH="$home/bare" CI='' "$home/bare/sh" "$dev" run >"$out" 2>"$err" </dev/null || code=$?
is 'what is missing is named' has "$err" 'missing packages: .*meson'
is 'and nothing is installed unasked' [ "$code" = 3 ]
# the same with a package manager that only says what it would do
cat >"$home/bare/apt-get" <<'END'
#!/bin/sh
echo "apt-get $*" >>"$HOME/apt.log"
END
cat >"$home/bare/sudo" <<'END'
#!/bin/sh
exec "$@"
END
chmod +x "$home/bare/apt-get" "$home/bare/sudo"
PATH="$home/bare" "$home/bare/sh" "$dev" run -y >"$out" 2>"$err" </dev/null || code=$?
is '-y installs without a question' has "$home/apt.log" 'install .*libgit2-dev'
is 'by the names of this distribution' has "$home/apt.log" 'ninja-build'
is 'and nothing that only tests need' hasnt "$home/apt.log" 'cmocka'
is 'what is still missing ends it' has "$err" 'cannot go on without: .*prog:meson'
rm "$home/apt.log"
PATH="$home/bare" CI=true "$home/bare/sh" "$dev" test >"$out" 2>"$err" </dev/null || code=$?
is 'CI=true does not ask either' has "$home/apt.log" 'install .*libcmocka-dev'

finish
