#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shell.sh ROOT: every shell script of the tree passes shellcheck.
# SC2016 (a dollar or backquote in single quotes) is what scripts about Markdown mean.
set -eu
command -v shellcheck >/dev/null 2>&1 || { echo 'no shellcheck here'; exit 77; }
cd "$1"
find dev .ci/run tests -type f \( -name '*.sh' -o -name dev -o -path '.ci/run' \) \
	-exec shellcheck -x -e SC2016 {} +
echo 'nothing found'
