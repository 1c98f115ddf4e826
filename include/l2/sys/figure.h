/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one file of /proc or /sys says: a number, a setting, or a list of named counters,
 * and where it says nothing, the reason. Kernels differ in which files they have, so no
 * file is ever required: reading cannot fail, it can only not know.
 */
#ifndef SYS_FIGURE_H
#define SYS_FIGURE_H

#include "base/root.h"

struct figure {
	bool known;
	uint64_t v;
	const char *why; /* !known: the reason, in the arena or static */
};

/* A line such as "always [madvise] never", or a plain word. */
struct setting {
	bool known;
	struct str text;
	const char *why;
};

struct counter {
	struct str name; /* the kernel's own */
	uint64_t v;
};

struct counters {
	struct counter *v;
	size_t n, cap;
	const char *why; /* n == 0: the reason */
};

/* A setting with the name of its file. */
struct named_setting {
	struct str name;
	struct setting value;
};

struct named_settings {
	struct named_setting *v;
	size_t n, cap;
};

static inline struct figure figure_of(uint64_t v)
{
	return (struct figure){ .known = true, .v = v };
}

static inline struct figure figure_none(const char *why)
{
	return (struct figure){ .why = why };
}

/** a - b, 0 when b is larger; unknown with the first reason when either is. */
struct figure figure_minus(struct figure a, struct figure b);
/** a + b; what is unknown counts as 0 unless both are. */
struct figure figure_plus(struct figure a, struct figure b);

/** The same with the reason copied to another arena. */
struct figure figure_keep(struct arena *a, struct figure f);

/** In words why a read failed: "no /sys/... here" names the first folder that is missing,
 *  "no permission to read /sys/..." and so on. The text lives in the arena. */
const char *figure_why(const struct root *root, struct arena *a, const char *path,
		       const struct err *err);

/** A file that holds one unsigned number; kB and the like are not accepted. */
struct figure figure_read(const struct root *root, struct arena *a, const char *path);
/** A file that holds one line. */
struct setting setting_read(const struct root *root, struct arena *a, const char *path);
/** The word in brackets; without brackets the whole line; empty when unknown. */
struct str setting_chosen(struct setting s);
/** Walk over the words of a setting, brackets removed: every value the file accepts.
 *  False at the end. Begin with rest = s.text. */
bool setting_choice(struct str *rest, struct str *ret);

/** Does `name` match one of the glob(7) patterns of a NULL-terminated list? A NULL list
 *  matches every name. */
bool name_wanted(struct str name, const char *const *wanted);
/** "name value" lines, as in /proc/vmstat and the cgroup files; other lines are skipped.
 *  `wanted` as in name_wanted(). At most 4096 counters, else ERR_LIMIT. */
bool counters_parse(struct arena *a, struct str text, const char *const *wanted,
		    struct counters *ret, struct err *err) MUST_CHECK;
/** A file of such lines. */
struct counters counters_read(const struct root *root, struct arena *a, const char *path,
			      const char *const *wanted);
/** A folder with one number a file: every file in it that can be read as one. */
struct counters counters_read_dir(const struct root *root, struct arena *a,
				  const char *dir);
/** NULL when there is none of that name. */
const struct counter *counters_find(const struct counters *c, const char *name);
/** Its value, or unknown with the list's reason. */
struct figure counters_get(const struct counters *c, const char *name);

#endif
