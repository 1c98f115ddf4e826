/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing while typing: see choice.h. Letters in order are looked for in the text and in
 * the note's first word only: in a whole command line any few letters stand in order.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "choice.h"

struct candidate {
	struct completion shown;
	struct str text, note; /* folded: what typed words are compared with */
};

struct fit {
	size_t candidate;
	int score;
};

struct choice {
	struct arena *arena;
	struct candidate *v;
	struct fit *fits;
	size_t n, nfits;
	struct list list;
	struct strbuf typed; /* folded */
	bool narrowed;
};

struct choice *choice_new(void)
{
	struct choice *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->arena = arena_new();
	c->typed = (struct strbuf)STRBUF(4096);
	return c;
}

void choice_free(struct choice *c)
{
	if (!c)
		return;
	arena_free(c->arena);
	strbuf_free(&c->typed);
	free(c);
}

struct arena *choice_arena(struct choice *c)
{
	return c->arena;
}

static struct str folded(struct arena *a, struct str s)
{
	STRBUF_AUTO(b, 1 << 16);

	utf8_fold(&b, s);
	return arena_str(a, strbuf_str(&b));
}

void choice_offer(struct choice *c, const struct completions *all)
{
	c->n = all->n;
	c->v = arena_array(c->arena, struct candidate, all->n);
	c->fits = arena_array(c->arena, struct fit, all->n);
	for (size_t i = 0; i < all->n; i++)
		c->v[i] = (struct candidate){ all->v[i], folded(c->arena, all->v[i].text),
					      folded(c->arena, all->v[i].note) };
}

/* ---- what fits ----------------------------------------------------------------- */

static bool in_order(struct str s, struct str letters)
{
	while (s.n && letters.n) {
		if (s.p[0] == letters.p[0])
			letters = str_from(letters, 1);
		s = str_from(s, 1);
	}
	return !letters.n;
}

static bool begins_a_word(struct str s, struct str part)
{
	for (size_t i = 0; i < s.n; i++)
		if ((!i || !utf8_is_word((unsigned char)s.p[i - 1])) &&
		    str_starts(str_from(s, i), part))
			return true;
	return false;
}

/* The more, the better; 0: not at all. */
static int fit_of(const struct candidate *c, struct str word)
{
	struct str rest = c->note, name = STR("");

	str_word(&rest, &name);
	if (str_eq(c->text, word))
		return 7;
	if (str_eq(name, word))
		return 6;
	if (str_starts(c->text, word) || str_starts(name, word))
		return 5;
	if (begins_a_word(c->text, word) || begins_a_word(c->note, word))
		return 4;
	if (str_find(c->text, word) >= 0)
		return 3;
	if (str_find(c->note, word) >= 0)
		return 2;
	return in_order(c->text, word) || in_order(name, word);
}

static int better(const void *a, const void *b)
{
	const struct fit *x = a, *y = b;

	if (x->score != y->score)
		return (y->score > x->score) - (y->score < x->score);
	return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

static int score_of(const struct candidate *c, struct str typed)
{
	struct str word;
	int score = 1;

	while (str_word(&typed, &word)) {
		int fit = fit_of(c, word);

		if (!fit)
			return 0;
		score += fit;
	}
	return score;
}

void choice_narrow(struct choice *c, struct str typed, size_t rows)
{
	STRBUF_AUTO(b, 4096);

	utf8_fold(&b, typed);
	if (c->narrowed && str_eq(strbuf_str(&b), strbuf_str(&c->typed)))
		return;
	c->narrowed = true;
	strbuf_clear(&c->typed);
	strbuf_add(&c->typed, strbuf_str(&b));
	c->nfits = 0;
	for (size_t i = 0; i < c->n; i++) {
		int score = score_of(&c->v[i], strbuf_str(&c->typed));

		if (score)
			c->fits[c->nfits++] = (struct fit){ i, score };
	}
	if (c->nfits)
		qsort(c->fits, c->nfits, sizeof(*c->fits), better);
	c->list = (struct list){ 0 };
	list_set_n(&c->list, c->nfits);
	list_set_h(&c->list, rows < c->nfits ? rows : c->nfits);
}

/* ---- moving -------------------------------------------------------------------- */

struct str choice_key(struct str *bytes)
{
	static const struct {
		struct str bytes;
		struct str move;
	} keys[] = {
		{ STR("\033[A"), STR("up") },       { STR("\033OA"), STR("up") },
		{ STR("\033[Z"), STR("up") },       { STR("\020"), STR("up") },
		{ STR("\033[B"), STR("down") },     { STR("\033OB"), STR("down") },
		{ STR("\t"), STR("down") },         { STR("\016"), STR("down") },
		{ STR("\033[5~"), STR("page-up") }, { STR("\033[6~"), STR("page-down") },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_skip(bytes, keys[i].bytes))
			return keys[i].move;
	return STR("");
}

void choice_move(struct choice *c, struct str movement)
{
	(void)list_action(&c->list, movement);
}

static const struct completion *fitting(const struct choice *c, size_t i)
{
	return i < c->nfits ? &c->v[c->fits[i].candidate].shown : NULL;
}

const struct completion *choice_taken(const struct choice *c)
{
	return fitting(c, c->list.cursor);
}

size_t choice_rows(const struct choice *c)
{
	return c->list.h;
}

size_t choice_fitting(const struct choice *c)
{
	return c->nfits;
}

size_t choice_all(const struct choice *c)
{
	return c->n;
}

const struct completion *choice_row(const struct choice *c, size_t i, bool *ret_cursor)
{
	*ret_cursor = c->list.top + i == c->list.cursor;
	return fitting(c, c->list.top + i);
}
