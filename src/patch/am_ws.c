/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whitespace as git apply judges it while it reads: by the rule of the path, all lines
 * that are added, and with --whitespace=fix the context too. Where old lines end with
 * CR LF, a CR is no fault in what follows.
 */
#include "am_ws.h"

struct checker {
	const struct am_apply_options *o;
	struct am_applied *r;
	struct arena *a;
	struct ws_rule *rule;
};

/* The LF of a last line without one is the patch's. */
static bool ends_with_cr(struct str text)
{
	return str_ends(text, STR("\r\n")) || str_ends(text, STR("\r"));
}

static void check_hunk(struct checker *c, const struct hunk *h)
{
	const struct place_options *opt = &c->o->place;
	char added = opt->reverse ? '-' : '+';
	unsigned line = h->origin.line;

	for (size_t i = 0; i < h->n; i++) {
		struct str text = h->lines[i].text;
		char kind = h->lines[i].kind;
		struct place_ws_note note = { { h->origin.mail, ++line }, 0, text };

		if (kind != added && ends_with_cr(text))
			c->rule->faults |= WS_CR_AT_EOL;
		/* "\ No newline at end of file" */
		line += !str_ends(text, STR("\n"));
		if (opt->ws == WS_NOWARN ||
		    (kind != added && (kind != ' ' || opt->ws != WS_FIX || opt->reverse)))
			continue;
		note.faults = ws_check(text, *c->rule);
		if (note.faults)
			*ARENA_PUSH(c->a, &c->r->ws) = note;
	}
}

struct ws_rule *am_check_ws(const struct am_target *to, const struct patch *p,
			    const struct am_apply_options *o, struct am_applied *r,
			    struct arena *a, struct err *err)
{
	struct ws_rule *rules = arena_array(a, struct ws_rule, p->n + 1);

	for (size_t i = 0; i < p->n; i++) {
		const struct filepatch *f = &p->v[i];
		struct checker c = { o, r, a, &rules[i] };

		rules[i] = o->place.ws_rule;
		if (!am_path_wanted(o, filepatch_path(f)))
			continue;
		if (to->ws_rule &&
		    !to->ws_rule(to->arg, filepatch_path(f), &rules[i], err))
			return NULL;
		for (size_t k = 0; k < f->n_hunks; k++)
			check_hunk(&c, &f->hunks[k]);
	}
	return rules;
}
