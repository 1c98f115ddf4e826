#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shell.sh ROOT: every shell script of the tree passes shellcheck.
set -eu
command -v shellcheck >/dev/null 2>&1 || { echo 'no shellcheck here'; exit 77; }
cd "$1"
find dev .ci/run tests -type f \( -name '*.sh' -o -name dev -o -path '.ci/run' \) \
	-exec shellcheck -x {} +
echo 'nothing found'
