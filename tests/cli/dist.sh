#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A release: meson dist makes an archive that holds what a build needs.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! [ -e "$source/.git" ] || ! git -C "$source" rev-parse HEAD >/dev/null 2>&1; then
	skip 'meson dist' 'not a git work tree'
	finish
fi
# a folder of its own: dist writes into the build folder
meson setup "$home/build" "$source" -Dtests=false >"$out" 2>"$err" &&
	meson dist -C "$home/build" --no-tests --allow-dirty --formats gztar >"$out" 2>"$err"
is 'meson dist' [ $? = 0 ]
archive=$(find "$home/build/meson-dist" -name '*.tar.gz')
tar -tzf "$archive" >"$out" 2>"$err"
for file in dev meson.build README.md COPYING data/keys.conf data/notes/thp.md \
	man/kcrib.1.in src/cli/gen.c tests/cli/dist.sh; do
	is "holds $file" has "$out" "^kcrib-[^/]*/$file\$"
done
is 'holds no build folder' hasnt "$out" '/build'

finish
