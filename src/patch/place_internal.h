/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parts of the placement engine; not for others. */
#ifndef PATCH_PLACE_INTERNAL_H
#define PATCH_PLACE_INTERNAL_H

#include "patch/place.h"

#define NO_LINE IMAGE_NO_LINE
/* A tab may become so many blanks. */
#define WS_FIXED_MAX (DIFF_MAX_LINE * WS_TAB_MAX)

/* One run of changes inside a hunk: before old line `at`, `n_old` lines go, `new` come.
 */
struct block {
	size_t at, n_old, n_new;
	struct str *new;
};

/* A hunk taken apart. `pre` are the old lines; `common` says which of them are context.
 */
struct sides {
	const struct hunk *hunk;
	struct str *pre, *post;
	bool *common;
	uint64_t *hash; /* of pre, by image_line_hash(); NULL until sides_measure() */
	float *weight;  /* how much a line of pre is worth as a witness */
	float *gap;     /* what foreign lines behind a line of pre cost to begin with */
	size_t n_pre, n_post;
	struct block *blocks;
	size_t n_blocks;
	size_t leading, trailing; /* context lines at both ends */
	size_t blank_adds_at_end; /* added blank lines that end the hunk */
	size_t first_blank;       /* the first of these, by its number in the hunk */
	size_t n_fixed;           /* added lines with mended whitespace */
	bool at_begin, at_end;    /* must match at the begin or end of the file */
};

/* Lines of the file a hunk has taken, in file order. Lines of the result are counted
 * from these: `shift` is what all spans before this one add. */
struct span {
	size_t line, n_old, n_new;
	ptrdiff_t shift;
};

struct owned_edit {
	struct place_edit edit;
	size_t hunk;
};

struct work {
	const struct filepatch *f;
	const struct place_options *opt;
	struct arena *a;
	struct place_result *res;
	struct image im;
	struct image base; /* the preimage the patch was made on */
	size_t *base_map;  /* line of base -> line of im, or NO_LINE; NULL: no base */
	const struct tree *tree; /* to fetch the base from; or NULL */
	bool base_sought, ends_known;
	int line_ends; /* all CR LF: 1, all LF: 0, mixed: -1; once ends_known */
	unsigned moves_sought;
	struct sides *sides; /* of each hunk */
	size_t *at; /* of each hunk: file line of its first old line, or NO_LINE */
	struct {
		struct span *v;
		size_t n, cap;
	} spans;
	struct {
		struct owned_edit *v;
		size_t n, cap;
	} edits;
	uint64_t steps; /* comparisons still allowed */
	size_t left;    /* hunks that still need an engine */
};

/* place_sides.c */
void sides_split(struct sides *s, const struct hunk *h, const struct place_options *opt,
		 struct arena *a);
/* Hash and weigh the old lines for a file; `im` is hashed, or NULL: no file yet. */
void sides_measure(struct sides *s, const struct image *im, struct arena *a);
/* Weigh them anew, for lines [from, to) of the file only. */
void sides_weigh(struct sides *s, const struct image *im, size_t from, size_t to,
		 struct arena *a);
float line_weight(struct str line);
bool line_is_blank(struct str line);
/* Columns of blanks in front, a tab to the next eighth. */
size_t line_depth(struct str line);
/* How many bytes two lines begin with alike, blanks in front not counted. */
size_t line_common_begin(struct str a, struct str b);

/* place_search.c */
/* Take the hunk where git apply would; false when it would not. */
bool search_place(struct work *w, size_t hunk);
/* Where the exact lines stand nearest to line `near`, spans or not; or NO_LINE. */
size_t search_exact(struct work *w, const struct str *lines, size_t n, size_t near);
/* Have lines [line, line + n) been taken? n == 0 asks for the gap before line. */
bool spans_taken(const struct work *w, size_t line, size_t n);
void spans_add(struct work *w, size_t line, size_t n_old, size_t n_new);
/* Line of the result that stands where `line` of the file does, both 0-based. */
size_t spans_result_line(const struct work *w, size_t line);
/* Where old line `line` (0-based, of the patch's preimage) is to be expected, judged by
 * the hunks already placed around it. */
size_t spans_expect(const struct work *w, size_t hunk);
/* Is file line `line` just where the hunks placed right before and behind this one would
 * put its old line number `old`? They may differ by `spread` lines. */
bool spans_agree(const struct work *w, size_t hunk, size_t old, size_t line,
		 size_t spread);
/* The lines of the file between the hunks placed before and behind it; false when they
 * leave no room or are not in order. */
bool spans_between(const struct work *w, size_t hunk, size_t *ret_from, size_t *ret_to);

/* place_take.c */
/* A hunk that was found whole: old lines [from, to) stand at line `at`, as far as the
 * file goes; what is beyond its end is blank. */
struct found {
	size_t hunk, at, from, to;
	bool exact; /* byte for byte, but perhaps for the final newline */
};
/* Make the hunk's edits there, and note the lines as taken. */
void take_found(struct work *w, const struct found *f);
/* The line of the patch that line `i` of the hunk is. */
unsigned hunk_line_number(const struct hunk *h, size_t i);

/* place_align.c */
/* How old lines stand in the file: map[i] is a line or NO_LINE. */
struct alignment {
	size_t *map;
	bool *exact;       /* the very bytes, not only similar */
	float *like;       /* how similar, 0..1 */
	double score;      /* 0..1: share of the weight that found its line */
	double lead;       /* how far the best place that does not overlap is behind */
	double near_lead;  /* the same in lines' worth, with nearness counted */
	size_t start, end; /* lines of the file it spans */
};
/* Align to lines [from, to) of the file, ties decided in favour of `near`. */
bool align(struct work *w, const struct sides *s, size_t from, size_t to, size_t near,
	   struct alignment *ret);

/* place_diff.c */
/* Lines of `a` that stand in `b`, in order. map has a->n entries. */
void image_map(struct image *a, struct image *b, size_t *map, struct arena *arena);

/* place_decide.c */
/* What an alignment says of each block: the candidates it yields (best first, at most
 * PLACE_MAX_CANDIDATES), whether the first is certain, and why the hunk did not fit. */
struct verdict {
	struct place_candidate v[PLACE_MAX_CANDIDATES];
	size_t n;
	bool certain;
	bool done; /* every block of the new side stands there already */
	enum place_cause cause;
};
#define NOISE 0.1 /* a score below this points nowhere */
void decide(struct work *w, const struct sides *s, const struct alignment *al, bool whole,
	    struct verdict *ret);
/* place_section.c */
/* Is `line` of the file, where old line `old` stands, inside the function that the hunk
 * names? 1: yes, -1: it is in another, 0: the file has no such function, or the hunk does
 * not tell. */
int section_agrees(struct work *w, const struct sides *s, size_t old, size_t line);
/* The lines of the one function the hunk header names, up to the next; false where it
 * names none, or the file has no such function, or several. */
bool section_lines(struct work *w, const struct sides *s, size_t *ret_from,
		   size_t *ret_to);

/* Reading all lines of a file counts as work. */
void charge_reading(struct work *w);

/* place_guess.c */
#define MAX_GUESSES 4
struct guesses {
	size_t line[MAX_GUESSES]; /* of the file, best first */
	size_t n;
	bool inside; /* the best is in the function that the hunk names */
};
/* Places for an insertion that has none for certain. The file is hashed. */
void guess_places(struct work *w, const struct sides *s, const struct block *b,
		  struct guesses *ret);

/* wordmerge.c */
double line_similarity(struct str a, struct str b);
bool word_merge(struct str base, struct str ours, struct str theirs, struct arena *a,
		struct str *ret);

/* place_engines.c */
/* Try every engine but the search on a hunk the search did not place. */
void engines_place(struct work *w, size_t hunk);
/* Append to the hunk's candidates what is not among them, up to the maximum. */
void keep_candidate(struct placement *pl, const struct place_candidate *c,
		    struct arena *a);
/* The budget of comparisons for one file; past it hunks are rejected, CAUSE_LIMIT. */
#define PLACE_STEPS ((uint64_t)1 << 28)
#define HUNK_STEPS  10000 /* what trying the engines on a hunk costs at least */

/* place.c */
bool place_prepare(struct work *w, struct str bytes, struct err *err);
void place_all(struct work *w);

/* place_find.c */
/* A file under another name than the patch's. */
struct found_file {
	struct str path;
	struct tree_file file;
};
/* What history says `path` is called now; false where it does not know, or that is no
 * file. */
bool find_by_history(struct work *w, struct str path, struct found_file *ret);
/* The file that is now certainly what `path` was: what history says, if the old lines of
 * the hunks agree; where it says nothing (NULL), what these lines alone say. */
bool find_renamed(struct work *w, struct str path, const struct found_file *history,
		  struct found_file *ret);
/* The code of a hunk in another file becomes a candidate, when it stands there. */
void candidate_in(struct work *w, size_t hunk, struct str path, enum place_engine engine);
/* The same for whatever files hold it. */
void find_moved(struct work *w, size_t hunk);
/* What a new file would be called where its folder, or one above it, is not there and
 * has another name now. */
bool find_folder(struct work *w, struct str path, struct str *ret);

/* place_why.c */
struct str place_why(enum place_cause cause);

#endif
