#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# format.sh ROOT: the whole tree is as clang-format 14 would write it. Other versions have
# other opinions: skipped with them.
set -eu
command -v clang-format >/dev/null 2>&1 || { echo 'no clang-format here'; exit 77; }
case $(clang-format --version) in
*' version 14.'*) ;;
*) echo 'clang-format is not version 14'; exit 77 ;;
esac
cd "$1"
find src include tests -name '*.[ch]' -print0 |
	xargs -0 -n 8 -P "$(nproc 2>/dev/null || echo 2)" clang-format --dry-run -Werror
echo 'formatted'
