/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breaking a doc into visual lines. A line is cut into atoms: a word with the blanks
 * behind it, or one wide cluster. Atoms that touch without a blank between them (a word
 * that changes style in the middle) are moved together. Linear in the text.
 */
#include "base/utf8.h"
#include "model/doc.h"

struct atom {
	size_t span; /* which span it came from */
	struct str text;
	size_t width; /* without trailing blanks */
	size_t full;  /* with them */
	bool glued;   /* nothing lets a line break in front of it */
};

struct wrapper {
	struct arena *a;
	struct doc *out;
	const struct line *line; /* the logical line at hand */
	size_t width, at, room;  /* columns: limit, used, available on this visual line */
};

static bool is_wide(struct str cluster)
{
	uint32_t cp;

	return utf8_next(&cluster, &cp) && utf8_cp_width(cp) == 2;
}

static struct str take_atom(struct str *rest)
{
	struct str s = *rest;
	size_t n = 0;

	if (is_wide(s)) {
		n = utf8_grapheme(s);
	} else {
		while (n < s.n && s.p[n] != ' ' && !is_wide(str_from(s, n)))
			n += utf8_grapheme(str_from(s, n));
	}
	while (n < s.n && s.p[n] == ' ')
		n++;
	*rest = str_from(s, n);
	return str_n(s.p, n);
}

static void start_line(struct wrapper *w, bool first)
{
	const struct line *from = w->line;
	struct line *line = doc_line(w->out, from->kind);

	line->indent = from->indent + (first ? 0 : from->hang);
	line->command = first ? from->command : 0;
	w->at = 0;
	w->room =
		w->width > (size_t)line->indent + 1 ? w->width - (size_t)line->indent : 1;
}

static void put(struct wrapper *w, size_t span, struct str text)
{
	struct line *line = &w->out->v[w->out->n - 1];
	struct span *last = line->n ? &line->v[line->n - 1] : NULL;

	/* neighbours of one span grow together again */
	if (last && last->text.p + last->text.n == text.p &&
	    last->style == w->line->v[span].style)
		last->text.n += text.n;
	else
		*ARENA_PUSH(w->a, line) = (struct span){ text, w->line->v[span].style,
							 w->line->v[span].ref };
}

static void put_atom(struct wrapper *w, const struct atom *atom)
{
	struct str text = atom->text;
	size_t left = atom->width; /* counted down: a word may be very long */

	while (w->at + left > w->room) {
		size_t columns;

		struct str head = utf8_fit(text, w->room - w->at);

		if (!head.n && !w->at)
			head = str_n(text.p, utf8_grapheme(text));
		put(w, atom->span, head);
		columns = utf8_width(head);
		left = left > columns ? left - columns : 0;
		text = str_from(text, head.n);
		start_line(w, false);
	}
	put(w, atom->span, text);
	w->at += utf8_width(text);
}

static void put_word(struct wrapper *w, const struct atom *v, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		width += i + 1 < n ? v[i].full : v[i].width;
	if (w->at && w->at + width > w->room)
		start_line(w, false);
	for (size_t i = 0; i < n; i++)
		put_atom(w, &v[i]);
}

static void wrap_line(struct wrapper *w)
{
	struct {
		struct atom *v;
		size_t n, cap;
	} atoms = { 0 };
	bool open = false; /* the last atom ended without a blank */

	for (size_t i = 0; i < w->line->n; i++) {
		struct str rest = w->line->v[i].text;

		while (rest.n) {
			struct str text = take_atom(&rest);
			bool wide = is_wide(text);

			*ARENA_PUSH(w->a, &atoms) =
				(struct atom){ i, text, utf8_width(str_rtrim(text)),
					       utf8_width(text), open && !wide };
			open = !wide && text.p[text.n - 1] != ' ';
		}
	}
	start_line(w, true);
	for (size_t i = 0, n; i < atoms.n; i += n) {
		for (n = 1; i + n < atoms.n && atoms.v[i + n].glued;)
			n++;
		put_word(w, &atoms.v[i], n);
	}
}

struct doc *doc_wrap(struct arena *a, const struct doc *d, size_t width)
{
	struct wrapper w = { .a = a, .out = doc_new(a), .width = width ? width : 1 };

	for (size_t i = 0; i < d->n; i++) {
		w.line = &d->v[i];
		if (w.line->kind == LINE_TEXT)
			wrap_line(&w);
		else
			*ARENA_PUSH(a, w.out) = *w.line;
	}
	return w.out;
}
