#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kcrib apply -3 beside git apply -3: the same words, exit status, index and files, byte for
# byte, whatever conflicts.
# shellcheck disable=SC2317 # functions are handed to is()
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v git >/dev/null 2>&1; then
	skip 'threeway' 'no git here'
	finish
fi
export GIT_CONFIG_NOSYSTEM=1 GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org \
	GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE || :

# ---- three versions of everything ----

# lines N WORD: twenty lines, WORD in the place of the N-th.
lines() {
	seq 1 20 | sed "s/^$1\$/$2/"
}

texts='crlf one one-side exec.sh fixed marked own union'
version() {
	for f in $texts; do
		lines "$1" "$2" >"$f"
	done
	lines "$3" "$2" >two
	lines 0 0 >one-side
	[ "$2" = base ] || echo "$2" >void
	printf 'a\000%s' "$2" >bin
	ln -sf "$2" link
	git add -A
}

git init -q made && cd made || exit 1
git config core.safecrlf false
cat >.gitattributes <<'A'
crlf text eol=crlf
union merge=union
fixed -merge
own merge=own
marked conflict-marker-size=11
A
version 0 base 0
lines 0 0 >moved-from
echo gone >gone
: >void
echo text >to-link
git add -A && git commit -q -m base && git tag base
git checkout -q -b theirs
version 10 theirs 3
lines 12 theirs >one-side
lines 10 theirs >fresh
lines 10 theirs >moved-to
git rm -q -f gone moved-from
chmod +x exec.sh
git add -A && git commit -q -m theirs
git checkout -q -b ours base
version 10 ours 18
lines 10 ours >moved-from
lines 10 ours >fresh
git add -A && git commit -q -m ours
for f in $texts two bin link void gone fresh; do
	git diff --binary base theirs -- "$f" >"../$f.patch"
done
git diff -M base theirs -- moved-from moved-to >../moved.patch
cat ../two.patch ../one.patch ../moved.patch ../bin.patch ../fresh.patch >../all.patch
sed 's/^index .*/index 1111111..2222222 100644/' ../two.patch >../unknown.patch
sed 's/^index .*/index 1111111..2222222 100644/' ../one.patch >../unknown-fails.patch
sed 's/^ 7$/ seven/' ../one.patch >../edited.patch
sed 's/^+theirs/& /' ../one.patch >../bad.patch
sed '/^index /d' ../two.patch >../no-index.patch
cd ..

# ---- one case ----

state() {
	git ls-files -s
	git ls-files -o
	for f in $(git ls-files -c -o | sort -u); do
		if [ -L "$f" ]; then
			echo "$f -> $(readlink "$f")"
		elif [ -e "$f" ]; then
			echo "$f $(stat -c %a "$f") $(git hash-object --no-filters "$f")"
		fi
	done
}

# one NAME SETUP PROGRAM ARG...
one() {
	side=$1 setup=$2
	shift 2
	rm -rf "tree"
	cp -a made tree
	(
		cd tree || exit 1
		eval "$setup"
		git update-index -q --refresh
		status=0
		"$@" >../"$side" 2>&1 </dev/null || status=$?
		echo "exit $status" >>../"$side"
		state >>../"$side"
	)
}

# same NAME SETUP ARG...: SETUP is done before both.
same() {
	name=$1 setup=$2
	shift 2
	one theirs.txt "$setup" git apply "$@"
	one ours.txt "$setup" "$kcrib" apply "$@"
	diff theirs.txt ours.txt >"$out" 2>&1
	is "$name" empty "$out"
}

for f in $texts two bin void gone fresh moved all unknown unknown-fails edited no-index; do
	same "apply -3: $f" : -3 "../$f.patch"
done
for f in one bin fresh moved all edited; do
	same "apply -3 --cached: $f" : -3 --cached "../$f.patch"
done
for f in crlf bin moved gone; do
	same "apply -3 -R: $f" : -3 -R "../$f.patch"
done
same 'apply -3 --check' : -3 --check ../all.patch
same 'apply -3 --verbose' : -3 -v ../all.patch
for style in diff3 zdiff3; do
	for f in one fresh; do
		same "$style: $f" "git config merge.conflictstyle $style" -3 "../$f.patch"
	done
done
same 'twice the same patch' 'git checkout -q theirs' -3 ../one.patch
same 'on what the patch was made on' 'git checkout -q base' -3 ../all.patch
same 'local changes are kept' 'echo mine >>one' -3 ../one.patch
same 'local changes are kept with --cached out of the way' 'echo mine >>one' -3 --cached ../one.patch
same 'local changes of a file both made are kept' 'echo mine >>fresh' -3 ../fresh.patch
same 'staged changes are ours' 'echo mine >>one; git add one' -3 ../one.patch
same 'an untracked file is kept' 'git rm -q --cached fresh' -3 ../fresh.patch
same 'an untracked file elsewhere is kept' 'git rm -q fresh; echo mine >fresh' -3 ../fresh.patch
same 'a file that was never here' 'git rm -q fresh' -3 ../fresh.patch
same 'a file deleted here' 'git rm -q one' -3 ../one.patch
same 'a file missing in the work tree' 'rm one' -3 ../one.patch
same 'a file both made, missing in the work tree' 'rm fresh' -3 ../fresh.patch
same 'conflicts that are there already' 'git apply -3 ../one.patch 2>/dev/null' -3 ../one.patch
same 'a folder in the way' 'mkdir -p deep; git mv one deep/one; git mv two one' -3 ../one.patch
same 'from a subfolder' 'mkdir sub; cd sub' -3 ../../one.patch
same 'under a folder' 'mkdir sub; git mv one sub/one' -3 --directory=sub ../one.patch
same 'two patches of which one conflicts' : -3 ../one.patch ../two.patch
same 'bad blanks and a conflict' : -3 ../bad.patch
same 'bad blanks mended in a conflict' : -3 --whitespace=fix ../bad.patch
same 'a file missing in the work tree, with --index' 'rm two' --index ../two.patch

# ---- broken off ----

# unlike A B: one is there and the other is not, or they differ.
unlike() {
	[ -e "$1" ] || [ -e "$2" ] || return 1
	! cmp -s "$1" "$2"
}

# What lies in tree/ is of made/ or of new/, and the index names nothing that is not there.
old_or_new() {
	for f in one two bin fresh moved-from moved-to; do
		! unlike "tree/$f" "made/$f" || ! unlike "tree/$f" "new/$f" || return 1
	done
	git -C tree ls-files -s | cut -d' ' -f2 | git -C tree cat-file --batch-check >"$out"
	hasnt "$out" missing
}

# broken WHAT: at every third change of the file system.
broken() {
	at=1
	while [ "$at" -le "$changes" ]; do
		rm -rf tree && cp -a made tree && git -C tree update-index -q --refresh
		(cd tree && FAULT_AT=$at FAULT_DO=$1 LD_PRELOAD=$fault "$kcrib" apply -3 ../all.patch) \
			>"$out" 2>"$err" && return 1
		old_or_new || return 1
		at=$((at + 3))
	done
}

fault=$build/tests/cli/fault.so
if [ -e "$fault" ]; then
	export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
	cp -a made new && git -C new update-index -q --refresh
	(cd new && FAULT_COUNT=../count LD_PRELOAD=$fault "$kcrib" apply -3 ../all.patch) 2>"$err"
	changes=$(cat count)
	is 'writing is counted' [ "$changes" -gt 9 ]
	is 'killed, every file is old or new' broken kill
	is 'on a full disk, every file is old or new' broken ENOSPC
else
	skip 'broken off' 'no library of faults'
fi

# ---- where kcrib is not git ----

cd made || exit 1
git checkout -q ours
git mv moved-from elsewhere && git commit -q -m 'both names are taken' &&
	cp elsewhere moved-from && git add moved-from && git commit -q -m again
echo mine >moved-to
run apply -3 ../moved.patch
is 'a rename over a file that is there is refused' [ "$code" = 1 ]
is 'and says why' has "$err" 'moved-to: already exists'
is 'and is kept' [ "$(cat moved-to)" = mine ]
is 'and so is what was to be renamed' cmp -s elsewhere moved-from
rm moved-to
run --json apply -3 ../one.patch
is '--json tells of conflicts' python3 -c '
import json, sys
assert [r["status"] for r in json.load(open(sys.argv[1]))] == ["conflicts"]' "$out"
# git takes what lies in memory behind the merged target into the link too
git reset -q --hard ours
run apply -3 ../link.patch
is 'a symlink in conflict has three stages' [ "$(git ls-files -u link | wc -l)" = 3 ]
is 'and both targets' [ "$(readlink link | grep -c -e '^ours$' -e '^theirs$')" = 2 ]
git reset -q --hard
mkdir ../bare-folder && cd ../bare-folder || exit 1
run apply -3 ../one.patch
is 'there is no -3 outside a repository' has "$err" '3way outside a repository'
cd ..

finish
