/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of huge pages that can be changed: what each means, what a change would
 * bring, the change itself with what the kernel made of it, and the way back. A knob is
 * named by its place and file: "2M/nr_hugepages", "node1/2M/nr_hugepages", "enabled",
 * "64K/enabled", "khugepaged/pages_to_scan".
 * Source: Documentation/admin-guide/mm/{hugetlbpage,transhuge}.rst.
 */
#ifndef SYS_KNOB_H
#define SYS_KNOB_H

#include "sys/figure.h"

enum knob_kind {
	KNOB_CHOICE, /* one of the words in the file */
	KNOB_NUMBER,
	KNOB_POOL, /* pages of a pool: the kernel may give fewer than asked */
};

struct knob {
	struct str id;
	const char *path; /* below the root, without a slash in front */
	const char *what; /* what it does, one sentence */
	enum knob_kind kind;
	uint64_t size; /* bytes of the page size it is about, or 0 */
	int node;      /* -1: all nodes */
};

struct knobs {
	struct knob *v;
	size_t n, cap;
};

/** All knobs that this machine has. */
void knob_list(const struct root *root, struct arena *a, struct knobs *ret);
/** By id. Also understood: a pool file alone for the default size ("nr_hugepages"), the
 *  kernel's own folder name ("hugepages-2048kB/nr_hugepages"), and the path in /sys.
 *  ERR_NOTFOUND with the knobs that are near as a hint. */
bool knob_find(const struct root *root, struct arena *a, struct str name,
	       struct knob *ret, struct err *err) MUST_CHECK;
/** What the knob is set to: the chosen word, the number, or for a pool the pages that
 *  were asked for (total - surplus). */
struct setting knob_value(const struct root *root, struct arena *a,
			  const struct knob *knob);

struct knob_preview {
	struct knob knob;
	struct str now, after;
	struct str means;       /* what `after` does, one sentence */
	struct figure can_give; /* pools that grow: pages there are free blocks for */
	struct str outlook;     /* what to expect, with the figures; may be empty */
	struct str command;     /* the shell line that does the same */
	bool allowed;
	const char *why_not; /* !allowed: the reason */
};

/** Looks, changes nothing. ERR_USAGE for a value the knob does not take. */
bool knob_preview(const struct root *root, struct arena *a, const struct knob *knob,
		  struct str value, struct knob_preview *ret, struct err *err) MUST_CHECK;

struct knob_change {
	struct knob knob;
	struct str before, asked, got;
	bool as_asked;
	struct str sentence; /* "asked 512, got 431: ..." */
};

/** Change it and read it back; nothing is done when it is so already. The old value is in
 * the journal before the machine is touched. ERR_DENIED with the shell line as hint
 * without the privilege. */
bool knob_set(const struct root *root, struct arena *a, const struct knob_preview *plan,
	      const char *journal, struct knob_change *ret, struct err *err) MUST_CHECK;
/** Take back the last change in the journal and forget it. ERR_NOTFOUND when there is
 *  none since this boot, ERR_CONFLICT when somebody changed the knob since. */
bool knob_undo(const struct root *root, struct arena *a, const char *journal,
	       struct knob_change *ret, struct err *err) MUST_CHECK;

#endif
