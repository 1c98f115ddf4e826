/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hunk taken apart into old side, new side and blocks of changes, and what each old
 * line is worth as a witness of the place.
 */
#include "place_internal.h"

bool line_is_blank(struct str line)
{
	return !str_trim(line).n;
}

/* An added line as it will stand in the file. */
static struct str added(struct sides *s, struct str text, const struct place_options *opt,
			struct arena *a)
{
	STRBUF_AUTO(fixed, WS_FIXED_MAX);

	if (opt->ws != WS_FIX || opt->ws_faultless)
		return text;
	s->n_fixed += ws_fix(text, opt->ws_rule, &fixed);
	if (str_eq(text, strbuf_str(&fixed)))
		return text;
	return arena_str(a, strbuf_str(&fixed));
}

/* git's rule for blank lines that the hunk would add at the end of the file: blank
 * context between them does not count, any other line starts anew, and so does the note
 * that there is no final newline. In a hunk that is taken back removed lines come last.
 */
static void count_end_blanks(struct sides *s, size_t i, bool behind)
{
	const struct hunk_line *l = &s->hunk->lines[i];

	if (behind || l->kind == '-' || !ws_blank(l->text) ||
	    !str_ends(l->text, STR("\n"))) {
		s->blank_adds_at_end = 0;
	} else if (l->kind == '+') {
		if (!s->blank_adds_at_end++)
			s->first_blank = i;
	}
}

static struct block *block_at(struct sides *s, bool begins)
{
	if (begins)
		s->blocks[s->n_blocks++] = (struct block){ .at = s->n_pre };
	return &s->blocks[s->n_blocks - 1];
}

void sides_split(struct sides *s, const struct hunk *h, const struct place_options *opt,
		 struct arena *a)
{
	size_t run = 0, blocks = 0;
	char last = ' ';

	*s = (struct sides){ .hunk = h };
	for (size_t i = 0; i < h->n; last = h->lines[i++].kind)
		blocks += h->lines[i].kind != ' ' && last == ' ';
	s->pre = arena_array(a, struct str, h->n);
	s->post = arena_array(a, struct str, h->n);
	s->common = arena_array(a, bool, h->n);
	s->blocks = arena_array(a, struct block, blocks);
	last = ' ';
	for (size_t i = 0; i < h->n; last = h->lines[i++].kind) {
		const struct hunk_line *l = &h->lines[i];
		struct block *b = NULL;
		bool behind = false;

		if (l->kind != ' ') {
			b = block_at(s, last == ' ');
			if (s->n_blocks == 1 && last == ' ')
				s->leading = run;
			run = 0;
			behind = h->reversed && b->n_old;
		}
		count_end_blanks(s, i, behind);
		if (l->kind == '+') {
			if (!b->new)
				b->new = &s->post[s->n_post];
			b->n_new++;
			s->post[s->n_post++] = added(s, l->text, opt, a);
			continue;
		}
		if (b)
			b->n_old++;
		s->common[s->n_pre] = !b;
		s->pre[s->n_pre++] = l->text;
		if (!b) {
			s->post[s->n_post++] = l->text;
			run++;
		}
	}
	s->trailing = run;
	/* A hunk of line 1 begins the file, one without context behind it ends the file;
	 * with --unidiff-zero neither is known. */
	s->at_begin = !h->old.start || (h->old.start == 1 && !opt->unidiff_zero);
	s->at_end = !opt->unidiff_zero && !s->trailing;
}

/* Blanks and lone braces stand everywhere and say little of the place; short lines like
 * "else" or "break;" say a little. */
float line_weight(struct str line)
{
	size_t n = str_trim(line).n;

	return n <= 1 ? 0.15f : n <= 8 ? 0.4f : 1.0f;
}

size_t line_depth(struct str line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n = line.p[i] == '\t' ? (n / 8 + 1) * 8 : n + 1;
	return n;
}

size_t line_common_begin(struct str a, struct str b)
{
	size_t n = 0;

	a = str_trim(a);
	b = str_trim(b);
	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* To begin a run of foreign lines: anywhere, beside a change, between removed lines.
 * Where it is a tie the lines beside the change shall stay together. */
#define GAP_OPEN   0.10f
#define GAP_BESIDE 0.16f
#define GAP_INSIDE 0.30f

#define MANY 256 /* occurrences looked at */

/* A line that stands in many of the lines [from, to) says less of one place there. */
static float rarity(const struct image *im, uint64_t hash, size_t from, size_t to)
{
	static const float worth[] = { 1, 1, 0.9f, 0.8f, 0.7f, 0.6f, 0.5f, 0.5f, 0.45f };
	size_t n = 0, looked = 0, at;

	for (at = im ? image_first(im, hash) : NO_LINE;
	     at != NO_LINE && at < to && n <= 32; at = image_next(im, at)) {
		if (++looked > MANY)
			return 0.2f;
		n += at >= from;
	}
	return n < ARRAY_SIZE(worth) ? worth[n] : n <= 32 ? 0.3f : 0.2f;
}

void sides_weigh(struct sides *s, const struct image *im, size_t from, size_t to,
		 struct arena *a)
{
	s->weight = arena_array(a, float, s->n_pre);
	for (size_t i = 0; i < s->n_pre; i++) {
		s->weight[i] = line_weight(s->pre[i]) * rarity(im, s->hash[i], from, to);
		/* A place without the lines to remove is none. */
		if (!s->common[i])
			s->weight[i] = 0.4f + 1.2f * s->weight[i];
	}
}

void sides_measure(struct sides *s, const struct image *im, struct arena *a)
{
	if (s->hash)
		return;
	s->hash = arena_array(a, uint64_t, s->n_pre);
	s->gap = arena_array(a, float, s->n_pre);
	for (size_t i = 0; i < s->n_pre; i++) {
		s->hash[i] = image_line_hash(s->pre[i]);
		s->gap[i] = GAP_OPEN;
		if (!s->common[i] && i + 1 < s->n_pre && !s->common[i + 1])
			s->gap[i] = GAP_INSIDE;
	}
	for (size_t b = 0; b < s->n_blocks; b++)
		if (s->blocks[b].at)
			s->gap[s->blocks[b].at - 1] = GAP_BESIDE;
	sides_weigh(s, im, 0, NO_LINE, a);
}
