/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does a hunk belong now? A chain of engines looks for the place of each hunk and
 * reports what it found and how sure it is; what is not certain is not taken.
 *
 *   search     git apply's own walk: the stated line, then outwards, begin and end
 *              anchored where the context says so (exact, offset; fuzz with -C)
 *   align      the old side aligned to the file, each change block placed on its own;
 *              taken when removed lines stand intact and adjacent, or the neighbours of
 *              an insertion still stand side by side
 *   threeway   the blob of the index line as common base: a line merge
 *   wordmerge  the changed words of an edited line, merged into the line that is there
 *   already    the new side stands there
 *   moved      the code stands in another file
 *   renamed    the file has another name now, as its history or its content says
 *
 * Certainty is a property of the evidence, never of the engine: see place_cause. Cost is
 * near-linear in file and hunk: alignment is seeded by rare lines and banded.
 */
#ifndef PATCH_PLACE_H
#define PATCH_PLACE_H

#include "patch/diff.h"
#include "patch/image.h"
#include "patch/tree.h"
#include "patch/ws.h"

#define PLACE_MAX_CANDIDATES 5

enum place_status {
	PLACE_EXACT,    /* at its line */
	PLACE_OFFSET,   /* whole, at another line (or with -C fewer context lines) */
	PLACE_ALIGNED,  /* context differs; changed lines certain */
	PLACE_MERGED,   /* by three-way or word merge */
	PLACE_ALREADY,  /* the file has it; nothing to do */
	PLACE_REJECTED, /* not taken: cause and candidates say why and where */
};

enum place_engine {
	ENGINE_NONE,
	ENGINE_SEARCH,
	ENGINE_ALIGN,
	ENGINE_THREEWAY,
	ENGINE_WORDMERGE,
	ENGINE_MOVED,
	ENGINE_RENAMED,
	ENGINE_USER,
};

/* Why the plain search failed (also where another engine then placed the hunk). */
enum place_cause {
	CAUSE_NONE,
	CAUSE_CONTEXT_CHANGED,   /* removed lines intact, context lines changed */
	CAUSE_NEIGHBOUR_CHANGED, /* insertion: a line beside it changed */
	CAUSE_FOREIGN_LINES,     /* all lines there, others in between */
	CAUSE_LINES_EDITED,      /* removed lines there in another form */
	CAUSE_LINES_GONE,        /* removed lines absent or rewritten */
	CAUSE_CODE_GONE,         /* the code is not in this file */
	CAUSE_WHITESPACE,        /* only blanks differ */
	CAUSE_LINE_ENDS,         /* CR LF against LF */
	CAUSE_ALREADY,           /* the new side stands there already */
	CAUSE_AMBIGUOUS,         /* several places fit equally */
	CAUSE_ANCHOR, /* found, but not at the begin or end as the hunk demands */
	CAUSE_FILE_MISSING,
	CAUSE_FILE_EXISTS,
	CAUSE_FOLDER_RENAMED, /* a new file for a folder that is called otherwise now */
	CAUSE_FILE_TYPE,      /* mode or type differs: symlink, submodule, folder */
	CAUSE_FILE_DIFFERS,   /* to be deleted, but holds more than the patch knows */
	CAUSE_BINARY,         /* binary patch, and the base differs or is not there */
	CAUSE_OVERLAP,        /* would touch lines another hunk made */
	CAUSE_PATH_REFUSED,   /* leaves the tree, is .git, passes a symlink */
	CAUSE_WS_ERROR,       /* --whitespace=error */
	CAUSE_LIMIT,
	CAUSE_N,
};

/* What makes a place certain, or (the last ones) not certain enough. Of several blocks
 * the weakest counts. */
enum place_evidence {
	EVIDENCE_NONE,
	EVIDENCE_WHOLE,      /* every old line stands there, in order */
	EVIDENCE_LINES,      /* the removed lines stand there, intact and adjacent */
	EVIDENCE_NEIGHBOURS, /* the lines beside an insertion stand side by side */
	EVIDENCE_NEAREST, /* nearer context is gone, the next lines stand side by side */
	EVIDENCE_SIMILAR, /* a neighbour was edited, but stands where it should */
	EVIDENCE_HEAD,    /* a new entry for the head of a log */
	EVIDENCE_END,     /* what ended the file is to end it still */
	EVIDENCE_TWO,     /* two engines agree, or the hunks before and behind */
	EVIDENCE_LIST,    /* a list that grew: in its order, or at its end */
	EVIDENCE_AFTER,   /* only the line before it is there */
	EVIDENCE_BEFORE,  /* only the line behind it is there */
	EVIDENCE_BETWEEN, /* both are there, with foreign lines between them */
	EVIDENCE_EDITED,  /* removed lines stand there in another form */
	EVIDENCE_WEAK,    /* something like it, somewhere */
	EVIDENCE_N,
};

/* One change of the file: at `line` (0-based, in the file as it is) `n_old` lines go and
 * `n_new` come. */
struct place_edit {
	size_t line, n_old, n_new;
	struct str *new; /* lines with their line ends */
};

/* A place the hunk might take. Edits are complete: taking it needs nothing else. */
struct place_candidate {
	size_t line;  /* 1-based, in the file as it is, of the first edit */
	double score; /* 0..1, share of the weighted old lines that stand there */
	enum place_engine engine;
	enum place_evidence evidence;
	struct str path; /* another file than the patch's, or empty */
	struct place_edit *edits;
	size_t n_edits;
};

struct placement {
	enum place_status status;
	enum place_engine engine;
	enum place_evidence evidence;
	enum place_cause cause;
	struct str why; /* one sentence; for CAUSE_NONE empty */
	size_t line;    /* 1-based, first line of the hunk in the result; 0: none */
	ptrdiff_t offset;
	unsigned fuzz;
	double score; /* 0..1, share of the weighted old lines that stand there */
	double rival; /* the same for the next best place */
	struct str
		moved_to; /* the file it was placed in, when not the patch's; or empty */
	struct place_edit *edits; /* what was (or, rejected, nothing was) done */
	size_t n_edits;
	struct place_candidate *candidates; /* best first; also for taken hunks */
	size_t n_candidates;
};

enum place_engines {
	PLACE_SEARCH_ONLY = 0, /* exactly what git apply would do */
	PLACE_WITH_ALIGN = 1,
	PLACE_WITH_THREEWAY = 2,
	PLACE_WITH_WORDMERGE = 4,
	PLACE_WITH_RENAMES = 8,
	PLACE_WITH_MOVED = 16,
	PLACE_WITH_ALREADY = 32,
	PLACE_WITH_FOLDERS = 64, /* a new file does not bring a renamed folder back */
	PLACE_WITH_ALL = 127,
};

/* What looking through the whole tree may still cost: names seen, files read. */
struct place_search {
	size_t names, reads;
};
#define PLACE_SEARCH_DEFAULT ((struct place_search){ 100000000, 100000 })

struct place_options {
	unsigned engines; /* bits of enum place_engines */
	enum ws_action ws;
	struct ws_rule ws_rule;
	bool ws_faultless; /* the whole input has no fault: added lines stay as they are
			    */
	bool ignore_space; /* --ignore-whitespace, --ignore-space-change */
	bool unidiff_zero, allow_overlap;
	bool reverse;
	unsigned min_context; /* -C N; UINT_MAX: all of it */
	struct str base;      /* bytes the patch was made on, where the caller knows
			       * them; p NULL: ask the tree for the blob */
	struct place_search *search; /* shared by all file patches of a mail; NULL: each
				      * has its own */
};
#define PLACE_OPTIONS_DEFAULT                                                            \
	((struct place_options){ .engines = PLACE_WITH_ALL,                              \
				 .ws_rule = WS_RULE_DEFAULT,                             \
				 .min_context = (unsigned)-1 })

/* A whitespace fault in a line of the patch, for "file:line: trailing whitespace." */
struct place_ws_note {
	struct origin origin;
	unsigned faults; /* bits of enum ws_fault */
	struct str line;
};
struct place_ws_notes {
	struct place_ws_note *v;
	size_t n, cap;
};

/* All that happens to one file. Nothing is written: the caller gives `post` to
 * tree.write and removes `remove_path`. */
struct place_result {
	struct str path;         /* where the result goes; empty: nothing is written */
	struct str remove_path;  /* the old name of a rename, a deleted file; or empty */
	struct str found_path;   /* file it was placed in, when the patch names another */
	struct str pre, post;    /* bytes before and after */
	unsigned mode;           /* of the result */
	bool changed;            /* something is to be written or removed */
	struct placement file;   /* of the file as such: status ALREADY or REJECTED with a
				  * cause (missing, exists, type, binary, path), else EXACT;
				  * ALIGNED when it was found under another name */
	struct placement *hunks; /* one for each hunk of the patch, same order */
	size_t n_hunks, n_rejected;
	struct filepatch rejects; /* what is left, complete; n_hunks 0 and file.status not
				   * REJECTED: nothing */
	/* Hunks that add blank lines at the end of the file: known only once they have
	 * their place. All other faults show in the patch itself. */
	struct place_ws_notes ws;
	size_t n_ws_fixed; /* added lines that were mended */
};

/** Place one file patch. Returns false only when the tree fails or a limit is passed;
 *  hunks without a place are a result, not an error. */
bool place_file(const struct tree *t, const struct filepatch *f,
		const struct place_options *opt, struct arena *a,
		struct place_result *ret_result, struct err *err) MUST_CHECK;

/** Place the hunks in given bytes, without a tree. Fills pre, post, hunks and rejects of
 *  the result. */
bool place_bytes(struct str bytes, const struct filepatch *f,
		 const struct place_options *opt, struct arena *a,
		 struct place_result *ret_result, struct err *err) MUST_CHECK;

/** Candidates for one hunk in the file as it is now, best first: what `rej` shows. */
bool place_candidates(struct str bytes, const struct hunk *h,
		      const struct place_options *opt, struct arena *a,
		      struct placement *ret_placement, struct err *err) MUST_CHECK;

/** The bytes with the candidate taken. ERR_CONFLICT when its lines are outside. */
bool place_apply_candidate(struct str bytes, const struct place_candidate *c,
			   struct arena *a, struct str *ret_post, struct err *err)
	MUST_CHECK;

/** The user points at a line (1-based): the hunk's old side laid there as well as it
 *  goes, as a candidate of engine ENGINE_USER. */
bool place_at_line(struct str bytes, const struct hunk *h, size_t line, struct arena *a,
		   struct place_candidate *ret_candidate, struct err *err) MUST_CHECK;

const char *place_status_name(enum place_status s); /* "exact", "offset", ... */
const char *place_engine_name(enum place_engine e); /* "search", "align", ... */
const char *place_cause_name(enum place_cause c);   /* "context-changed", ... */
const char *place_evidence_name(enum place_evidence e);

#endif
