#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The reject desk, as a script meets it: take, drop, undo, continue, abort; and rejects that
# lie about outside of any repository.
# shellcheck disable=SC2317 # functions are handed to is()
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v git >/dev/null 2>&1; then
	skip 'rejects' 'no git here'
	finish
fi

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_COMMITTER_DATE='1700000001 +0000' GIT_CONFIG_NOSYSTEM=1

printf 'int b(void)\n{\n\tint r = f(1);\n\tif (r < 0)\n\t\treturn r;\n\treturn 0;\n}\n' >b.c
git init -q . && git add b.c && git commit -q -m base
cp b.c ../before.c
sed -i 's/f(1)/f(1, 2)/' b.c && git commit -q -a -m 'f takes two' && git format-patch -q -1 -o ..
git reset -q --hard HEAD~1
sed -i 's/int r/long r/' b.c && git commit -q -a -m 'r is long'
here=$(git rev-parse HEAD)
cp b.c ../here.c

# The word of the only reject's status.
status_is() {
	run rej
	grep -q "^ *1 *$1 " "$out"
}

run am --reject ../0001-*.patch
is 'an edited line is not taken by itself' [ "$code" = 128 ]
is 'the file is as it was' cmp -s b.c ../here.c
run rej
is 'rej exits 1 while one is open' [ "$code" = 1 ]
run am --continue
is 'continue refuses while one is open' [ "$code" != 0 ]

run rej take 1
is 'take puts it in' [ "$code" = 0 ]
is 'both changes stand' grep -q 'long r = f(1, 2);' b.c
is 'the .rej is gone' [ ! -e b.c.rej ]
is 'it is listed as taken' status_is taken
run rej undo
is 'undo gives back the file' cmp -s b.c ../here.c
is 'and the .rej' [ -e b.c.rej ]
is 'it is open again' status_is open

run rej take 1
echo 'int later;' >>b.c
run rej undo
is 'undo refuses when the file changed since' [ "$code" = 3 ]
is 'and says so' grep -q 'changed since' "$err"
git checkout -q b.c
run am --abort
is 'abort gives back the tree' [ "$(git rev-parse HEAD)$(git status --porcelain)" = "$here" ]

run am --reject ../0001-*.patch
run rej drop 1
is 'drop leaves the file alone' cmp -s b.c ../here.c
run am --skip
is 'the patch can be skipped then' [ "$code" = 0 ]

run am --reject ../0001-*.patch
run rej take 1
run am --continue
is 'continue makes the commit' [ "$(git log -1 --format=%s)" = 'f takes two' ]
is 'with the author of the mail' [ "$(git log -1 --format=%ae)" = a@example.org ]
is 'and nothing lies about' [ -z "$(git status --porcelain)" ]

run am --reject ../0001-*.patch
run rej why 1
git am --abort >/dev/null 2>&1

# ---- a patch that git itself leaves behind

git checkout -q -f -b two
sed 's/b\.c/c.c/g; s/f takes two/f takes two in c/' ../0001-*.patch >../0002.patch
cp ../here.c c.c && git add c.c && git commit -q -m 'c as b'
tree=$(git rev-parse HEAD)
run am --reject ../0001-*.patch ../0002.patch
git am --skip >/dev/null 2>&1
run rej
is 'what git skipped is not claimed for the next patch' grep -q 'open .*c\.c' "$out"
is 'nor listed with it' [ "$(grep -c open "$out")" = 1 ]
is 'but told' grep -q 'b\.c\.rej: of patch 1, which was left behind' "$err"
is 'and not lost' [ -e b.c.rej ]
run rej take 1
run rej take 2
run am --continue
is 'the next patch does not wait for it' [ "$code" = 0 ]
is 'its commit has its own file only' [ "$(git show --format= --name-only)" = c.c ]
is 'and the reject lies there still' [ -e b.c.rej ]
rm -f b.c.rej && git reset -q --hard "$tree"
run am --reject ../0001-*.patch ../0002.patch
git am --skip >/dev/null 2>&1
run am --abort
is 'abort gives back the tree' [ "$(git rev-parse HEAD)$(git status --porcelain)" = "$tree" ]

mkdir ../plain && cd ../plain || exit 1
cp ../here.c b.c
cp ../0001-*.patch b.c.rej
run rej
is 'rejects are found outside of a repository' grep -q 'open .*b.c' "$out"
run rej take 1
is 'and can be taken there' grep -q 'long r = f(1, 2);' b.c

cp ../0001-*.patch b.c.rej
echo 'no patch at all' >a.rej
: >z.rej
run rej
is 'a .rej that is none hides no other' grep -q 'open .*b.c' "$out"
is 'and is told' [ "$(grep -c 'no hunk in it' "$err")" = 2 ]
mkdir ../none && mv a.rej ../none && cd ../none || exit 1
run rej
is 'alone it is an error' [ "$code:$(grep -c 'no hunk in it' "$err")" = 3:1 ]

mkdir ../nobody && cd ../nobody && git init -q . && git config user.useConfigOnly true
unset GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL EMAIL
run rej
is 'nobody has to say who they are to look for rejects' [ "$code" = 0 ]

finish
