#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Files and folders that were renamed after the patch was made: am and apply place the patch
# where `git log --follow` leads, and offer a new file the folder's new name.
# shellcheck disable=SC2317 # functions are handed to is()
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v git >/dev/null 2>&1; then
	skip 'renames' 'no git here'
	finish
fi

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_COMMITTER_DATE='1700000001 +0000' GIT_CONFIG_NOSYSTEM=1

# file WORD: thirty lines with the word in them.
file() {
	i=0
	while [ $i -lt 30 ]; do
		echo "$1 says line $i of thirty"
		i=$((i + 1))
	done
}

save() {
	git add -A && git commit -q -m "$1"
}

git init -q -b main .
mkdir -p old/dir lib
for f in a b c; do file $f >old/dir/$f.c; done
file top >lib/top.c
file top >lib/copy.c
file gone >gone.c
echo >x
save base

# the patch
sed -i 's/^a says line 9 .*/a changed/' old/dir/a.c
sed -i 's/^top says line 5 .*/top changed/' lib/top.c
echo '#!/bin/sh' >old/dir/new.sh
chmod +x old/dir/new.sh
sed -i 's/^gone says line 3 .*/gone changed/' gone.c
save 'the patch'
git format-patch -q -1 -o ..
git reset -q --hard HEAD~1

# what happened meanwhile: two renames of top.c, one of them on a branch and edited
git mv lib/top.c lib/mid.c
sed -i 's/line \(2.\) of/Line \1 of/' lib/mid.c
save 'top.c is mid.c'
git checkout -q -b side
git mv lib/mid.c lib/bottom.c
save 'mid.c is bottom.c'
git checkout -q main
echo 1 >>x
save 'something else'
git merge -q side -m 'the branch' >/dev/null
mkdir new
git mv old/dir new/dir
git rm -q gone.c
save 'the folder has a new name'
here=$(git rev-parse HEAD)

# Every path that history knows and HEAD has not, and where git says it is now.
follow() {
	path=$1
	while [ -n "$path" ] && ! [ -e "$path" ]; do
		commit=$(git log -1 --format=%H -- "$path")
		path=$(git show -m --first-parent -M --format= --name-status "$commit" |
			awk -F '\t' -v p="$path" '$1 ~ /^R/ && $2 == p { print $3 }')
	done
	echo "$path"
}

# What kcrib says of a path in a patch that fits nowhere.
asked() {
	printf -- '--- a/%s\n+++ b/%s\n@@ -1,2 +1,2 @@\n nowhere\n-nothing\n+something\n' "$1" "$1" \
		>../asked.patch
	"$kcrib" apply --check --reject --json ../asked.patch 2>/dev/null |
		sed -n "s/.*its history says it became '\\([^']*\\)'.*/\\1/p"
}

all_as_git() {
	git log -m --format= --name-only | sort -u | while read -r path; do
		if [ -z "$path" ] || [ -e "$path" ]; then
			continue
		fi
		[ "$(asked "$path")" = "$(follow "$path")" ] || return 1
	done
}

is 'there is something to be followed' [ "$(follow lib/top.c)" = lib/bottom.c ]
is 'every path goes where git log leads' all_as_git

run apply --reject ../0001-*.patch
is 'apply leaves two rejects' [ "$(find . -name '*.rej' | wc -l)" = 2 ]
is 'a file is found through both renames' grep -q '^top changed$' lib/bottom.c
is 'its copy is left alone' git diff --quiet -- lib/copy.c
is 'a file of the folder is found' grep -q '^a changed$' new/dir/a.c
is 'it is said where' has "$err" "lib/top.c: found under the name 'lib/bottom.c'"
is 'what was deleted is a reject' [ -e gone.c.rej ]
is 'a new file does not bring back the folder' [ ! -e old/dir/new.sh ]
is 'and is not put into the new one unasked' [ ! -e new/dir/new.sh ]
git reset -q --hard && git clean -fdq

run am --reject ../0001-*.patch
is 'am stops' [ "$code" = 128 ]
is 'it has placed what is certain' [ "$(git diff --name-only | xargs)" = 'lib/bottom.c new/dir/a.c' ]
run rej --json
is 'rej names the new folder' has "$out" '"cause":"folder-renamed"'
id=$(sed 's/},{"id"/}\n{"id"/g' "$out" | sed -n '/new.sh/s/.*"id":\([0-9]*\).*/\1/p')
run rej show "$id"
is 'and shows both places' has "$out" 'place 1 of 2: line 1 of new/dir/new.sh'
run rej take "$id"
is 'it can be taken there' cmp -s new/dir/new.sh - <<'END'
#!/bin/sh
END
is 'with its mode' [ -x new/dir/new.sh ]
run rej undo
is 'undo takes it away again' [ ! -e new/dir/new.sh ]
run rej take "$id" --candidate 2
is 'or where the patch says' [ -x old/dir/new.sh ]
run rej undo
run rej take "$id"
run rej
run rej drop "$(sed -n 's/^ *\([0-9]*\) *open .*/\1/p' "$out")"
run am --continue
is 'and the series goes on' [ "$(git log -1 --format=%s)" = 'the patch' ]
is 'with the file in the new folder' [ "$(git ls-tree HEAD new/dir/new.sh | cut -c1-6)" = 100755 ]
git reset -q --hard "$here" && git clean -fdq

# A mail that git takes as it is: the folder comes back, as with git am.
git format-patch -q -1 --stdout HEAD >/dev/null
printf 'From: A <a@example.org>\nSubject: new\n\n---\ndiff --git a/old/dir/n.c b/old/dir/n.c\n' >../new.mail
printf 'new file mode 100644\n--- /dev/null\n+++ b/old/dir/n.c\n@@ -0,0 +1 @@\n+n\n' >>../new.mail
run am --reject ../new.mail
is 'what git am takes is taken as by git am' [ -e old/dir/n.c ]
git reset -q --hard "$here" && git clean -fdq

run am ../0001-*.patch
is 'without --reject git am decides' has "$err" 'lib/top.c: does not exist in index'
run am --abort

# Histories that end too soon.
git clone -q --depth 1 "file://$PWD" ../shallow 2>/dev/null && cd ../shallow || exit 1
run apply --reject --check ../0001-*.patch
is 'a shallow clone finds the folder by content' has "$err" "found under the name 'new/dir/a.c'"
cd ../work || exit 1
git checkout -q --orphan none
run apply --reject --check ../0001-*.patch
is 'so does an unborn branch' has "$err" "found under the name 'new/dir/a.c'"
git checkout -q -f main
cp -r . ../plain && rm -rf ../plain/.git && cd ../plain || exit 1
run apply --reject --check ../0001-*.patch
is 'and without a repository nothing breaks' [ "$code" = 1 ]

finish
