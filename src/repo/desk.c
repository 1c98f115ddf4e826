/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reject desk: see repo/desk.h. The .rej files are the truth about what is open; the
 * log only remembers what was decided and how it was before.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "desk_priv.h"
#include "patch/rej.h"

const char *desk_status_name(enum desk_status status)
{
	static const char *const names[] = { "open", "taken", "dropped", "edited" };

	return names[status];
}

/* ---- opening ----------------------------------------------------------------------- */

static void no_words(void *arg, struct str text)
{
}

static uint64_t stamp_of(const struct stat *st)
{
	const uint64_t facts[] = { st->st_dev, st->st_ino, (uint64_t)st->st_size,
				   (uint64_t)st->st_mtim.tv_sec,
				   (uint64_t)st->st_mtim.tv_nsec };

	return str_hash(str_n((const char *)facts, sizeof(facts)));
}

/* Which patch of which am: the count is written at each stop, by git and by us. */
static uint64_t session_stamp(const struct desk *d)
{
	AUTO(arena) a = arena_new();
	struct stat st;

	if (!d->repo || stat(repo_path(d->repo, a, "rebase-apply/next"), &st) < 0)
		return 0;
	return stamp_of(&st);
}

/* The session in progress, if there is one; opening it finishes a killed run first. */
static bool open_session(struct desk *d, struct err *err)
{
	static const struct session_io quiet = { .out = no_words, .errout = no_words };
	AUTO(arena) a = arena_new();

	session_free(d->session);
	d->session = NULL;
	d->at = session_stamp(d);
	if (!d->repo || repo_is_bare(d->repo))
		return true;
	/* without one nobody has to say who they are */
	if (!file_exists(repo_path(d->repo, a, "rebase-apply")))
		return true;
	if (!session_open(d->repo, &quiet, &d->session, err))
		return false;
	if (!session_in_progress(d->session)) {
		session_free(d->session);
		d->session = NULL;
	}
	return true;
}

static bool set_places(struct desk *d, const char *dir, const char *state,
		       struct err *err)
{
	char real[PATH_MAX];

	if (!realpath(dir, real))
		return err_sys(err, errno, "opening %s", dir);
	if (d->repo && repo_workdir(d->repo)) {
		d->top = strdup(repo_workdir(d->repo));
		d->below = strdup(repo_prefix(d->repo));
	} else {
		d->top = strdup(real);
		d->below = strdup("");
	}
	d->loose = strdup(state);
	return true;
}

/* What is in progress now, and where what it must keep lies. */
static bool look_at_session(struct desk *d, struct err *err)
{
	AUTO(arena) a = arena_new();

	if (!open_session(d, err))
		return false;
	files_free(d->files);
	free(d->state);
	d->files = NULL;
	if (d->session)
		d->state = strdup(repo_path(d->repo, a, "rebase-apply/kcrib/desk"));
	else
		d->state = strdup(
			arena_printf(a, "%s/desk-%llx", d->loose,
				     (unsigned long long)str_hash(str_of(d->top))));
	if (!files_open(d->top, d->state, &d->files, err))
		return false;
	d->tree = (struct folder_tree){
		.files = d->files, .repo = d->repo, .walk = desk_each, .walk_arg = d
	};
	return true;
}

bool desk_open(const char *dir, const char *state, struct desk **ret, struct err *err)
{
	AUTO(desk) d = calloc(1, sizeof(*d));
	struct err why = { 0 };

	if (!d)
		abort();
	d->arena = arena_new();
	if (!repo_open(dir, &d->repo, &why) && why.code != ERR_NOTFOUND) {
		if (err)
			*err = why;
		return false;
	}
	if (!set_places(d, dir, state, err) || !look_at_session(d, err))
		return false;
	*ret = d;
	d = NULL;
	return true;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	session_free(d->session);
	repo_free(d->repo);
	files_free(d->files);
	arena_free(d->arena);
	free(d->top);
	free(d->state);
	free(d->loose);
	free(d->below);
	free(d);
}

const char *desk_top(const struct desk *d)
{
	return d->top;
}

bool desk_in_session(const struct desk *d)
{
	return d->session != NULL;
}

/* ---- listing ----------------------------------------------------------------- */

struct rej_names {
	struct str *v;
	size_t n, cap;
	struct arena *a;
};

static bool add_rej(void *arg, struct str path)
{
	struct rej_names *names = arg;

	if (str_ends(path, STR(".rej")))
		*ARENA_PUSH(names->a, names) = arena_str(names->a, path);
	return true;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool find_rejs(struct desk *d, struct arena *a, struct rej_names *ret,
		      struct am_words *ret_left, struct err *err)
{
	struct am_words open;

	*ret = (struct rej_names){ .a = a };
	if (d->session) {
		if (!session_rejects(d->session, a, &open, ret_left, err))
			return false;
		for (size_t i = 0; i < open.n; i++)
			*ARENA_PUSH(a, ret) = open.v[i];
	} else {
		desk_walk(d, d->below, add_rej, ret);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_path);
	return true;
}

static uint64_t hash_of(struct str rej, const struct filepatch *f)
{
	STRBUF_AUTO(text, (size_t)1 << 30);

	strbuf_add(&text, rej);
	strbuf_addc(&text, '\n');
	filepatch_print(f, &text);
	return str_hash(strbuf_str(&text));
}

/* What would be taken without a question is the first place to offer here, where the
 * user is asked. */
static void offer_own_place(struct arena *a, struct placement *pl)
{
	struct place_candidate *own;

	if (!pl->n_edits || pl->n_candidates)
		return;
	own = arena_new_of(a, struct place_candidate);
	*own = (struct place_candidate){ .line = pl->edits[0].line + 1,
					 .score = pl->score,
					 .engine = pl->engine,
					 .evidence = pl->evidence,
					 .path = pl->moved_to,
					 .edits = pl->edits,
					 .n_edits = pl->n_edits };
	pl->candidates = own;
	pl->n_candidates = 1;
}

/* What is at hand while one reject is read after the other. */
struct listing {
	struct arena *a;
	struct rej_names rejs;
	struct desk_ids ids;
};

static bool add_item(struct desk *d, struct desk_items *items, struct desk_item item,
		     struct err *err)
{
	struct listing *l = d->listing;

	if (items->n >= DESK_MAX_HUNKS)
		return err_set(err, ERR_LIMIT, "reading rejects: more than %d hunks",
			       DESK_MAX_HUNKS);
	item.id = log_id(&l->ids, hash_of(item.rej, &item.patch));
	*ARENA_PUSH(l->a, items) = item;
	items->open++;
	return true;
}

/* A reject of several hunks becomes as many items, each with the whole header. */
static bool add_filepatch(struct desk *d, struct desk_items *items, struct str rej,
			  const struct filepatch *f, struct err *err)
{
	struct desk_item item = {
		.rej = rej, .path = filepatch_path(f), .patch = *f, .whole = f
	};

	if (!f->n_hunks)
		return add_item(d, items, item, err);
	item.patch.n_hunks = 1;
	for (; item.nth < f->n_hunks; item.nth++) {
		item.hunk = item.patch.hunks = &f->hunks[item.nth];
		if (!add_item(d, items, item, err))
			return false;
	}
	return true;
}

static bool read_rej(struct desk *d, struct arena *a, struct str rej, struct patch *ret,
		     struct err *err)
{
	struct str text;

	if (!files_read(d->files, rej, a, &text, err))
		return false;
	if (!rej_parse(text, str_n(rej.p, rej.n - 4), a, ret, err))
		return err_wrap(err, "reading " STR_FMT, STR_ARG(rej));
	return true;
}

/* A decided hunk is shown from what was kept of it. */
static bool add_decided(struct desk *d, struct arena *a, struct desk_items *items,
			const struct decision *what, struct err *err)
{
	struct desk_item item = { .id = what->id,
				  .rej = what->rej,
				  .status = what->status };
	struct patch p = { 0 };
	struct str text;

	if (!log_kept(d, what->number, "hunk", a, &text, err))
		return false;
	if (!text.p ||
	    !rej_parse(text, str_n(what->rej.p, what->rej.n - 4), a, &p, NULL) || !p.n)
		return true;
	item.patch = p.v[0];
	item.path = filepatch_path(&p.v[0]);
	item.file = what->file.n ? what->file : item.path;
	item.hunk = p.v[0].n_hunks ? &p.v[0].hunks[0] : NULL;
	*ARENA_PUSH(a, items) = item;
	return true;
}

static bool add_all_decided(struct desk *d, struct desk_items *items, struct err *err)
{
	struct arena *a = d->listing->a;
	struct decisions decided;

	log_forget_stale(d, items->open);
	if (!log_load(d, a, &decided, err))
		return false;
	for (size_t i = 0; i < decided.n; i++)
		if (!decided.v[i].undone && !add_decided(d, a, items, &decided.v[i], err))
			return false;
	return true;
}

bool desk_list_begin(struct desk *d, struct arena *a, struct desk_items *ret,
		     struct err *err)
{
	struct listing *l = arena_new_of(a, struct listing);
	struct am_words left = { 0 };

	arena_reset(d->arena);
	d->around = (struct am_words){ 0 };
	d->looked = d->expected = false;
	d->search = PLACE_SEARCH_DEFAULT;
	d->listing = NULL;
	l->a = a;
	if ((session_stamp(d) != d->at && !look_at_session(d, err)) ||
	    !find_rejs(d, a, &l->rejs, &left, err) || !log_ids(d, a, &l->ids, err))
		return false;
	d->listing = l;
	*ret = (struct desk_items){ .unread = l->rejs.n, .left = left };
	/* no reject is open, and yet some may have been decided */
	return l->rejs.n || add_all_decided(d, ret, err);
}

bool desk_list_more(struct desk *d, struct desk_items *items, size_t files,
		    struct err *err)
{
	struct listing *l = d->listing;

	d->expected = false;
	for (; items->unread && files; files--) {
		struct str rej = l->rejs.v[l->rejs.n - items->unread];
		struct patch p = { 0 }; /* its file patches live in the arena */
		struct err why;

		if (!read_rej(d, l->a, rej, &p, &why))
			*ARENA_PUSH(l->a, &items->broken) =
				arena_strf(l->a, "%s", why.msg);
		for (size_t k = 0; k < p.n; k++)
			if (!add_filepatch(d, items, rej, &p.v[k], err))
				return false;
		items->unread--;
		if (!items->unread)
			return log_ids_save(d, &l->ids, err) &&
			       add_all_decided(d, items, err);
	}
	return true;
}

bool desk_list(struct desk *d, struct arena *a, struct desk_items *ret, struct err *err)
{
	return desk_list_begin(d, a, ret, err) &&
	       desk_list_more(d, ret, ret->unread, err);
}

/* ---- placing ----------------------------------------------------------------- */

/* Beyond so many hunks of one file they are placed together: each alone costs a look at
 * the whole file. */
enum { ALONE_MAX = 200 };

/* History is gone through once for all files that the rejects name. */
static void expect_all(struct desk *d, const struct desk_items *items)
{
	struct tree door = folder_tree_door(&d->tree);
	struct str *v = arena_array(d->arena, struct str, items->n);
	size_t n = 0;

	for (size_t i = 0; i < items->n; i++)
		if (items->v[i].status == DESK_OPEN &&
		    !(n && str_eq(v[n - 1], items->v[i].path)))
			v[n++] = items->v[i].path;
	door.ops->expect(door.ctx, v, n);
	d->expected = true;
}

static void put_place(struct arena *a, struct desk_item *item,
		      const struct place_result *r, size_t hunk)
{
	item->placed = true;
	item->place = r->n_hunks ? r->hunks[hunk] : r->file;
	offer_own_place(a, &item->place);
	if (item->place.cause == CAUSE_NONE)
		item->place.cause = r->file.cause;
	if (!item->place.why.n)
		item->place.why = r->file.why;
}

/* The file that it belongs to, and what that holds. */
static void put_file(struct desk *d, struct arena *a, struct desk_item *item,
		     const struct place_result *r)
{
	struct err none = { 0 };

	item->file = r->found_path.n ? r->found_path : item->path;
	if (!files_read(d->files, item->file, a, &item->bytes, &none) &&
	    none.code == ERR_NOTFOUND)
		item->file = STR("");
}

bool desk_place(struct desk *d, struct arena *a, struct desk_items *items, size_t i,
		struct err *err)
{
	struct desk_item *item = &items->v[i];
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	struct tree door = folder_tree_door(&d->tree);
	struct place_result r;

	if (item->status != DESK_OPEN || item->placed)
		return true;
	opt.search = &d->search;
	if (!d->expected && !door.ops->mode(door.ctx, item->path))
		expect_all(d, items);
	if (item->whole->n_hunks <= ALONE_MAX) {
		if (!place_file(&door, &item->patch, &opt, a, &r, err))
			return false;
		put_place(a, item, &r, 0);
		put_file(d, a, item, &r);
		return true;
	}
	if (!place_file(&door, item->whole, &opt, a, &r, err))
		return false;
	put_file(d, a, item, &r);
	for (size_t k = 0; k < r.n_hunks; k++) {
		struct desk_item *each = item - item->nth + k;

		put_place(a, each, &r, k);
		each->file = item->file;
		each->bytes = item->bytes;
	}
	return true;
}

size_t desk_looked(const struct desk *d)
{
	return PLACE_SEARCH_DEFAULT.reads - d->search.reads;
}

/* ---- finding ----------------------------------------------------------------- */

struct desk_item *desk_find(const struct desk_items *items, unsigned id)
{
	for (size_t i = 0; i < items->n; i++)
		if (items->v[i].id == id)
			return &items->v[i];
	return NULL;
}

bool desk_read(struct desk *d, struct str path, struct arena *a, struct str *ret,
	       struct err *err)
{
	struct err why = { 0 };

	if (files_read(d->files, path, a, ret, &why))
		return true;
	if (why.code == ERR_NOTFOUND)
		*ret = STR("");
	else if (err)
		*err = why;
	return why.code == ERR_NOTFOUND;
}

/* ---- deciding ---------------------------------------------------------------- */

bool desk_preview(const struct desk_item *item, const struct place_candidate *c,
		  struct arena *a, struct str *ret_bytes, struct err *err)
{
	return place_apply_candidate(item->bytes, c, a, ret_bytes, err);
}

static bool same_hunk(const struct filepatch *f, size_t i, const struct desk_item *item)
{
	struct filepatch one = *f;

	if (f->n_hunks) {
		one.hunks = &f->hunks[i];
		one.n_hunks = 1;
	}
	return hash_of(item->rej, &one) == hash_of(item->rej, &item->patch);
}

/* The .rej without the item, printed anew; empty when nothing is left. */
static bool rest_of_rej(struct desk *d, struct arena *a, const struct desk_item *item,
			struct strbuf *out, struct err *err)
{
	struct patch p;
	bool gone = false;

	if (!read_rej(d, a, item->rej, &p, err))
		return false;
	for (size_t i = 0; i < p.n; i++) {
		struct filepatch left = p.v[i];

		left.hunks = arena_array(a, struct hunk, p.v[i].n_hunks + 1);
		left.n_hunks = 0;
		for (size_t k = 0; k < p.v[i].n_hunks; k++) {
			if (!gone && same_hunk(&p.v[i], k, item))
				gone = true;
			else
				left.hunks[left.n_hunks++] = p.v[i].hunks[k];
		}
		if (!p.v[i].n_hunks && !gone && same_hunk(&p.v[i], 0, item))
			gone = true;
		else if (left.n_hunks || !p.v[i].n_hunks)
			rej_print(&left, out);
	}
	if (!gone)
		return err_set(err, ERR_CONFLICT,
			       STR_FMT ": this hunk is no longer in it",
			       STR_ARG(item->rej));
	return strbuf_ok(out, "reject", err);
}

static bool write_rej(struct desk *d, struct str rej, struct str text, struct err *err)
{
	if (!text.n)
		return files_remove(d->files, rej, err);
	return files_write(d->files, rej, text, 0100644, err);
}

/* The file's own mode; of one that is not there, what the patch gives it (0: nothing). */
static unsigned mode_of(struct desk *d, struct str path, unsigned of_patch)
{
	struct tree door = folder_tree_door(&d->tree);
	unsigned mode = door.ops->mode(door.ctx, path);

	return (mode ? mode : of_patch) == 0100755 ? 0100755 : 0100644;
}

/* Another git may have gone on meanwhile: what is decided now would be kept for, and
 * undone with, a patch that it does not belong to. */
static bool same_session(const struct desk *d, struct err *err)
{
	if (session_stamp(d) == d->at)
		return true;
	return err_set(err, ERR_CONFLICT,
		       "rejects: the am in progress went on without us; nothing was "
		       "changed");
}

/* Backups first, then the log, then the file, then the .rej: a kill between any two
 * leaves a state from which undo and --abort lead back. `bytes` NULL: only the .rej. */
static bool decide(struct desk *d, const struct desk_item *item, enum desk_status status,
		   const struct str *bytes, struct err *err)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(rest, (size_t)1 << 30);
	STRBUF_AUTO(hunk, (size_t)1 << 30);
	struct str file = item->file.n ? item->file : item->path;
	struct decision what = { .id = item->id,
				 .status = status,
				 .rej = item->rej,
				 .file = bytes ? file : STR(""),
				 .after = bytes ? str_hash(*bytes) : 0 };

	if (item->status != DESK_OPEN)
		return err_set(err, ERR_CONFLICT, "reject %u is %s already", item->id,
			       desk_status_name(item->status));
	filepatch_print(&item->patch, &hunk);
	if (!same_session(d, err) || !rest_of_rej(d, a, item, &rest, err) ||
	    (d->session && bytes && !session_keep(d->session, file, err)) ||
	    !log_add(d, &what, strbuf_str(&hunk), err))
		return false;
	if (bytes && !files_write(d->files, file, *bytes,
				  mode_of(d, file, item->patch.new_mode), err))
		return false;
	return write_rej(d, item->rej, strbuf_str(&rest), err);
}

/* The file must still be what the user looked at. */
static bool unchanged(struct desk *d, const struct desk_item *item, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct str now = STR("");

	if (item->file.n && !desk_read(d, item->file, a, &now, err))
		return false;
	if (!str_eq(now, item->bytes))
		return err_set(err, ERR_CONFLICT,
			       STR_FMT ": changed while you looked at it",
			       STR_ARG(item->file));
	return true;
}

/* Is the file that an open item was placed in, or may be? */
static bool lies_in(const struct desk_item *item, struct str file)
{
	if (!item->placed || str_eq(item->file, file) || str_eq(item->path, file))
		return item->placed;
	for (size_t i = 0; i < item->place.n_candidates; i++)
		if (str_eq(item->place.candidates[i].path, file))
			return true;
	return false;
}

/* What a decision means for the list: the item has its status, and its neighbours in the
 * file have lost their places. */
static void settle(struct desk_items *items, const struct desk_item *decided,
		   enum desk_status status)
{
	struct desk_item *own = desk_find(items, decided->id);

	if (own && own->status == DESK_OPEN)
		items->open--;
	if (own)
		own->status = status;
	for (size_t i = 0; i < items->n && status != DESK_DROPPED; i++)
		if (lies_in(&items->v[i], decided->file))
			items->v[i].placed = false;
}

bool desk_item_with(struct desk *d, const struct desk_item *item,
		    const struct place_candidate *c, struct arena *a,
		    struct desk_item *ret, struct err *err)
{
	struct desk_item at = *item;

	if (c && c->path.n && !str_eq(c->path, item->file)) {
		at.file = c->path;
		if (!desk_read(d, c->path, a, &at.bytes, err))
			return false;
	}
	*ret = at;
	return true;
}

bool desk_take(struct desk *d, struct desk_items *items, const struct desk_item *item,
	       const struct place_candidate *c, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct desk_item at;
	struct str post;

	if (!desk_item_with(d, item, c, a, &at, err) || !unchanged(d, &at, err) ||
	    !desk_preview(&at, c, a, &post, err) ||
	    !decide(d, &at, DESK_TAKEN, &post, err))
		return false;
	settle(items, &at, DESK_TAKEN);
	return true;
}

bool desk_put(struct desk *d, struct desk_items *items, const struct desk_item *item,
	      struct str bytes, struct err *err)
{
	if (!unchanged(d, item, err) || !decide(d, item, DESK_EDITED, &bytes, err))
		return false;
	settle(items, item, DESK_EDITED);
	return true;
}

bool desk_drop(struct desk *d, struct desk_items *items, const struct desk_item *item,
	       struct err *err)
{
	if (!decide(d, item, DESK_DROPPED, NULL, err))
		return false;
	settle(items, item, DESK_DROPPED);
	return true;
}

/* Give back one file as it was before; it must be as the decision left it, or untouched.
 */
static bool give_back(struct desk *d, struct arena *a, const struct decision *what,
		      struct err *err)
{
	struct str before, now = STR("");
	struct err why = { 0 };

	if (!what->file.n)
		return true;
	if (!log_kept(d, what->number, "file", a, &before, err))
		return false;
	if (!files_read(d->files, what->file, a, &now, &why) &&
	    why.code != ERR_NOTFOUND) {
		if (err)
			*err = why;
		return false;
	}
	if (str_eq(now, before))
		return true;
	if (str_hash(now) != what->after) {
		err_set(err, ERR_CONFLICT, "undo: " STR_FMT ": the file changed since",
			STR_ARG(what->file));
		return err_hint(err, "its text before is kept in %s/%u.file", d->state,
				what->number);
	}
	if (!before.p)
		return files_remove(d->files, what->file, err);
	return files_write(d->files, what->file, before, mode_of(d, what->file, 0), err);
}

bool desk_undo(struct desk *d, struct arena *a, unsigned *ret_id, struct str *ret_what,
	       struct err *err)
{
	struct decisions all;
	struct decision *last = NULL;
	struct str rej;

	if (!same_session(d, err) || !log_load(d, a, &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i].undone)
			last = &all.v[i];
	if (!last)
		return err_set(err, ERR_NOTFOUND,
			       "undo: nothing was decided about a reject");
	if (!give_back(d, a, last, err) ||
	    !log_kept(d, last->number, "rej", a, &rej, err) ||
	    (rej.p && !files_write(d->files, last->rej, rej, 0100644, err)) ||
	    !log_undone(d, last->number, err))
		return false;
	*ret_id = last->id;
	*ret_what = arena_strf(a, "%s %u of " STR_FMT, desk_status_name(last->status),
			       last->id, STR_ARG(last->rej));
	return true;
}

/* ---- what others do ---------------------------------------------------------------- */

enum { STAMP_MAX = 1000 };

uint64_t desk_file_stamp(struct desk *d, struct str path)
{
	struct stat st;
	bool there;

	if (!path.n || !files_stat(d->files, path, &st, &there, NULL) || !there)
		return 0;
	return stamp_of(&st);
}

uint64_t desk_stamp(struct desk *d)
{
	uint64_t stamps[STAMP_MAX + 1] = { session_stamp(d) };
	size_t n = 1;

	for (size_t i = 0; d->listing && i < d->listing->rejs.n && n <= STAMP_MAX; i++)
		stamps[n++] = desk_file_stamp(d, d->listing->rejs.v[i]);
	return str_hash(str_n((const char *)stamps, n * sizeof(*stamps)));
}
