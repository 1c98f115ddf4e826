/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links between notes: [[slug]] and [[slug|words]] in running text. Code spans and
 * fenced blocks hold no links: `if [[ -f x ]]` is shell.
 */
#ifndef NOTE_LINKS_H
#define NOTE_LINKS_H

#include "base/arena.h"
#include "base/strbuf.h"

struct note_link {
	struct str target; /* the slug, trimmed, without "#heading" */
	struct str label;  /* what is shown: the words, or the target */
	size_t at, n;      /* bytes of the whole link, brackets included */
};
struct note_links {
	struct note_link *v;
	size_t n, cap;
};

/** All links of a Markdown text (front matter is not special here: pass the body). */
void note_links(struct arena *a, struct str body, struct note_links *ret);
/** Append the whole note to `out` with every link to `from`, and a `translation: from` in
 *  its front matter, pointing to `to`; labels and all other bytes stay. Returns how many
 *  places changed. */
size_t note_relink(struct strbuf *out, struct str bytes, struct str from, struct str to);
/** A name fit for a note: lower-case letters, digits, '-', '.', '_' and letters of other
 *  scripts; never empty, no '/' and no leading '.'; at most 100 bytes. */
bool note_slug_ok(struct str slug);
/** The slug that a title suggests: "Huge pages: who?" -> "huge-pages-who". */
struct str note_slug_from(struct arena *a, struct str title);

#endif
