/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changes notes: the editor, renaming, deleting. A text that could not be saved is
 * never thrown away: its file stays and is named.
 */
#include <unistd.h>

#include "app/editor.h"
#include "base/file.h"
#include "base/linediff.h"
#include "note/links.h"
#include "note_view.h"

/* A file for the editor, in a folder that survives a crash. */
static bool make_file(struct arena *a, struct str slug, struct str bytes,
		      const char **ret, struct err *err)
{
	const char *dir;

	if (!file_xdg(a, "XDG_STATE_HOME", ".local/state", "edit", &dir, err) ||
	    !file_mkdirs(dir, err))
		return false;
	*ret = arena_printf(a, "%s/" STR_FMT ".%d.md", dir, STR_ARG(slug), (int)getpid());
	return file_write_atomic(*ret, bytes, 0600, err);
}

static bool save(struct note_state *n, struct str slug, struct str base, struct str bytes,
		 struct err *err)
{
	if (base.p)
		return note_save_over(n->store, slug, base, bytes, err);
	return note_save(n->store, slug, bytes, err);
}

/* Edit `base` (or, for a new note, `preset`) and save what comes back. */
static void edit(struct view *view, struct str slug, struct str base, struct str preset)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, STORE_NOTE_MAX);
	struct str before = base.p ? arena_str(a, base) : STR_NONE;
	struct str start = base.p ? before : preset;
	const char *path = NULL;
	struct err err;

	slug = arena_str(a, slug);
	if (!make_file(a, slug, start, &path, &err) ||
	    !editor_run(view->wb->ctx, path, 0, &err) || !file_read(path, &b, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	if (str_eq(strbuf_str(&b), start)) {
		unlink(path);
		wb_say(view->wb, STYLE_TEXT, "nothing was changed");
		return;
	}
	if (!save(n, slug, before, strbuf_str(&b), &err)) {
		err_hint(&err, "your text is kept in %s", path);
		wb_error(view->wb, &err);
		return;
	}
	unlink(path);
	wb_say(view->wb, STYLE_GOOD, "saved " STR_FMT "; u takes it back", STR_ARG(slug));
	wb_notice(view->wb, NOTICE_NOTES);
	note_view_show(view, slug);
}

void note_act_edit(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	if (n->reference)
		wb_say(view->wb, STYLE_WARN, "manual pages are only read here");
	else if (n->slug[0])
		edit(view, str_of(n->slug), n->bytes, STR_NONE);
}

static void begin_note(struct view *view, struct str title)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, 8192);
	struct str slug, name;

	title = str_trim(title);
	if (!title.n)
		return;
	slug = name = note_slug_from(a, title);
	for (int i = 2; note_exists(n->store, slug); i++)
		slug = arena_strf(a, STR_FMT "-%d", STR_ARG(name), i);
	strbuf_addf(&b, "# " STR_FMT "\n\n", STR_ARG(title));
	edit(view, slug, STR_NONE, strbuf_str(&b));
}

void note_act_new(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	wb_prompt(view->wb, "title of the new note: ", NULL,
		  n->reading ? STR("") : strbuf_str(&n->query), begin_note, view);
}

static void rename_to(struct view *view, struct str text)
{
	struct note_state *n = note_state_of(view);
	struct err err;
	size_t links = 0;

	text = str_trim(text);
	if (!text.n || str_eq(text, str_of(n->slug)))
		return;
	if (!note_rename(n->store, str_of(n->slug), text, &links, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	wb_say(view->wb, STYLE_GOOD,
	       "renamed; %zu notes that link here follow; u takes it back", links);
	snprintf(n->slug, sizeof(n->slug), STR_FMT, STR_ARG(text));
	wb_notice(view->wb, NOTICE_NOTES);
}

void note_act_rename(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "new name: ", NULL, str_of(note_state_of(view)->slug),
		  rename_to, view);
}

static void delete_now(struct view *view, struct str unused)
{
	struct note_state *n = note_state_of(view);
	struct err err;

	if (!note_delete(n->store, str_of(n->slug), &err)) {
		wb_error(view->wb, &err);
		return;
	}
	wb_say(view->wb, STYLE_GOOD, "deleted %s; u brings it back", n->slug);
	n->reading = false;
	wb_notice(view->wb, NOTICE_NOTES);
}

void note_act_delete(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);

	if (n->slug[0] && !n->reference)
		wb_confirm(view->wb, delete_now, view, "delete %s?", n->slug);
}

/* ---- shipped notes that changed on both sides -------------------------------- */

size_t note_count_conflicts(struct store *store)
{
	AUTO(arena) a = arena_new();
	struct conflict_list list;
	struct err err;

	return note_conflicts(store, a, &list, &err) ? list.n : 0;
}

/* "m", "mine", "n", "new", "b", "both". */
static bool read_choice(struct str text, enum conflict_choice *ret)
{
	static const struct {
		const char *word;
		enum conflict_choice choice;
	} choices[] = {
		{ "mine", CONFLICT_KEEP_MINE },
		{ "new", CONFLICT_TAKE_NEW },
		{ "both", CONFLICT_KEEP_BOTH },
	};

	for (size_t i = 0; text.n && i < ARRAY_SIZE(choices); i++) {
		if (str_starts(str_of(choices[i].word), text)) {
			*ret = choices[i].choice;
			return true;
		}
	}
	return false;
}

static void decide(struct view *view, struct str text)
{
	struct note_state *n = note_state_of(view);
	AUTO(arena) a = arena_new();
	struct conflict_list list;
	enum conflict_choice choice;
	struct err err;

	if (wb_top(view->wb) != view)
		wb_pop(view->wb);
	if (!read_choice(str_trim(text), &choice)) {
		wb_say(view->wb, STYLE_TEXT, "nothing was changed; M-u asks again");
		return;
	}
	if (!note_conflicts(n->store, a, &list, &err) || !list.n ||
	    !note_resolve(n->store, list.v[0].slug, choice, &err)) {
		wb_error(view->wb, &err);
		return;
	}
	n->undecided = list.n - 1;
	wb_notice(view->wb, NOTICE_NOTES);
	if (n->undecided)
		note_act_conflicts(view, STR(""));
	else
		wb_say(view->wb, STYLE_GOOD, "decided; h over a note shows its history");
}

void note_act_conflicts(struct view *view, struct str arg)
{
	struct note_state *n = note_state_of(view);
	struct arena *arena = arena_new();
	STRBUF_AUTO(diff, 4 * STORE_NOTE_MAX);
	struct conflict_list list;
	struct doc *doc;
	struct err err;

	if (!note_conflicts(n->store, arena, &list, &err) || !list.n) {
		n->undecided = 0;
		arena_free(arena);
		wb_say(view->wb, STYLE_TEXT, "no shipped note waits for a decision");
		return;
	}
	n->undecided = list.n;
	line_diff(&diff, list.v[0].mine, list.v[0].theirs, STR("yours"), STR("new"));
	doc = doc_new(arena);
	doc_textf(doc, STYLE_HEAD1, STR_FMT ": your text, and the new one of kcrib",
		  STR_ARG(list.v[0].slug));
	doc_line(doc, LINE_TEXT);
	doc_diff(doc, arena_str(arena, strbuf_str(&diff)));
	wb_push_view(view->wb, doc_view_new(view->wb, doc, arena,
					    arena_str(arena, list.v[0].slug)));
	wb_prompt(view->wb, "keep mine, take the new one, or both (m/n/b)? ", NULL,
		  STR(""), decide, view);
}
