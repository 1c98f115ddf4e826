/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forms: see app/form.h. Values used before are lines of "values-<name>" below the state
 * folder, newest last.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/form.h"
#include "app/trust.h"
#include "base/file.h"
#include "base/spawn.h"
#include "base/utf8.h"
#include "note/format.h"
#include "note/markdown.h"
#include "store/note_store.h"

enum {
	HISTORY_MAX = 64 * 1024,
	HISTORY_LINES = 100,
	SUGGEST_MAX = 256 * 1024,
	SUGGEST_MS = 3000,
	SUGGEST_LINES = 2000,
	OUTPUT_MAX = 8 << 20,
	KEEP_MAX = 64 * 1024, /* of an output that is kept with the note */
};

struct form {
	struct ctx *ctx;
	struct arena *a;
	struct note note;
	struct template t;
	struct form_field *fields;
	size_t at;
	bool trusted;
};

/* ---- values used before ------------------------------------------------------ */

static const char *history_path(struct arena *a, const char *name)
{
	const char *path;

	return file_xdg(a, "XDG_STATE_HOME", ".local/state", name, &path, NULL) ? path
										: NULL;
}

static struct str read_history(struct arena *a, const char *name)
{
	const char *path = history_path(a, name);
	STRBUF_AUTO(b, HISTORY_MAX);

	if (!path || !file_exists(path) || !file_read(path, &b, NULL))
		return STR("");
	return arena_str(a, strbuf_str(&b));
}

static struct str last_line(struct str text)
{
	struct str last = STR("");

	STR_EACH_LINE (line, text)
		last = line;
	return last;
}

static void remember(struct arena *a, const char *name, struct str value)
{
	const char *path = history_path(a, name);
	struct str old = read_history(a, name), dir;
	STRBUF_AUTO(b, HISTORY_MAX);
	size_t lines = 0;

	if (!path || !value.n || value.n > 4096 || str_chr(value, '\n') >= 0)
		return;
	STR_EACH_LINE (line, old)
		lines++;
	STR_EACH_LINE (line, old) {
		if (lines-- < HISTORY_LINES && !str_eq(line, value))
			strbuf_addf(&b, STR_FMT "\n", STR_ARG(line));
	}
	strbuf_addf(&b, STR_FMT "\n", STR_ARG(value));
	dir = str_n(path, (size_t)str_rchr(str_of(path), '/'));
	/* a history that cannot be kept is no reason to stop */
	if (!b.over && file_mkdirs(arena_cstr(a, dir), NULL) &&
	    !file_write_atomic(path, strbuf_str(&b), 0600, NULL))
		return;
}

/* ---- opening ----------------------------------------------------------------- */

static void make_field(struct form *f, size_t i)
{
	const struct blank *b = &f->t.blanks.v[i];
	const struct argtype *type = argtype_find(b->type);
	char *history = arena_printf(f->a, "values-" STR_FMT, STR_ARG(b->name));
	struct str last = last_line(read_history(f->a, history));
	bool chosen = !b->choices.n;

	for (size_t k = 0; k < b->choices.n; k++)
		chosen |= str_eq(b->choices.v[k], last);
	f->fields[i] = (struct form_field){
		.name = b->name,
		.type = b->type,
		.argtype = type && !b->many ? type : &argtype_text,
		.preset = b->preset.n || !last.n || !chosen ? b->preset : last,
		.choices = &b->choices,
		.history = history,
		.suggests = b->suggest.n && f->trusted,
	};
}

static bool pick_command(struct form *f, size_t number, const struct note_commands *list,
			 struct err *err)
{
	const struct str slug = f->note.slug;

	if (!list->n)
		return err_set(err, ERR_NOTFOUND,
			       "running " STR_FMT ": it has no commands", STR_ARG(slug));
	if (!number && list->n > 1) {
		err_set(err, ERR_AMBIGUOUS, "running " STR_FMT ": it has %zu commands",
			STR_ARG(slug), list->n);
		return err_hint(err, "say which: " STR_FMT "#1 to #%zu", STR_ARG(slug),
				list->n);
	}
	if (number > list->n) {
		err_set(err, ERR_NOTFOUND, "running " STR_FMT "#%zu: it has %zu commands",
			STR_ARG(slug), number, list->n);
		return false;
	}
	return true;
}

bool form_open(struct ctx *ctx, struct arena *a, struct str slug, size_t number,
	       struct form **ret, struct err *err)
{
	struct store *store = ctx_store(ctx, err);
	struct form *f = arena_new_of(a, struct form);
	struct frontmatter *fm = arena_new_of(a, struct frontmatter);
	struct note_commands list = { 0 };
	struct str native;

	if (!store || !note_find(store, a, slug, &f->note, err))
		return false;
	f->ctx = ctx;
	f->a = a;
	f->trusted = note_is_trusted(ctx, f->note.slug);
	native = note_native(a, f->note.bytes);
	note_commands(a, f->note.bytes, &list);
	if (!pick_command(f, number, &list, err))
		return false;
	if (!frontmatter_parse(a, native, fm, NULL))
		*fm = (struct frontmatter){ 0 };
	template_parse(a, list.v[number ? number - 1 : 0].text, &fm->params, &f->t);
	f->fields = arena_array(a, struct form_field, f->t.blanks.n);
	for (size_t i = 0; i < f->t.blanks.n; i++)
		make_field(f, i);
	*ret = f;
	return true;
}

size_t form_count(const struct form *f)
{
	return f->t.blanks.n;
}

const struct form_field *form_field(const struct form *f, size_t i)
{
	return &f->fields[i];
}

struct str form_slug(const struct form *f)
{
	return f->note.slug;
}

size_t form_find(const struct form *f, struct str name)
{
	size_t i = 0;

	while (i < form_count(f) && !str_eq(f->fields[i].name, name))
		i++;
	return i;
}

/* ---- values ------------------------------------------------------------------ */

static bool is_choice(const struct str_list *choices, struct str value)
{
	for (size_t i = 0; i < choices->n; i++)
		if (str_eq(choices->v[i], value))
			return true;
	return !choices->n;
}

bool form_set(struct form *f, size_t i, struct str value, struct err *err)
{
	struct form_field *field = &f->fields[i];
	struct value parsed = { 0 };

	if (!is_choice(field->choices, value))
		return err_set(err, ERR_USAGE,
			       STR_FMT ": \"" STR_FMT "\" is none of its choices",
			       STR_ARG(field->name), STR_ARG(value));
	if (field->argtype->parse && value.n &&
	    !field->argtype->parse(f->ctx, value, &parsed, err))
		return err_wrap(err, STR_FMT, STR_ARG(field->name));
	field->value = arena_str(f->a, value);
	if (!field->value.p)
		field->value = STR("");
	return true;
}

size_t form_at(const struct form *f)
{
	return f->at;
}

void form_next(struct form *f)
{
	if (f->at < form_count(f))
		f->at++;
}

bool form_back(struct form *f)
{
	struct form_field *field;

	if (!f->at)
		return false;
	field = &f->fields[--f->at];
	if (field->value.p)
		field->preset = field->value;
	field->value = STR_NONE;
	return true;
}

static void offer(struct completions *ret, struct arena *a, struct str text,
		  struct str note, struct str prefix)
{
	if (!text.n || !str_starts(text, prefix))
		return;
	for (size_t i = 0; i < ret->n; i++)
		if (str_eq(ret->v[i].text, text))
			return;
	*ARENA_PUSH(a, ret) = (struct completion){ text, note };
}

/* The suggestion command with the values of the fields before it, run by sh; names that a
 * shell can have are also in its environment, as navi's suggestions expect. */
static void suggest(struct form *f, size_t i, struct arena *a, struct str prefix,
		    struct completions *ret)
{
	struct fm_map declared = { 0 };
	struct template t;
	struct str *values;
	STRBUF_AUTO(line, COMMAND_MAX * 2);
	STRBUF_AUTO(out, SUGGEST_MAX);
	STRBUF_AUTO(errout, 4096);
	const char *argv[] = { "sh", "-c", NULL, NULL };
	struct spawn what = {
		.argv = argv, .out = &out, .errout = &errout, .timeout_ms = SUGGEST_MS
	};
	int status;
	size_t n = 0;

	for (size_t k = 0; k < form_count(f); k++)
		*ARENA_PUSH(a, &declared) =
			(struct fm_pair){ f->fields[k].name, STR("text"), 0 };
	template_parse(a, f->t.blanks.v[i].suggest, &declared, &t);
	values = arena_array(a, struct str, t.blanks.n);
	for (size_t k = 0; k < t.blanks.n; k++) {
		size_t at = form_find(f, t.blanks.v[k].name);

		values[k] = at < form_count(f) ? f->fields[at].value : STR_NONE;
		if (!values[k].p)
			return; /* what it needs is not given yet */
	}
	if (!template_fill(&t, values, DIALECT_SH, &line, NULL) ||
	    command_danger(strbuf_str(&line)).level != DANGER_NONE)
		return;
	argv[2] = strbuf_z(&line);
	if (!spawn_run(&what, &status, NULL))
		return;
	STR_EACH_LINE (one, arena_str(a, strbuf_str(&out)))
		if (n++ < SUGGEST_LINES && utf8_is_safe(one, false))
			offer(ret, a, one, STR(""), prefix);
}

void form_complete(struct form *f, size_t i, struct arena *a, struct str prefix,
		   struct completions *ret)
{
	const struct form_field *field = &f->fields[i];

	for (size_t k = 0; k < field->choices->n; k++)
		offer(ret, a, field->choices->v[k], STR(""), prefix);
	if (field->suggests)
		suggest(f, i, a, prefix, ret);
	if (field->argtype->complete)
		field->argtype->complete(f->ctx, a, prefix, ret);
	if (field->choices->n)
		return;
	STR_EACH_LINE (line, read_history(a, field->history))
		offer(ret, a, line, STR("used before"), prefix);
}

/* ---- the command ------------------------------------------------------------- */

bool form_command(const struct form *f, struct arena *a, enum shell_dialect dialect,
		  struct str *ret, struct err *err)
{
	struct str *values = arena_array(a, struct str, form_count(f));
	STRBUF_AUTO(b, COMMAND_MAX * 4);

	for (size_t i = 0; i < form_count(f); i++)
		values[i] = f->fields[i].value;
	if (!template_fill(&f->t, values, dialect, &b, err))
		return false;
	*ret = arena_str(a, strbuf_str(&b));
	return true;
}

struct danger form_danger(const struct form *f, struct arena *a)
{
	struct danger plain = command_danger(f->t.text), filled;
	struct str text;

	if (!form_command(f, a, DIALECT_SH, &text, NULL))
		return plain;
	filled = command_danger(text);
	return filled.level > plain.level ? filled : plain;
}

bool form_may_run(struct form *f, struct err *err)
{
	return note_must_be_trusted(f->ctx, f->note.slug, err);
}

void form_remember(struct form *f)
{
	for (size_t i = 0; i < form_count(f); i++)
		if (f->fields[i].value.p)
			remember(f->a, f->fields[i].history, f->fields[i].value);
}

/* ---- running ----------------------------------------------------------------- */

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static size_t longest_fence(struct str s)
{
	size_t run = 0, longest = 2;

	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest + 1;
}

/* The run as a block at the end of the note: what was run, what came out, how it ended.
 */
static bool keep_output(struct form *f, struct str command, const struct form_outcome *o,
			struct err *err)
{
	struct store *store = ctx_store(f->ctx, err);
	struct str original, output = o->output;
	STRBUF_AUTO(b, STORE_NOTE_MAX);
	STRBUF_AUTO(safe, KEEP_MAX * 4);
	char when[32];
	time_t now = time(NULL);
	struct tm tm;

	if (!store)
		return false;
	if (note_format_of(f->a, f->note.bytes, &original) != FORMAT_MARKDOWN)
		return err_set(err, ERR_CONFLICT,
			       "keeping the output with " STR_FMT
			       ": it is kept in another program's format",
			       STR_ARG(f->note.slug));
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
	utf8_add_safe(&safe, str_n(output.p, output.n < KEEP_MAX ? output.n : KEEP_MAX),
		      true);
	strbuf_add(&b, f->note.bytes);
	strbuf_addz(&b, str_ends(f->note.bytes, STR("\n")) ? "\n" : "\n\n");
	strbuf_pad(&b, '`', longest_fence(strbuf_str(&safe)));
	strbuf_addf(&b, "text\n$ " STR_FMT "\n" STR_FMT "%s", STR_ARG(command),
		    STR_ARG(strbuf_str(&safe)),
		    str_ends(strbuf_str(&safe), STR("\n")) || !safe.n ? "" : "\n");
	if (output.n > KEEP_MAX)
		strbuf_addf(&b, "... %zu bytes more\n", output.n - KEEP_MAX);
	strbuf_addf(&b, "[exit %d, %.3f s, %s]\n", o->exit_code, o->seconds, when);
	strbuf_pad(&b, '`', longest_fence(strbuf_str(&safe)));
	strbuf_addc(&b, '\n');
	return strbuf_ok(&b, "the note", err) &&
	       note_save_over(store, f->note.slug, f->note.bytes, strbuf_str(&b), err);
}

bool form_run(struct form *f, bool keep, struct form_outcome *ret, struct err *err)
{
	STRBUF_AUTO(out, OUTPUT_MAX);
	const char *argv[] = { "sh", "-c", NULL, NULL };
	struct spawn what = { .argv = argv, .inherit_stdin = true };
	struct form_outcome o = { .output = STR("") };
	struct str command;
	double start;
	int status;
	bool ok;

	if (!form_may_run(f, err) || !form_command(f, f->a, DIALECT_SH, &command, err))
		return false;
	for (size_t i = 0; i < form_count(f); i++)
		if (!f->fields[i].value.p)
			return err_set(err, ERR_USAGE,
				       "a value for <" STR_FMT "> is missing",
				       STR_ARG(f->fields[i].name));
	argv[2] = arena_cstr(f->a, command);
	if (keep) {
		what.out = &out;
		argv[2] = arena_printf(f->a, "{ " STR_FMT "\n} 2>&1", STR_ARG(command));
	}
	form_remember(f);
	start = now_s();
	ctx_terminal(f->ctx, TERMINAL_LENT);
	ok = spawn_run(&what, &status, err);
	o.seconds = now_s() - start;
	ctx_terminal(f->ctx, ok ? TERMINAL_BACK_WHEN_READ : TERMINAL_BACK);
	if (!ok)
		return err_wrap(err, "running a command of " STR_FMT,
				STR_ARG(f->note.slug));
	o.exit_code = spawn_exit_code(status);
	o.output = arena_str(f->a, strbuf_str(&out));
	note_used(ctx_store(f->ctx, NULL), f->note.slug, NOTE_RUN);
	*ret = o;
	return !keep || keep_output(f, command, &o, err);
}
