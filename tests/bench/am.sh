#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# am.sh KCRIB [SERIES]: CPU time of `git am` and `kcrib am` on the same series, side by
# side, in a tree of 6,000 and one of 80,000 files that are made here. The commits must be
# the same objects. SERIES is the number of patches, 200 without it.
set -eu
kcrib=$(cd "$(dirname "$1")" && pwd)/${1##*/}
patches=${2:-200}
work=$(mktemp -d "${TMPDIR:-/tmp}/kcrib-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
export GIT_CONFIG_NOSYSTEM=1 HOME="$work" TZ=UTC LC_ALL=C
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'

# user + system seconds of one command and its children
cpu() {
	python3 - "$@" <<'PY'
import resource, subprocess, sys
r = subprocess.run(sys.argv[2:], cwd=sys.argv[1], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
u = resource.getrusage(resource.RUSAGE_CHILDREN)
if r.returncode:
    sys.exit("%s: exit %d" % (" ".join(sys.argv[2:]), r.returncode))
print("%.3f" % (u.ru_utime + u.ru_stime))
PY
}

# FILES files in folders of about forty, 40 lines each, and a series over them
build() {
	python3 - "$work/tree" "$1" "$patches" <<'PY'
import os, random, subprocess, sys
top, files, patches = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(files)
os.makedirs(top)
git = lambda *a: subprocess.run(("git",) + a, cwd=top, check=True, stdout=subprocess.DEVNULL)
git("init", "-q")
git("config", "gc.auto", "0")
names = []
for i in range(files):
    d = "d%02d/e%02d" % (i // 40 // 40 % 60, i // 40 % 40)
    os.makedirs(top + "/" + d, exist_ok=True)
    name = "%s/file%05d.c" % (d, i)
    names.append(name)
    with open(top + "/" + name, "w") as f:
        f.writelines("int v%d_%d = %d;\n" % (i, k, k * i) for k in range(40))
git("add", ".")
git("commit", "-q", "-m", "base")
git("tag", "base")
for p in range(patches):
    for name in rnd.sample(names, rnd.choice((1, 1, 1, 2, 3))):
        with open(top + "/" + name) as f:
            lines = f.readlines()
        at = rnd.randrange(len(lines))
        lines[at] = "int changed_%d = %d;\n" % (p, rnd.randrange(10**6))
        lines.insert(rnd.randrange(len(lines)), "/* added by %d */\n" % p)
        with open(top + "/" + name, "w") as f:
            f.writelines(lines)
    git("commit", "-q", "-a", "-m", "change %d\n\nWhy it is made." % p)
with open(top + "/../series.mbox", "w") as f:
    subprocess.run(("git", "format-patch", "--stdout", "base"), cwd=top, check=True, stdout=f)
git("reset", "-q", "--hard", "base")
git("gc", "-q")
PY
}

one() {
	build "$1"
	cd "$work/tree"
	git_cpu=$(cpu . git am -q ../series.mbox)
	want=$(git rev-parse HEAD)
	git reset -q --hard base
	git reflog expire --expire=now --all
	git gc -q --prune=now
	own_cpu=$(cpu . "$kcrib" am -q ../series.mbox)
	got=$(git rev-parse HEAD)
	[ "$want" = "$got" ] || { echo "the commits differ: $want $got" >&2; exit 1; }
	git update-index -q --refresh
	git diff-index --quiet HEAD
	cd "$work"
	rm -rf tree series.mbox
	python3 -c 'import sys
n, g, k, p = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
print("%6s files: git am %.3f s (%.2f ms a patch)  kcrib am %.3f s (%.2f ms a patch)  1/%.1f" % (n, g, g * 1000 / p, k, k * 1000 / p, g / k))' \
		"$1" "$git_cpu" "$own_cpu" "$patches"
}

echo "series of $patches patches, CPU time (user + system):"
one 6000
one 80000
