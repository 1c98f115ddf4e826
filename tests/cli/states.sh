# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kcrib am in repositories that are in an unusual state: where git am works it does the
# same, where it refuses nothing is changed.
set -u
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
command -v git >/dev/null || {
	echo '1..0 # SKIP no git'
	exit 0
}
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE || :
export GIT_CONFIG_NOSYSTEM=1 TZ=UTC
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'
git config --global protocol.file.allow always
git config --global init.defaultBranch main

make() {
	git init -q "$@"
	for last; do :; done
	mkdir "$last/in" "$last/out"
	seq 9 >"$last/in/f"
	seq 2 9 >"$last/out/g"
	seq 9 >"$last/top"
	git -C "$last" add .
	git -C "$last" commit -q -m base
}
make made
sed -i s/5/five/ made/in/f
git -C made commit -q -a -m five
sed -i s/6/six/ made/out/g
git -C made commit -q -a -m six
git -C made format-patch -q --stdout HEAD~2 >series.mbox

# All of a repository that am has to do with: HEAD, index with its flags, files.
picture() {
	(
		cd "$1" || exit 1
		git rev-parse HEAD
		git status --porcelain
		git ls-files -s
		git ls-files -v
		find . -name .git -prune -o -type f -print -o -type l -printf '%p %l\n' | sort
	) 2>&1
}

# same NAME SETUP [FOLDER]: both make the same of it.
same() {
	for who in git kcrib; do
		rm -rf r wt
		make r
		(cd r && eval "$2") >"$home/setup" 2>&1
		program=git
		[ "$who" = git ] || program=$kcrib
		code=0
		(cd "${3:-r}" && "$program" am "$home/work/series.mbox") \
			>"$out" 2>"$err" </dev/null || code=$?
		echo "$code" >"$home/$who"
		picture "${3:-r}" >>"$home/$who"
	done
	is "$1: as git am" cmp -s "$home/git" "$home/kcrib"
}

# refused NAME SETUP WORDS: it says why, and leaves everything as it was. (A session may have
# begun, as in git, to go on with or to be aborted.)
refused() {
	rm -rf r
	# shellcheck disable=SC2086 # options of git init
	make ${INIT:-} r
	(cd r && eval "$2") >"$home/setup" 2>&1
	picture r >"$home/before"
	code=0
	(cd r && "$kcrib" am "$home/work/series.mbox") >"$out" 2>"$err" </dev/null || code=$?
	picture r >"$home/after"
	is "$1 is told" [ "$code:$(grep -c -e "$3" "$err")" = 128:1 ]
	is "$1: nothing is changed" cmp -s "$home/before" "$home/after"
}

same 'a plain repository' :
same 'a sparse checkout' 'git sparse-checkout set in'
same 'a sparse checkout by patterns' 'git sparse-checkout set --no-cone /in/'
same 'a sparse index' 'git sparse-checkout set --sparse-index in'
same 'a split index' 'git update-index --split-index'
same 'an index that is always split' 'git config core.splitIndex true
	echo x >>top; git commit -q -a -m more'
same 'an index of version 4' 'git update-index --index-version 4'
same 'a file that is not to be looked at' 'git update-index --skip-worktree top; echo x >>top'
same 'a file of the series that is not to be looked at' \
	'git update-index --skip-worktree in/f; echo x >>in/f; git config advice.amWorkDir false'
same 'a submodule' 'git submodule -q add ../made sub; git commit -q -m sub'
same 'a second work tree' 'git worktree add -q ../wt' wt
same 'settings of the work tree alone' 'git config core.repositoryformatversion 1
	git config extensions.worktreeConfig true; git config --worktree user.name W'
same 'a detached HEAD' 'git checkout -q --detach'
same 'another file is dirty' 'echo x >>top'
same 'a file stands where a folder was' 'rm -r out; echo x >out'
same '$Id$ is written into files' 'echo "f ident" >.gitattributes; echo "\$Id\$" >>in/f
	git add .; git commit -q -m ident; rm in/f; git checkout -q in/f'
same 'a file that must not be merged' 'git config am.threeWay true; echo "g -merge" >.gitattributes
	sed -i s/6/sechs/ out/g; git add .; git commit -q -m other'
# --abort: what was there comes back, and nothing else
given_back() {
	rm -rf r
	make r
	sed -i s/6/sechs/ r/out/g
	git -C r commit -q -a -m other
	(cd r && eval "$2") >"$home/setup" 2>&1
	picture r >"$home/before"
	# shellcheck disable=SC2086 # an option or none
	(cd r && "$kcrib" am $3 "$home/work/series.mbox") >"$out" 2>"$err" </dev/null
	[ -e r/.git/rebase-apply/next ]
	stopped=$?
	(cd r && eval "$4" && "$kcrib" am --abort) >"$out" 2>"$err" </dev/null
	picture r >"$home/after"
	cmp -s "$home/before" "$home/after"
	is "--abort: $1" [ "$stopped:$?" = 0:0 ]
}
given_back 'a file that was removed stays so' 'rm in/f' '' :
given_back 'nor comes what a sparse checkout leaves out' 'git sparse-checkout set in' '' :
given_back 'with a sparse index too' 'git sparse-checkout set --sparse-index in' --reject :
given_back 'a symlink in the place of a reject' 'ln -s nowhere out/g.rej; ln -s ../in/f out/g.orig' \
	--reject :
given_back 'after one more try at a merge that stopped' : -3 '! "$kcrib" am --retry'

# what a hook is told, and what it finds where it goes
git init -q elsewhere
for who in git kcrib; do
	program=git
	[ "$who" = git ] || program=$kcrib
	rm -rf r
	make r
	for hook in applypatch-msg pre-applypatch post-applypatch; do
		echo "echo $hook \$*; pwd; cd ../elsewhere && git rev-parse --show-toplevel" \
			>r/.git/hooks/$hook
		chmod +x r/.git/hooks/$hook
	done
	(cd r && "$program" am -q ../series.mbox) >"$home/$who" 2>&1
	rm -rf r
	make r
	echo 'echo >extra; git add extra' >r/.git/hooks/pre-applypatch
	chmod +x r/.git/hooks/pre-applypatch
	(cd r && "$program" am -q ../series.mbox && git rev-parse HEAD) >"$home/$who.commits"
done
is 'hooks: as git am runs them' cmp -s "$home/git" "$home/kcrib"
is 'what a hook stages is no part of the commit' cmp -s "$home/git.commits" "$home/kcrib.commits"

# where the repository is, by the environment
by_environment() {
	rm -rf r
	make r
	code=0
	# shellcheck disable=SC2086 # several variables
	(cd "$2" && env $3 "$kcrib" am "$home/work/series.mbox") >"$out" 2>"$err" </dev/null ||
		code=$?
	is "$1" [ "$code:$(git -C r rev-list --count HEAD):$(git -C r status --porcelain)" = 0:3: ]
}
by_environment 'GIT_DIR alone: the work tree is here' r GIT_DIR=.git
by_environment 'GIT_DIR and GIT_WORK_TREE' r/in "GIT_DIR=../.git GIT_WORK_TREE=.."
by_environment 'they name another place' . "GIT_DIR=r/.git GIT_WORK_TREE=r"
by_environment 'GIT_WORK_TREE alone' r GIT_WORK_TREE=.
by_environment 'and an index' r "GIT_DIR=.git GIT_WORK_TREE=. GIT_INDEX_FILE=.git/index"
rm -rf r
make r
code=0
(cd r/in && "$kcrib" -C .. am "$home/work/series.mbox") >"$out" 2>"$err" </dev/null || code=$?
is '-C of a folder beside' [ "$code:$(git -C r rev-list --count HEAD)" = 0:3 ]

# objects that only the remote has
git -C made config uploadpack.allowFilter true
git -C made config uploadpack.allowAnySHA1InWant true
git -C made checkout -q -B old HEAD~2
git clone -q --no-checkout --filter=blob:none "file://$PWD/made" partial 2>"$home/setup"
(cd partial && git sparse-checkout set in && git checkout -q old) >"$home/setup" 2>&1
blob=$(git -C made rev-parse old:out/g)
if git -C partial rev-list --objects --missing=print old | grep -q "^?$blob"; then
	code=0
	(cd partial && "$kcrib" am ../series.mbox) >"$out" 2>"$err" </dev/null || code=$?
	is 'a partial clone fetches what is not here' [ "$code" = 0 ]
else
	skip 'a partial clone fetches what is not here' 'this git has fetched it before'
fi

refused 'a dirty index' 'echo x >>top; git add top' 'Dirty index'
refused 'a lock on the index' 'touch .git/index.lock' 'index.lock'
refused 'a lock on HEAD' 'touch .git/HEAD.lock' 'HEAD.lock'
refused 'a lock on the branch' 'touch .git/refs/heads/main.lock' 'main.lock'
refused 'a bare repository' 'git config core.bare true' 'work tree'
# (what git status thinks of such a file depends on its time: only the bytes are looked at)
unknown_filter() {
	rm -rf r
	make r
	(cd r && eval "$2") >"$home/setup" 2>&1
	(cd r && "$kcrib" am ../series.mbox) >"$out" 2>"$err" </dev/null
	is "$1 is told" has "$err" "$3 is known to git am only"
	is "$1: no file is changed" cmp -s r/in/f old-f
	is "$1: nor HEAD" [ "$(git -C r rev-list --count HEAD)" = 1 ]
}
seq 9 >old-f
unknown_filter 'an encoding of files' 'echo "f working-tree-encoding=UTF-16LE" >.git/info/attributes' \
	'f: working-tree-encoding=UTF-16LE'
unknown_filter 'a filter that is a process' 'git config filter.x.process cat
	echo "f filter=x" >.git/info/attributes' 'f: filter.x.process'
refused 'a hook that watches all refs' 'echo exit 1 >.git/hooks/reference-transaction
	chmod +x .git/hooks/reference-transaction' 'reference-transaction is run by git am only'
refused 'a merge' 'git checkout -q -b x; echo x >>top; git commit -q -a -m x
	git checkout -q main; echo y >>top; git commit -q -a -m y; git merge x' 'Dirty index'
refused 'a rebase' 'mkdir .git/rebase-apply; echo 1 >.git/rebase-apply/rebasing
	echo 1 >.git/rebase-apply/last; echo 1 >.git/rebase-apply/next' 'git rebase'
if git init -q --object-format=sha256 probe 2>/dev/null; then
	INIT=--object-format=sha256
	refused 'a repository of SHA-256' : 'objectformat\|SHA-1'
	INIT=''
fi
if [ "$(id -u)" = 0 ]; then
	skip 'a tree that is read-only' 'root may write'
else
	refused 'a repository that is read-only' 'chmod -R a-w .git' 'ermission denied'
	chmod -R u+w r
fi

# signatures
if command -v ssh-keygen >/dev/null && ssh-keygen -q -t ed25519 -N '' -f "$home/key" &&
	echo | ssh-keygen -Y sign -n git -f "$home/key.pub" >"$out" 2>&1; then
	rm -rf r
	make r
	cd r || exit 1
	git config gpg.format ssh
	run am -S ../series.mbox
	is 'without a key nothing is signed' has "$err" 'user.signingkey needs to be set'
	run am --abort
	# shellcheck disable=SC2088 # git and kcrib expand it
	git config user.signingkey '~/key.pub'
	git am -q -S ../series.mbox
	want=$(git rev-parse HEAD)
	git reset -q --hard HEAD~2
	run am -S ../series.mbox
	is 'signed by ssh-keygen as git am does' [ "$(git rev-parse HEAD)" = "$want" ]
	echo "c@example.org $(cat "$home/key.pub")" >"$home/allowed"
	git config gpg.ssh.allowedSignersFile "$home/allowed"
	is 'and git says it is good' git verify-commit HEAD 2>"$err"
	git reset -q --hard HEAD~2
	git config gpg.format magic
	run am -S ../series.mbox
	is 'an unknown format of signatures is named' has "$err" 'gpg.format "magic"'
else
	skip 'signed by ssh-keygen as git am does' 'no ssh-keygen -Y sign'
fi

finish
