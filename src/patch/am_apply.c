/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All file patches of one mail over a tree: see patch/am.h. What earlier file patches of
 * the mail did lies in an overlay; nothing reaches the tree before am_write(). Each
 * question about a path is one look into a map: a mail may change a million files.
 */
#include "am_threeway.h"
#include "am_ws.h"
#include "base/strbuf.h"
#include "base/strmap.h"
#include "patch/paths.h"

enum { DIR_MODE = 0040000, LINK_MODE = 0120000, SUB_MODE = 0160000 };
enum { MAX_LINK = 4095 };
#define SEVERAL SIZE_MAX

struct overlaid {
	struct str path, bytes;
	unsigned mode; /* 0: gone */
};

struct overlay {
	const struct am_target *to;
	const struct tree *base; /* to->tree */
	struct {
		struct overlaid *v;
		size_t n, cap;
	} list;
	struct strmap last;    /* path -> number of its last entry in the list, from 1 */
	struct strmap leaving; /* old names of renames and deletions of this mail */
	struct strmap emptied; /* folders above these */
	struct strmap filled;  /* folders above what this mail wrote */
	const struct filepatch *now; /* the one that is being placed */
	struct ws_rule *rules;       /* of each file patch */
	const struct patch *patch;   /* all of them */
	struct strmap folders; /* folder -> file of `applied`, from 1, that left it, or
				* SEVERAL of them to several folders */
	const struct am_applied *applied;
	struct arena *a;
	bool expected; /* history was told of all that may be asked */
};

static const struct overlaid *find(const struct overlay *o, struct str path)
{
	size_t number = strmap_get(&o->last, path);

	return number ? &o->list.v[number - 1] : NULL;
}

/* Renames and copies take their source from the tree, changes from the overlay. */
static bool wants_original(const struct overlay *o, struct str path)
{
	return (o->now->kind == FILEPATCH_RENAME || o->now->kind == FILEPATCH_COPY) &&
	       o->now->git && str_eq(path, o->now->old_path);
}

static void note_above(struct strmap *folders, struct str path, struct arena *a)
{
	ptrdiff_t slash;

	while ((slash = str_rchr(path, '/')) > 0) {
		size_t *known;

		path.n = (size_t)slash;
		known = strmap_at(folders, path, a);
		if (*known)
			return;
		*known = 1;
	}
}

/* A folder out of which files leave is noted too: a file may take its name. Should one
 * stay, am_write() fails. */
static void note_leaving(struct overlay *o, struct str path, struct arena *a)
{
	*strmap_at(&o->leaving, path, a) = 1;
	note_above(&o->emptied, path, a);
}

static bool is_leaving(const struct overlay *o, struct str path)
{
	return strmap_get(&o->leaving, path);
}

static bool over_read(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		      struct err *err)
{
	struct overlay *o = ctx;
	const struct overlaid *f = wants_original(o, path) ? NULL : find(o, path);

	if (!f)
		return o->base->ops->read(o->base->ctx, path, a, ret, err);
	if (!f->mode)
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": no such file",
			       STR_ARG(path));
	*ret = (struct tree_file){ f->bytes, f->mode };
	return true;
}

/* What stands at a path a file patch names: its source, or the name it wants. */
static unsigned over_mode(void *ctx, struct str path)
{
	struct overlay *o = ctx;
	const struct overlaid *f = wants_original(o, path) ? NULL : find(o, path);
	unsigned mode;

	if (f)
		return f->mode;
	if (str_eq(path, o->now->new_path) && strmap_get(&o->filled, path))
		return DIR_MODE;
	if (str_eq(path, o->now->old_path))
		return o->base->ops->mode(o->base->ctx, path);
	if (is_leaving(o, path))
		return 0;
	mode = o->base->ops->mode(o->base->ctx, path);
	return mode == DIR_MODE && strmap_get(&o->emptied, path) ? 0 : mode;
}

/* The way to a file of the tree is the one the tree has; to a new name, or to what this
 * mail made, it is the one the mail leaves. So foo can become foo/bar, which has on its
 * way what is its own source, and nothing is reached through a symlink that goes. */
static bool over_blocks(void *ctx, struct str folder, struct str path)
{
	struct overlay *o = ctx;
	bool from_tree = str_eq(path, o->now->old_path) &&
			 (wants_original(o, path) || !find(o, path));
	const struct overlaid *f = from_tree ? NULL : find(o, folder);
	unsigned mode;

	if (!f && !from_tree && is_leaving(o, folder))
		return false;
	mode = f ? f->mode : o->base->ops->mode(o->base->ctx, folder);
	return mode && mode != DIR_MODE;
}

static bool over_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		      struct err *err)
{
	struct overlay *o = ctx;

	if (!o->base->ops->blob)
		return err_set(err, ERR_NOTFOUND, "looking up a blob: none here");
	return o->base->ops->blob(o->base->ctx, oid, a, ret, err);
}

/* Old names that are not there, and the folders of new ones, of all the mail: what
 * history may be asked about. */
static void expect_all(struct overlay *o)
{
	const struct tree_ops *base = o->base->ops;
	struct str_list list = { 0 };

	for (size_t i = 0; i < o->patch->n; i++) {
		const struct filepatch *f = &o->patch->v[i];
		struct str path = f->old_path.n ? f->old_path : f->new_path;
		ptrdiff_t slash;

		if (!f->old_path.n)
			while ((slash = str_rchr(path, '/')) > 0 &&
			       !base->mode(o->base->ctx,
					   path = str_sub(path, 0, (size_t)slash)))
				*ARENA_PUSH(o->a, &list) = path;
		else if (!base->mode(o->base->ctx, path))
			*ARENA_PUSH(o->a, &list) = path;
	}
	base->expect(o->base->ctx, list.v, list.n);
}

static struct str folder_of(struct str path)
{
	ptrdiff_t slash = str_rchr(path, '/');

	return str_sub(path, 0, slash < 0 ? 0 : (size_t)slash);
}

/* "old/lib/x.c" found as "new/lib/x.c" says where old/lib went, and old. */
static bool folder_of_file(const struct am_file *file, struct str folder, struct str *ret)
{
	struct str now = folder_of(file->result.found_path);
	struct str below = str_from(folder_of(file->patch->old_path), folder.n);

	if (!str_ends(now, below))
		return false;
	*ret = str_sub(now, 0, now.n - below.n);
	return ret->n;
}

/* What this mail's own files say of a folder that they left. */
static bool folder_of_mail(const struct overlay *o, struct str path, struct str *ret)
{
	size_t number = strmap_get(&o->folders, path);

	return number && number != SEVERAL &&
	       folder_of_file(&o->applied->v[number - 1], path, ret);
}

/* Where a file is then that this mail only removes. */
static bool file_of_mail(const struct overlay *o, struct str path, struct arena *a,
			 struct str *ret)
{
	const struct tree_ops *base = o->base->ops;
	struct str folder = folder_of(path), now;

	while (folder.n && !folder_of_mail(o, folder, &now))
		folder = folder_of(folder);
	if (!folder.n)
		return false;
	*ret = arena_strf(a, STR_FMT STR_FMT, STR_ARG(now),
			  STR_ARG(str_from(path, folder.n)));
	return (base->mode(o->base->ctx, *ret) & 0170000) == 0100000;
}

static bool over_renamed(void *ctx, struct str path, struct arena *a, struct str *ret)
{
	struct overlay *o = ctx;
	const struct tree_ops *base = o->base->ops;

	if (base->expect && !o->expected)
		expect_all(o);
	o->expected = true;
	return (base->renamed && base->renamed(o->base->ctx, path, a, ret)) ||
	       folder_of_mail(o, path, ret) ||
	       (o->now->kind == FILEPATCH_DELETE && file_of_mail(o, path, a, ret));
}

static void over_each(void *ctx, bool (*visit)(void *arg, struct str path, unsigned mode),
		      void *arg)
{
	struct overlay *o = ctx;

	if (o->base->ops->each)
		o->base->ops->each(o->base->ctx, visit, arg);
}

static void overlay_put(struct overlay *o, struct arena *a, struct str path,
			struct str bytes, unsigned mode)
{
	*ARENA_PUSH(a, &o->list) = (struct overlaid){ path, bytes, mode };
	*strmap_at(&o->last, path, a) = o->list.n;
	if (mode)
		note_above(&o->filled, path, a);
}

static void remember(struct overlay *o, struct arena *a, const struct place_result *r)
{
	if (r->remove_path.n && !str_eq(r->remove_path, r->path) &&
	    (o->now->kind == FILEPATCH_DELETE || !find(o, r->remove_path)))
		overlay_put(o, a, r->remove_path, STR_NONE, 0);
	if (r->path.n && r->changed)
		overlay_put(o, a, r->path, r->post, r->mode);
}

/* ---- before a file is touched ---- */

/* A submodule that goes leaves its files where they are. */
static bool makes_room(const struct overlay *o, struct str path)
{
	return is_leaving(o, path) && o->base->ops->mode(o->base->ctx, path) != SUB_MODE;
}

/* Does this mail take away what stands at `path`, or on the way to it? */
static bool is_cleared(const struct overlay *o, struct str path)
{
	ptrdiff_t slash;

	for (; !makes_room(o, path); path.n = (size_t)slash)
		if ((slash = str_rchr(path, '/')) <= 0)
			return false;
	return true;
}

static bool check_one(struct overlay *o, struct str path, bool creating, struct arena *a,
		      struct str *ret_why, struct err *err)
{
	if (!o->to->check || !path.n || find(o, path))
		return true;
	/* What may not be named is not looked for: place_file() refuses it. */
	if (!path_check(path, 0, NULL))
		return true;
	if (creating && is_cleared(o, path))
		return true;
	return o->to->check(o->to->arg, path, creating, a, ret_why, err);
}

static bool check_file(struct overlay *o, struct arena *a, struct am_file *file,
		       struct err *err)
{
	const struct filepatch *f = o->now;
	bool fresh = !f->old_path.n || !str_eq(f->old_path, f->new_path);
	bool made = f->maybe_create && !over_mode(o, f->old_path);

	if (f->old_path.n && !check_one(o, f->old_path, made, a, &file->refused, err))
		return false;
	if (!file->refused.n && fresh && f->kind != FILEPATCH_DELETE &&
	    !check_one(o, f->new_path, true, a, &file->refused, err))
		return false;
	return true;
}

static void refuse(struct am_file *file, struct arena *a)
{
	struct place_result *r = &file->result;

	*r = (struct place_result){ .pre = STR(""), .post = STR("") };
	r->file.status = PLACE_REJECTED;
	r->file.cause = CAUSE_FILE_DIFFERS;
	r->file.why = file->refused;
	r->rejects = *file->patch;
	r->n_hunks = r->n_rejected = file->patch->n_hunks;
	r->hunks = arena_array(a, struct placement, r->n_hunks);
	for (size_t i = 0; i < r->n_hunks; i++)
		r->hunks[i] = r->file;
}

static bool names_a_commit(struct str text)
{
	size_t hex = 0;

	if (!str_skip(&text, STR("Subproject commit ")))
		return false;
	while (hex < text.n && memchr("0123456789abcdefABCDEF", text.p[hex], 22))
		hex++;
	return hex >= 40 && str_trim(str_from(text, hex)).n == 0;
}

/* Text can become any file, but not any symlink or submodule. */
static struct str why_no_entry(const struct place_result *r, struct arena *a)
{
	unsigned mode = r->changed && r->path.n ? r->mode : 0;

	if (mode == SUB_MODE && !names_a_commit(r->post))
		return arena_strf(a, "corrupt patch for submodule " STR_FMT,
				  STR_ARG(r->path));
	if (mode == LINK_MODE &&
	    (!r->post.n || r->post.n > MAX_LINK || str_chr(r->post, '\0') >= 0))
		return arena_strf(a, STR_FMT ": no target of a symbolic link",
				  STR_ARG(r->path));
	return STR_NONE;
}

/* What of the whitespace is known only now. */
static void count_ws(struct am_applied *r, const struct place_result *p, struct arena *a)
{
	for (size_t i = 0; i < p->ws.n; i++)
		*ARENA_PUSH(a, &r->ws) = p->ws.v[i];
	r->n_ws_fixed += p->n_ws_fixed;
}

static bool apply_one(struct overlay *o, const struct place_options *opt, struct arena *a,
		      struct am_file *file, struct err *err)
{
	static const struct tree_ops ops = {
		.read = over_read,
		.mode = over_mode,
		.blocks = over_blocks,
		.blob = over_blob,
		.renamed = over_renamed,
		.each = over_each,
	};
	struct tree t = { &ops, o };
	struct threeway threeway = { o->to, &t, opt, a };

	if (!check_file(o, a, file, err))
		return false;
	if (!file->refused.n) {
		if (!place_file(&t, file->patch, opt, a, &file->result, err) ||
		    (o->to->merge && !threeway_file(&threeway, file, err)))
			return false;
		file->refused = why_no_entry(&file->result, o->a);
	}
	if (file->refused.n)
		refuse(file, a);
	return true;
}

static bool is_failed(const struct place_result *r)
{
	return r->n_rejected || r->file.status == PLACE_REJECTED;
}

static struct ws_rule *reverse_rules(const struct ws_rule *rules, size_t n,
				     struct arena *a)
{
	struct ws_rule *v = arena_array(a, struct ws_rule, n);

	for (size_t i = 0; i < n; i++)
		v[i] = rules[n - 1 - i];
	return v;
}

static bool apply_all(struct overlay *over, const struct patch *p,
		      const struct am_apply_options *o, struct am_applied *ret,
		      struct err *err)
{
	struct place_options opt = o->place;
	bool strict = opt.ws == WS_ERROR || opt.ws == WS_ERROR_ALL;
	bool stop = strict && ret->ws.n;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].kind == FILEPATCH_RENAME || p->v[i].kind == FILEPATCH_DELETE)
			note_leaving(over, p->v[i].old_path, over->a);
	ret->v = arena_array(over->a, struct am_file, p->n);
	ret->cap = p->n;
	for (size_t i = 0; i < p->n; i++) {
		struct am_file *file;

		if (!am_path_wanted(o, filepatch_path(&p->v[i])))
			continue;
		over->now = &p->v[i];
		opt.ws_rule = over->rules[i];
		file = ARENA_PUSH(over->a, ret);
		*file = (struct am_file){ .patch = &p->v[i] };
		if (!apply_one(over, &opt, over->a, file, err))
			return err_wrap(err, STR_FMT, STR_ARG(filepatch_path(&p->v[i])));
		ret->n_failed += is_failed(&file->result);
		ret->n_conflicts += file->conflict != NULL;
		ret->n_refused += file->result.file.cause == CAUSE_PATH_REFUSED;
		/* What stops already is said; git would not look further. */
		if (!stop)
			count_ws(ret, &file->result, over->a);
		if (file->result.file.status != PLACE_REJECTED)
			remember(over, over->a, &file->result);
	}
	ret->ws_stop = strict && ret->ws.n;
	return true;
}

/* ---- new files and renamed folders ---- */

/* Would git apply have done the same? */
static bool is_plain(const struct place_result *r)
{
	if (r->file.status != PLACE_EXACT)
		return false;
	for (size_t i = 0; i < r->n_hunks; i++)
		if (r->hunks[i].status > PLACE_OFFSET)
			return false;
	return true;
}

static bool is_all_plain(const struct am_applied *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!is_plain(&r->v[i].result))
			return false;
	return true;
}

/* Where the files of a folder were found, when that is one folder; and of a folder above
 * it that is not there. */
static void note_folders(struct overlay *o, const struct am_applied *r)
{
	o->applied = r;
	for (size_t i = 0; i < r->n; i++) {
		struct str old = folder_of(r->v[i].patch->old_path), here, now;
		size_t *at;

		if (!r->v[i].result.found_path.n)
			continue;
		while (old.n && folder_of_file(&r->v[i], old, &here)) {
			at = strmap_at(&o->folders, old, o->a);
			if (!*at)
				*at = i + 1;
			else if (!folder_of_mail(o, old, &now) || !str_eq(now, here))
				*at = SEVERAL;
			old = folder_of(old);
			if (o->base->ops->mode(o->base->ctx, old))
				break;
		}
	}
}

/* A file that came, or was not there to go: only its folder can tell where it belongs. */
static bool goes_by_folder(const struct am_file *file)
{
	return file->patch->kind == FILEPATCH_CREATE
		       ? file->result.changed
		       : file->patch->kind == FILEPATCH_DELETE &&
				 file->result.file.status == PLACE_ALREADY;
}

/* A mail that git would take as it is gets what git makes of it. In any other, a new file
 * does not bring back a folder that was renamed, and a file in it that is to go has not
 * gone: git am -3 does not look for renamed folders, git merge reports a conflict, and so
 * its place is the user's to say. */
static bool review_by_folder(struct overlay *o, const struct am_apply_options *opt,
			     struct am_applied *r, struct err *err)
{
	struct place_options place = opt->place;

	if (!(opt->place.engines & PLACE_WITH_FOLDERS) || is_all_plain(r))
		return true;
	note_folders(o, r);
	for (size_t i = 0; i < r->n; i++) {
		struct am_file *file = &r->v[i];

		if (!goes_by_folder(file))
			continue;
		o->now = file->patch;
		place.ws_rule = o->rules[file->patch - o->patch->v];
		if (file->result.changed)
			overlay_put(o, o->a, file->result.path, STR_NONE, 0);
		if (!apply_one(o, &place, o->a, file, err))
			return false;
		r->n_failed += is_failed(&file->result);
		remember(o, o->a, &file->result);
	}
	return true;
}

bool am_apply(const struct am_target *to, const struct patch *p,
	      const struct am_apply_options *o, struct arena *a, struct am_applied *ret,
	      struct err *err)
{
	struct place_search search = PLACE_SEARCH_DEFAULT;
	struct overlay over = { .to = to, .base = to->tree, .a = a };
	struct am_apply_options forward = *o, first;
	struct am_applied r = { 0 };
	struct patch reversed;

	over.rules = am_check_ws(to, p, o, &r, a, err);
	if (!over.rules)
		return false;
	if (o->place.reverse) {
		if (!patch_reverse(p, a, &reversed, err))
			return false;
		over.rules = reverse_rules(over.rules, p->n, a);
		p = &reversed;
		forward.place.reverse = false;
	}
	over.patch = p;
	forward.place.search = &search;
	forward.place.ws_faultless = !r.ws.n;
	first = forward;
	first.place.engines &= ~(unsigned)PLACE_WITH_FOLDERS;
	if (!apply_all(&over, p, &first, &r, err) ||
	    !review_by_folder(&over, &forward, &r, err))
		return false;
	*ret = r;
	return true;
}

bool am_applied_ok(const struct am_applied *r, const struct am_apply_options *o)
{
	return !r->ws_stop && !r->n_refused && (!r->n_failed || o->reject);
}

/* Each path's last word in the mail: the number, from 1, of the file patch that wrote or
 * deleted it last; and whether any wrote it. */
struct last_words {
	struct strmap last, written;
};

static void collect_words(const struct am_applied *r, struct arena *a,
			  struct last_words *ret)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;

		if (!p->changed)
			continue;
		if (r->v[i].patch->kind == FILEPATCH_DELETE && p->remove_path.n)
			*strmap_at(&ret->last, p->remove_path, a) = i + 1;
		if (p->path.n)
			*strmap_at(&ret->last, p->path, a) = i + 1;
		if (p->path.n)
			*strmap_at(&ret->written, p->path, a) = i + 1;
	}
}

bool am_write(const struct tree *t, const struct am_applied *r, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct last_words words = { 0 };

	collect_words(r, a, &words);
	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;

		if (!p->changed || !p->remove_path.n ||
		    t->ops->mode(t->ctx, p->remove_path) == 0 ||
		    (strmap_get(&words.written, p->remove_path) &&
		     r->v[i].patch->kind != FILEPATCH_DELETE))
			continue;
		if (!t->ops->remove(t->ctx, p->remove_path, err))
			return false;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;

		if (p->changed && p->path.n &&
		    strmap_get(&words.last, p->path) == i + 1 &&
		    !t->ops->write(t->ctx, p->path, p->post, p->mode, err))
			return false;
	}
	return true;
}
