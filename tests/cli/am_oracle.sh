#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# am_oracle.sh KCRIB [ROUNDS]: random series (changes, renames, modes, symlinks, binary
# files, deletions, charsets, no final newline, bad blanks), applied by git am and by
# kcrib am: the same commits, the same index, the same files, the same reflog subjects.
set -eu
# the program may be named from where we stand now
kcrib=$(cd "$(dirname "$1")" && pwd)/${1##*/} rounds=${2:-3}
command -v git >/dev/null || { echo "1..0 # SKIP no git"; exit 0; }
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
top=$(mktemp -d "${TMPDIR:-/tmp}/kcrib-oracle.XXXXXX")
trap 'rm -rf "$top"' EXIT INT TERM
export HOME="$top" XDG_CONFIG_HOME="$top/.config" GIT_CONFIG_NOSYSTEM=1 TZ=UTC LC_ALL=C
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_COMMITTER_DATE='1700000000 +0000'

build() {
	python3 - "$top/made" "$1" <<'PY'
import os, random, subprocess, sys
top, seed = sys.argv[1], int(sys.argv[2])
rnd = random.Random(seed)
os.makedirs(top)
def git(*a, **k):
    subprocess.run(("git",) + a, cwd=top, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **k)
git("init", "-q")
def put(name, data):
    path = os.path.join(top, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.islink(path): os.unlink(path)
    with open(path, "wb") as f: f.write(data)
names = ["d%d/f%d.c" % (i % 3, i) for i in range(12)]
for i, n in enumerate(names):
    put(n, b"".join(b"line %d of %d\n" % (k, i) for k in range(60)))
git("add", "."); git("commit", "-q", "-m", "base"); git("tag", "base")
def change(n):
    path = os.path.join(top, n)
    lines = open(path, "rb").read().splitlines(True)
    for _ in range(rnd.randint(1, 3)):
        at = rnd.randrange(len(lines) + 1)
        lines[at:at + rnd.randint(0, 2)] = [b"new %d%s\n" % (rnd.randrange(10**6), rnd.choice([b""] * 9 + [b" "]))]
    if rnd.random() < .2 and lines: lines[-1] = lines[-1].rstrip(b"\n")
    put(n, b"".join(lines))
subjects = ["plain %d", "umlaut ä %d", "漢字 %d", "a subject so long that the mail has to fold it over two lines at least, number %d", "Re: odd [thing] %d"]
for p in range(25):
    k = rnd.choice("ccccrmnbdls")
    n = rnd.choice(names)
    if k == "c":
        for n in rnd.sample(names, rnd.randint(1, 3)): change(n)
    elif k == "r":
        new = "r%d/%s" % (p, os.path.basename(n)); os.makedirs(top + "/r%d" % p)
        git("mv", n, new); names[names.index(n)] = new
        if rnd.random() < .6: change(new)
    elif k == "m": os.chmod(os.path.join(top, n), rnd.choice((0o755, 0o644))); change(n)
    elif k == "n": names.append("n/%d" % p); put(names[-1], b"new file %d\n" % p * 9)
    elif k == "b": put("bin/%d" % (p % 3), bytes(rnd.randrange(256) for _ in range(400)))
    elif k == "d" and len(names) > 6: names.remove(n); git("rm", "-q", n)
    elif k == "l":
        if os.path.lexists(top + "/link"): os.unlink(top + "/link")
        os.symlink("target%d" % p, top + "/link")
    elif k == "s": put("empty%d" % p, b"")
    git("add", "-A")
    env = dict(os.environ, GIT_AUTHOR_NAME=rnd.choice(["A", "Ä Ö", "J. R. \"Q\" Public", "李"]),
               GIT_AUTHOR_DATE="%d %s" % (1600000000 + p, rnd.choice(["+0000", "-0730", "+0530"])))
    git("commit", "-q", "--allow-empty", "-m", rnd.choice(subjects) % p + "\n\nBody %d\n\nFixes: x\n" % p, env=env)
with open(top + "/../series.mbox", "w") as f:
    subprocess.run(("git", "format-patch", "--stdout", "--binary", "-M", "base"), cwd=top, check=True, stdout=f)
git("reset", "-q", "--hard", "base")
PY
}

run() {
	dir=$1
	shift
	cp -a "$top/made" "$top/$dir"
	(cd "$top/$dir" && git update-index -q --refresh && "$@" --empty=drop "$top/series.mbox") \
		>"$top/$dir.out" 2>&1 || echo "exit $?" >>"$top/$dir.out"
	(
		cd "$top/$dir"
		git log --format='%H %gs' -g
		git ls-files -s
		git status --porcelain
		find . -path ./.git -prune -o -type f -print | sort | xargs sha1sum
	) >"$top/$dir.end"
}

n=0
while [ "$n" -lt "$rounds" ]; do
	n=$((n + 1))
	for option in "" -3 -s --whitespace=fix; do
		rm -rf "$top/made" "$top/git" "$top/own"
		build "$n"
		run git git am $option
		run own "$kcrib" am $option
		cmp -s "$top/git.end" "$top/own.end" || {
			echo "not ok - round $n $option"
			diff "$top/git.end" "$top/own.end" | head -20 | sed 's/^/# /'
			diff "$top/git.out" "$top/own.out" | head -20 | sed 's/^/# /'
			exit 1
		}
	done
	echo "ok $n - round $n: plain, -3, -s and --whitespace=fix end as with git am"
done
echo "1..$n"
