/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patches as data: unified diffs, git's extended diffs (git-diff(1), "Generating patch
 * text with -p"), traditional diffs without a git header and GIT binary patches become
 * struct filepatch and struct hunk, and text again.
 *
 * All views point into the parsed text or into the arena; both must outlive the patch.
 * Cost: linear in the text. Refused with ERR_LIMIT: what passes the limits below. Counts
 * that lie, hunks without a file, damaged binary data: ERR_PARSE naming the line.
 */
#ifndef PATCH_DIFF_H
#define PATCH_DIFF_H

#include "base/arena.h"
#include "base/strbuf.h"

#define DIFF_MAX_BYTES ((size_t)1 << 30)
#define DIFF_MAX_LINE  ((size_t)10 << 20)
#define DIFF_MAX_HUNKS ((size_t)1000000)
#define DIFF_MAX_PATH  ((size_t)4096)

/* Where something stood in what the user gave: the mail of the series (0 = no mail) and
 * the line inside it, from 1. Every later message can name it. */
struct origin {
	unsigned mail, line;
};

/* One line of a hunk. `text` holds its line end: a line without LF is the last one of a
 * file that has no newline there ("\ No newline at end of file"). */
struct hunk_line {
	struct str text;
	char kind; /* ' ' context, '-' removed, '+' added */
};

/* "@@ -old.start,old.count +new.start,new.count @@ section" and its lines. The counts
 * are those of the lines, checked against the header. start counts from 1; 0 with
 * count 0 is "the file is empty here". */
struct hunk_range {
	size_t start, count;
};
struct hunk {
	struct hunk_range old, new;
	struct str section;
	struct hunk_line *lines;
	size_t n;
	bool reversed; /* taken back: in the patch its added lines stand first */
	struct origin origin;
};

/* One half of a GIT binary patch, inflated: literal bytes, or a delta against the other
 * side (gitformat-pack(5), "Deltified representation"). */
enum binary_method { BINARY_NONE, BINARY_LITERAL, BINARY_DELTA };
struct binary_part {
	enum binary_method method;
	struct str data; /* inflated */
};

enum filepatch_kind {
	FILEPATCH_MODIFY,
	FILEPATCH_CREATE,
	FILEPATCH_DELETE,
	FILEPATCH_RENAME,
	FILEPATCH_COPY,
};

/* What happens to one file. Paths are those of the tree: -p and --directory are already
 * applied. old_path is empty for CREATE, new_path for DELETE. Modes are 0 where the
 * patch does not say (0100644, 0100755, 0120000 symlink, 0160000 submodule). */
struct filepatch {
	enum filepatch_kind kind;
	bool git;          /* begins with "diff --git" */
	bool binary;       /* GIT binary patch or "Binary files differ" */
	bool maybe_create; /* traditional, one hunk from nothing: a missing file is made
			    */
	bool inaccurate; /* from --inaccurate-eof: a last LF more or less is no difference
			  */
	unsigned old_mode, new_mode;
	int similarity;    /* percent of "similarity index", -1: not stated */
	int dissimilarity; /* percent of "dissimilarity index", 0: not stated */
	struct str old_path, new_path;
	struct str old_oid,
		new_oid; /* hex of the index line, often shortened; empty: none */
	struct hunk *hunks;
	size_t n_hunks;
	struct binary_part forward, backward;
	struct origin origin;
};

struct patch {
	struct filepatch *v;
	size_t n, cap;
};

struct diff_options {
	unsigned strip;         /* -p N */
	bool strip_given;       /* else a traditional diff may guess, as git apply does */
	struct str directory;   /* --directory, without slash at the end; empty: none */
	bool recount;           /* --recount: believe the lines, not the header */
	bool unidiff_zero;      /* --unidiff-zero: hunks without context are meant so */
	bool inaccurate_eof;    /* --inaccurate-eof: see struct filepatch */
	struct str prefix_here; /* the folder inside the tree the user stands in, "a/b" */
	struct origin origin;   /* of the first line of the text */
};
#define DIFF_OPTIONS_DEFAULT                                                             \
	((struct diff_options){ .strip = 1, .origin = { .line = 1 } })

/** Read every file patch in `text`; lines between them are skipped, as git apply does.
 *  A text without any patch is ERR_NOTFOUND ("no valid patches in input"). */
bool diff_parse(struct str text, const struct diff_options *opt, struct arena *a,
		struct patch *ret_patch, struct err *err) MUST_CHECK;

/** True when the text holds at least one file header or hunk that diff_parse() would
 *  read: the test `am` makes before it says "empty patch". */
bool diff_present(struct str text);

/** The path the user knows: new_path, or old_path of a deletion. */
struct str filepatch_path(const struct filepatch *f);

/** Print as a git diff that diff_parse(), git apply and patch read; a traditional diff
 *  gets a git header. Binary parts are printed as literals and deltas again.
 *  parse(print(x)) == x but for `git`, which is then true. */
void filepatch_print(const struct filepatch *f, struct strbuf *out);
/** The header lines only ("diff --git" ... "+++ b/path"). */
void filepatch_print_header(const struct filepatch *f, struct strbuf *out);
void hunk_print(const struct hunk *h, struct strbuf *out);
/** "@@ -1,2 +3,4 @@ section" without LF. */
void hunk_print_header(const struct hunk *h, struct strbuf *out);

/** Exchange old and new, in a copy that lives in the arena (apply -R). A copy has no
 *  reverse but its deletion; a binary patch without backward part raises ERR_CONFLICT. */
bool filepatch_reverse(const struct filepatch *f, struct arena *a,
		       struct filepatch *ret_reverse, struct err *err) MUST_CHECK;

/** The same of a whole patch, the last file first: of a typechange, which is a deletion
 *  and a creation, the creation goes first. */
bool patch_reverse(const struct patch *p, struct arena *a, struct patch *ret_reverse,
		   struct err *err) MUST_CHECK;

/** Apply one binary half to the bytes it was made for. */
bool binary_apply(const struct binary_part *part, struct str base, struct arena *a,
		  struct str *ret_bytes, struct err *err) MUST_CHECK;

/** A path as git prints it: in C quotes when it holds control bytes, quotes,
 *  backslashes or (git's core.quotePath) bytes above 0x7f. */
void path_print_quoted(struct str prefix, struct str path, struct strbuf *out);

#endif
