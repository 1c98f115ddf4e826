#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# spelling.sh ROOT: common misspellings, where codespell is installed.
set -eu
command -v codespell >/dev/null 2>&1 || { echo 'no codespell here'; exit 77; }
cd "$1"
# shellcheck disable=SC2046 # one word a file
codespell --ignore-words tests/lint/words-we-use.txt $(find README.md ARCHITECTURE.md HACKING.md NEWS.md src include man data/notes \
	-type f \( -name '*.[ch]' -o -name '*.md' -o -name '*.in' \))
echo 'nothing found'
