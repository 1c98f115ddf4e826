#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kcrib du beside du, ncdu and gdu in one run: wall time and memory as ratios.
#	du.sh KCRIB [FOLDER [ROUNDS]]
# Without a folder a tree of half a million entries is made below $TMPDIR and taken away
# again (25,000 folders, 455,000 files, 25,000 further names, 5,000 sparse files). The
# rounds are interleaved, so that a busy machine disturbs all alike; the best wall time
# of each counts, at equal luck the fairest. Cold rounds run only where root may drop the
# page cache. Fails when kcrib's total is not du's.
set -eu

kcrib=$1
folder=${2:-}
rounds=${3:-7}
work=$(mktemp -d "${TMPDIR:-/tmp}/kcrib-du.XXXXXX")
trap 'rm -rf "$work"' EXIT

make_tree() {
	python3 - "$1" <<'PY'
import os, sys
top = sys.argv[1]
for i in range(100):
    for k in range(250):
        d = f"{top}/d{i:02}/s{k:03}"
        os.makedirs(d)
        for n in range(18):
            with open(f"{d}/some-file-{n:02}.c", "wb") as f:
                f.write(b"x" * (37 * n))
        os.link(f"{d}/some-file-00.c", f"{d}/another-name")
        if k % 5 == 0:
            with open(f"{d}/sparse", "wb") as f:
                f.truncate(1 << 20)
PY
}

# Wall seconds and peak memory in KB of a command, appended to $work/NAME.
measure() {
	name=$1
	shift
	python3 - "$work/$name" "$@" <<'PY'
import os, resource, subprocess, sys, time
out, argv = sys.argv[1], sys.argv[2:]
start = time.monotonic()
subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
wall = time.monotonic() - start
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
with open(out, "a") as f:
    print(wall, memory, file=f)
PY
}

run_all() {
	kind=$1
	[ "$kind" = warm ] || sh -c 'sync; echo 3 >/proc/sys/vm/drop_caches'
	measure "$kind-du" du -s "$folder"
	[ "$kind" = warm ] || sh -c 'sync; echo 3 >/proc/sys/vm/drop_caches'
	measure "$kind-kcrib" "$kcrib" du "$folder" --depth 0
	if command -v ncdu >/dev/null; then
		[ "$kind" = warm ] || sh -c 'echo 3 >/proc/sys/vm/drop_caches'
		measure "$kind-ncdu" ncdu -0 -o /dev/null "$folder"
	fi
	if command -v gdu >/dev/null; then
		[ "$kind" = warm ] || sh -c 'echo 3 >/proc/sys/vm/drop_caches'
		measure "$kind-gdu" gdu -nps "$folder"
	fi
}

report() {
	python3 - "$work" "$1" <<'PY'
import os, sys
work, kind = sys.argv[1:]
best = {}
for tool in ("du", "kcrib", "ncdu", "gdu"):
    path = f"{work}/{kind}-{tool}"
    if os.path.exists(path):
        rows = [tuple(map(float, line.split())) for line in open(path)]
        best[tool] = (min(r[0] for r in rows), min(r[1] for r in rows))
base = best["du"][0]
for tool, (wall, memory) in best.items():
    print(f"{kind} {tool:6} {wall * 1000:7.0f} ms  {wall / base:5.2f} of du"
          f"  {memory / 1024:6.1f} MB")
PY
}

if [ -z "$folder" ]; then
	folder=$work/tree
	make_tree "$folder"
fi
want=$(du -sB1 "$folder" | cut -f1)
got=$("$kcrib" du "$folder" --depth 0 --json | sed 's/.*"disk_bytes":\([0-9]*\).*/\1/')
echo "du $want bytes, kcrib $got bytes"
[ "$want" = "$got" ]

i=0
while [ "$i" -lt "$rounds" ]; do
	run_all warm
	i=$((i + 1))
done
report warm

if [ "$(id -u)" = 0 ] && [ -z "${KCRIB_WARM_ONLY:-}" ] && sh -c 'echo 3 >/proc/sys/vm/drop_caches' 2>/dev/null; then
	for _ in 1 2 3; do
		run_all cold
	done
	report cold
else
	echo "cold: only root may drop the page cache; left out"
fi
