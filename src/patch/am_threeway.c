/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply --3way, file by file, in the order and the words of git apply: the blob of the
 * index line is the base, the patch applied to it is theirs, the file as it is is ours.
 * A file that both made has an empty base. Who merges the lines is the target's affair.
 *
 * What git takes and this refuses: a rename or copy onto a file that is there, which
 * would be lost.
 */
#include "am_threeway.h"
#include "base/strbuf.h"

enum { SUB_MODE = 0160000, SAID_MAX = 1 << 20 };
#define TYPE(mode) ((mode)&0170000)

struct attempt {
	const struct threeway *t;
	const struct filepatch *f;
	struct strbuf *said;
	bool both_made;
	struct str path; /* of ours */
	struct tree_file ours;
	struct am_versions versions;
	struct place_result theirs;
};

/* ---- the base as a tree of one file ---- */

static bool base_read(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		      struct err *err)
{
	struct attempt *x = ctx;

	*ret = (struct tree_file){ x->versions.base, x->ours.mode };
	return true;
}

static unsigned base_mode(void *ctx, struct str path)
{
	struct attempt *x = ctx;

	return !x->both_made && str_eq(path, x->path) ? x->ours.mode : 0;
}

static bool base_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		      struct err *err)
{
	struct attempt *x = ctx;
	const struct tree *tree = x->t->tree;

	return tree->ops->blob(tree->ctx, oid, a, ret, err);
}

static void say_first_failure(struct attempt *x)
{
	const struct place_result *r = &x->theirs;
	size_t i = 0;

	while (i < r->n_hunks && r->hunks[i].status != PLACE_REJECTED)
		i++;
	if (i < r->n_hunks)
		strbuf_addf(x->said, "error: patch failed: " STR_FMT ":%zu\n",
			    STR_ARG(x->path), x->f->hunks[i].old.start);
	else
		strbuf_addf(x->said, "error: " STR_FMT "\n", STR_ARG(r->file.why));
}

/* ---- the three versions ---- */

/* Each: false in `*ret` when it cannot be had, and that was said. */

static void find_base(struct attempt *x, bool *ret)
{
	const struct tree *tree = x->t->tree;
	struct str blob;
	struct err why;

	*ret = true;
	if (x->both_made) {
		strbuf_addz(x->said, "Performing three-way merge...\n");
		x->versions.base = STR_NONE;
	} else if (x->f->old_oid.n && tree->ops->blob &&
		   tree->ops->blob(tree->ctx, x->f->old_oid, x->t->a, &blob, &why)) {
		x->versions.base = blob.n ? blob : STR("");
	} else {
		strbuf_addz(x->said, "error: repository lacks the necessary blob to "
				     "perform 3-way merge.\n");
		*ret = false;
	}
}

static bool make_theirs(struct attempt *x, bool *ret, struct err *err)
{
	static const struct tree_ops ops = {
		.read = base_read,
		.mode = base_mode,
		.blob = base_blob,
	};
	const struct tree base = { &ops, x };

	if (!place_file(&base, x->f, x->t->opt, x->t->a, &x->theirs, err))
		return false;
	*ret = x->theirs.file.status != PLACE_REJECTED && !x->theirs.n_rejected;
	if (!*ret)
		say_first_failure(x);
	x->versions.theirs = x->theirs.post;
	return true;
}

/* A file that both made was not looked at yet: it must be tracked, without changes. */
static bool check_ours(struct attempt *x, bool *ret, struct err *err)
{
	const struct am_target *to = x->t->to;
	struct str why = STR_NONE;

	*ret = true;
	if (!x->both_made)
		return true;
	if (to->check && !to->check(to->arg, x->path, false, x->t->a, &why, err))
		return false;
	if (!why.n && TYPE(x->ours.mode) != TYPE(x->theirs.mode))
		why = arena_strf(x->t->a, STR_FMT ": wrong type", STR_ARG(x->path));
	*ret = !why.n;
	if (!*ret)
		strbuf_addf(x->said,
			    "error: " STR_FMT "\n"
			    "error: cannot read the current contents of '" STR_FMT "'\n",
			    STR_ARG(why), STR_ARG(x->path));
	return true;
}

static bool read_ours(struct attempt *x, bool *ret, struct err *err)
{
	const struct tree *tree = x->t->tree;

	if (!check_ours(x, ret, err) || !*ret)
		return !*ret;
	if (!tree->ops->read(tree->ctx, x->path, x->t->a, &x->ours, err))
		return false;
	x->versions.ours = x->ours.bytes;
	return true;
}

/* ---- the outcome ---- */

/* Most patches are made on what is there, or are there already: these need no merge. */
static bool is_trivial(const struct am_versions *v, struct str *ret)
{
	if (str_eq(v->base, v->ours))
		*ret = v->theirs;
	else if (str_eq(v->base, v->theirs) || str_eq(v->ours, v->theirs))
		*ret = v->ours;
	else
		return false;
	return true;
}

static void set_result(struct attempt *x, const struct am_merged *m, struct am_file *file)
{
	struct place_result *r = &file->result;
	bool based = str_eq(x->versions.base, x->versions.ours);

	*r = x->theirs;
	r->pre = x->versions.ours;
	r->post = m->bytes;
	r->changed = m->conflict || !str_eq(r->pre, r->post) || r->mode != x->ours.mode ||
		     !str_eq(r->path, x->path);
	for (size_t i = 0; !based && i < r->n_hunks; i++) {
		r->hunks[i].status = PLACE_MERGED;
		r->hunks[i].engine = ENGINE_THREEWAY;
		r->hunks[i].line = 0;
	}
	if (m->conflict) {
		struct am_versions *v = arena_new_of(x->t->a, struct am_versions);

		*v = x->versions;
		file->conflict = v;
	}
}

static bool merge(struct attempt *x, struct am_file *file, struct err *err)
{
	const struct am_target *to = x->t->to;
	struct am_merged m = { 0 };
	struct str path = x->theirs.path;

	if (!is_trivial(&x->versions, &m.bytes) &&
	    !to->merge(to->arg, path, &x->versions, x->t->a, &m, err))
		return false;
	if (m.binary)
		strbuf_addf(x->said,
			    "warning: Cannot merge binary files: " STR_FMT
			    " (ours vs. theirs)\n",
			    STR_ARG(path));
	strbuf_addf(x->said, "Applied patch to '" STR_FMT "' %s.\n", STR_ARG(path),
		    m.conflict ? "with conflicts" : "cleanly");
	set_result(x, &m, file);
	return true;
}

static bool try(struct attempt *x, struct am_file *file, bool *ret_done, struct err *err)
{
	find_base(x, ret_done);
	if (*ret_done && !make_theirs(x, ret_done, err))
		return false;
	if (*ret_done && !read_ours(x, ret_done, err))
		return false;
	return !*ret_done || merge(x, file, err);
}

/* git looks at the names and types before it reads a file. */
static bool fails_by_name(const struct am_file *file)
{
	const struct placement *p = &file->result.file;

	return p->status == PLACE_REJECTED &&
	       (p->cause == CAUSE_FILE_MISSING || p->cause == CAUSE_FILE_TYPE ||
		p->cause == CAUSE_PATH_REFUSED ||
		(p->cause == CAUSE_FILE_EXISTS && file->patch->kind != FILEPATCH_CREATE));
}

static bool has_a_merge(const struct filepatch *f, bool both_made)
{
	if (f->old_mode == SUB_MODE || f->new_mode == SUB_MODE)
		return false;
	if (f->kind == FILEPATCH_CREATE)
		return both_made;
	return f->kind != FILEPATCH_DELETE && (f->kind != FILEPATCH_RENAME || f->n_hunks);
}

bool threeway_file(const struct threeway *t, struct am_file *file, struct err *err)
{
	const struct filepatch *f = file->patch;
	STRBUF_AUTO(said, SAID_MAX);
	struct attempt x = { .t = t, .f = f, .said = &said };
	bool done = false;

	if (fails_by_name(file))
		return true;
	x.both_made = file->result.file.cause == CAUSE_FILE_EXISTS;
	x.path = x.both_made ? f->new_path : f->old_path;
	x.ours.mode = t->tree->ops->mode(t->tree->ctx, x.path);
	if (has_a_merge(f, x.both_made) && !try(&x, file, &done, err))
		return false;
	if (!done && !x.both_made)
		strbuf_addz(&said, "Falling back to direct application...\n");
	file->said = arena_str(t->a, strbuf_str(&said));
	return strbuf_ok(&said, "what is said of a merge", err);
}
