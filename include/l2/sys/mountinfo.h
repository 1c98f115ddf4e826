/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mounts a process sees: /proc/PID/mountinfo, or where a recording has only that, the
 * older /proc/mounts. Source: proc(5), Documentation/filesystems/proc.rst section 3.5.
 */
#ifndef SYS_MOUNTINFO_H
#define SYS_MOUNTINFO_H

#include "sys/figure.h"

struct mount {
	unsigned major, minor; /* st_dev of its files; 0:0 from /proc/mounts */
	struct str root;       /* which folder of the file system is mounted */
	struct str point;      /* where; \040 and the like are decoded */
	struct str options;    /* per mount */
	struct str type;       /* "hugetlbfs" */
	struct str source;
	struct str super; /* options of the file system: "rw,pagesize=2M" */
};

struct mounts {
	struct mount *v;
	size_t n, cap;
	const char *why; /* n == 0: the reason */
};

/** "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"; a
 *  line that is not of this form is ERR_PARSE. At most 65536 mounts, else ERR_LIMIT. */
bool mountinfo_parse(struct arena *a, struct str text, struct mounts *ret,
		     struct err *err) MUST_CHECK;
/** "none /mnt hugetlbfs rw,relatime,pagesize=2M 0 0" */
bool mounts_parse(struct arena *a, struct str text, struct mounts *ret, struct err *err)
	MUST_CHECK;
/** Our own mounts, from the best file there is. */
struct mounts mountinfo_read(const struct root *root, struct arena *a);
/** The value of "name=value" among comma-separated options; true with an empty value for
 *  a bare "name". */
bool mount_option(struct str options, const char *name, struct str *ret);
/** "2M", "1024M", "64K", "1G" or plain bytes. */
bool mount_size(struct str text, uint64_t *ret);

#endif
