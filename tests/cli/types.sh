#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A path changes its type: file, executable, symlink, binary file, folder and a rename into
# or out of it. From each to each, by apply, apply --index, apply --cached, backwards and
# by am: the index and the files are those git has.
# shellcheck disable=SC2317 # functions are handed to is()
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command_exists am || ! command -v git >/dev/null 2>&1; then
	skip 'types' 'no git here'
	finish
fi
export GIT_CONFIG_NOSYSTEM=1 GIT_COMMITTER_DATE='1700000000 +0100' \
	GIT_AUTHOR_DATE='1690000000 +0200' GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org \
	GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org

git init -q . && seq 1 9 >bar && git add bar && git commit -q -m base
base=$(git rev-parse HEAD)
types='file script link binary folder deep'
for type in $types; do
	git reset -q --hard "$base"
	case $type in
	file) seq 20 29 >foo ;;
	script) seq 20 29 >foo && chmod +x foo ;;
	link) ln -s bar foo ;;
	binary) printf 'a\000b' >foo ;;
	folder) mkdir foo && seq 20 29 >foo/baz ;;
	deep) mkdir -p foo/foo && seq 20 29 >foo/foo/baz && seq 3 >foo/foo/foo ;;
	esac
	git add . && git commit -q -m "$type" && git tag "$type"
done

# the whole tree is that of $1, and so are index ($2: index) and files ($2: files)
stands() {
	case $2 in
	*index*) [ "$(git write-tree)" = "$(git rev-parse "$1^{tree}")" ] || return 1 ;;
	esac
	case $2 in
	*files*) git add -A && [ "$(git write-tree)" = "$(git rev-parse "$1^{tree}")" ] ;;
	esac
}

start() {
	git am --abort >/dev/null 2>&1
	git reset -q --hard "$1" && git clean -q -f -d -x
}

does() {
	run "$@"
	[ "$code" = 0 ]
}

# from_to FROM TO: every way of getting there, and back
from_to() {
	git diff --binary -M "$1" "$2" >../patch
	start "$1" && does apply ../patch && stands "$2" files || return 1
	start "$1" && does apply --index ../patch && stands "$2" index-files || return 1
	start "$1" && does apply --cached ../patch && stands "$2" index || return 1
	start "$2" && does apply -R --index ../patch && stands "$1" index-files || return 1
	{
		printf 'From 0000000 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n'
		printf 'Date: Sat, 22 Jul 2023 06:26:40 +0200\nSubject: from %s to %s\n\n---\n' "$1" "$2"
		cat ../patch
	} >../mail
	start "$1" && does am ../mail && stands HEAD index-files && stands "$2" index-files ||
		return 1
	# and where it stops: what fits is there, and what was comes back
	{
		cat ../mail
		printf 'diff --git a/bar b/bar\n--- a/bar\n+++ b/bar\n@@ -4 +4 @@\n-not there\n+new\n'
	} >../stops
	start "$1" && run am --reject ../stops
	[ "$code" = 128 ] && [ -f bar.rej ] && rm bar.rej && stands "$2" files &&
		git read-tree "$1" && git update-index -q --refresh
	run am --abort
	[ "$code" = 0 ] && stands "$1" index-files
}

for from in $types; do
	for to in $types; do
		[ "$from" = "$to" ] || is "$from becomes $to" from_to "$from" "$to"
	done
done

# a submodule leaves its files where they are: none is written over
git init -q ../sub && echo mine >../sub/baz && git -C ../sub add baz && git -C ../sub commit -q -m sub
start "$base" && git clone -q ../sub foo && git add foo 2>/dev/null && git commit -q -m sub
{
	printf 'From 0000000 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n'
	printf 'Date: Sat, 22 Jul 2023 06:26:40 +0200\nSubject: sub becomes folder\n\n---\n'
	git diff HEAD folder
} >../mail
run am ../mail
is 'a submodule does not become a folder' \
	[ "$code:$(git ls-files -s foo | cut -c 1-6):$(cat foo/baz)" = 128:160000:mine ]
git am --abort && rm -rf foo

# what goes in the same patch opens no way through it
mkdir ../outside && seq 20 29 >../outside/baz
start link && rm foo && ln -s ../../outside foo && git add foo && git commit -q -m out
git tag out
{
	git diff out "$base" -- foo
	git diff folder "$base" -- foo/baz
} >../patch
for how in '' --index --cached; do
	start out
	# shellcheck disable=SC2086 # an empty one is none
	run apply $how ../patch
	is "nothing is deleted through a symlink that goes ($how)" \
		[ "$code:$(grep -c . ../outside/baz):$(readlink foo)" = 1:10:../../outside ]
done

finish
