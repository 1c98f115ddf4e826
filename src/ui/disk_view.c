/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk usage: a tree that can be browsed while it is still being scanned. The workers
 * count; this view reads their partial, true totals ten times a second and keeps the
 * entry under the cursor where it is.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/utf8.h"
#include "model/render.h"
#include "sys/du.h"
#include "ui/list.h"
#include "workbench_priv.h"

enum { REFRESH_MS = 200, LARGEST = 500, GROUPS = 40, BAR = 20 };

/* What the list shows. */
enum face { FACE_FOLDER, FACE_LARGEST, FACE_TYPES, FACE_AGES, FACE_ERRORS, FACE_DELETED };

/* One line, whatever the face: a size, a share, words. */
struct entry {
	struct str name;  /* of the row in its folder, for actions */
	struct str words; /* what is shown behind the bar */
	struct str note;  /* dim, behind the words */
	uint64_t size;
	uint32_t folder; /* Enter goes there; DU_NONE: nowhere */
	bool bad;
};

struct disk_state {
	struct du *du;
	char *path;
	uint32_t at; /* the folder shown */
	enum face face;
	struct du_query query;
	char glob[128];
	bool apparent, ended;
	int64_t compared; /* time of the scan compared with; 0: none */

	struct arena *arena; /* of the rows */
	struct entry *rows;
	uint64_t hidden, largest;
	struct list list;
	struct du_row self;
	struct du_progress progress;
	struct watch *timer;
	char deleting[256];
};

static struct disk_state *state(const struct view *view)
{
	return view->state;
}

/* ---- faces ------------------------------------------------------------------- */

static uint64_t size_of(const struct disk_state *d, uint64_t disk, uint64_t apparent)
{
	return d->apparent ? apparent : disk;
}

static void add_bytes(struct strbuf *b, uint64_t bytes)
{
	struct cell cell = cell_bytes(bytes);

	cell_format(b, &cell);
}

static void note_row(const struct du_row *r, struct strbuf *b)
{
	static const struct {
		unsigned flag;
		const char *words;
	} flags[] = {
		{ DU_SHARED, "counted under another name" },
		{ DU_OTHER_FS, "another file system" },
		{ DU_UNREAD, "not readable" },
		{ DU_PARTIAL, "scanning" },
		{ DU_SPARSE, "sparse" },
		{ DU_NAMES, "several names" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (r->flags & flags[i].flag)
			strbuf_addf(b, "%s%s", b->n ? ", " : "", flags[i].words);
	if (r->has_growth && r->growth) {
		strbuf_addf(b, "%s%c", b->n ? ", " : "", r->growth < 0 ? '-' : '+');
		add_bytes(b, (uint64_t)llabs(r->growth));
		strbuf_addz(b, " since the last scan");
	}
	if (r->type == DU_FOLDER && r->entries > 1)
		strbuf_addf(b, "%s%" PRIu64 " entries", b->n ? ", " : "", r->entries);
}

static size_t fill_folder(struct disk_state *d)
{
	struct du_rows rows = { 0 };

	d->query.glob = str_of(d->glob);
	du_list(d->du, d->arena, d->at, &d->query, &rows);
	d->hidden = rows.hidden;
	d->rows = arena_array(d->arena, struct entry, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct du_row *r = &rows.v[i];
		STRBUF_AUTO(note, 512);

		note_row(r, &note);
		d->rows[i] = (struct entry){
			.name = r->name,
			.words = arena_strf(d->arena, STR_FMT "%s", STR_ARG(r->name),
					    r->type == DU_FOLDER ? "/"
					    : r->type == DU_LINK ? "@"
								 : ""),
			.note = arena_str(d->arena, strbuf_str(&note)),
			.size = size_of(d, r->disk, r->apparent),
			.folder = r->type == DU_FOLDER ? r->folder : DU_NONE,
			.bad = r->flags & DU_UNREAD,
		};
	}
	return rows.n;
}

static size_t fill_largest(struct disk_state *d)
{
	struct du_large *v = NULL;
	size_t n = du_largest(d->du, d->arena, d->at, LARGEST, &v);

	d->rows = arena_array(d->arena, struct entry, n + 1);
	for (size_t i = 0; i < n; i++)
		d->rows[i] = (struct entry){ .words = v[i].path,
					     .size = size_of(d, v[i].row.disk,
							     v[i].row.apparent),
					     .folder = DU_NONE };
	return n;
}

static size_t fill_groups(struct disk_state *d)
{
	struct du_group *v = NULL;
	size_t n = d->face == FACE_TYPES
			   ? du_by_type(d->du, d->arena, d->at, GROUPS, &v)
			   : du_by_age(d->du, d->arena, d->at, (int64_t)time(NULL), &v);

	d->rows = arena_array(d->arena, struct entry, n + 1);
	for (size_t i = 0; i < n; i++)
		d->rows[i] = (struct entry){
			.words = v[i].name,
			.note = arena_strf(d->arena, "%" PRIu64 " files", v[i].files),
			.size = size_of(d, v[i].disk, v[i].apparent),
			.folder = DU_NONE,
		};
	return n;
}

static size_t fill_errors(struct disk_state *d)
{
	struct du_error *v = NULL;
	size_t n = du_errors(d->du, d->arena, &v);

	d->rows = arena_array(d->arena, struct entry, n + 1);
	for (size_t i = 0; i < n; i++)
		d->rows[i] = (struct entry){ .words = v[i].path,
					     .note = str_of(strerror(v[i].sys)),
					     .folder = DU_NONE,
					     .bad = true };
	return n;
}

static size_t fill_deleted(struct view *view)
{
	struct disk_state *d = state(view);
	struct root *root;
	struct du_deleted_list list = { 0 };
	struct du_deleted *v;
	struct err err;
	size_t n;

	root = ctx_root(view->wb->ctx, &err);
	if (!root || !du_deleted(d->du, root, d->arena, &list, &err))
		wb_error(view->wb, &err);
	v = list.v;
	n = list.n;
	d->rows = arena_array(d->arena, struct entry, n + 1);
	for (size_t i = 0; i < n; i++)
		d->rows[i] = (struct entry){
			.words = v[i].path,
			.note = arena_strf(d->arena, "still open by %" PRId64 " " STR_FMT,
					   v[i].pid, STR_ARG(v[i].comm)),
			.size = size_of(d, v[i].disk, v[i].apparent),
			.folder = DU_NONE,
		};
	if (list.hidden)
		wb_say(view->wb, STYLE_TEXT,
		       "%zu processes of other users cannot be looked into", list.hidden);
	return n;
}

static size_t fill(struct view *view)
{
	struct disk_state *d = state(view);

	switch (d->face) {
	case FACE_FOLDER:
		return fill_folder(d);
	case FACE_LARGEST:
		return fill_largest(d);
	case FACE_TYPES:
	case FACE_AGES:
		return fill_groups(d);
	case FACE_ERRORS:
		return fill_errors(d);
	case FACE_DELETED:
		return fill_deleted(view);
	}
	return 0;
}

/* Read the totals as they are now; the cursor stays on its entry. */
static void remake(struct view *view)
{
	struct disk_state *d = state(view);
	AUTO(arena) old = d->arena;
	struct str under =
		d->list.cursor < d->list.n ? d->rows[d->list.cursor].words : STR("");
	size_t n;

	d->arena = arena_new();
	du_progress(d->du, &d->progress);
	du_folder(d->du, d->at, &d->self);
	d->hidden = 0;
	n = fill(view);
	d->largest = 0;
	for (size_t i = 0; i < n; i++)
		if (d->rows[i].size > d->largest)
			d->largest = d->rows[i].size;
	for (size_t i = 0; under.n && d->list.cursor && i < n; i++) {
		if (str_eq(d->rows[i].words, under)) {
			d->list.cursor = i;
			break;
		}
	}
	list_set_n(&d->list, n);
	view->dirty = true;
}

/* ---- the scan ---------------------------------------------------------------- */

/* At the end: compare with the scan before, then keep this one for the next. */
static void scan_ended(struct view *view)
{
	struct disk_state *d = state(view);
	const char *file;
	struct err err;

	d->ended = true;
	if (d->progress.cancelled || d->progress.limited ||
	    !du_past_file(d->du, view->arena, &file, &err))
		return;
	if (!du_compare(d->du, file, &d->compared, &err) && err.code != ERR_NOTFOUND)
		wb_error(view->wb, &err);
	if (!du_save(d->du, file, (int64_t)time(NULL), &err))
		wb_error(view->wb, &err);
}

static void on_timer(void *arg)
{
	struct view *view = arg;
	struct disk_state *d = state(view);

	du_progress(d->du, &d->progress);
	if (!d->progress.running && !d->ended)
		scan_ended(view);
	else if (d->ended)
		return;
	remake(view);
}

/* A folder is shown, compared and copied by its whole path: "." says nothing later. */
static char *full_path(struct arena *a, char *path)
{
	char *full = realpath(path, NULL);
	char *ret = full ? arena_printf(a, "%s", full) : path;

	free(full);
	return ret;
}

static bool open_view(struct view *view, const struct args *args, struct err *err)
{
	struct disk_state *d = state(view);
	struct str path = args ? args_text(args, "path", STR(".")) : STR(".");
	struct du_options opt = { .one_fs = args && args_has(args, "one-file-system") };

	d->path = full_path(view->arena, arena_cstr(view->arena, path));
	d->apparent = args && args_has(args, "apparent");
	if (!du_start(d->path, &opt, &d->du, err))
		return false;
	remake(view);
	d->timer = loop_add_timer(view->wb->loop, 50, REFRESH_MS, on_timer, view);
	return true;
}

static void close_view(struct view *view)
{
	struct disk_state *d = state(view);

	loop_remove(view->wb->loop, d->timer);
	du_free(d->du);
	arena_free(d->arena);
}

/* ---- drawing ----------------------------------------------------------------- */

static void layout(struct view *view, int w, int h)
{
	list_set_h(&state(view)->list, h > 3 ? (size_t)h - 3 : 0);
}

static void draw_head(const struct disk_state *d, const struct surface *s)
{
	static const char *const faces[] = { "",          "  largest files",
					     "  by type", "  by age",
					     "  errors",  "  deleted, still open" };
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(b, 4096);
	struct cell entries = cell_pages(d->self.entries);
	int x;

	x = 1 + surface_text(s, 1, 0, STYLE_STRONG,
			     frame_path(a, du_path(d->du, a, d->at, STR(""))));
	x += surface_textf(s, x, 0, STYLE_HEAD1, "%s", faces[d->face]);
	strbuf_addz(&b, "   ");
	add_bytes(&b, d->self.disk);
	strbuf_addz(&b, " on disk   ");
	add_bytes(&b, d->self.apparent);
	strbuf_addz(&b, " apparent   ");
	cell_format(&b, &entries);
	strbuf_addz(&b, " entries");
	surface_text(s, x, 0, STYLE_TEXT, strbuf_str(&b));
	strbuf_clear(&b);
	if (d->progress.running)
		strbuf_addf(&b,
			    "scanning: %" PRIu64
			    " folders to read, %.0f entries/s; Esc stops",
			    d->progress.folders_left, d->progress.rate);
	else if (d->progress.cancelled)
		strbuf_addz(&b, "stopped: the figures are what was counted so far");
	else if (d->progress.errors)
		strbuf_addf(&b, "%" PRIu64 " folders could not be read: e lists them",
			    d->progress.errors);
	if (d->hidden)
		strbuf_addf(&b, "%s%" PRIu64 " entries are hidden by the filter %s",
			    b.n ? "; " : "", d->hidden, d->glob);
	surface_text(s, 1, 1, d->progress.running ? STYLE_WARN : STYLE_DIM,
		     strbuf_str(&b));
}

static void draw_row(const struct disk_state *d, const struct entry *e,
		     const struct surface *s, int y)
{
	uint64_t whole = size_of(d, d->self.disk, d->self.apparent);
	int bar = d->face == FACE_ERRORS ? 0 : s->w >= 90 ? BAR : s->w >= 60 ? 10 : 0;
	int eighths = d->largest ? (int)(e->size * (uint64_t)bar * 8 / d->largest) : 0;
	STRBUF_AUTO(size, 64);
	int x = d->face == FACE_ERRORS ? -6 : 12; /* the words begin 8 to the right */

	if (d->face != FACE_ERRORS) {
		add_bytes(&size, e->size);
		surface_textf(s, 0, y, STYLE_TEXT, "%11s", strbuf_z(&size));
	}
	for (int i = 0; i < bar; i++, x++) {
		static const char *const part[] = { " ", "▏", "▎", "▍", "▌",
						    "▋", "▊", "▉", "█" };
		int k = eighths - i * 8;

		surface_text(s, x, y, STYLE_LINK,
			     str_of(part[k > 8   ? 8
					 : k < 0 ? 0
						 : k]));
	}
	if (whole && d->face != FACE_ERRORS)
		surface_textf(s, x + 1, y, STYLE_DIM, "%3.0f %%",
			      (double)e->size * 100 / (double)whole);
	x += 8 + surface_text(s, x + 8, y,
			      e->bad                 ? STYLE_BAD
			      : e->folder != DU_NONE ? STYLE_HEAD3
						     : STYLE_TEXT,
			      e->words);
	surface_text(s, x + 3, y, STYLE_DIM, e->note);
}

static void draw(const struct view *view, const struct surface *s)
{
	const struct disk_state *d = state(view);
	struct surface body = surface_sub(s, 0, 3, s->w, s->h - 3);

	draw_head(d, s);
	if (!d->list.n)
		surface_text(&body, 2, 1, STYLE_DIM,
			     d->progress.running
				     ? STR("Nothing counted here yet.")
				     : STR("Nothing is here; Backspace goes up."));
	for (size_t i = 0; i < d->list.h && d->list.top + i < d->list.n; i++)
		draw_row(d, &d->rows[d->list.top + i], &body, (int)i);
	if (d->list.n)
		surface_emphasise(&body, (int)(d->list.cursor - d->list.top),
				  EMPHASIS_CURSOR);
}

static const struct entry *under_cursor(const struct disk_state *d)
{
	return d->list.cursor < d->list.n ? &d->rows[d->list.cursor] : NULL;
}

static struct ref subject(const struct view *view)
{
	const struct disk_state *d = state(view);
	const struct entry *e = under_cursor(d);

	if (!e || d->face == FACE_TYPES || d->face == FACE_AGES)
		return (struct ref){ 0 };
	if (d->face == FACE_FOLDER)
		return (struct ref){ REF_PATH, du_path(d->du, d->arena, d->at, e->name) };
	return (struct ref){ REF_PATH, e->words };
}

static void status(const struct view *view, struct strbuf *b)
{
	const struct disk_state *d = state(view);
	static const char *const sorts[] = {
		"by size",    "by apparent size", "by name",
		"by entries", "by time",          "by growth"
	};

	strbuf_addz(b, d->face == FACE_FOLDER ? sorts[d->query.sort] : "");
	if (d->query.reverse)
		strbuf_addz(b, " up");
	strbuf_addz(b, d->apparent ? "  apparent" : "  on disk");
}

static void shell_line(const struct view *view, struct strbuf *b)
{
	const struct disk_state *d = state(view);
	AUTO(arena) a = arena_new();
	struct str path = du_path(d->du, a, d->at, STR(""));

	strbuf_addf(b, "du -h%s --max-depth=1 '" STR_FMT "' | sort -h",
		    d->apparent ? " --apparent-size" : "", STR_ARG(path));
}

static const char *const *sections(const struct view *view)
{
	static const char *const names[] = { "disk", "move", NULL };

	return names;
}

/* ---- actions ----------------------------------------------------------------- */

static void go_to(struct view *view, uint32_t folder)
{
	struct disk_state *d = state(view);

	d->at = folder;
	d->face = FACE_FOLDER;
	d->list.cursor = d->list.top = 0;
	remake(view);
}

static void act_enter(struct view *view, struct str arg)
{
	const struct entry *e = under_cursor(state(view));

	if (e && e->folder != DU_NONE)
		go_to(view, e->folder);
}

static void act_up(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);
	uint32_t from = d->at, parent = du_parent(d->du, d->at);

	if (d->face != FACE_FOLDER) {
		go_to(view, d->at);
		return;
	}
	if (parent == DU_NONE) {
		wb_say(view->wb, STYLE_TEXT,
		       "this is where the scan began; :du PATH begins "
		       "another");
		return;
	}
	go_to(view, parent);
	for (size_t i = 0; i < d->list.n; i++)
		if (d->rows[i].folder == from)
			list_go(&d->list, i);
}

/* Esc: stop the scan; then leave a face; then one folder up; then out. */
static void act_leave(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);

	if (d->progress.running)
		du_cancel(d->du);
	else if (d->face != FACE_FOLDER || du_parent(d->du, d->at) != DU_NONE)
		act_up(view, arg);
	else
		wb_do(view->wb, NULL, STR("back"));
}

static void act_sort(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);

	d->query.sort = (enum du_sort)((d->query.sort + 1) % (DU_BY_GROWTH + 1));
	remake(view);
}

static void act_reverse(struct view *view, struct str arg)
{
	state(view)->query.reverse = !state(view)->query.reverse;
	remake(view);
}

static void act_apparent(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);

	d->apparent = !d->apparent;
	d->query.sort = d->apparent ? DU_BY_APPARENT : DU_BY_DISK;
	remake(view);
}

static void act_face(struct view *view, struct str arg)
{
	static const char *const names[] = { "folder", "largest", "types",
					     "ages",   "errors",  "deleted" };
	struct disk_state *d = state(view);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(arg, str_of(names[i])))
			d->face = d->face == (enum face)i ? FACE_FOLDER : (enum face)i;
	d->list.cursor = d->list.top = 0;
	remake(view);
}

static void act_rescan(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);
	struct err err;

	if (du_rescan(d->du, d->at, &err))
		d->ended = false;
	else
		wb_error(view->wb, &err);
}

static void set_filter(struct view *view, struct str text)
{
	struct disk_state *d = state(view);

	text = str_trim(text);
	/* a plain word is looked for anywhere in the name */
	if (text.n && str_chr(text, '*') < 0 && str_chr(text, '?') < 0)
		snprintf(d->glob, sizeof(d->glob), "*" STR_FMT "*", STR_ARG(text));
	else
		snprintf(d->glob, sizeof(d->glob), STR_FMT, STR_ARG(text));
	remake(view);
}

static void act_filter(struct view *view, struct str arg)
{
	wb_prompt(view->wb, "names that fit: ", "filter", str_of(state(view)->glob),
		  set_filter, view);
}

static void delete_typed(struct view *view, struct str typed)
{
	struct disk_state *d = state(view);
	struct err err;

	if (du_delete(d->du, d->at, str_of(d->deleting), str_trim(typed), &err))
		wb_say(view->wb, STYLE_GOOD, "deleted %s", d->deleting);
	else
		wb_error(view->wb, &err);
	remake(view);
}

static void act_delete(struct view *view, struct str arg)
{
	struct disk_state *d = state(view);
	const struct entry *e = under_cursor(d);
	STRBUF_AUTO(safe, 1024);
	char label[sizeof(view->wb->question.label)];

	if (!e || d->face != FACE_FOLDER) {
		wb_say(view->wb, STYLE_WARN,
		       "only what a folder lists can be deleted here");
		return;
	}
	snprintf(d->deleting, sizeof(d->deleting), STR_FMT, STR_ARG(e->name));
	utf8_add_safe(&safe, e->name, false);
	snprintf(label, sizeof(label),
		 "delete %.120s%s for good? type its name: ", strbuf_z(&safe),
		 e->folder != DU_NONE ? " with all below it" : "");
	wb_prompt(view->wb, label, NULL, STR(""), delete_typed, view);
}

static void act_note(struct view *view, struct str arg)
{
	struct ref ref = { REF_NOTE, STR("du-disk-usage") };

	wb_open_ref(view->wb, &ref);
}

static const struct action actions[] = {
	{ "enter", act_enter },     { "up-folder", act_up },
	{ "leave", act_leave },     { "sort", act_sort },
	{ "reverse", act_reverse }, { "apparent", act_apparent },
	{ "face", act_face },       { "rescan", act_rescan },
	{ "filter", act_filter },   { "delete-entry", act_delete },
	{ "note", act_note },       { 0 },
};

static bool move(struct view *view, struct str name)
{
	return list_action(&state(view)->list, name);
}

static bool mouse(struct view *view, const struct mouse *m)
{
	struct disk_state *d = state(view);

	if (m->wheel)
		list_scroll(&d->list, m->wheel);
	if (m->click && list_click(&d->list, m->y - 3) && m->double_click)
		act_enter(view, STR(""));
	return true;
}

const struct view_ops disk_view_ops = {
	.name = "Disk",
	.sections = sections,
	.size = sizeof(struct disk_state),
	.actions = actions,
	.move = move,
	.open = open_view,
	.draw = draw,
	.layout = layout,
	.subject = subject,
	.mouse = mouse,
	.status = status,
	.shell_line = shell_line,
	.close = close_view,
};
