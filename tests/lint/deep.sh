#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deep.sh ROOT BUILD: the slow analysers, each where it is installed. They report; a person
# judges, because each of them is sometimes wrong. Fails when one of them found something.
set -eu
root=$1 build=$2 bad=0
sources=$(find "$root/src" -name '*.c')

echo '== gcc -fanalyzer'
if command -v gcc >/dev/null 2>&1; then
	[ -f "$root/build-analyzer/build.ninja" ] ||
		CC=gcc meson setup "$root/build-analyzer" "$root" --buildtype=debugoptimized \
			-Dtests=false -Dc_args='-fanalyzer -fdiagnostics-plain-output' >/dev/null
	ninja -C "$root/build-analyzer" -t clean >/dev/null
	CCACHE_DISABLE=1 ninja -C "$root/build-analyzer" >"$build/analyzer.log" 2>&1 || bad=1
	grep -E 'warning: .*-Wanalyzer' "$build/analyzer.log" && bad=1
fi
echo '== clang-tidy'
if command -v clang-tidy >/dev/null 2>&1; then
	# shellcheck disable=SC2086 # one word a file
	clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option \
		--checks='-*,bugprone-*,clang-analyzer-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,-bugprone-branch-clone,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling' \
		$sources 2>/dev/null | grep -E 'warning:|error:' && bad=1
fi
echo '== cppcheck'
if command -v cppcheck >/dev/null 2>&1; then
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
		--suppressions-list="$root/tests/lint/cppcheck.txt" --suppress=missingInclude --suppress=unknownMacro -I "$root/include/l0" \
		--error-exitcode=1 "$root/src" 2>&1 || bad=1
fi
echo '== codespell'
if command -v codespell >/dev/null 2>&1; then
	sh "$root/tests/lint/spelling.sh" "$root" || bad=1
fi
exit "$bad"
