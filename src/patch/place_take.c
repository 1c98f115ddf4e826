/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hunk that was found whole does to the file: one edit a block of changes, and,
 * with --whitespace=fix, what becomes of its context and of blank lines at the end of the
 * file. Lines of context stay as the file has them, but that a hunk which fits only once
 * its whitespace is mended brings them in their mended form, all of them.
 */
#include "place_internal.h"

struct taking {
	struct work *w;
	const struct sides *s;
	const struct found *f;
	size_t post, keep; /* lines of the new side: the next one; those that are kept */
	bool mend;         /* context is written in its mended form */
};

unsigned hunk_line_number(const struct hunk *h, size_t i)
{
	unsigned line = h->origin.line + 1;

	/* behind a line without LF there is one that says so */
	for (size_t k = 0; k < i; k++)
		line += 1 + !str_ends(h->lines[k].text, STR("\n"));
	return line;
}

static void add_edit(const struct taking *t, size_t line, size_t n_old, struct str *new,
		     size_t n_new)
{
	if (n_old || n_new)
		*ARENA_PUSH(t->w->a, &t->w->edits) =
			(struct owned_edit){ { line, n_old, n_new, new }, t->f->hunk };
}

/* Where old line `i` stands, or the end of the file for one that is beyond it. */
static size_t line_of(const struct taking *t, size_t i)
{
	size_t line = t->f->at + i - t->f->from;

	return line < t->w->im.n ? line : t->w->im.n;
}

static void take_context(struct taking *t, size_t i)
{
	size_t line = line_of(t, i), there = line < t->w->im.n;
	struct str *text = &t->s->post[t->post];
	STRBUF_AUTO(mended, WS_FIXED_MAX);

	if (t->post++ >= t->keep) {
		add_edit(t, line, there, NULL, 0);
		return;
	}
	if (t->mend) {
		ws_fix(*text, t->w->opt->ws_rule, &mended);
		*text = arena_str(t->w->a, strbuf_str(&mended));
	}
	if (!there || ((t->mend || t->f->exact) && !str_eq(*text, t->w->im.lines[line])))
		add_edit(t, line, there, text, 1);
}

static void take_block(struct taking *t, const struct block *b)
{
	size_t line = line_of(t, b->at), n_new = b->n_new;

	if (t->post + n_new > t->keep)
		n_new = t->keep > t->post ? t->keep - t->post : 0;
	t->post += b->n_new;
	add_edit(t, line, line_of(t, b->at + b->n_old) - line, b->new, n_new);
}

/* Does the hunk add blank lines at the end of the file? How many. */
static size_t blanks_at_end(const struct taking *t)
{
	const struct place_options *opt = t->w->opt;

	if (opt->ws == WS_NOWARN || !(opt->ws_rule.faults & WS_BLANK_AT_EOF) ||
	    t->f->at + (t->f->to - t->f->from) < t->w->im.n)
		return 0;
	return t->s->blank_adds_at_end;
}

static void note_blanks(const struct taking *t)
{
	const struct hunk *h = t->s->hunk;

	*ARENA_PUSH(t->w->a, &t->w->res->ws) =
		(struct place_ws_note){ { h->origin.mail,
					  hunk_line_number(h, t->s->first_blank) },
					WS_BLANK_AT_EOF,
					STR("+") };
}

void take_found(struct work *w, const struct found *f)
{
	const struct sides *s = &w->sides[f->hunk];
	struct taking t = { .w = w, .s = s, .f = f, .post = f->from };
	bool fix = w->opt->ws == WS_FIX;
	size_t blanks = blanks_at_end(&t), next = f->from;
	size_t end = s->n_post - (s->n_pre - f->to);

	if (blanks)
		note_blanks(&t);
	t.keep = end - (fix && blanks <= end ? blanks : 0);
	t.mend = fix && !w->opt->ignore_space && !f->exact;
	for (size_t b = 0; b < s->n_blocks; b++) {
		for (; next < s->blocks[b].at; next++)
			take_context(&t, next);
		take_block(&t, &s->blocks[b]);
		next = s->blocks[b].at + s->blocks[b].n_old;
	}
	for (; next < f->to; next++)
		take_context(&t, next);
	spans_add(w, f->at, line_of(&t, f->to) - f->at, t.keep - f->from);
}
