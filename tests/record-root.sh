#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Record what the machine panels read of /proc and /sys into a tar that `kcrib --root` and
# the tests can unpack:
#	record-root.sh OUT.tar.gz [PID...]
# Scrubbed: sources of mounts, home folders in paths, command lines (argv[0] without its
# folder stays), and the builder in /proc/version. Never read: environments, kernel stacks,
# cgroup paths of processes. Look at the result before you give it away.
set -eu

if [ $# -lt 1 ]; then
	echo "usage: record-root.sh OUT.tar.gz [PID...]" >&2
	exit 2
fi
out=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Files that cannot be read are left out: an absent fact is recorded as absent.
copy() {
	for path in "$@"; do
		if [ ! -f "$path" ] || [ ! -r "$path" ]; then
			continue
		fi
		mkdir -p "$dir/${path%/*}"
		cat "$path" >"$dir/$path" 2>/dev/null || rm -f "$dir/$path"
	done
}

# Every file below a folder but the write-only ones.
copy_tree() {
	[ -d "$1" ] || return 0
	find "$1" -type f -perm /0444 ! -name demote 2>/dev/null | while read -r path; do
		copy "$path"
	done
}

copy_process() {
	for file in stat statm status comm maps smaps smaps_rollup sched schedstat wchan \
		syscall io limits numa_maps; do
		copy "/proc/$1/$file"
	done
	for task in "/proc/$1/task/"*; do
		for file in stat status comm schedstat wchan syscall; do
			copy "$task/$file"
		done
	done
}

copy /proc/meminfo /proc/vmstat /proc/buddyinfo /proc/pagetypeinfo /proc/zoneinfo \
	/proc/uptime /proc/loadavg /proc/stat /proc/version /proc/filesystems
copy_tree /proc/sys/vm
copy_tree /sys/kernel/mm/hugepages
copy_tree /sys/kernel/mm/transparent_hugepage
copy_tree /sys/kernel/debug/extfrag
copy /sys/devices/system/node/online /sys/devices/system/node/possible \
	/sys/devices/system/node/has_memory /sys/devices/system/cpu/online
for node in /sys/devices/system/node/node[0-9]*; do
	copy "$node/meminfo" "$node/vmstat" "$node/cpulist" "$node/distance"
	copy_tree "$node/hugepages"
done
find /sys/fs/cgroup -name 'hugetlb.*' -type f 2>/dev/null | while read -r path; do
	copy "$path"
done
for pid in "$@"; do
	copy_process "$pid"
done

# Of the mounts only what the panels look at; home folders and hosts do not stay.
mkdir -p "$dir/proc/self"
grep -E ' - (hugetlbfs|tmpfs|cgroup2?|debugfs|proc|sysfs) ' /proc/self/mountinfo |
	sed -E 's#/home/[^/ ]+#/home/user#g; s# - ([a-z0-9]+) [^ ]+ # - \1 none #' \
		>"$dir/proc/self/mountinfo" || true
sed -i -E 's/\([^()]*@[^()]*\)/(builder)/' "$dir/proc/version"
for pid in "$@"; do
	[ -r "/proc/$pid/cmdline" ] || continue
	name=$(tr '\0' '\n' <"/proc/$pid/cmdline" | head -n 1)
	printf '%s\0' "${name##*/}" >"$dir/proc/$pid/cmdline"
	for file in maps smaps numa_maps; do
		[ -f "$dir/proc/$pid/$file" ] || continue
		sed -i -E 's#/home/[^/ ]+#/home/user#g' "$dir/proc/$pid/$file"
	done
done
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2000-01-01 00:00Z' \
	-C "$dir" -cf - . | gzip -9n >"$out"
echo "$out: $(find "$dir" -type f | wc -l) files, $(wc -c <"$out") bytes"
