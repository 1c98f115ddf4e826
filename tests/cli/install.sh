#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installed, the program finds all it needs; uninstalled, nothing is left.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

at=$home/at
meson install -C "$build" --no-rebuild --destdir "$at" >"$out" 2>"$err"
is 'meson install' [ $? = 0 ]
find "$at" -type f >"$out"
for file in bin/kcrib man/man1/kcrib.1 man/man5/kcrib-keys.5 \
	bash-completion/completions/kcrib zsh/site-functions/_kcrib \
	fish/vendor_completions.d/kcrib.fish; do
	is "installs $file" has "$out" "$file\$"
done
is 'installs no tool of the build' hasnt "$out" 'kcrib-gen\|\.a$'
installed=$(grep 'bin/kcrib$' "$out")
"$installed" help >"$out" 2>"$err" </dev/null
is 'the installed program runs' has "$out" '^  help '
if command_exists list; then
	"$installed" --json list >"$out" 2>"$err" </dev/null
	is 'it brings its notes' has "$out" '"slug":"thp"'
fi
(cd "$build" && ninja uninstall) >"$out" 2>"$err"
is 'ninja uninstall' [ $? = 0 ]
is 'leaves no file' [ -z "$(find "$at" -type f 2>/dev/null)" ]

finish
