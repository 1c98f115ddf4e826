/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A series before it is applied: what would fit, what would not. Nothing is written; each
 * patch is tried on what fits of those before it. Of the am in progress: its mails.
 */
#include "app/series.h"
#include "commands.h"
#include "patch/mail.h"
#include "repo/session.h"

/* One patch of the series, as it was tried. */
struct look {
	unsigned number;
	struct str status, subject, bar;
	size_t open;
};

struct looks {
	struct look *v;
	size_t n, cap;
	struct ctx *ctx;
	unsigned total, want; /* want: one is shown whole; 0: all as lines */
	struct doc *doc;
};

/* ---- one patch --------------------------------------------------------------- */

/* How a hunk fared: a sign for the bar, and the colour of it. */
static const struct {
	char sign;
	enum style style;
} fates[] = {
	[PLACE_EXACT] = { '=', STYLE_GOOD },   [PLACE_OFFSET] = { '=', STYLE_GOOD },
	[PLACE_ALIGNED] = { '~', STYLE_WARN }, [PLACE_MERGED] = { '~', STYLE_WARN },
	[PLACE_ALREADY] = { '.', STYLE_DIM },  [PLACE_REJECTED] = { '!', STYLE_BAD },
};

struct fate {
	struct str path;
	const struct hunk *hunk; /* NULL: about the file as such */
	const struct placement *place;
};

static void each_hunk(const struct am_applied *applied,
		      void (*fn)(void *arg, const struct fate *fate), void *arg)
{
	for (size_t i = 0; applied && i < applied->n; i++) {
		const struct place_result *r = &applied->v[i].result;
		const struct filepatch *f = applied->v[i].patch;
		struct fate fate = { filepatch_path(f), NULL, &r->file };

		if (!r->n_hunks)
			fn(arg, &fate);
		for (size_t k = 0; k < r->n_hunks; k++) {
			fate.hunk = k < f->n_hunks ? &f->hunks[k] : NULL;
			fate.place = &r->hunks[k];
			fn(arg, &fate);
		}
	}
}

static void show_hunk(void *arg, const struct fate *fate)
{
	const struct placement *p = fate->place;
	struct doc *d = arg;

	doc_line(d, LINE_TEXT)->hang = 4;
	doc_spanf(d, fates[p->status].style, "%c ", fates[p->status].sign);
	doc_span(d, STYLE_STRONG, fate->path);
	if (fate->hunk)
		doc_spanf(d, STYLE_STRONG, ":%zu", fate->hunk->old.start);
	doc_spanf(d, fates[p->status].style, "  %s", place_status_name(p->status));
	if (p->status != PLACE_REJECTED && p->offset)
		doc_spanf(d, STYLE_DIM, ", at line %zu", p->line);
	if (p->why.n)
		doc_spanf(d, STYLE_DIM, "  " STR_FMT, STR_ARG(p->why));
}

/* Its hunks, and the patch. */
static void show_whole(struct doc *d, const struct session_mail *m)
{
	doc_textf(d, STYLE_HEAD1, "%u/%u  " STR_FMT, m->number, m->total,
		  STR_ARG(m->subject));
	doc_line(d, LINE_TEXT);
	each_hunk(m->applied, show_hunk, d);
	for (size_t i = 0; m->applied && i < m->applied->n; i++) {
		STRBUF_AUTO(b, (size_t)1 << 30);

		filepatch_print(m->applied->v[i].patch, &b);
		doc_line(d, LINE_TEXT);
		doc_diff(d, strbuf_str(&b));
	}
}

struct bar {
	struct strbuf text;
	size_t open;
};

static void add_sign(void *arg, const struct fate *fate)
{
	struct bar *bar = arg;

	strbuf_addc(&bar->text, fates[fate->place->status].sign);
	bar->open += fate->place->status == PLACE_REJECTED;
}

static void mail_done(void *arg, const struct session_mail *m)
{
	struct looks *l = arg;
	struct arena *a = l->ctx->arena;
	struct bar bar = { STRBUF(1 << 20), 0 };

	l->total = m->total;
	ctx_progress(l->ctx, m->number, m->total);
	if (l->want == m->number)
		show_whole(l->doc, m);
	each_hunk(m->applied, add_sign, &bar);
	*ARENA_PUSH(a, l) =
		(struct look){ m->number, arena_str(a, str_of(m->status)),
			       arena_str(a, m->subject),
			       arena_str(a, strbuf_str(&bar.text)), bar.open };
	strbuf_free(&bar.text);
}

/* ---- the series -------------------------------------------------------------- */

enum { BAR_MAX = 12 };

static const struct {
	const char *status, *mark;
	enum style style;
} marks[] = {
	{ "applied", "ok", STYLE_GOOD }, { "stopped", " !", STYLE_BAD },
	{ "already", " .", STYLE_DIM },  { "empty", " -", STYLE_DIM },
	{ "skipped", " -", STYLE_DIM },
};

static void show_mark(struct doc *d, struct str status)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (str_eq(status, str_of(marks[i].status)))
			doc_spanf(d, marks[i].style, "%s ", marks[i].mark);
}

/* A bar that is too long for its column says how many there are. */
static void show_bar(struct doc *d, const struct look *look)
{
	if (look->bar.n > BAR_MAX) {
		doc_spanf(d, look->open ? STYLE_BAD : STYLE_GOOD, "%*zu hunks",
			  BAR_MAX - 6, look->bar.n);
		return;
	}
	for (size_t i = 0; i < look->bar.n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(fates); k++)
			if (fates[k].sign == look->bar.p[i] &&
			    (!k || fates[k].sign != fates[k - 1].sign))
				doc_spanf(d, fates[k].style, "%c", fates[k].sign);
	doc_spanf(d, STYLE_TEXT, "%*s", (int)(BAR_MAX - look->bar.n), "");
}

/* `words`: the mails again, as the command has them. */
static void show_series(struct doc *d, const struct looks *l, struct str words)
{
	AUTO(arena) a = arena_new();
	size_t stops = 0, open = 0;

	for (size_t i = 0; i < l->n; i++) {
		stops += str_eq(l->v[i].status, STR("stopped"));
		open += l->v[i].open;
	}
	if (!l->total) {
		doc_textf(d, STYLE_WARN,
			  "No mails there: an mbox, a Maildir or single "
			  "mails are wanted.");
		return;
	}
	doc_textf(d, STYLE_HEAD1, "%u patch%s: %zu would stop, with %zu reject%s",
		  l->total, l->total == 1 ? "" : "es", stops, open, open == 1 ? "" : "s");
	if (l->n < l->total)
		doc_textf(d, STYLE_WARN, "only the first %zu were looked at", l->n);
	doc_textf(d, STYLE_DIM, "= fits  ~ placed with care  . there already  ! reject");
	doc_line(d, LINE_TEXT);
	for (size_t i = 0; i < l->n; i++) {
		const struct look *look = &l->v[i];

		doc_line(d, LINE_TEXT)->hang = 26;
		show_mark(d, look->status);
		doc_spanf(d, STYLE_DIM, "%4u/%-4u ", look->number, l->total);
		show_bar(d, look);
		doc_spanf(d, STYLE_TEXT, "  ");
		doc_link(d, look->subject,
			 (struct ref){ REF_COMMAND,
				       arena_strf(a, "series --patch %u" STR_FMT,
						  look->number, STR_ARG(words)) });
	}
}

static void no_words(void *arg, struct str text)
{
}

static bool is_cancelled(void *arg)
{
	return ctx_cancelled(((struct looks *)arg)->ctx);
}

static bool look_at(struct looks *l, const char *const *paths, size_t n, int *ret_code,
		    struct err *err)
{
	const struct session_io io = { .arg = l,
				       .out = no_words,
				       .errout = no_words,
				       .mail = mail_done,
				       .cancelled = is_cancelled };
	AUTO(repo) repo = NULL;
	AUTO(session) s = NULL;

	if (!repo_open(l->ctx->dir ? l->ctx->dir : ".", &repo, err) ||
	    !session_open(repo, &io, &s, err))
		return false;
	if (session_in_progress(s)) {
		err_set(err, ERR_CONFLICT, "series: an am is in progress");
		return err_hint(err,
				"without mails it is shown; another one has to wait");
	}
	session_options(s)->dry_run = true;
	*ARENA_PUSH(l->ctx->arena, &session_options(s)->apply) = STR("--reject");
	return session_start(s, paths, n, ret_code, err);
}

/* ---- the am in progress ------------------------------------------------------ */

static bool show_mail(struct ctx *ctx, struct doc *d, unsigned number, struct err *err)
{
	struct mail m;

	if (!series_mail(ctx->arena, number, &m, err))
		return false;
	doc_textf(d, STYLE_HEAD1, STR_FMT, STR_ARG(m.subject));
	doc_textf(d, STYLE_DIM, STR_FMT " <" STR_FMT ">  " STR_FMT, STR_ARG(m.author),
		  STR_ARG(m.email), STR_ARG(m.date));
	doc_line(d, LINE_TEXT);
	STR_EACH_LINE (line, m.body)
		doc_textf(d, STYLE_TEXT, STR_FMT, STR_ARG(line));
	doc_diff(d, m.patch);
	return true;
}

static bool show_in_progress(struct ctx *ctx, struct doc *d, int *ret_code,
			     struct err *err)
{
	static const char *const words[] = {
		[SERIES_DONE] = "ok",
		[SERIES_LEFT] = "--",
		[SERIES_CURRENT] = " !",
		[SERIES_WAITS] = "  ",
	};
	struct series_list list;

	if (!series_in_progress(ctx->arena, &list, err))
		return false;
	if (!list.n)
		doc_textf(d, STYLE_TEXT,
			  "No am is in progress: name an mbox or a Maildir.");
	for (size_t i = 0; i < list.n; i++) {
		const struct series_patch *p = &list.v[i];

		doc_line(d, LINE_TEXT)->hang = 13;
		doc_spanf(d, STYLE_TEXT, "%s ", words[p->state]);
		doc_spanf(d, STYLE_DIM, "%4u/%-4zu ", p->number, list.n);
		doc_link(d, p->subject,
			 (struct ref){ REF_COMMAND,
				       arena_strf(ctx->arena, "series --patch %u",
						  p->number) });
	}
	*ret_code = !list.n;
	return true;
}

/* ---- the command ------------------------------------------------------------- */

static bool run_series(struct ctx *ctx, const struct args *args, struct result *result,
		       struct err *err)
{
	struct looks l = { .ctx = ctx, .doc = doc_new(ctx->arena) };
	int64_t want = args_int(args, "patch", 0);
	STRBUF_AUTO(words, (size_t)1 << 20);
	struct {
		const char **v;
		size_t n, cap;
	} paths = { 0 };
	const struct value *v;
	int code = 0;
	bool ok;

	for (size_t i = 0; (v = args_nth(args, "mbox", i)); i++) {
		*ARENA_PUSH(ctx->arena, &paths) = arena_cstr(ctx->arena, v->text);
		strbuf_addc(&words, ' ');
		am_quote(v->text, &words);
	}
	l.want = want > 0 && want < 1000000 ? (unsigned)want : 0;
	result->kind = RESULT_DOC;
	result->doc = l.doc;
	if (!paths.n)
		return l.want ? show_mail(ctx, l.doc, l.want, err)
			      : show_in_progress(ctx, l.doc, &result->exit_code, err);
	ok = look_at(&l, paths.v, paths.n, &code, err);
	if (!ok && err->code != ERR_CANCELLED) {
		result->doc = NULL;
		return false;
	}
	if (!l.want)
		show_series(l.doc, &l, strbuf_str(&words));
	else if (l.want > l.n)
		return err_set(err, ERR_NOTFOUND, "series: it has no patch %u", l.want);
	result->exit_code = code ? 1 : 0;
	return ok;
}

const struct command commands_series[] = {
	{ "series", "look at a series: what would fit, what would leave rejects",
	  "Nothing is written. A patch is tried on what fits of those before it. Without\n"
	  "mails: those of the am in progress. Exits 1 when a patch would stop it.",
	  (const struct param[]){
		  { "patch", 0, PARAM_OPTION, &argtype_int, "N",
		    "the N-th one whole, with its hunks" },
		  { "mbox", 0, PARAM_MANY, &argtype_path, "MBOX|MAILDIR", "mails" },
		  { 0 } },
	  COMMAND_JOB, run_series, NULL },
	{ 0 },
};
