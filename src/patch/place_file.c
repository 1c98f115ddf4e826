/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file patch against a tree: which file, may it be touched at all, does its type fit,
 * and what becomes of it. The hunks themselves are placed in place.c. Nothing is written.
 */
#include "patch/paths.h"
#include "place_internal.h"

#define TYPE(mode) ((mode)&0170000)
#define FULL_ID    40

enum { FOLDER = 0040000, SUBMODULE = 0160000 };

struct filing {
	struct work w;
	struct place_result res;
	struct tree_file old;
};

/* The whole file patch is left over: every hunk, with one cause. */
static void refuse_file(struct filing *x, enum place_cause cause, struct str why)
{
	struct place_result *res = &x->res;

	res->file.status = PLACE_REJECTED;
	res->file.cause = cause;
	res->file.why = why.n ? why : place_why(cause);
	for (size_t i = 0; i < res->n_hunks; i++) {
		struct placement *pl = &res->hunks[i];

		pl->status = PLACE_REJECTED;
		pl->cause = cause;
		pl->why = res->file.why;
		pl->edits = NULL;
		pl->n_edits = 0;
		pl->line = 0;
	}
	res->n_rejected = res->n_hunks;
	res->post = res->pre;
	res->path = res->remove_path = STR_NONE;
	res->changed = false;
	res->rejects = *x->w.f;
	res->rejects.git = true;
}

static void already_done(struct filing *x)
{
	struct place_result *res = &x->res;

	res->file.status = PLACE_ALREADY;
	res->file.cause = CAUSE_ALREADY;
	res->file.why = place_why(CAUSE_ALREADY);
	for (size_t i = 0; i < res->n_hunks; i++) {
		res->hunks[i].status = PLACE_ALREADY;
		res->hunks[i].cause = CAUSE_ALREADY;
		res->hunks[i].why = res->file.why;
	}
}

static bool path_allowed(struct filing *x, struct str path, unsigned mode)
{
	struct err err;

	if (!path.n)
		return true;
	if (!path_check(path, mode, &err)) {
		refuse_file(x, CAUSE_PATH_REFUSED, arena_strf(x->w.a, "%s", err.msg));
		return false;
	}
	if (tree_path_blocked(x->w.tree, path)) {
		refuse_file(x, CAUSE_PATH_REFUSED,
			    arena_strf(x->w.a,
				       "affected file '" STR_FMT
				       "' is beyond a symbolic link",
				       STR_ARG(path)));
		return false;
	}
	return true;
}

static bool no_object(struct str oid)
{
	while (oid.n && oid.p[oid.n - 1] == '0')
		oid.n--;
	return !oid.n;
}

static bool read_blob(struct filing *x, struct str oid, struct str *ret)
{
	const struct tree *t = x->w.tree;
	struct err err;

	*ret = STR("");
	if (no_object(oid))
		return true;
	return t->ops->blob && t->ops->blob(t->ctx, oid, x->w.a, ret, &err);
}

/* "Binary files differ": what the whole ids of its index line name may be here. */
static bool binary_by_id(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	struct str old;

	return f->old_oid.n >= FULL_ID && f->new_oid.n == f->old_oid.n &&
	       read_blob(x, f->old_oid, &old) && str_eq(old, x->old.bytes) &&
	       read_blob(x, f->new_oid, &x->res.post);
}

/* A literal fits any file, and a delta any of that length: only the way back, which git
 * writes too, tells whether this is the file that the patch was made on, or the blob. */
static bool is_base(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	struct str old;

	if (f->kind == FILEPATCH_CREATE)
		return true;
	if (f->backward.method == BINARY_NONE)
		return read_blob(x, f->old_oid, &old) && str_eq(old, x->old.bytes);
	return binary_apply(&f->backward, x->res.post, x->w.a, &old, NULL) &&
	       str_eq(old, x->old.bytes);
}

static void refuse_base(struct filing *x)
{
	const struct filepatch *f = x->w.f;

	refuse_file(x, CAUSE_BINARY,
		    arena_strf(x->w.a,
			       "the patch applies to '" STR_FMT "' (" STR_FMT
			       "), which does not match the current contents.",
			       STR_ARG(filepatch_path(f)), STR_ARG(f->old_oid)));
}

/* Bytes of the result, from hunks or from a binary patch; false: rejected as a whole. */
static bool make_post(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	struct err err;

	if (!f->binary) {
		place_all(&x->w);
		return true;
	}
	if (f->forward.method == BINARY_NONE) {
		if (binary_by_id(x))
			return true;
		refuse_file(x, CAUSE_BINARY,
			    STR("a binary patch that carries no data cannot be applied"));
		return false;
	}
	if (!binary_apply(&f->forward, x->old.bytes, x->w.a, &x->res.post, &err) ||
	    !is_base(x)) {
		refuse_base(x);
		return false;
	}
	return true;
}

static bool prepare(struct filing *x, struct str bytes, struct err *err)
{
	return place_prepare(&x->w, bytes, err);
}

/* A new file whose folder has another name now: nobody but the user knows whether it is
 * to follow the others. */
static void offer_elsewhere(struct filing *x, struct str path)
{
	const struct filepatch *f = x->w.f;
	struct place_edit *all;
	struct place_candidate c = { .line = 1,
				     .score = 1,
				     .engine = ENGINE_RENAMED,
				     .evidence = EVIDENCE_NONE,
				     .path = path,
				     .n_edits = 1 };

	refuse_file(x, CAUSE_FOLDER_RENAMED,
		    arena_strf(x->w.a,
			       "its folder has another name now: there the file would be "
			       "'" STR_FMT "'",
			       STR_ARG(path)));
	if (f->n_hunks != 1)
		return;
	all = c.edits = arena_new_of(x->w.a, struct place_edit);
	all->new = x->w.sides[0].post;
	all->n_new = x->w.sides[0].n_post;
	keep_candidate(&x->res.hunks[0], &c, x->w.a);
	c.path = STR_NONE;
	c.engine = ENGINE_SEARCH;
	keep_candidate(&x->res.hunks[0], &c, x->w.a);
}

/* The name is free. */
static void make_file(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	struct str elsewhere;

	x->res.path = f->new_path;
	x->res.mode = f->new_mode ? f->new_mode : 0100644;
	x->res.changed = !x->res.n_rejected;
	if (x->res.n_rejected)
		refuse_file(x, x->res.hunks[0].cause, STR_NONE);
	else if (x->w.opt->engines & PLACE_WITH_FOLDERS &&
		 find_folder(&x->w, f->new_path, &elsewhere))
		offer_elsewhere(x, elsewhere);
}

static bool create_file(struct filing *x, struct err *err)
{
	const struct filepatch *f = x->w.f;
	const struct tree *t = x->w.tree;
	unsigned there = t->ops->mode(t->ctx, f->new_path);
	struct str made;

	/* A submodule moves into the folder that waits for it. */
	if (there == FOLDER && f->new_mode == SUBMODULE)
		there = 0;
	if (!prepare(x, STR(""), err))
		return false;
	if (!make_post(x))
		return true;
	if (!there) {
		make_file(x);
		return true;
	}
	made = x->res.post;
	if (there != FOLDER && !t->ops->read(t->ctx, f->new_path, x->w.a, &x->old, err))
		return false;
	x->res.pre = there == FOLDER ? STR("") : x->old.bytes;
	if (TYPE(there) == TYPE(f->new_mode ? f->new_mode : 0100644) &&
	    !x->res.n_rejected && str_eq(x->old.bytes, made) &&
	    x->w.opt->engines & PLACE_WITH_ALREADY) {
		x->res.post = x->res.pre;
		already_done(x);
	} else {
		refuse_file(x, CAUSE_FILE_EXISTS, STR_NONE);
	}
	return true;
}

static void use_found(struct filing *x, const struct found_file *found)
{
	struct place_result *res = &x->res;

	x->old = found->file;
	res->found_path = found->path;
	res->file.status = PLACE_ALIGNED;
	res->file.engine = ENGINE_RENAMED;
	res->file.cause = CAUSE_FILE_MISSING;
	res->file.why = arena_strf(x->w.a, "found under the name '" STR_FMT "'",
				   STR_ARG(found->path));
}

/* No file of this name, and none that certainly is the same. */
static void refuse_missing(struct filing *x, const struct found_file *history)
{
	struct str why = STR_NONE;

	if (history)
		why = arena_strf(x->w.a,
				 "there is no such file: its history says it became "
				 "'" STR_FMT "'",
				 STR_ARG(history->path));
	refuse_file(x, CAUSE_FILE_MISSING, why);
	for (size_t i = 0; i < x->res.n_hunks; i++) {
		if (history)
			candidate_in(&x->w, i, history->path, ENGINE_RENAMED);
		if (x->w.opt->engines & PLACE_WITH_MOVED)
			find_moved(&x->w, i);
	}
}

/* A rename that was done already. */
static bool has_new_name(const struct filing *x)
{
	const struct tree *t = x->w.tree;

	return x->w.f->kind == FILEPATCH_RENAME &&
	       TYPE(t->ops->mode(t->ctx, x->w.f->new_path)) == 0100000;
}

/* The file has gone, and its new name is to be found. False: it has none that is
 * certain, and all was said about that. */
static bool seek_old(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	bool renames = x->w.opt->engines & PLACE_WITH_RENAMES;
	bool gone = f->kind == FILEPATCH_DELETE;
	struct found_file found, history;
	bool known = renames && find_by_history(&x->w, f->old_path, &history);

	if (renames && !f->binary && f->n_hunks && !gone &&
	    find_renamed(&x->w, f->old_path, known ? &history : NULL, &found)) {
		use_found(x, &found);
		return true;
	}
	if (gone && !known && x->w.opt->engines & PLACE_WITH_ALREADY)
		already_done(x);
	else
		refuse_missing(x, known ? &history : NULL);
	return false;
}

/* Read what the patch starts from; *ret_found false: handled, nothing to place. */
static bool read_old(struct filing *x, bool *ret_found, struct err *err)
{
	const struct filepatch *f = x->w.f;
	const struct tree *t = x->w.tree;
	unsigned mode = t->ops->mode(t->ctx, f->old_path);

	*ret_found = mode && mode != FOLDER;
	if (*ret_found && !t->ops->read(t->ctx, f->old_path, x->w.a, &x->old, err))
		return false;
	if (*ret_found)
		return prepare(x, x->old.bytes, err);
	/* what is not looked for elsewhere needs no preparation */
	if (x->w.opt->engines != PLACE_SEARCH_ONLY && !prepare(x, STR(""), err))
		return false;
	if (mode) {
		refuse_file(x, CAUSE_FILE_TYPE, STR("a folder has this name"));
		return true;
	}
	if (x->w.opt->engines & PLACE_WITH_RENAMES && has_new_name(x)) {
		struct found_file found = { .path = f->new_path };

		if (!t->ops->read(t->ctx, f->new_path, x->w.a, &found.file, err))
			return false;
		use_found(x, &found);
	} else if (!seek_old(x)) {
		return true;
	}
	*ret_found = true;
	return prepare(x, x->old.bytes, err);
}

/* Remove only what is known whole. */
static void delete_file(struct filing *x)
{
	const struct place_options *asked = x->w.opt;
	struct place_options plain = *asked;

	plain.engines = PLACE_SEARCH_ONLY;
	x->w.opt = &plain;
	if (make_post(x)) {
		if (x->res.n_rejected || x->res.post.n)
			refuse_file(x, CAUSE_FILE_DIFFERS, STR_NONE);
		else
			x->res.remove_path = x->w.f->old_path;
		x->res.changed = x->res.file.status != PLACE_REJECTED;
	}
	x->w.opt = asked;
}

/* Where the result of a change, rename or copy goes. */
/* long: one field of the result after the other */
static void settle_target(struct filing *x)
{
	const struct filepatch *f = x->w.f;
	struct place_result *res = &x->res;
	bool moved = f->kind == FILEPATCH_RENAME || f->kind == FILEPATCH_COPY;
	struct str from = res->found_path.n ? res->found_path : f->old_path;

	res->mode = f->new_mode && TYPE(f->new_mode) == TYPE(x->old.mode) ? f->new_mode
									  : x->old.mode;
	/* "100644" in an index line is what the file was, not a wish to change it. */
	if (f->old_mode == f->new_mode)
		res->mode = x->old.mode;
	res->path = moved ? f->new_path : from;
	if (f->kind == FILEPATCH_RENAME && !str_eq(from, f->new_path))
		res->remove_path = from;
	res->changed = !str_eq(res->pre, res->post) || res->mode != x->old.mode ||
		       !str_eq(res->path, from);
	/* What is left belongs to the file as it is called from now on. */
	if (res->n_rejected && (res->found_path.n || moved)) {
		res->rejects.old_path = res->rejects.new_path = res->path;
		res->rejects.kind = FILEPATCH_MODIFY;
		res->rejects.similarity = -1;
	}
	if (res->n_rejected && f->old_mode != f->new_mode)
		res->rejects.old_mode = res->rejects.new_mode = res->mode;
}

static bool change_file(struct filing *x, struct err *err)
{
	const struct filepatch *f = x->w.f;
	const struct tree *t = x->w.tree;
	bool found;

	if (!read_old(x, &found, err) || !found)
		return found || x->res.file.status != PLACE_EXACT || !err->code;
	if (f->old_mode && TYPE(f->old_mode) != TYPE(x->old.mode)) {
		refuse_file(x, CAUSE_FILE_TYPE, STR_NONE);
		return true;
	}
	if ((f->kind == FILEPATCH_RENAME || f->kind == FILEPATCH_COPY) &&
	    !str_eq(f->old_path, f->new_path) &&
	    !str_eq(x->res.found_path, f->new_path) &&
	    t->ops->mode(t->ctx, f->new_path)) {
		refuse_file(x, CAUSE_FILE_EXISTS, STR_NONE);
		return true;
	}
	if (f->kind == FILEPATCH_DELETE) {
		delete_file(x);
		return true;
	}
	if (make_post(x))
		settle_target(x);
	return true;
}

bool place_file(const struct tree *t, const struct filepatch *f,
		const struct place_options *opt, struct arena *a,
		struct place_result *ret_result, struct err *err)
{
	struct filing x = { .w = { .f = f, .opt = opt, .a = a, .tree = t } };
	struct filepatch reverse, create;
	bool ok;

	x.w.res = &x.res;
	if (opt->reverse) {
		if (!filepatch_reverse(f, a, &reverse, err))
			return false;
		x.w.f = &reverse;
	}
	if (x.w.f->maybe_create && path_check(x.w.f->old_path, 0, err) &&
	    !t->ops->mode(t->ctx, x.w.f->old_path)) {
		create = *x.w.f;
		create.kind = FILEPATCH_CREATE;
		create.old_path = STR_NONE;
		x.w.f = &create;
	}
	x.res.hunks = arena_array(a, struct placement, x.w.f->n_hunks);
	x.res.n_hunks = x.w.f->n_hunks;
	x.res.pre = x.res.post = STR("");
	if (path_allowed(&x, x.w.f->old_path, x.w.f->old_mode) &&
	    path_allowed(&x, x.w.f->new_path, x.w.f->new_mode)) {
		ok = x.w.f->kind == FILEPATCH_CREATE ? create_file(&x, err)
						     : change_file(&x, err);
		if (!ok)
			return false;
	}
	*ret_result = x.res;
	return true;
}
