/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `am` does to one patch and one message, without files: the options handed on to
 * apply, all file patches of a mail over a tree at once, the words git prints about
 * them, sign-off, author scripts and the quoting of .git/rebase-apply.
 *
 * A mail is applied whole or not at all, unless `reject` is set: then what fits is kept
 * and what does not becomes rejects. File patches see each other's results as in git
 * apply: a changed file is read as the earlier patch of the same mail left it, a rename
 * or copy takes its source as the tree had it.
 */
#ifndef PATCH_AM_H
#define PATCH_AM_H

#include "patch/place.h"

/* ---- options of apply ---- */

struct am_filter {
	struct str pattern; /* as --include and --exclude give it */
	bool include;
};
struct am_filters {
	struct am_filter *v;
	size_t n, cap;
};
struct am_apply_options {
	struct diff_options diff;
	struct place_options place;
	bool reject, verbose;
	bool index; /* against an index, as git apply --index: its words differ */
	bool check; /* nothing will be written, so nothing will be unmerged */
	struct am_filters filters;
	unsigned squelch; /* whitespace warnings shown, 5 */
};

/** Read one option in the form in which `git am` keeps it in "apply-opt": "-p2", "-C3",
 *  "--whitespace=fix", "--directory=a", "--exclude=*.c", "--reject", ...; later ones win.
 *  ERR_USAGE with git's words. */
bool am_apply_option(struct am_apply_options *o, struct str word, struct arena *a,
		     struct err *err) MUST_CHECK;
/** What `git apply` starts with: search only, warn about whitespace. */
struct am_apply_options am_apply_options_default(void);
/** Is this path among those to be touched? */
bool am_path_wanted(const struct am_apply_options *o, struct str path);

/* ---- applying ---- */

/* Three versions of a file; base.p NULL: ours and theirs both made it. */
struct am_versions {
	struct str base, ours, theirs;
};
struct am_merged {
	struct str bytes;
	bool conflict, binary; /* binary: in conflict as a whole, the bytes are ours */
};

/* What patches are applied to. `check` is the work tree's say about a path before it is
 * touched; NULL: no work tree. `creating`: nothing may stand there. It puts git's words
 * in `*ret_why`, or leaves it empty. `ws_rule` makes of the general rule that of a path
 * (the attribute "whitespace"); NULL: they are the same. `merge` merges versions that all
 * differ, and makes of apply an apply --3way; NULL: hunks are placed and nothing else. */
struct am_target {
	const struct tree *tree;
	bool (*check)(void *arg, struct str path, bool creating, struct arena *a,
		      struct str *ret_why, struct err *err);
	bool (*ws_rule)(void *arg, struct str path, struct ws_rule *rule,
			struct err *err);
	void *arg;
	bool (*merge)(void *arg, struct str path, const struct am_versions *v,
		      struct arena *a, struct am_merged *ret, struct err *err);
};

struct am_file {
	const struct filepatch *patch;
	struct place_result result;
	struct str refused; /* why nothing of it was tried, in git's words; or empty */
	struct str said;    /* lines about a three-way merge, in git's words; or empty */
	const struct am_versions *conflict; /* what could not be merged: the result has
					     * markers; or NULL */
};
struct am_applied {
	struct am_file *v;
	size_t n, cap;
	size_t n_failed;          /* file patches with rejects */
	size_t n_refused;         /* of these, with a path that must not be touched */
	size_t n_conflicts;       /* file patches merged with conflicts */
	struct place_ws_notes ws; /* whitespace faults; first those seen in the patch */
	size_t n_ws_fixed;        /* added lines that were mended */
	bool ws_stop;             /* --whitespace=error and there are some */
};

/** Apply the file patches in memory. Nothing is written. False: the tree failed, a
 *  limit was passed, or a path may not be named (ERR_DENIED). */
bool am_apply(const struct am_target *to, const struct patch *p,
	      const struct am_apply_options *o, struct arena *a, struct am_applied *ret,
	      struct err *err) MUST_CHECK;
/** True when all of it may be written: nothing failed, or rejects are wanted. */
bool am_applied_ok(const struct am_applied *r, const struct am_apply_options *o);
/** Write the results into a tree: removals, then files. */
bool am_write(const struct tree *t, const struct am_applied *r, struct err *err)
	MUST_CHECK;
/** The lines git apply writes to standard error: "error: patch failed: f:12", whitespace
 *  notes (`name` is what the patch is called), rejects. `silent`: only what --reject
 *  says. */
void am_print(const struct am_applied *r, const struct am_apply_options *o,
	      const char *name, struct strbuf *out);

/* ---- words ---- */

/** Subject line of a message. */
struct str am_subject(struct str msg);
/** Append "Signed-off-by: who" as git does: not twice in a row, with a blank line before
 *  it unless the last paragraph is one of trailers. */
void am_sign_off(struct strbuf *msg, struct str who);
/** As git-stripspace: blanks at line ends, double and outer empty lines go. */
void am_strip_space(struct str text, struct strbuf *out);
/** Shell quoting as git's: 'it'\''s'. */
void am_quote(struct str word, struct strbuf *out);
struct am_words {
	struct str *v;
	size_t n, cap;
};
/** 'a' 'b' -> words. ERR_PARSE. */
bool am_unquote(struct str text, struct arena *a, struct am_words *ret, struct err *err)
	MUST_CHECK;

struct am_author {
	struct str name, email, date;
};
void am_author_print(const struct am_author *who, struct strbuf *out);
bool am_author_parse(struct str text, struct arena *a, struct am_author *ret,
		     struct err *err) MUST_CHECK;

#endif
