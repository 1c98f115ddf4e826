/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Placeholders: see note/placeholder.h. Where they stand is the shell walker's business;
 * what they are comes from the front matter.
 */
#include "note/placeholder.h"
#include "shell.h"

static const struct fm_pair *find_param(const struct fm_map *params, struct str name)
{
	for (size_t i = 0; params && i < params->n; i++)
		if (str_eq(params->v[i].name, name))
			return &params->v[i];
	return NULL;
}

static bool declared(const void *arg, struct str name, bool *ret_literal)
{
	const struct fm_pair *pair = find_param(arg, name);

	if (!pair)
		return false;
	*ret_literal = str_eq(str_trim(pair->value), STR("literal"));
	return true;
}

/* ---- the language of `params` ------------------------------------------------ */

/* "size = 512M $ cmd": take what follows a mark that stands as a word of its own. */
static struct str take_after(struct str *s, char mark)
{
	for (size_t i = 0; i < s->n; i++) {
		bool begins = i == 0 || s->p[i - 1] == ' ' || s->p[i - 1] == '\t';
		bool ends = i + 1 == s->n || s->p[i + 1] == ' ' || s->p[i + 1] == '\t';

		if (s->p[i] == mark && begins && ends) {
			struct str after = str_trim(str_from(*s, i + 1));

			*s = str_trim(str_n(s->p, i));
			return after;
		}
	}
	return STR("");
}

/* The names of placeholders in a suggestion command. */
static void add_needs(struct arena *a, struct blank *b)
{
	struct shell sh = { 0 };
	struct shell_atom atom;

	shell_start(&sh, b->suggest);
	while (shell_next(&sh, &atom))
		if (atom.kind == SHELL_SLOT && b->needs.n < SLOTS_MAX)
			*ARENA_PUSH(a, &b->needs) =
				str_sub(b->suggest, atom.at + 1, atom.n - 2);
}

bool blank_parse(struct arena *a, struct str name, struct str spec, struct blank *ret,
		 struct err *err)
{
	struct blank b = { .name = name };
	struct str rest = str_trim(spec), word;

	b.suggest = take_after(&rest, '$');
	b.preset = take_after(&rest, '=');
	if (!str_word(&rest, &b.type))
		b.type = STR("text");
	if (str_ends(b.type, STR("..."))) {
		b.many = true;
		b.type.n -= 3;
	}
	while (str_word(&rest, &word)) {
		if (!str_eq(b.type, STR("choice")))
			return err_set(err, ERR_PARSE,
				       "parameter " STR_FMT ": \"" STR_FMT
				       "\" after the type " STR_FMT,
				       STR_ARG(name), STR_ARG(word), STR_ARG(b.type));
		if (b.choices.n < FM_MAX_ITEMS)
			*ARENA_PUSH(a, &b.choices) = word;
	}
	if (b.suggest.n > COMMAND_MAX)
		b.suggest = STR("");
	add_needs(a, &b);
	*ret = b;
	return true;
}

static size_t blank_index(const struct template *t, struct str name)
{
	for (size_t i = 0; i < t->blanks.n; i++)
		if (str_eq(t->blanks.v[i].name, name))
			return i;
	return SIZE_MAX;
}

/* Those that a blank's suggestions need are asked before it, also when the command itself
 * does not name them. A circle ends where it closes. */
static void add_blank(struct arena *a, struct template *t, const struct fm_map *params,
		      struct str name, unsigned depth)
{
	const struct fm_pair *pair = find_param(params, name);
	struct blank b = { .name = name, .type = STR("text") };

	if (depth > 16 || blank_index(t, name) != SIZE_MAX || t->blanks.n >= SLOTS_MAX)
		return;
	if (pair && !blank_parse(a, name, pair->value, &b, NULL))
		b = (struct blank){ .name = name, .type = STR("text") };
	for (size_t i = 0; i < b.needs.n; i++)
		if (!str_eq(b.needs.v[i], name))
			add_blank(a, t, params, b.needs.v[i], depth + 1);
	if (blank_index(t, name) == SIZE_MAX)
		*ARENA_PUSH(a, &t->blanks) = b;
}

void template_parse(struct arena *a, struct str text, const struct fm_map *params,
		    struct template *ret)
{
	struct shell sh = { .declared = declared, .arg = params };
	struct template t = { .text = text };
	struct shell_atom atom;

	shell_start(&sh, text);
	while (text.n <= COMMAND_MAX && t.slots.n < SLOTS_MAX && shell_next(&sh, &atom)) {
		struct str name = str_sub(text, atom.at + 1, atom.n - 2);

		if (atom.kind != SHELL_SLOT)
			continue;
		add_blank(a, &t, params, name, 0);
		if (blank_index(&t, name) == SIZE_MAX)
			continue;
		*ARENA_PUSH(a, &t.slots) = (struct slot){
			.at = atom.at,
			.n = atom.n,
			.blank = blank_index(&t, name),
			.in = atom.in,
			.ticks = atom.ticks,
			.word_start = atom.word_start,
			.delimiter = atom.delimiter,
			.tabs = atom.tabs,
		};
	}
	*ret = t;
}
