#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# am_fault.sh KCRIB FAULT_LIBRARY [kill|ENOSPC|EIO]...: a series that applies and one that
# stops on rejects are broken off at every change of the file system. Afterwards --abort
# gives back every byte, and --continue (where nothing had begun: a second run) ends where an undisturbed
# run ends.
set -eu
# both may be named from where we stand now
kcrib=$(cd "$(dirname "$1")" && pwd)/${1##*/} lib=$(cd "$(dirname "$2")" && pwd)/${2##*/}
shift 2
[ $# -gt 0 ] || set -- kill ENOSPC EIO
command -v git >/dev/null || { echo "1..0 # SKIP no git"; exit 0; }
top=$(mktemp -d "${TMPDIR:-/tmp}/kcrib-fault.XXXXXX")
trap 'rm -rf "$top"' EXIT INT TERM
export HOME="$top" XDG_CONFIG_HOME="$top/.config" GIT_CONFIG_NOSYSTEM=1 TZ=UTC LC_ALL=C
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
# a sanitized build wants to be the first library; here ours stands before it
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"

fixture() {
	mkdir "$top/made"
	cd "$top/made"
	git init -q
	mkdir sub dir
	ln -s a link
	seq 1 9 >dir/in
	seq 1 40 >a
	seq 1 40 >b
	seq 1 40 >sub/c
	git add .
	git commit -q -m base
	sed -i 's/^20$/twenty/' a
	git commit -q -a -m one
	git mv b sub/moved
	sed -i 's/^5$/five/' sub/moved
	# types change: a symlink becomes a folder, and a folder a symlink
	git rm -q link
	mkdir link
	git mv dir/in link/in
	ln -s a dir
	git add dir
	git commit -q -a -m two
	echo new >sub/new
	git add .
	git rm -q sub/c
	sed -i 's/^30$/thirty/' a
	git commit -q -a -m three
	git format-patch -q --stdout HEAD~3 >"$top/clean.mbox"
	git reset -q --hard HEAD~3
	cp -r "$top/made" "$top/clean"
	# what patch three wants in `a` is not there any more
	sed -i '26,34d' a
	git commit -q -a -m drift
	echo mine >a.orig
	echo older >a.rej
	touch -d '2001-01-01' a.rej a.orig
	cp -r "$top/made" "$top/rejects"
	cd "$top"
}

# all that --abort must give back: HEAD, the index, every file
picture() {
	(
		cd "$1"
		git rev-parse HEAD
		git ls-files -s
		git ls-files -co --exclude-standard | sort | xargs -d '\n' sha1sum
		git ls-files -co --exclude-standard | sort | xargs -d '\n' stat -c '%n %A'
		test ! -e .git/rebase-apply || echo "a session is left"
		test ! -e .git/index.lock || echo "a lock is left"
	)
}

disturbed() {
	rm -rf "$top/work"
	cp -a "$top/$1" "$top/work"
	(
		cd "$top/work"
		git update-index -q --refresh || :
		FAULT_DO=$3 FAULT_AT=$2 LD_PRELOAD=$lib "$kcrib" am --reject "$top/clean.mbox"
	) >"$top/out" 2>&1 || :
}

fail() {
	echo "not ok - $*"
	sed 's/^/# /' "$top/out"
	exit 1
}

check_abort() {
	ended=yes
	[ ! -e "$top/work/.git/rebase-apply/kcrib/series" ] || ended=no
	[ ! -e "$top/work/.git/rebase-apply/next" ] || ended=no
	if [ -e "$top/work/.git/rebase-apply" ]; then
		(cd "$top/work" && "$kcrib" am --abort) >"$top/out" 2>&1 ||
			fail "$1, $3 at $2: --abort fails"
	fi
	# all was done and written, only the state was not yet removed
	if [ "$ended" = yes ] && [ "$(git -C "$top/work" rev-parse HEAD)" = "$(cat "$top/end.$1")" ]; then
		(cd "$top/work" && git update-index -q --refresh && git diff-index --quiet HEAD) ||
			fail "$1, $3 at $2: the end is not whole"
		return 0
	fi
	picture "$top/work" >"$top/after"
	cmp -s "$top/before.$1" "$top/after" || {
		diff "$top/before.$1" "$top/after" >"$top/out" || :
		fail "$1, $3 at $2: --abort left something else"
	}
}

check_continue() {
	(
		cd "$top/work"
		if [ -e .git/rebase-apply ]; then
			"$kcrib" am --continue ||
				{ "$kcrib" am --abort &&
					"$kcrib" am --reject "$top/clean.mbox"; }
		elif [ "$(git rev-parse HEAD)" != "$(cat "$top/end.$1")" ]; then
			"$kcrib" am --reject "$top/clean.mbox"
		fi
	) >"$top/out" 2>&1 || test "$1" = rejects || fail "$1, $3 at $2: --continue fails"
	test "$(git -C "$top/work" rev-parse HEAD)" = "$(cat "$top/end.$1")" ||
		fail "$1, $3 at $2: --continue ends elsewhere"
	(cd "$top/work" && git fsck --no-dangling >"$top/out" 2>&1) || fail "$1, $3 at $2: fsck"
}

# Not sooner than when it is done may a list be written, and then once: a write for each
# of many hunks would sync the disk as often.
check_listing() {
	for hunks in 3 300; do
		rm -rf "$top/many" "$top/.local"
		mkdir "$top/many"
		echo 'int x;' >"$top/many/a"
		{
			printf -- '--- a/a\n+++ b/a\n'
			i=0
			while [ "$i" -lt "$hunks" ]; do
				i=$((i + 1))
				printf '@@ -%d +%d @@\n-no %d\n+yes\n' "$i" "$i" "$i"
			done
		} >"$top/many/a.rej"
		(cd "$top/many" && FAULT_COUNT="$top/count.$hunks" LD_PRELOAD=$lib \
			"$kcrib" rej) >"$top/out" || test $? = 1
		test "$(grep -c ' open ' "$top/out")" = "$hunks" ||
			fail "rej lists $hunks hunks otherwise"
	done
	cmp -s "$top/count.3" "$top/count.300" || fail "rej writes once for each hunk"
}

fixture
check_listing
n=1
echo "ok 1 - a list of 300 rejects writes no more than one of 3"
for kind in clean rejects; do
	rm -rf "$top/work"
	picture "$top/$kind" >"$top/before.$kind"
	cp -a "$top/$kind" "$top/work"
	(cd "$top/work" && FAULT_COUNT="$top/count" LD_PRELOAD=$lib "$kcrib" am --reject \
		"$top/clean.mbox") >"$top/out" 2>&1 || test "$kind" = rejects
	git -C "$top/work" rev-parse HEAD >"$top/end.$kind"
	total=$(cat "$top/count")
	rm -rf "$top/work"
	for action in "$@"; do
		at=1
		while [ "$at" -le "$total" ]; do
			disturbed "$kind" "$at" "$action"
			check_abort "$kind" "$at" "$action"
			disturbed "$kind" "$at" "$action"
			check_continue "$kind" "$at" "$action"
			at=$((at + ${FAULT_STEP:-1}))
		done
		n=$((n + 1))
		echo "ok $n - $kind series, $action at each of $total changes: abort and continue"
	done
done
echo "1..$n"
