#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man.sh PAGE...: mandoc has nothing to say about the pages as they are installed.
set -eu
command -v mandoc >/dev/null 2>&1 || { echo 'no mandoc here'; exit 77; }
# "missing" pages are those of other packages; the style "referenced manual not found"
# depends on what this machine has installed
mandoc -Tlint -Wstyle "$@" | grep -v 'referenced manual not found' && exit 1
echo 'nothing found'
