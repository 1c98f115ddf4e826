/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Living notes: see app/live.h. A block may run only commands that are pure questions:
 * those with a source, or that neither change anything nor need the terminal.
 */
#include "app/live.h"

#include "app/machine.h"
#include "app/source.h"
#include "app/trust.h"
#include "base/utf8.h"
#include "note/format.h"
#include "note/frontmatter.h"

enum { LIVE_MAX = 4096, LIVE_SHOWN = 200 };

struct live {
	struct note_live ops;
	struct ctx *ctx;
	struct str slug;
	bool trusted;
	struct frontmatter fm;
	const struct probe_door *door;
	struct probe_result *results; /* of fm.probes, as far as they were asked */
	bool *asked;
};

static bool value(void *arg, struct arena *a, struct str what, struct str *ret,
		  struct err *err)
{
	const struct live *live = arg;
	struct str place = STR(""), path = what, text, line = STR("");

	if (!str_cut(&path, ':', &place) || !path.p ||
	    (!str_eq(place, STR("sys")) && !str_eq(place, STR("proc"))))
		return err_set(err, ERR_PARSE, "a live value is sys:/path or proc:/path");
	if (str_find(path, STR("..")) >= 0)
		return err_set(err, ERR_DENIED, "a live value has no .. in its path");
	if (!machine_read(live->ctx, a,
			  arena_strf(a, "/" STR_FMT "%s" STR_FMT, STR_ARG(place),
				     str_starts(path, STR("/")) ? "" : "/",
				     STR_ARG(path)),
			  LIVE_MAX, &text, err))
		return false;
	text = str_trim(text);
	str_line(&text, &line);
	*ret = utf8_fit(str_chomp(line), LIVE_SHOWN);
	return true;
}

/* A result is kept for as long as the note is shown once: the same claim may stand in
 * several places. */
static void probe(void *arg, struct arena *a, struct str name, struct probe_result *ret)
{
	struct live *live = arg;
	const struct fm_map *probes = &live->fm.probes;
	struct probe p;
	struct err err;
	size_t i = 0;

	while (i < probes->n && !str_eq(probes->v[i].name, name))
		i++;
	if (i == probes->n || !live->door) {
		*ret = (struct probe_result){ .state = PROBE_UNKNOWN,
					      .why = STR("no such probe in this note"),
					      .source = STR("") };
		return;
	}
	if (!live->asked[i]) {
		live->asked[i] = true;
		if (probe_parse(a, probes->v[i].value, &p, &err))
			probe_run(a, &p, live->door, &live->results[i]);
		else
			live->results[i] = (struct probe_result){
				.state = PROBE_UNKNOWN,
				.why = arena_strf(a, "%s", err.msg),
				.source = STR(""),
			};
	}
	*ret = live->results[i];
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

	if (!live->trusted) {
		err_set(err, ERR_DENIED, "this note was imported: kcrib trust " STR_FMT,
			STR_ARG(live->slug));
		return NULL;
	}
	if (!command_split(a, line, &words, &n, err))
		return NULL;
	cmd = n ? command_find(words, n, &used) : NULL;
	/* a note that shows a note that shows the first one would not end */
	if (!cmd || cmd->flags & (COMMAND_CHANGES | COMMAND_TERMINAL) ||
	    !strcmp(cmd->name, "show")) {
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
	live->slug = slug;
	live->trusted = note_is_trusted(ctx, slug);
	live->door = machine_door(ctx, a, live->trusted);
	if (!frontmatter_parse(a, note_native(a, bytes), &live->fm, NULL))
		live->fm = (struct frontmatter){ 0 };
	live->results = arena_array(a, struct probe_result, live->fm.probes.n);
	live->asked = arena_array(a, bool, live->fm.probes.n);
	live->ops = (struct note_live){
		.probe = probe, .value = value, .block = block, .arg = live
	};
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
