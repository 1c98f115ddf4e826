# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A small tree for the disk view: sizes that are the same on every file system.
set -e
fill() {
	mkdir -p "${1%/*}"
	head -c "$2" /dev/urandom >"$1"
}
fill images/disk.qcow2 8388608
fill images/seed.iso 2097152
fill logs/kernel.log 1048576
fill './it "is" here.txt' 4194304
