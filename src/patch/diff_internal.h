/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parts of the diff reader; not for others. */
#ifndef PATCH_DIFF_INTERNAL_H
#define PATCH_DIFF_INTERNAL_H

#include "patch/diff.h"

/* The text is walked line by line; `cur` is the line in hand, its LF included, with
 * cur.n == 0 at the end. */
struct diff_reader {
	struct str rest, cur;
	unsigned line; /* of cur, from origin.line on */
	const struct diff_options *opt;
	struct arena *a;
	size_t n_hunks;
	unsigned strip;
	bool strip_known;
};

bool diff_next(struct diff_reader *r, struct err *err) MUST_CHECK;
/* The line in hand without its line end. */
static inline struct str diff_cur(const struct diff_reader *r)
{
	return str_chomp(r->cur);
}
bool diff_corrupt(const struct diff_reader *r, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* diff_path.c */
/* Take a C-quoted word "..." off *s; false when it is none. */
bool path_unquote(struct str *s, struct arena *a, struct str *ret_path);
/* Drop `strip` leading components; false when there are not that many. */
bool path_strip(struct str path, unsigned strip, struct str *ret_path);
/* The name behind "--- ", "+++ ", "rename from ", ..., stripped, with the directory. */
bool path_of_header(struct diff_reader *r, struct str word, unsigned strip,
		    struct str *ret_path);
/* The same of a bare name, that may hold quotes and tabs. */
bool path_of_name(struct diff_reader *r, struct str name, unsigned strip,
		  struct str *ret_path);
/* The name on which both halves of "diff --git a/x b/x" agree. */
bool path_of_git_line(struct diff_reader *r, struct str words, struct str *ret_path);
/* A name of a traditional header without its timestamp. */
struct str path_without_date(struct str word);
bool path_date_is_epoch(struct str word);

/* diff_binary.c */
bool diff_read_binary(struct diff_reader *r, struct filepatch *f, struct err *err)
	MUST_CHECK;
void binary_print(const struct filepatch *f, struct strbuf *out);

#endif
