/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers of the command table that produce words: usage lines, help pages, completion,
 * and the test of the table itself.
 */
#include "app/command.h"
#include "app/source.h"

static const char *metavar(const struct param *p)
{
	return p->metavar ? p->metavar : p->type ? p->type->name : p->name;
}

static void usage_option(struct strbuf *b, const struct param *p)
{
	if (p->letter)
		strbuf_addf(b, "-%c", p->letter);
	else
		strbuf_addf(b, "--%s", p->name);
	if (p->flags & PARAM_SWITCH)
		return;
	strbuf_addf(b,
		    p->flags & PARAM_OPTVALUE ? "[%s]"
		    : p->letter               ? " %s"
					      : "=%s",
		    metavar(p));
}

void command_usage(struct strbuf *b, const struct command *cmd)
{
	strbuf_addf(b, "kcrib %s", cmd->name);
	for (const struct param *p = cmd->params; p && p->name; p++) {
		bool need = p->flags & PARAM_REQUIRED;

		if (p->flags & PARAM_HIDDEN)
			continue;
		strbuf_addz(b, need ? " " : " [");
		if (p->flags & PARAM_OPTION)
			usage_option(b, p);
		else
			strbuf_addf(b, "%s", metavar(p));
		if (!need)
			strbuf_addc(b, ']');
		if (p->flags & PARAM_MANY)
			strbuf_addz(b, "...");
	}
}

static void help_param(struct doc *d, const struct param *p)
{
	struct line *line = doc_line(d, LINE_TEXT);

	line->indent = 2;
	line->hang = 6;
	if (p->flags & PARAM_OPTION) {
		if (p->letter)
			doc_spanf(d, STYLE_CODE, "-%c, ", p->letter);
		doc_spanf(d, STYLE_CODE, "--%s%s",
			  p->flags & PARAM_NEGATABLE ? "[no-]" : "", p->name);
		if (!(p->flags & PARAM_SWITCH))
			doc_spanf(d, STYLE_PLACEHOLDER,
				  p->flags & PARAM_OPTVALUE ? "[=%s]" : " %s",
				  metavar(p));
	} else {
		doc_span(d, STYLE_PLACEHOLDER, str_of(metavar(p)));
	}
	doc_spanf(d, STYLE_TEXT, "  %s", p->help);
	if (!p->choices)
		return;
	doc_span(d, STYLE_DIM, STR(" ("));
	for (size_t i = 0; p->choices[i]; i++)
		doc_spanf(d, STYLE_DIM, "%s%s", i ? ", " : "", p->choices[i]);
	doc_span(d, STYLE_DIM, STR(")"));
}

static struct doc *help_one(struct arena *a, const struct command *cmd)
{
	struct doc *d = doc_new(a);
	STRBUF_AUTO(usage, 8192);

	command_usage(&usage, cmd);
	doc_textf(d, STYLE_HEAD1, "kcrib %s: %s", cmd->name, cmd->summary);
	doc_line(d, LINE_TEXT);
	doc_line(d, LINE_TEXT)->hang = 6;
	doc_span(d, STYLE_CODE, strbuf_str(&usage));
	for (const struct param *p = cmd->params; p && p->name; p++) {
		if (p == cmd->params)
			doc_line(d, LINE_TEXT);
		if (!(p->flags & PARAM_HIDDEN))
			help_param(d, p);
	}
	if (cmd->help) {
		doc_line(d, LINE_TEXT);
		STR_EACH_LINE (line, str_of(cmd->help)) {
			doc_line(d, LINE_TEXT);
			doc_span(d, STYLE_TEXT, line);
		}
	}
	return d;
}

static struct doc *help_all(struct arena *a)
{
	struct doc *d = doc_new(a);
	size_t n, width = 0;
	const struct command *const *all = command_list(&n);

	doc_textf(d, STYLE_HEAD1,
		  "kcrib: the kernel developer's crib sheet and workbench");
	doc_line(d, LINE_TEXT);
	doc_textf(d, STYLE_TEXT, "Without a command it opens on your notes. Commands:");
	doc_line(d, LINE_TEXT);
	for (size_t i = 0; i < n; i++)
		if (strlen(all[i]->name) > width)
			width = strlen(all[i]->name);
	for (size_t i = 0; i < n; i++) {
		struct line *line;

		if (all[i]->flags & COMMAND_HIDDEN)
			continue;
		line = doc_line(d, LINE_TEXT);
		line->indent = 2;
		line->hang = (int)width + 2;
		doc_link(d, arena_strf(a, "%-*s", (int)width, all[i]->name),
			 (struct ref){ REF_COMMAND,
				       arena_strf(a, "help %s", all[i]->name) });
		doc_spanf(d, STYLE_TEXT, "  %s", all[i]->summary);
	}
	return d;
}

struct doc *command_help(struct arena *a, const struct command *cmd)
{
	return cmd ? help_one(a, cmd) : help_all(a);
}

/* ---- completion ------------------------------------------------------------------ */

static void offer(struct arena *a, struct completions *ret, struct str text,
		  const char *note)
{
	*ARENA_PUSH(a, ret) = (struct completion){ arena_str(a, text), str_of(note) };
}

/* Only the word under the cursor, and each once: names are sorted, so "rej drop" and "rej
 * take" offer "rej" in a row. */
static void complete_name(struct arena *a, struct str line, struct completions *ret)
{
	size_t n, from = (size_t)(str_rchr(line, ' ') + 1);
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(all[i]->name), word;

		if (all[i]->flags & COMMAND_HIDDEN || !str_starts(name, line))
			continue;
		name = str_from(name, from);
		str_cut(&name, ' ', &word);
		if (ret->n && str_eq(ret->v[ret->n - 1].text, word))
			continue;
		offer(a, ret, word, name.p ? "" : all[i]->summary);
	}
}

static void complete_choice(struct arena *a, const struct param *p, struct str word,
			    struct completions *ret)
{
	for (size_t i = 0; p->choices[i]; i++)
		if (str_starts(str_of(p->choices[i]), word))
			offer(a, ret, str_of(p->choices[i]), "");
}

static void complete_value(struct ctx *ctx, struct arena *a, const struct param *p,
			   struct str word, struct completions *ret)
{
	if (p->choices)
		complete_choice(a, p, word, ret);
	else if (p->type && p->type->complete)
		p->type->complete(ctx, a, word, ret);
}

static void complete_option(struct arena *a, const struct command *cmd, struct str word,
			    struct completions *ret)
{
	for (const struct param *p = cmd->params; p && p->name; p++) {
		struct str name = arena_strf(a, "--%s", p->name);

		if (p->flags & PARAM_OPTION && !(p->flags & PARAM_HIDDEN) &&
		    str_starts(name, word))
			offer(a, ret, name, p->help);
	}
}

/* The positional parameter that a further word would fill. */
static const struct param *next_positional(const struct command *cmd,
					   const struct str *words, size_t n)
{
	const struct param *p = cmd->params;

	for (size_t i = 0; i < n; i++) {
		if (words[i].n && words[i].p[0] == '-')
			continue;
		while (p && p->name && p->flags & PARAM_OPTION)
			p++;
		if (p && p->name && !(p->flags & PARAM_MANY))
			p++;
	}
	while (p && p->name && p->flags & PARAM_OPTION)
		p++;
	return p && p->name ? p : NULL;
}

static const struct param *option_before(const struct command *cmd, struct str word)
{
	for (const struct param *p = cmd->params; p && p->name; p++) {
		if (!(p->flags & PARAM_OPTION) ||
		    p->flags & (PARAM_SWITCH | PARAM_OPTVALUE))
			continue;
		if ((word.n == 2 && word.p[0] == '-' && word.p[1] == p->letter) ||
		    (str_starts(word, STR("--")) &&
		     str_eq(str_from(word, 2), str_of(p->name))))
			return p;
	}
	return NULL;
}

/* "--name=pre": the option, `*word` cut to what stands behind the "=". */
static const struct param *glued_option(const struct command *cmd, struct str *word,
					size_t *from)
{
	ptrdiff_t eq = str_starts(*word, STR("--")) ? str_chr(*word, '=') : -1;
	struct str name = eq < 0 ? STR_NONE : str_n(word->p + 2, (size_t)eq - 2);

	for (const struct param *p = cmd->params; eq >= 0 && p && p->name; p++) {
		if (!(p->flags & PARAM_OPTION) || p->flags & PARAM_SWITCH ||
		    !str_eq(name, str_of(p->name)))
			continue;
		*word = str_from(*word, (size_t)eq + 1);
		*from += (size_t)eq + 1;
		return p;
	}
	return NULL;
}

void command_complete(struct ctx *ctx, struct arena *a, struct str line, size_t *ret_from,
		      struct completions *ret)
{
	struct str before, word, *words;
	const struct command *cmd;
	const struct param *p;
	struct err err;
	size_t n, used;

	*ret = (struct completions){ 0 };
	*ret_from = (size_t)(str_rchr(line, ' ') + 1);
	before = str_n(line.p, *ret_from);
	word = str_from(line, *ret_from);
	complete_name(a, line, ret);
	if (!command_split(a, before, &words, &n, &err) || !n)
		return;
	cmd = command_find(words, n, &used);
	if (!cmd)
		return;
	p = option_before(cmd, words[n - 1]);
	if (!p)
		p = glued_option(cmd, &word, ret_from);
	if (!p && str_starts(word, STR("-"))) {
		complete_option(a, cmd, word, ret);
		return;
	}
	if (!p)
		p = next_positional(cmd, words + used, n - used);
	if (p)
		complete_value(ctx, a, p, word, ret);
}

/* ---- self test -------------------------------------------------------------------- */

static void test_param(struct strbuf *b, const struct command *cmd, const struct param *p)
{
	bool option = p->flags & PARAM_OPTION;

	if (!p->help || !*p->help)
		strbuf_addf(b, "%s: parameter %s has no help\n", cmd->name, p->name);
	if (p->flags & PARAM_SWITCH && (p->type || !option))
		strbuf_addf(b, "%s: switch %s is no plain option\n", cmd->name, p->name);
	if (!(p->flags & PARAM_SWITCH) && !p->type && !p->choices)
		strbuf_addf(b, "%s: parameter %s has no type\n", cmd->name, p->name);
	if (p->letter && !option)
		strbuf_addf(b, "%s: positional %s has a letter\n", cmd->name, p->name);
	for (const struct param *q = cmd->params; q != p; q++)
		if (!strcmp(p->name, q->name) || (p->letter && p->letter == q->letter))
			strbuf_addf(b, "%s: %s stands twice\n", cmd->name, p->name);
}

bool command_self_test(struct strbuf *b)
{
	size_t n;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++) {
		const struct command *cmd = all[i];

		if (i && !strcmp(all[i - 1]->name, cmd->name))
			strbuf_addf(b, "%s: stands twice\n", cmd->name);
		if (!cmd->summary || !*cmd->summary ||
		    cmd->summary[strlen(cmd->summary) - 1] == '.')
			strbuf_addf(b, "%s: summary missing or with a full stop\n",
				    cmd->name);
		if (!cmd->run && !cmd->source)
			strbuf_addf(b, "%s: neither run nor source\n", cmd->name);
		for (const struct param *p = cmd->params; p && p->name; p++)
			test_param(b, cmd, p);
	}
	return b->n == 0;
}
