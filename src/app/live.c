/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Living notes: see app/live.h. A block may run only commands that are pure questions:
 * those with a source, or that neither change anything nor need the terminal.
 */
#include "app/live.h"

#include "app/source.h"

enum { VALUE_MAX = 4096 };

struct live {
	struct note_live ops;
	struct ctx *ctx;
};

static bool value(void *arg, struct arena *a, struct str what, struct str *ret,
		  struct err *err)
{
	const struct live *live = arg;
	STRBUF_AUTO(b, VALUE_MAX);
	struct root *root = ctx_root(live->ctx, err);
	struct str place = STR(""), path = what;

	if (!root)
		return false;
	if (!str_cut(&path, ':', &place) || !path.p ||
	    (!str_eq(place, STR("sys")) && !str_eq(place, STR("proc"))))
		return err_set(err, ERR_PARSE, "a live value is sys:/path or proc:/path");
	if (!root_read(
		    root,
		    arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(place), STR_ARG(path)),
		    &b, err))
		return false;
	*ret = arena_str(a, str_trim(strbuf_str(&b)));
	return true;
}

static struct doc *to_doc(struct arena *a, const struct result *result)
{
	struct doc *d = doc_new(a);

	switch (result->kind) {
	case RESULT_TABLE:
		doc_table(d, result->table);
		break;
	case RESULT_RECORD:
		doc_record(d, result->record);
		break;
	case RESULT_DOC:
		*d = *result->doc;
		break;
	case RESULT_BYTES:
	case RESULT_NONE:
		break;
	}
	return d;
}

static const struct doc *block(void *arg, struct arena *a, struct str line,
			       struct err *err)
{
	struct live *live = arg;
	struct arena *before = live->ctx->arena;
	const struct command *cmd;
	struct result result;
	struct str *words;
	size_t n, used;
	bool ok;

	if (!command_split(a, line, &words, &n, err))
		return NULL;
	cmd = n ? command_find(words, n, &used) : NULL;
	if (!cmd || cmd->flags & (COMMAND_CHANGES | COMMAND_TERMINAL)) {
		err_set(err, ERR_USAGE,
			"\"" STR_FMT "\" is not a command that only shows",
			STR_ARG(line));
		return NULL;
	}
	live->ctx->arena = a;
	ok = command_eval(live->ctx, line, &result, err);
	live->ctx->arena = before;
	return ok ? to_doc(a, &result) : NULL;
}

const struct note_live *ctx_note_live(struct ctx *ctx, struct arena *a, struct str slug,
				      struct str bytes)
{
	struct live *live = arena_new_of(a, struct live);

	live->ctx = ctx;
	live->ops = (struct note_live){ .value = value, .block = block, .arg = live };
	return &live->ops;
}

bool note_is_live(struct str bytes)
{
	static const struct str signs[] = { STR("{{"), STR("{?"), STR("```kcrib") };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (str_find(bytes, signs[i]) >= 0)
			return true;
	return false;
}
