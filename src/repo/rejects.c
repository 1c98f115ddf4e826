/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rejects: see repo/rejects.h. The store is a folder:
 *
 *     list            3 open 'src/a.c.rej' 'src/a.c'      a line a reject
 *     3.rej           its text
 *     undo            7 3 open 'src/a.c' 100644           a line a decision, newest last
 *     7.file 7.rej    what the file and the .rej were; absent: there was none
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"
#include "patch/rej.h"
#include "repo/folder.h"
#include "repo/rejects.h"

#define REJ_MAX   ((size_t)256 << 20)
#define WALK_MAX  10000
#define DEPTH_MAX 64

struct rejects {
	struct arena *arena;
	struct repo *repo;
	struct session *session; /* in progress, or NULL */
	struct repo_work *work;
	struct files *own_files; /* outside a repository */
	struct folder_tree tree;
	const char *dir; /* the store */
	const char *top; /* what paths are relative to */
	struct {
		struct reject *v;
		size_t n, cap;
	} list;
	unsigned next_id;
};

static const char *const status_names[] = { "open", "taken", "dropped", "edited" };

const char *reject_status_name(enum reject_status s)
{
	return status_names[s];
}

/* ---- the store ---- */

static const char *store_path(const struct rejects *r, const char *fmt, unsigned n)
{
	return n ? arena_printf(r->arena, "%s/%u.%s", r->dir, n, fmt) :
		   arena_printf(r->arena, "%s/%s", r->dir, fmt);
}

static bool store_put(struct rejects *r, const char *name, unsigned n, struct str bytes,
		      struct err *err)
{
	return file_mkdirs(r->dir, err) &&
	       file_write_atomic(store_path(r, name, n), bytes, 0600, err);
}

static bool store_get(struct rejects *r, const char *name, unsigned n, struct str *ret,
		      bool *ret_there, struct err *err)
{
	STRBUF_AUTO(buf, REJ_MAX);
	struct err why = { 0 };

	*ret = STR("");
	*ret_there = file_read(store_path(r, name, n), &buf, &why);
	if (*ret_there)
		*ret = arena_str(r->arena, strbuf_str(&buf));
	if (!*ret_there && why.code != ERR_NOTFOUND) {
		if (err)
			*err = why;
		return false;
	}
	return true;
}

static bool save_list(struct rejects *r, struct err *err)
{
	STRBUF_AUTO(text, REJ_MAX);

	for (size_t i = 0; i < r->list.n; i++) {
		const struct reject *x = &r->list.v[i];

		strbuf_addf(&text, "%u %s ", x->id, status_names[x->status]);
		am_quote(x->rej_file, &text);
		strbuf_addc(&text, ' ');
		am_quote(x->path, &text);
		strbuf_addc(&text, '\n');
	}
	return strbuf_ok(&text, "list of rejects", err) &&
	       store_put(r, "list", 0, strbuf_str(&text), err);
}

static bool status_of(struct str word, enum reject_status *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++) {
		if (str_eq(word, str_of(status_names[i]))) {
			*ret = (enum reject_status)i;
			return true;
		}
	}
	return false;
}

/* The one file patch in a reject's text. */
static bool parse_text(struct rejects *r, struct reject *x)
{
	struct patch p;

	if (!rej_parse(x->text, x->path, r->arena, &p, NULL) || !p.n)
		return false;
	x->patch = p.v[0];
	x->hunk = p.v[0].n_hunks ? &p.v[0].hunks[0] : NULL;
	return true;
}

static bool load_line(struct rejects *r, struct str line, struct err *err)
{
	struct reject x = { 0 };
	struct am_words words;
	struct str status;
	uint64_t id;
	bool there;

	if (!str_eat_u64(&line, 10, &id) || !str_skip(&line, STR(" ")) ||
	    !str_cut(&line, ' ', &status) || !status_of(status, &x.status) ||
	    !am_unquote(line, r->arena, &words, NULL) || words.n != 2)
		return err_set(err, ERR_PARSE, "could not parse %s/list", r->dir);
	x.id = (unsigned)id;
	x.rej_file = words.v[0];
	x.path = words.v[1];
	if (!store_get(r, "rej", x.id, &x.text, &there, err))
		return false;
	if (x.id >= r->next_id)
		r->next_id = x.id + 1;
	if (there && parse_text(r, &x))
		*ARENA_PUSH(r->arena, &r->list) = x;
	return true;
}

static bool load_list(struct rejects *r, struct err *err)
{
	struct str text;
	bool there;

	if (!store_get(r, "list", 0, &text, &there, err))
		return false;
	STR_EACH_LINE(line, text)
	{
		if (!load_line(r, line, err))
			return false;
	}
	return true;
}

/* ---- what lies in the work tree ---- */

static struct reject *known(struct rejects *r, struct str rej_file, struct str text,
			    const bool *seen)
{
	for (size_t i = 0; i < r->list.n; i++) {
		struct reject *x = &r->list.v[i];

		if (x->status == REJECT_OPEN && !seen[i] &&
		    str_eq(x->rej_file, rej_file) && str_eq(x->text, text))
			return x;
	}
	return NULL;
}

/* One hunk, or a file patch without any, as a reject of its own. */
static struct str one_text(struct rejects *r, const struct filepatch *f, size_t hunk)
{
	struct filepatch one = *f;
	STRBUF_AUTO(text, REJ_MAX);

	if (f->n_hunks) {
		one.hunks = &f->hunks[hunk];
		one.n_hunks = 1;
	}
	rej_print(&one, &text);
	return arena_str(r->arena, strbuf_str(&text));
}

struct scan {
	struct rejects *r;
	bool *seen; /* of those known at the start */
	size_t n_seen;
};

static bool scan_hunk(struct scan *s, struct str rej_file, struct str path,
		      const struct filepatch *f, size_t hunk, struct err *err)
{
	struct rejects *r = s->r;
	struct str text = one_text(r, f, hunk);
	struct reject x = { .id = r->next_id, .rej_file = rej_file, .path = path,
			    .text = text };
	size_t n = r->list.n;
	struct reject *old;

	r->list.n = s->n_seen;
	old = known(r, rej_file, text, s->seen);
	r->list.n = n;
	if (old) {
		s->seen[old - r->list.v] = true;
		return true;
	}
	if (!parse_text(r, &x) || !store_put(r, "rej", x.id, text, err))
		return x.patch.origin.line ? false : true;
	r->next_id++;
	*ARENA_PUSH(r->arena, &r->list) = x;
	return true;
}

static bool scan_file(struct scan *s, struct str rej_file, struct err *err)
{
	struct rejects *r = s->r;
	struct str text, path = str_sub(rej_file, 0, rej_file.n - 4);
	struct err why = { 0 };
	struct patch p;

	if (!files_read(r->tree.files, rej_file, r->arena, &text, &why)) {
		if (why.code == ERR_NOTFOUND)
			return true;
		*err = why;
		return false;
	}
	/* Somebody's file of that name that is no reject is none of ours. */
	if (!rej_parse(text, path, r->arena, &p, &why))
		return true;
	for (size_t i = 0; i < p.n; i++)
		for (size_t k = 0; k < (p.v[i].n_hunks ? p.v[i].n_hunks : 1); k++)
			if (!scan_hunk(s, rej_file, path, &p.v[i], k, err))
				return false;
	return true;
}

static int by_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void walk(struct rejects *r, struct am_words *found, struct str folder, int depth)
{
	const char *path = arena_printf(r->arena, "%s/" STR_FMT, r->top, STR_ARG(folder));
	DIR *d = depth < DEPTH_MAX ? opendir(path) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d)) && found->n < WALK_MAX) {
		struct str name = str_of(e->d_name), sub;
		struct stat st;

		if (name.p[0] == '.')
			continue;
		if (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN &&
		    !str_ends(name, STR(".rej")))
			continue;
		sub = folder.n ? arena_strf(r->arena, STR_FMT "/" STR_FMT,
					    STR_ARG(folder), STR_ARG(name)) :
				 arena_str(r->arena, name);
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			walk(r, found, sub, depth + 1);
		else if (S_ISREG(st.st_mode) && str_ends(name, STR(".rej")) && name.n > 4)
			*ARENA_PUSH(r->arena, found) = sub;
	}
	if (d)
		closedir(d);
}

static bool scan_all(struct rejects *r, struct session *session, const char *prefix,
		     struct err *err)
{
	struct scan s = { r, arena_array(r->arena, bool, r->list.n + 1), r->list.n };
	struct am_words found = { 0 };

	if (session) {
		if (!rejects_open(session, r->arena, &found, err))
			return false;
	}
	if (!session || (!found.n && !r->list.n))
		walk(r, &found, str_of(prefix), 0);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_str);
	for (size_t i = 0; i < found.n; i++)
		if (!scan_file(&s, found.v[i], err))
			return false;
	for (size_t i = 0; i < s.n_seen; i++)
		if (r->list.v[i].status == REJECT_OPEN && !s.seen[i])
			r->list.v[i].status = REJECT_EDITED;
	return !r->list.n || save_list(r, err);
}

/* ---- opening ---- */

static bool open_outside(struct rejects *r, const char *dir, struct err *err)
{
	char name[64], *real = realpath(dir, NULL);

	if (!real)
		return err_sys(err, errno, "opening %s", dir);
	r->top = arena_cstr(r->arena, str_of(real));
	free(real);
	snprintf(name, sizeof(name), "rejects-%016llx",
		 (unsigned long long)str_hash(str_of(r->top)));
	if (!file_xdg(r->arena, "XDG_STATE_HOME", ".local/state", name, &r->dir, err) ||
	    !files_open(r->top, arena_printf(r->arena, "%s/spare", r->dir), &r->own_files,
			err))
		return false;
	r->tree = (struct folder_tree){ r->own_files, NULL, NULL };
	return true;
}

bool rejects_open_list(struct repo *repo, struct session *s, const char *dir,
		       struct rejects **ret, struct err *err)
{
	AUTO(rejects) r = calloc(1, sizeof(*r));
	const char *prefix = "";

	if (!r)
		abort();
	r->arena = arena_new();
	r->next_id = 1;
	r->repo = repo;
	if (s && !session_in_progress(s))
		s = NULL;
	r->session = s;
	if (repo && repo_workdir(repo)) {
		r->dir = repo_path(repo, r->arena,
				   s ? "rebase-apply/kcrib/rejects" : "kcrib-rejects");
		r->top = repo_workdir(repo);
		prefix = repo_prefix(repo);
		if (!repo_work_open(repo, arena_printf(r->arena, "%s/spare", r->dir),
				    &r->work, err))
			return false;
		r->tree = (struct folder_tree){ repo_work_files(r->work), r->work, repo };
	} else if (!open_outside(r, dir, err)) {
		return false;
	}
	if (!load_list(r, err) || !scan_all(r, s, prefix, err))
		return false;
	*ret = r;
	r = NULL;
	return true;
}

void rejects_free(struct rejects *r)
{
	if (!r)
		return;
	repo_work_free(r->work);
	files_free(r->own_files);
	arena_free(r->arena);
	free(r);
}

struct reject *rejects_list(struct rejects *r, size_t *ret_n)
{
	*ret_n = r->list.n;
	return r->list.v;
}

bool rejects_find(struct rejects *r, unsigned id, struct reject **ret, struct err *err)
{
	for (size_t i = 0; i < r->list.n; i++) {
		if (r->list.v[i].id == id) {
			*ret = &r->list.v[i];
			return true;
		}
	}
	err_set(err, ERR_NOTFOUND, "reject %u: there is none", id);
	return err_hint(err, "kcrib rej lists them");
}

bool rejects_look(struct rejects *r, struct reject *x, struct err *err)
{
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct tree door = folder_tree_door(&r->tree);
	struct place_result res;

	opt.ws = WS_NOWARN;
	if (!place_file(&door, &x->patch, &opt, r->arena, &res, err))
		return false;
	x->before = res.pre;
	x->file_now = res.found_path.n ? res.found_path : x->path;
	if (res.file.cause == CAUSE_FILE_MISSING && !res.found_path.n)
		x->file_now = STR("");
	x->place = x->hunk && res.n_hunks ? res.hunks[0] : res.file;
	return true;
}

/* ---- deciding ---- */

struct undo {
	unsigned number, id;
	enum reject_status was;
	struct str path; /* of the file that changed; empty: none */
	unsigned mode;   /* 0: it was not there */
	bool had_rej;
};

static bool load_undo(struct rejects *r, struct undo *last, size_t *ret_keep,
		      unsigned *ret_next, struct err *err)
{
	struct str text, rest, line;
	bool there;

	*last = (struct undo){ 0 };
	*ret_keep = 0;
	*ret_next = 1;
	if (!store_get(r, "undo", 0, &text, &there, err))
		return false;
	for (rest = text; str_line(&rest, &line);) {
		struct str word, status;
		struct am_words words;
		uint64_t number, id, mode, rej;

		word = str_chomp(line);
		if (!str_eat_u64(&word, 10, &number) || !str_skip(&word, STR(" ")) ||
		    !str_eat_u64(&word, 10, &id) || !str_skip(&word, STR(" ")) ||
		    !str_cut(&word, ' ', &status) || !status_of(status, &last->was) ||
		    !str_eat_u64(&word, 8, &mode) || !str_skip(&word, STR(" ")) ||
		    !str_eat_u64(&word, 10, &rej) ||
		    !am_unquote(word, r->arena, &words, NULL) || words.n != 1)
			return err_set(err, ERR_PARSE, "could not parse %s/undo", r->dir);
		last->number = (unsigned)number;
		last->id = (unsigned)id;
		last->mode = (unsigned)mode;
		last->had_rej = rej;
		last->path = words.v[0];
		*ret_keep = (size_t)(line.p - text.p);
		*ret_next = last->number + 1;
	}
	return true;
}

/* Keep the file, the .rej and the decision that stood so far. */
static bool remember(struct rejects *r, const struct reject *x, struct str path,
		     struct err *err)
{
	STRBUF_AUTO(line, REJ_MAX);
	struct str bytes, text;
	struct undo last;
	struct stat st = { 0 };
	unsigned number;
	size_t keep;
	bool there = false, had_rej, any;

	/* --abort and --continue have to know of this file, too. */
	if (path.n && r->session) {
		struct kept k = { 'p', 0, path };

		if (!backup_keep(r->session, &(struct kept_list){ &k, 1, 1 }, err))
			return false;
	}
	if (!load_undo(r, &last, &keep, &number, err) ||
	    (path.n && !files_stat(r->tree.files, path, &st, &there, err)))
		return false;
	if (there && (!files_read(r->tree.files, path, r->arena, &bytes, err) ||
		      !store_put(r, "file", number, bytes, err)))
		return false;
	had_rej = files_read(r->tree.files, x->rej_file, r->arena, &bytes, NULL);
	if (had_rej && !store_put(r, "was", number, bytes, err))
		return false;
	if (!store_get(r, "undo", 0, &text, &any, err))
		return false;
	strbuf_add(&line, text);
	strbuf_addf(&line, "%u %u %s %o %d ", number, x->id, status_names[x->status],
		    there ? (unsigned)st.st_mode : 0, had_rej);
	am_quote(path, &line);
	strbuf_addc(&line, '\n');
	return store_put(r, "undo", 0, strbuf_str(&line), err);
}

/* The .rej holds what is still open, or goes. */
static bool rewrite_rej(struct rejects *r, struct str rej_file, struct err *err)
{
	STRBUF_AUTO(text, REJ_MAX);

	for (size_t i = 0; i < r->list.n; i++)
		if (r->list.v[i].status == REJECT_OPEN &&
		    str_eq(r->list.v[i].rej_file, rej_file))
			strbuf_add(&text, r->list.v[i].text);
	if (!text.n)
		return files_remove(r->tree.files, rej_file, err);
	return strbuf_ok(&text, "reject", err) &&
	       files_write(r->tree.files, rej_file, strbuf_str(&text), 0100644, err);
}

static bool settle(struct rejects *r, struct reject *x, enum reject_status status,
		   struct err *err)
{
	x->status = status;
	return rewrite_rej(r, x->rej_file, err) && save_list(r, err);
}

static bool must_be_open(const struct reject *x, struct err *err)
{
	if (x->status == REJECT_OPEN)
		return true;
	err_set(err, ERR_CONFLICT, "reject %u: it is %s already", x->id,
		status_names[x->status]);
	return err_hint(err, "kcrib rej undo takes back the last decision");
}

static bool take(struct rejects *r, struct reject *x, const struct place_candidate *c,
		 struct err *err)
{
	struct tree door = folder_tree_door(&r->tree);
	struct str path = c->path.n ? c->path : x->file_now;
	struct tree_file file;
	struct str post;

	if (!door.ops->read(door.ctx, path, r->arena, &file, err) ||
	    !place_apply_candidate(file.bytes, c, r->arena, &post, err) ||
	    !remember(r, x, path, err) ||
	    !door.ops->write(door.ctx, path, post, file.mode, err))
		return false;
	return settle(r, x, REJECT_TAKEN, err);
}

/* A reject of the whole file: its result is what the patch says. */
static bool take_whole(struct rejects *r, struct reject *x, struct err *err)
{
	struct tree door = folder_tree_door(&r->tree);
	STRBUF_AUTO(text, REJ_MAX);
	const struct filepatch *f = &x->patch;

	if (f->kind == FILEPATCH_DELETE)
		return remember(r, x, f->old_path, err) &&
		       door.ops->remove(door.ctx, f->old_path, err) &&
		       settle(r, x, REJECT_TAKEN, err);
	if (f->kind != FILEPATCH_CREATE || f->binary) {
		err_set(err, ERR_NOTFOUND, "reject %u: there is no place to take", x->id);
		return err_hint(err, "edit or drop it");
	}
	for (size_t i = 0; x->hunk && i < x->hunk->n; i++)
		if (x->hunk->lines[i].kind == '+')
			strbuf_add(&text, x->hunk->lines[i].text);
	return remember(r, x, f->new_path, err) &&
	       door.ops->write(door.ctx, f->new_path, strbuf_str(&text),
			       f->new_mode ? f->new_mode : 0100644, err) &&
	       settle(r, x, REJECT_TAKEN, err);
}

bool rejects_take(struct rejects *r, struct reject *x, size_t n, struct err *err)
{
	if (!must_be_open(x, err) || !rejects_look(r, x, err))
		return false;
	if (x->patch.kind == FILEPATCH_CREATE || x->patch.kind == FILEPATCH_DELETE ||
	    (!x->place.n_candidates && !x->place.n_edits))
		return take_whole(r, x, err);
	if (n >= x->place.n_candidates && (n || !x->place.n_edits)) {
		err_set(err, ERR_NOTFOUND, "reject %u: there is no candidate %zu", x->id,
			n + 1);
		return err_hint(err, "kcrib rej show %u lists them", x->id);
	}
	if (!x->place.n_candidates) {
		struct place_candidate c = { .edits = x->place.edits,
					     .n_edits = x->place.n_edits };

		return take(r, x, &c, err);
	}
	return take(r, x, &x->place.candidates[n], err);
}

bool rejects_take_at(struct rejects *r, struct reject *x, size_t line, struct err *err)
{
	struct place_candidate c;

	if (!must_be_open(x, err) || !rejects_look(r, x, err))
		return false;
	if (!x->hunk || !x->file_now.n)
		return err_set(err, ERR_NOTFOUND, "reject %u: there is no file to take it",
			       x->id);
	return place_at_line(x->before, x->hunk, line, r->arena, &c, err) &&
	       take(r, x, &c, err);
}

bool rejects_drop(struct rejects *r, struct reject *x, struct err *err)
{
	return must_be_open(x, err) && remember(r, x, STR(""), err) &&
	       settle(r, x, REJECT_DROPPED, err);
}

bool rejects_edit_begin(struct rejects *r, struct reject *x, struct str *ret_path,
			size_t *ret_line, struct err *err)
{
	if (!must_be_open(x, err) || !rejects_look(r, x, err))
		return false;
	if (!x->file_now.n)
		x->file_now = x->path;
	*ret_line = x->place.n_candidates ? x->place.candidates[0].line :
		    x->hunk               ? x->hunk->old.start :
					    1;
	*ret_path = arena_strf(r->arena, "%s/" STR_FMT, r->top, STR_ARG(x->file_now));
	return remember(r, x, x->file_now, err);
}

bool rejects_edit_end(struct rejects *r, struct reject *x, struct err *err)
{
	return settle(r, x, REJECT_EDITED, err);
}

static bool give_back(struct rejects *r, const struct undo *u, const struct reject *x,
		      struct err *err)
{
	struct str bytes;
	bool there;

	if (u->path.n && u->mode) {
		if (!store_get(r, "file", u->number, &bytes, &there, err))
			return false;
		if (!there)
			return err_set(err, ERR_NOTFOUND,
				       "undoing reject %u: its copy is gone", u->id);
		if (!files_write_as(r->tree.files, u->path, bytes, (mode_t)u->mode, err))
			return false;
	} else if (u->path.n && !files_remove(r->tree.files, u->path, err)) {
		return false;
	}
	if (!u->had_rej)
		return files_remove(r->tree.files, x->rej_file, err);
	return store_get(r, "was", u->number, &bytes, &there, err) &&
	       (!there || files_write(r->tree.files, x->rej_file, bytes, 0100644, err));
}

bool rejects_undo(struct rejects *r, unsigned *ret_id, struct err *err)
{
	struct reject *x;
	struct str text;
	struct undo last;
	unsigned next;
	size_t keep;
	bool there;

	if (!load_undo(r, &last, &keep, &next, err))
		return false;
	if (!last.number)
		return err_set(err, ERR_NOTFOUND, "undo: no decision was made");
	if (!rejects_find(r, last.id, &x, err) || !give_back(r, &last, x, err))
		return false;
	x->status = last.was;
	*ret_id = last.id;
	return save_list(r, err) && store_get(r, "undo", 0, &text, &there, err) &&
	       store_put(r, "undo", 0, str_sub(text, 0, keep), err);
}
