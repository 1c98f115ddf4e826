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
	printf 'a\000%s' "$2" >bin
	ln -sf "$2" link
	git add -A
}

git init -q made && cd made || exit 1
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
echo text >to-link
git add -A && git commit -q -m base && git tag base
git checkout -q -b theirs
version 10 theirs 3
lines 12 theirs >one-side
lines 10 theirs >fresh
lines 10 theirs >moved-to
git rm -q -f gone moved-from
git update-index --chmod=+x exec.sh 2>/dev/null && chmod +x exec.sh
git add -A && git commit -q -m theirs
git checkout -q -b ours base
version 10 ours 18
lines 10 ours >moved-from
lines 10 ours >fresh
echo more >>gone
git add -A && git commit -q -m ours
for f in $texts two bin link gone fresh exec.sh; do
	git diff --binary base theirs -- "$f" >"../$f.patch"
done
git diff -M base theirs -- moved-from moved-to >../moved.patch
cat ../two.patch ../one.patch ../moved.patch ../bin.patch ../fresh.patch >../all.patch
cat ../one.patch ../gone.patch >../fails.patch
sed 's/^index .*/index 1111111..2222222 100644/' ../two.patch >../unknown.patch
sed 's/^index .*/index 1111111..2222222 100644/' ../one.patch >../unknown-fails.patch
sed 's/^ 7$/ seven/' ../one.patch >../edited.patch
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
		code=0
		"$@" >../"$side" 2>&1 </dev/null || code=$?
		echo "exit $code" >>../"$side"
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

for f in $texts two bin link gone fresh moved all fails unknown unknown-fails edited no-index; do
	for how in -3 '-3 --cached' '-3 -R' '-3 --check' '-3 -v'; do
		# shellcheck disable=SC2086 # options
		same "apply $how: $f" : $how "../$f.patch"
	done
done
for style in diff3 zdiff3; do
	for f in one two fresh moved; do
		same "$style: $f" "git config merge.conflictStyle $style" -3 "../$f.patch"
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
same 'two patches of which one fails' : -3 ../unknown-fails.patch ../two.patch
same 'bad blanks and a conflict' "sed -i 's/theirs/theirs /' ../bad.patch" -3 ../bad.patch
same 'outside a repository' 'rm -rf .git' -3 ../one.patch
same 'not with --reject' : -3 --reject ../one.patch

finish
