/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search line: text in, answers out with every key. The first answer comes at once on
 * this thread from a budgeted search; where that is not the whole, a worker with its own
 * connection looks on and is interrupted by the next key.
 */
#include <stdlib.h>

#include "base/utf8.h"
#include "note_view.h"

enum { HITS = 200 };

static struct search_query query_of(const struct note_state *n)
{
	return (struct search_query){
		.text = strbuf_str(&n->query),
		.lang = str_of(n->lang),
		.tag = str_of(n->tag),
		.limit = HITS,
		.reference = n->reference,
	};
}

static void take_answer(struct view *view, struct arena *arena,
			const struct search_result *result, bool keep_cursor)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) old = n->found_arena;
	struct str under = keep_cursor && n->list.cursor < n->found.n
				   ? n->found.v[n->list.cursor].slug
				   : STR("");

	n->found_arena = arena;
	n->found = *result;
	if (!keep_cursor)
		n->list.cursor = n->list.top = 0;
	list_set_n(&n->list, n->found.n);
	for (size_t i = 0; under.n && i < n->found.n; i++) {
		if (str_eq(n->found.v[i].slug, under)) {
			list_go(&n->list, i);
			break;
		}
	}
	if (!n->reading)
		note_preview(view);
	view->dirty = true;
}

/* ---- the whole answer, on the worker ----------------------------------------- */

static bool full_work(struct job *job, void *arg, struct err *err)
{
	struct full_search *f = arg;
	struct search_query q = { .text = str_of(f->text),
				  .tag = str_of(f->tag),
				  .lang = str_of(f->lang),
				  .limit = HITS,
				  .reference = f->reference };

	return search_full(f->searcher, f->arena, &q, &f->result, err);
}

static void full_start(struct view *view);

static void full_done(void *owner, void *arg, bool ok, const struct err *err)
{
	struct view *view = owner;
	struct note_state *n = note_state_of(view);
	struct full_search *f = &n->full;
	struct arena *arena = f->arena;

	f->job = NULL;
	f->arena = NULL;
	if (n->again) {
		n->again = false;
		arena_free(arena);
		if (!n->found.complete)
			full_start(view);
		return;
	}
	/* who has not moved is on the best hit, whichever that is now */
	if (ok)
		take_answer(view, arena, &f->result, n->list.cursor > 0);
	else
		arena_free(arena);
	if (!ok && err->code != ERR_CANCELLED)
		wb_error(view->wb, err);
}

static void full_start(struct view *view)
{
	static const struct job_ops ops = { full_work, full_done, NULL };
	struct note_state *n = note_state_of(view);
	struct full_search *f = &n->full;
	struct err err;

	if (f->job) {
		/* its answer is for an older query: stop it, full_done() starts anew */
		n->again = true;
		searcher_interrupt(f->searcher);
		return;
	}
	if (!f->searcher && !searcher_open(n->store, &f->searcher, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	f->arena = arena_new();
	f->reference = n->reference;
	snprintf(f->text, sizeof(f->text), "%s", strbuf_z(&n->query));
	snprintf(f->tag, sizeof(f->tag), "%s", n->tag);
	snprintf(f->lang, sizeof(f->lang), "%s", n->lang);
	if (!job_start(view->wb->loop, &ops, view, f, &f->job, &err)) {
		arena_free(f->arena);
		f->arena = NULL;
		wb_error(view->wb, &err);
	}
}

static void search(struct view *view, bool keep_cursor)
{
	struct note_state *n = note_state_of(view);
	struct search_query q = query_of(n);
	struct search_result result;
	struct arena *arena = arena_new();
	struct err err;

	if (!search_quick(n->quick, arena, &q, &result, &err)) {
		arena_free(arena);
		wb_error(view->wb, &err);
		return;
	}
	if (result.n || result.complete) {
		take_answer(view, arena, &result, keep_cursor);
	} else {
		/* nothing in the time of a key is no answer: the old one stays so long */
		arena_free(arena);
		n->found.complete = false;
	}
	if (!result.complete || n->full.job)
		full_start(view);
}

void note_query_run(struct view *view)
{
	search(view, false);
}

void note_query_again(struct view *view)
{
	search(view, true);
}

void note_query_close(struct view *view)
{
	struct note_state *n = note_state_of(view);

	if (n->full.job) {
		searcher_interrupt(n->full.searcher);
		job_abandon(n->full.job);
	}
	arena_free(n->full.arena);
	searcher_free(n->full.searcher);
	searcher_free(n->quick);
	arena_free(n->found_arena);
	strbuf_free(&n->query);
}

/* ---- the line ---------------------------------------------------------------- */

static void replace(struct view *view, size_t from, size_t to, struct str with)
{
	struct note_state *n = note_state_of(view);
	STRBUF_AUTO(b, SEARCH_TEXT_MAX);
	struct str old = strbuf_str(&n->query);

	strbuf_add(&b, str_n(old.p, from));
	strbuf_add(&b, with);
	n->at = b.n;
	strbuf_add(&b, str_from(old, to));
	strbuf_clear(&n->query);
	strbuf_add(&n->query, strbuf_str(&b));
	note_query_run(view);
}

/* On an empty line these are keys, not text: the workbench has them. */
static bool is_key_here(const struct note_state *n, struct str text)
{
	return !n->query.n && !n->literal && text.n == 1 && strchr(":?12345", text.p[0]);
}

bool note_query_type(struct view *view, struct str text)
{
	struct note_state *n = note_state_of(view);
	STRBUF_AUTO(clean, SEARCH_TEXT_MAX);
	uint32_t cp;

	if (n->reading || is_key_here(n, text))
		return false;
	if (!n->query.n && !n->literal && str_eq(text, STR("/"))) {
		n->literal = true;
		return true;
	}
	/* pasted text may have lines: a search has one */
	while (utf8_next(&text, &cp))
		utf8_put(&clean, cp < ' ' ? ' ' : cp);
	replace(view, n->at, n->at, strbuf_str(&clean));
	return true;
}

static size_t before_cursor(const struct note_state *n)
{
	size_t i = 0, next = 0;

	while (next < n->at) {
		i = next;
		next += utf8_grapheme(str_from(strbuf_str(&n->query), next));
	}
	return i;
}

static void act_erase(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	if (n->at)
		replace(view, before_cursor(n), n->at, STR(""));
	else
		n->literal = false;
}

static void act_delete(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	size_t at = n->at, len = utf8_grapheme(str_from(strbuf_str(&n->query), at));

	replace(view, at, at + len, STR(""));
	n->at = at;
}

static void act_erase_word(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	size_t i = n->at;

	while (i && n->query.p[i - 1] == ' ')
		i--;
	while (i && n->query.p[i - 1] != ' ')
		i--;
	replace(view, i, n->at, STR(""));
}

static void act_erase_line(struct view *view, struct str arg)
{
	replace(view, 0, note_state_of(view)->query.n, STR(""));
}

static void act_line_start(struct view *view, struct str arg)
{
	note_state_of(view)->at = 0;
}

static void act_line_end(struct view *view, struct str arg)
{
	note_state_of(view)->at = note_state_of(view)->query.n;
}

static void act_cursor_left(struct view *view, struct str arg)
{
	note_state_of(view)->at = before_cursor(note_state_of(view));
}

static void act_cursor_right(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	n->at += utf8_grapheme(str_from(strbuf_str(&n->query), n->at));
}

/* Esc: empty the line, drop the filters; when there is nothing left to empty, go back. */
static void act_clear(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	if (!n->query.n && !n->tag[0] && !n->reference && !n->literal) {
		wb_do(view->wb, NULL, STR("back"));
		return;
	}
	n->tag[0] = '\0';
	n->literal = n->reference = false;
	act_erase_line(view, arg);
}

static void act_reference(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	n->reference = !n->reference;
	note_query_run(view);
	if (n->reference && !reference_count(n->store))
		wb_say(view->wb, STYLE_TEXT,
		       "no manual pages yet: kcrib import --index-only /usr/share/man");
}

static void set_tag(struct view *view, struct str text)
{
	struct note_state *n = note_state_of(view);

	snprintf(n->tag, sizeof(n->tag), STR_FMT, STR_ARG(str_trim(text)));
	n->reading = false;
	note_query_run(view);
}

static void tags_there_are(const struct question *q, struct arena *a,
			   struct completions *ret)
{
	struct tag_list tags;
	struct err err;

	if (!note_tags(note_state_of(q->view)->store, a, &tags, &err))
		return;
	for (size_t i = 0; i < tags.n; i++)
		*ARENA_PUSH(a, ret) = (struct completion){
			tags.v[i].name,
			arena_strf(a, "%zu notes", tags.v[i].notes),
		};
}

static void act_tag(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "only notes with tag: ", "tags",
		  str_of(note_state_of(view)->tag), set_tag, view);
	question_complete(view->wb, tags_there_are);
}

const struct action note_query_actions[] = {
	{ "erase", act_erase },
	{ "delete", act_delete },
	{ "erase-word", act_erase_word },
	{ "erase-line", act_erase_line },
	{ "line-start", act_line_start },
	{ "line-end", act_line_end },
	{ "cursor-left", act_cursor_left },
	{ "cursor-right", act_cursor_right },
	{ "clear", act_clear },
	{ "reference", act_reference },
	{ "tag", act_tag },
	{ 0 },
};

/* ---- drawing ----------------------------------------------------------------- */

static void draw_marked(const struct surface *s, int x, int y, struct str text,
			const struct search_marks *marks)
{
	size_t at = 0;

	for (size_t i = 0; i < marks->n && marks->v[i].at < text.n; i++) {
		struct str hit = str_sub(text, marks->v[i].at, marks->v[i].n);

		if (marks->v[i].at < at)
			continue;
		x += surface_text(s, x, y, STYLE_TEXT,
				  str_sub(text, at, marks->v[i].at - at));
		x += surface_text(s, x, y, STYLE_MATCH, hit);
		at = marks->v[i].at + hit.n;
	}
	surface_text(s, x, y, STYLE_TEXT, str_from(text, at));
}

static void draw_hit(const struct surface *s, int y, const struct search_hit *hit)
{
	STRBUF_AUTO(tags, 256);
	int tags_w, title_w;
	struct surface title;

	if (hit->lang.n && !str_eq(hit->lang, STR("en")))
		strbuf_addf(&tags, STR_FMT " ", STR_ARG(hit->lang));
	for (size_t i = 0; i < hit->tags.n && i < 2; i++)
		strbuf_addf(&tags, STR_FMT " ", STR_ARG(hit->tags.v[i]));
	tags_w = (int)utf8_width(strbuf_str(&tags));
	title_w = (int)utf8_width(hit->title);
	/* tags give way to the title */
	if (title_w + tags_w + 4 <= s->w)
		surface_text(s, s->w - tags_w, y, STYLE_DIM, strbuf_str(&tags));
	title = surface_sub(s, 2, y, s->w - 4, 1);
	draw_marked(&title, 0, 0, hit->title, &hit->title_marks);
	if (title_w > title.w)
		surface_text(s, s->w - 2, y, STYLE_DIM, STR("…"));
}

static void draw_answer_line(const struct note_state *n, const struct surface *s, int x)
{
	STRBUF_AUTO(b, 512);
	int w;

	if (n->tag[0])
		strbuf_addf(&b, "#%s  ", n->tag);
	if (n->reference)
		strbuf_addz(&b, "manual pages  ");
	if (n->found.shown.n)
		strbuf_addf(&b, "showing results for \"" STR_FMT "\"  ",
			    STR_ARG(n->found.shown));
	else if (n->found.how == SEARCH_ANY && n->query.n)
		strbuf_addz(&b, "some of the words  ");
	if (n->query.n)
		strbuf_addf(&b, "%zu %s%s", n->found.total,
			    n->reference          ? "pages"
			    : n->found.total == 1 ? "note"
						  : "notes",
			    n->found.complete ? "" : "...");
	w = (int)utf8_width(strbuf_str(&b));
	if (w && x + w + 4 < s->w)
		surface_text(s, s->w - w - 1, 0, STYLE_DIM, strbuf_str(&b));
}

static void draw_line(const struct view *view, const struct surface *s)
{
	const struct note_state *n = note_state_of(view);
	struct str before = str_n(strbuf_z(&n->query), n->at);
	int x = 3;

	surface_text(s, 1, 0, STYLE_HEAD1,
		     n->literal && !n->query.n ? STR("/") : STR(">"));
	if (n->query.n)
		x += surface_text(s, 3, 0, STYLE_STRONG, strbuf_str(&n->query));
	else if (!n->reading)
		surface_text(s, 4, 0, STYLE_DIM, STR("type to search"));
	draw_answer_line(n, s, x);
	if (!n->reading)
		surface_cursor(s, 3 + (int)utf8_width(before), 0);
}

static void draw_empty(const struct note_state *n, const struct surface *s)
{
	surface_text(s, 2, 2, STYLE_TEXT, STR("Nothing found."));
	if (n->tag[0]) {
		surface_text(s, 2, 4, STYLE_DIM, STR("Esc drops the tag and the words."));
		return;
	}
	surface_text(s, 2, 4, STYLE_DIM,
		     STR("Fewer words find more; Esc empties the line."));
	surface_text(s, 2, 5, STYLE_DIM, STR("M-n begins a note with these words."));
}

void note_query_draw(const struct view *view, const struct surface *s)
{
	const struct note_state *n = note_state_of(view);
	struct surface list =
		surface_sub(s, 0, 1, n->list_w ? n->list_w : s->w, s->h - 1);

	draw_line(view, s);
	if (!n->list_w && n->reading)
		return;
	if (!n->found.n && !n->reading)
		draw_empty(n, s);
	for (size_t i = 0; i < n->list.h && n->list.top + i < n->found.n; i++)
		draw_hit(&list, (int)i, &n->found.v[n->list.top + i]);
	if (n->found.n)
		surface_emphasise(&list, (int)(n->list.cursor - n->list.top),
				  n->reading ? EMPHASIS_DIM : EMPHASIS_CURSOR);
}
