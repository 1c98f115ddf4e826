#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kcrib am beside git am, as a script meets it: the same commits, the same exit codes, and
# each takes over from the other.
# shellcheck disable=SC2317 # functions are handed to is()
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

if ! command_exists am || ! command -v git >/dev/null 2>&1; then
	skip 'patches' 'no git here'
	finish
fi
export GIT_CONFIG_NOSYSTEM=1 GIT_COMMITTER_DATE='1700000000 +0100' \
	GIT_AUTHOR_DATE='1690000000 +0200' GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org \
	GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE || :

git init -q . && seq 1 60 >file && git add file && git commit -q -m base
base=$(git rev-parse HEAD)
sed -i 's/^30$/thirty/' file && git commit -q -a -m 'say thirty' -m 'Because words are nicer.'
sed -i 's/^50$/fifty/' file && git commit -q -a -m 'say fifty'
git format-patch -q -o ../mails "$base" && cat ../mails/*.patch >../series.mbox

fresh() {
	git am --abort >/dev/null 2>&1
	git reset -q --hard "$base" && git clean -q -f -d
}
stopped() {
	[ -d .git/rebase-apply ]
}
clean() {
	! stopped && [ "$(git rev-parse HEAD)" = "$base" ] && [ -z "$(git status --porcelain)" ]
}

fresh
git am -q ../series.mbox
want=$(git rev-parse HEAD)
fresh
run am ../series.mbox
is 'a series is applied' [ "$code" = 0 ]
is 'the commits are those of git am' [ "$(git rev-parse HEAD)" = "$want" ]
is 'it tells what it applies' has "$out" 'say fifty'
fresh
code=0
"$kcrib" am - <../series.mbox >"$out" 2>"$err" || code=$?
is 'the mailbox may come through a pipe' [ "$code:$(git rev-parse HEAD)" = "0:$want" ]
fresh
run -q am -s ../series.mbox
is '-s adds its line' has "$(git log -1 --format=%B >"$home/message"; echo "$home/message")" \
	'^Signed-off-by: C <c@example.org>$'
fresh
run --json am ../series.mbox
is '--json is one value' json "$out"
is 'with a mail each' python3 -c '
import json, sys
assert len(json.load(open(sys.argv[1]))) == 2' "$out"

fresh
seq 1 28 >file && git commit -q -a -m 'the end is gone'
gone=$(git rev-parse HEAD)
run am ../series.mbox
is 'what does not apply stops with 128' [ "$code" = 128 ]
is 'git sees an am in progress' stopped
is 'nothing was committed' [ "$(git rev-parse HEAD)" = "$gone" ]
git am --abort >"$out" 2>"$err"
is 'git am --abort takes over' [ $? = 0 ]
is 'and leaves no dirt' [ "$(git rev-parse HEAD)$(git status --porcelain)" = "$gone" ]
git am -q ../series.mbox >"$out" 2>"$err"
run am --abort
is 'kcrib am --abort takes over from git' [ "$code:$(git rev-parse HEAD)" = "0:$gone" ]
run am --reject ../series.mbox
is '--reject keeps what it cannot place' [ "$code" = 128 ]
run --json rej
is 'rejects are listed as JSON' json "$out"
is 'with what scripts rely on' python3 -c '
import json, sys
rejects = json.load(open(sys.argv[1]))
assert rejects and all({"id", "path", "cause", "status", "candidates"} <= set(r) for r in rejects)
assert rejects[0]["path"] == "file"' "$out"
run am --abort
is 'and abort gives back the tree' [ "$(git rev-parse HEAD)$(git status --porcelain)" = "$gone" ]

# what b4 am writes: its own separator, fields decoded to bare UTF-8, a signature of the
# developer, trailers it collected, nothing quoted, words behind the last diff
b4_mail() {
	printf 'From git@z Thu Jan  1 00:00:00 1970\nFrom: %s <rene@example.org>\n' 'René Ångström'
	printf 'Date: Sat, 22 Jul 2023 06:2%d:40 +0200\nSubject: [PATCH v3 %d/2] %s\n' "$1" "$1" "$2"
	cat <<-MAIL
		MIME-Version: 1.0
		Content-Type: text/plain; charset="utf-8"
		Content-Transfer-Encoding: 8bit
		Message-Id: <20230722-thirty-v3-$1-0123456789ab@example.org>
		References: <20230722-thirty-v3-0-0123456789ab@example.org>
		In-Reply-To: <20230722-thirty-v3-0-0123456789ab@example.org>
		To: list@example.org, 王小明 <wang@example.org>
		X-Mailer: b4 0.12.3
		X-Developer-Signature: v=1; a=ed25519-sha256; t=1690000000; l=1234;
		 i=rene@example.org; s=20230101; h=from:subject:message-id;
		 bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=;
		 b=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
		 CCCCCCCCCCCC==
		X-Developer-Key: i=rene@example.org; a=ed25519;
		 pk=DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD=

		From here on words are nicer, naïve as that is.
		>From the list: so they are.

		Signed-off-by: René Ångström <rene@example.org>
		Reviewed-by: 王小明 <wang@example.org>
		Link: https://example.org/r/20230722-thirty-v3-$1-0123456789ab@example.org
		---
		 file | 2 +-
		 1 file changed, 1 insertion(+), 1 deletion(-)

	MAIL
	sed -n '/^diff --git/,/^-- $/p' ../mails/000"$1"-*.patch | sed '$d'
	printf '\n-- \n2.41.0\n\n'
}
{
	b4_mail 1 'thirty: ça se dit «thirty»'
	b4_mail 2 'fifty, and a subject so long that no mailer but this one would leave it on one line' |
		sed '/^-- $/,$d'
	printf -- '---\nbase-commit: %s\nchange-id: 20230722-thirty-0123456789ab\n\n' "$base"
	printf 'Best regards,\n-- \nRené Ångström <rene@example.org>\n\n'
} >../v3_thirty.mbx
fresh
git am -q ../v3_thirty.mbx
want=$(git rev-parse HEAD)
fresh
run am ../v3_thirty.mbx
is 'a mailbox of b4 gives the commits of git am' [ "$code:$(git rev-parse HEAD)" = "0:$want" ]
git log -2 --format='%an|%s|%b' >../log
is 'its names are whole' has ../log 'René Ångström|thirty: ça se dit «thirty»|'
is 'its trailers are kept' has ../log '^Reviewed-by: 王小明 <wang@example.org>$'
is 'a line that begins like a separator is text' has ../log 'From here on'
is 'and a quoted one stays as b4 left it' has ../log '^>From the list'

fresh
# a name in Latin-1 that no header declares
name=$(printf 'J\366hn')
LC_ALL=C sed "s/^From: .*@.*/From: $name <j@example.org>/" ../mails/0001-*.patch >../latin.patch
git am -q ../latin.patch 2>"$err"
want=$(git rev-parse HEAD)
fresh
run am ../latin.patch
is 'bytes of a name that are no UTF-8 become what git makes of them' [ "$(git rev-parse HEAD)" = "$want" ]
is 'it is warned of' has "$err" 'did not conform to UTF-8'

fresh
run am ../no-such-mailbox
is 'a mailbox that is not there leaves nothing behind' clean
truncate -s 2G ../much
run am ../much
is 'a mailbox of 2 GB is not even read' has "$err" 'larger than 1073741824 bytes'
is 'and leaves nothing behind' clean
rm ../much
sed 's/^@@ .*/@@ -1,99 +1,99 @@/' ../mails/0001-*.patch >../lies.patch
run am -3 ../lies.patch
is 'a patch that cannot be read is not called applied' [ "$code" = 128 ]
is 'with -3 too it says why' has "$err" 'corrupt patch at line'
fresh
printf 'From: A <a@example.org>\nDate: Sat, 22 Jul 2023 06:20:40 +0200\nSubject: x\n\n---\n%s' \
	'diff --git a/file/in b/file/in
new file mode 100644
--- /dev/null
+++ b/file/in
@@ -0,0 +1 @@
+in
' >../below.patch
run am -3 ../below.patch
is 'a merge that wants a file and a folder of one name stops' [ "$code" = 128 ]
is 'before it has written anything' [ "$(git status --porcelain)" = '' ]
is 'and so that one can go on' [ -e .git/rebase-apply/next ]
fresh
run am --no-such-option
is 'an unknown option is wrong usage' [ "$code" = 2 ]

# apply: the index alone; and only where git apply would
fresh
sed -i 's/^1$/one/' file
run apply --cached ../mails/0001-*.patch
is 'apply --cached changes the index' [ "$code:$(git diff --cached --name-only)" = 0:file ]
is 'as git apply --cached does' [ "$(git show :file | sed -n 30p)" = thirty ]
is 'and no file' [ "$(sed -n '1p;30p' file | tr '\n' ' ')" = 'one 30 ' ]
fresh
touch -d '2001-01-01' file && git update-index -q --refresh
run apply --cached ../mails/0001-*.patch
is 'and git is not told that the file is what was staged' \
	[ "$code:$(git status --porcelain)" = '0:MM file' ]
run apply --cached ../mails/0001-*.patch
is 'apply --cached looks at the index' [ "$code" = 1 ]
fresh
sed -i 's/^28$/twenty-eight/' file
run apply --reject --strict ../mails/0001-*.patch
is 'with --strict changed context is a reject' [ "$code:$(ls ./*.rej)" = 1:./file.rej ]
fresh
sed -i 's/^28$/twenty-eight/' file
run apply --reject ../mails/0001-*.patch
is 'without it the place is certain' [ "$code:$(sed -n 30p file)" = 0:thirty ]
fresh
git diff --no-index /dev/null file | sed 's,b/file,b/added,' >../added.patch
cp file added && git add -N added
run apply --cached ../added.patch
is 'apply --cached fills an entry that git add -N made' [ "$code:$(git show :added | wc -l)" = 0:60 ]
git rm -q -f --cached added && cp file added && git add -N added && rm added
run apply --index ../added.patch
is '--index does not, as it cannot be what the index says' [ "$code" = 1 ]
gzip -c ../mails/0001-*.patch >../packed.gz
fresh
run apply ../packed.gz
is 'apply reads a packed patch' [ "$code:$(sed -n 30p file)" = 0:thirty ]

# whitespace: by the attribute, by what the patch adds at the end; counts
newline='
'
fresh
sed -i '3s/$/ /' file && printf '\n\n' >>file
git diff >../bad.patch
git checkout -q file
echo 'file whitespace=-blank-at-eol' >.gitattributes
run apply --whitespace=fix ../bad.patch
is 'apply --whitespace=fix goes by the attribute' \
	[ "$code:$(sed -n '3p;$p' file)" = "0:3 ${newline}60" ]
fresh
rm -f .gitattributes
run apply --whitespace=error ../bad.patch
is 'with error it changes nothing' [ "$code:$(git status --porcelain)" = 1: ]
is 'and counts the faults' has "$err" 'error: 1 line adds whitespace errors.'
for option in --stat --numstat --summary; do
	git apply $option ../series.mbox >../want
	run apply $option ../series.mbox
	is "apply $option prints what git apply does" cmp -s "$out" ../want
done
is 'and changes nothing' [ -z "$(git status --porcelain)" ]
run --json apply --stat ../series.mbox
is 'with --json as a table' python3 -c '
import json, sys
row = json.load(open(sys.argv[1]))[0]
assert (row["path"], row["change"], row["added"], row["removed"]) == ("file", "modify", 1, 1)
' "$out"
: >../empty.patch
run apply ../empty.patch
is 'an empty patch is none' [ "$code" = 3 ]
run apply --allow-empty ../empty.patch
is 'but with --allow-empty' [ "$code" = 0 ]

# A series that is only looked at goes on behind a stop.
fresh
sed -i 's/^30$/dreissig/' file && git commit -q -a -m other
other=$(git rev-parse HEAD)
run series ../series.mbox
is 'a series is looked at patch by patch' \
	has "$out" '2 patches: 1 would stop, with 1 reject'
is 'what fits behind a stop is seen' has "$out" 'ok    2/2    =             say fifty'
is 'it says so in its code and changes nothing' \
	[ "$code:$(git rev-parse HEAD):$(git status --porcelain)" = "1:$other:" ]
run series --patch 1 ../series.mbox
is 'one of them is shown whole' has "$out" '! file:27  rejected'
run am --dry-run --json ../series.mbox
is 'am --dry-run goes on as well' python3 -c '
import json, sys
assert [m["status"] for m in json.load(open(sys.argv[1]))] == ["stopped", "applied"]
' "$out"
is 'and says that it would stop' [ "$code" = 128 ]
run am --reject ../series.mbox
run series --patch 2
is 'a mail of the am in progress' has "$out" '+fifty'
run series ../series.mbox
is 'another one has to wait' has "$err" 'an am is in progress'

# A binary patch carries whole files, so it would fit anything.
fresh
printf 'a\000old' >bin && git add bin && git commit -q -m bin
printf 'a\000new' >bin && git diff --binary >../bin.patch
git commit -q -a -m other
run apply ../bin.patch
is 'a binary patch is for the file it was made on' \
	[ "$code:$(git status --porcelain)" = 1: ]
git reset -q --hard HEAD~1
run apply ../bin.patch
is 'and changes that one' [ "$code:$(git status --porcelain)" = '0: M bin' ]
run apply -R ../bin.patch
is 'there and back' [ "$code:$(git status --porcelain)" = 0: ]

fresh
cd .. && run am series.mbox
is 'outside of a work tree it fails' [ "$code" -ge 3 ]

finish
