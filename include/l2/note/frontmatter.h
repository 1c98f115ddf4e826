/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front matter of a note: the lines between a first "---" and the next one. It is a
 * subset of YAML that can be read in one pass and edited without touching other bytes:
 *
 *     title: "plain, 'single' or \"double\" quoted scalar"
 *     tags: [inline, "list"]
 *     sources:
 *       - block list
 *     params:
 *       name: one level of indented map
 *
 * Keys that are not known here stay in `fields` and in the bytes. A comment begins with
 * '#' at the start of a line or after a blank. What is outside the subset (block
 * scalars, inline maps, deeper nesting) is refused with its line number in a key that is
 * used here, and passed over in others.
 */
#ifndef NOTE_FRONTMATTER_H
#define NOTE_FRONTMATTER_H

#include "base/arena.h"
#include "base/strbuf.h"

enum {
	FM_MAX_BYTES = 64 * 1024, /* longer front matter is refused */
	FM_MAX_ITEMS = 1000,      /* in one list or map, and of fields */
};

enum fm_kind {
	FM_SCALAR,
	FM_LIST,
	FM_MAP,
	FM_OTHER, /* YAML beyond the subset, in a key we do not use: only kept */
};

/* One item of a map: "pse: cpu-flag pse". */
struct fm_pair {
	struct str name, value;
	size_t line; /* number of its line in the file, from 1 */
};
struct fm_map {
	struct fm_pair *v;
	size_t n, cap;
};

/* One top-level key with all its lines. */
struct fm_field {
	struct str key; /* as written */
	enum fm_kind kind;
	struct str scalar; /* unquoted */
	struct str_list list;
	struct fm_map map;
	size_t at, n;          /* its bytes in the file, last line end included */
	size_t value, value_n; /* what stands after the colon, without the line end */
	size_t line;
};

struct frontmatter {
	struct str title, lang, translation, since, until, track; /* empty when absent */
	struct str_list tags, aliases, sources;
	struct fm_map params, probes;
	struct {
		struct fm_field *v;
		size_t n, cap;
	} fields;     /* every key, the known ones too, in the order of the file */
	bool present; /* the file begins with front matter */
	size_t body;  /* offset of the first byte after it; 0 when there is none */
	size_t body_line;
};

/** Parse the front matter of a whole note. Values point into `bytes` or, where quotes
 *  had escapes, into the arena. Without front matter `present` is false and all is
 *  empty. ERR_PARSE names the line; ERR_LIMIT for too much of it. */
bool frontmatter_parse(struct arena *a, struct str bytes, struct frontmatter *ret,
		       struct err *err) MUST_CHECK;
/** The field of this name (case counts), or NULL. */
const struct fm_field *frontmatter_field(const struct frontmatter *fm, struct str key);

/** Append the note to `out` with one scalar set (added at the end of the front matter
 *  when absent, the front matter made when there is none); every other byte is kept.
 *  An empty value removes the field. */
bool frontmatter_set(struct strbuf *out, struct str bytes, struct str key,
		     struct str value, struct err *err) MUST_CHECK;
/** The same with a list, written inline. */
bool frontmatter_set_list(struct strbuf *out, struct str bytes, struct str key,
			  const struct str_list *list, struct err *err) MUST_CHECK;
/** Append one scalar, quoted only where the syntax needs it. */
void frontmatter_quote(struct strbuf *out, struct str value);

#endif
