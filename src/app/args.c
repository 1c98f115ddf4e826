/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words to arguments: the option syntax of git and GNU getopt_long, driven by the
 * command's parameter table.
 */
#include <stdlib.h>

#include "app/command.h"

static const struct arg *last(const struct args *args, const char *name)
{
	for (size_t i = args->n; i-- > 0;)
		if (!strcmp(args->v[i].param->name, name))
			return &args->v[i];
	return NULL;
}

bool args_has(const struct args *args, const char *name)
{
	const struct arg *arg = last(args, name);

	return arg && !arg->negated;
}

bool args_given(const struct args *args, const char *name)
{
	return last(args, name) != NULL;
}

const struct value *args_get(const struct args *args, const char *name)
{
	const struct arg *arg = last(args, name);

	return arg && arg->has_value && !arg->negated ? &arg->value : NULL;
}

struct str args_text(const struct args *args, const char *name, struct str fallback)
{
	const struct value *v = args_get(args, name);

	return v ? v->text : fallback;
}

int64_t args_int(const struct args *args, const char *name, int64_t fallback)
{
	const struct value *v = args_get(args, name);

	return v ? v->i : fallback;
}

const struct value *args_nth(const struct args *args, const char *name, size_t i)
{
	for (size_t k = 0; k < args->n; k++)
		if (!strcmp(args->v[k].param->name, name) && args->v[k].has_value && !i--)
			return &args->v[k].value;
	return NULL;
}

struct binder {
	struct ctx *ctx;
	const struct command *cmd;
	const struct str *words;
	size_t n, at;
	struct args *args;
	struct err *err;
	bool no_options; /* after "--" */
};

static bool usage(struct binder *b, const char *what, struct str word)
{
	STRBUF_AUTO(line, 4096);

	err_set(b->err, ERR_USAGE, "%s: %s: " STR_FMT, b->cmd->name, what, STR_ARG(word));
	command_usage(&line, b->cmd);
	return err_hint(b->err, "usage: %s", strbuf_z(&line));
}

static bool allowed(const struct param *p, struct str text)
{
	if (!p->choices)
		return true;
	for (size_t i = 0; p->choices[i]; i++)
		if (str_eq(text, str_of(p->choices[i])))
			return true;
	return false;
}

static bool add_value(struct binder *b, const struct param *p, struct str text)
{
	struct arg *arg = ARENA_PUSH(b->ctx->arena, b->args);

	*arg = (struct arg){ .param = p, .has_value = true };
	arg->value.text = text;
	if (!allowed(p, text)) {
		usage(b, "not one of the known values", text);
		return false;
	}
	if (p->type && p->type->parse &&
	    !p->type->parse(b->ctx, text, &arg->value, b->err)) {
		if (b->err->code == ERR_PARSE)
			b->err->code = ERR_USAGE;
		return err_wrap(b->err, "%s%s", p->flags & PARAM_OPTION ? "--" : "",
				p->name);
	}
	arg->value.text = text;
	return true;
}

static void add_switch(struct binder *b, const struct param *p, bool negated)
{
	*ARENA_PUSH(b->ctx->arena, b->args) =
		(struct arg){ .param = p, .negated = negated };
}

/* An option that wants a value: glued text if there is any, else the next word. */
static bool take_value(struct binder *b, const struct param *p, struct str glued,
		       struct str word)
{
	if (glued.p)
		return add_value(b, p, glued);
	if (p->flags & PARAM_OPTVALUE) {
		add_switch(b, p, false);
		return true;
	}
	if (b->at >= b->n)
		return usage(b, "option wants a value", word);
	return add_value(b, p, b->words[b->at++]);
}

static const struct param *find_long(struct binder *b, struct str name, bool *ret_many)
{
	const struct param *hit = NULL;

	*ret_many = false;
	for (const struct param *p = b->cmd->params; p && p->name; p++) {
		if (!(p->flags & PARAM_OPTION))
			continue;
		if (str_eq(name, str_of(p->name))) {
			*ret_many = false;
			return p;
		}
		if (str_starts(str_of(p->name), name)) {
			*ret_many = hit != NULL;
			hit = p;
		}
	}
	return *ret_many ? NULL : hit;
}

static bool bind_long(struct binder *b, struct str word)
{
	struct str name = str_from(word, 2), glued = STR_NONE;
	ptrdiff_t eq = str_chr(name, '=');
	const struct param *p;
	bool many, negated = false;

	if (eq >= 0) {
		glued = str_from(name, (size_t)eq + 1);
		name = str_n(name.p, (size_t)eq);
	}
	p = find_long(b, name, &many);
	if (!p && !many && str_starts(name, STR("no-"))) {
		p = find_long(b, str_from(name, 3), &many);
		negated = p != NULL;
		if (p && !(p->flags & PARAM_NEGATABLE))
			p = NULL;
	}
	if (many)
		return usage(b, "option fits more than one", word);
	if (!p)
		return usage(b, "unknown option", word);
	if (negated || p->flags & PARAM_SWITCH) {
		if (glued.p)
			return usage(b, "option takes no value", word);
		add_switch(b, p, negated);
		return true;
	}
	return take_value(b, p, glued, word);
}

static bool bind_short(struct binder *b, struct str word)
{
	for (size_t i = 1; i < word.n; i++) {
		const struct param *p = b->cmd->params;

		while (p && p->name && p->letter != word.p[i])
			p++;
		if (!p || !p->name)
			return usage(b, "unknown option", word);
		if (!(p->flags & PARAM_SWITCH)) {
			struct str glued = str_from(word, i + 1);

			return take_value(b, p, glued.n ? glued : STR_NONE, word);
		}
		add_switch(b, p, false);
	}
	return true;
}

/* For COMMAND_PASS: "-T" and "--max-depth=1" may be what the user looks for, so only an
 * option's whole long name is one. */
static bool is_whole_name(const struct command *cmd, struct str word)
{
	struct str name = STR("");

	if (!str_skip(&word, STR("--")) || !str_cut(&word, '=', &name))
		return false;
	for (const struct param *p = cmd->params; p && p->name; p++)
		if (p->flags & PARAM_OPTION && str_eq(name, str_of(p->name)))
			return true;
	return false;
}

static bool is_option(const struct binder *b, struct str word)
{
	uint64_t number;

	if (b->no_options || word.n < 2 || word.p[0] != '-')
		return false;
	if (b->cmd->flags & COMMAND_PASS)
		return is_whole_name(b->cmd, word);
	/* -5 is a number for commands that have no option of that name */
	if (!str_to_u64(str_from(word, 1), &number))
		return true;
	for (const struct param *p = b->cmd->params; p && p->name; p++)
		if (p->letter == word.p[1])
			return true;
	return false;
}

static bool bind_positional(struct binder *b, struct str word)
{
	for (const struct param *p = b->cmd->params; p && p->name; p++) {
		bool taken = false;

		if (p->flags & PARAM_OPTION)
			continue;
		for (size_t i = 0; i < b->args->n; i++)
			taken |= b->args->v[i].param == p;
		if (!taken || p->flags & PARAM_MANY)
			return add_value(b, p, word);
	}
	return usage(b, "unexpected word", word);
}

bool command_bind(struct ctx *ctx, const struct command *cmd, const struct str *words,
		  size_t n, struct args *ret, struct err *err)
{
	struct args args = { .command = cmd };
	struct binder b = { ctx, cmd, words, n, 0, &args, err, false };

	while (b.at < n) {
		struct str word = words[b.at++];
		bool ok;

		if (!b.no_options && str_eq(word, STR("--"))) {
			b.no_options = true;
			continue;
		}
		if (!is_option(&b, word))
			ok = bind_positional(&b, word);
		else if (word.p[1] == '-')
			ok = bind_long(&b, word);
		else
			ok = bind_short(&b, word);
		if (!ok)
			return false;
	}
	for (const struct param *p = cmd->params; p && p->name; p++)
		if (p->flags & PARAM_REQUIRED && !last(&args, p->name))
			return usage(&b, "missing", str_of(p->name));
	*ret = args;
	return true;
}
