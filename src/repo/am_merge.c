/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three-way fall-back of am -3: the blobs that the patch's index lines name make a
 * base, the patch applied to it makes their side, and libgit2 merges both with HEAD.
 *
 * Only files that matter go into the merge: those of the base and, where HEAD lacks one
 * of them, those it may have been renamed to. A tree of 80,000 files costs no more than
 * one of eighty.
 */
#include "am_priv.h"
#include "objects.h"
#include "repo/file_merge.h"

enum { RENAME_CANDIDATES = 7000 };

struct merge {
	struct session *s;
	const struct patch *patch;
	struct repo_tree *base, *theirs, *ours; /* ours: what matters of HEAD */
	git_index *index;                       /* the outcome */
	const char *their_name;
	struct repo_changes clean; /* staged outcomes that differ from ours */
	struct {
		struct conflict *v;
		size_t n, cap;
	} conflicts;
	struct strmap in_conflict; /* paths of these */
};

struct conflict {
	struct str path, bytes;
	unsigned mode; /* of the file in the work tree; 0: none */
	struct repo_entry side[3];
};

static bool has_lines(const struct filepatch *f)
{
	return f->n_hunks || f->binary;
}

/* ---- base and theirs ---- */

static bool base_entry(struct merge *m, const struct filepatch *f, struct repo_entry *ret,
		       struct err *err)
{
	struct repo_entry now = repo_tree_entry(m->s->tree, f->old_path);

	ret->mode = f->old_mode ? f->old_mode : now.mode ? now.mode : 0100644;
	if (ret->mode == 0160000 && repo_id_parse(f->old_oid, &ret->id))
		return true;
	if (f->old_oid.n && repo_blob_find(m->s->repo, f->old_oid, &ret->id, NULL))
		return true;
	if (!has_lines(f) && now.mode) {
		*ret = now;
		return true;
	}
	if (!has_lines(f))
		return err_set(err, ERR_NOTFOUND,
			       "mode change for " STR_FMT
			       ", which is not in current HEAD",
			       STR_ARG(f->old_path));
	return err_set(err, ERR_NOTFOUND,
		       "sha1 information is lacking or useless (" STR_FMT ").",
		       STR_ARG(f->old_path));
}

static bool build_base(struct merge *m, struct repo_tree *t, struct err *err)
{
	for (size_t i = 0; i < m->patch->n; i++) {
		const struct filepatch *f = &m->patch->v[i];
		struct repo_entry e = { 0 };

		if (f->kind == FILEPATCH_CREATE ||
		    !am_path_wanted(&m->s->apply, filepatch_path(f)))
			continue;
		if (!base_entry(m, f, &e, err) || !repo_tree_set(t, f->old_path, e, err))
			return false;
	}
	return true;
}

static void name_files(struct merge *m)
{
	for (size_t i = 0; i < m->patch->n; i++) {
		const struct filepatch *f = &m->patch->v[i];
		struct repo_entry base = repo_tree_entry(m->base, f->old_path);
		struct repo_entry head = repo_tree_entry(m->s->tree, f->old_path);

		if (base.mode && !repo_entry_eq(base, head))
			say(m->s, "%c\t" STR_FMT, head.mode ? 'M' : 'A',
			    STR_ARG(f->old_path));
	}
}

static void complain(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void complain(struct session *s, const char *fmt, ...)
{
	STRBUF_AUTO(text, 65536);
	va_list ap;

	va_start(ap, fmt);
	strbuf_addz(&text, "error: ");
	strbuf_vaddf(&text, fmt, ap);
	strbuf_addc(&text, '\n');
	va_end(ap);
	if (s->io.errout)
		s->io.errout(s->io.arg, strbuf_str(&text));
}

/* `*ret` false: told why, the patch fails. */
static bool apply_to_base(struct merge *m, bool *ret, struct err *err)
{
	struct session *s = m->s;
	struct am_apply_options o = s->apply;
	struct tree door = repo_tree_door(m->theirs);
	struct am_target to = { .tree = &door };
	STRBUF_AUTO(words, (size_t)16 << 20);
	struct am_applied applied;
	struct err why = { 0 };

	*ret = false;
	o.reject = o.verbose = false;
	o.place.engines = PLACE_SEARCH_ONLY;
	if (!am_apply(&to, m->patch, &o, s->patch, &applied, &why)) {
		complain(s, "%s", why.msg);
		return true;
	}
	if (!am_applied_ok(&applied, &o)) {
		am_print(&applied, &o, arena_printf(s->patch, "%s/patch", s->shown_dir),
			 &words);
		if (s->io.errout)
			s->io.errout(s->io.arg, strbuf_str(&words));
		complain(s, "Did you hand edit your patch?\n"
			    "It does not apply to blobs recorded in its index.");
		return true;
	}
	*ret = true;
	return am_write(&door, &applied, err);
}

/* ---- ours ---- */

struct collect {
	struct merge *m;
	bool all; /* else only names alike */
	size_t n;
};

static struct str leaf(struct str path)
{
	return str_from(path, (size_t)(str_rchr(path, '/') + 1));
}

static bool count_one(void *arg, struct str path, unsigned mode)
{
	struct collect *c = arg;

	return ++c->n <= RENAME_CANDIDATES;
}

static bool is_alike(struct merge *m, struct str path)
{
	for (size_t i = 0; i < m->patch->n; i++) {
		struct str old = m->patch->v[i].old_path;
		struct str folder = str_sub(old, 0, old.n - leaf(old).n);

		if (str_eq(leaf(path), leaf(old)) ||
		    (folder.n && str_starts(path, folder) &&
		     str_chr(str_from(path, folder.n), '/') < 0))
			return true;
	}
	return false;
}

static bool collect_one(void *arg, struct str path, unsigned mode)
{
	struct collect *c = arg;

	if ((c->all || is_alike(c->m, path)) &&
	    !repo_tree_set(c->m->ours, path, repo_tree_entry(c->m->s->tree, path), NULL))
		return false;
	return true;
}

static bool take_ours(struct merge *m, struct str path, bool *ret_missing,
		      struct err *err)
{
	struct repo_entry e = repo_tree_entry(m->s->tree, path);

	if (!path.n)
		return true;
	if (!e.mode)
		*ret_missing = true;
	return !e.mode || repo_tree_set(m->ours, path, e, err);
}

static bool build_ours(struct merge *m, struct err *err)
{
	struct tree door = repo_tree_door(m->s->tree);
	struct collect c = { .m = m };
	bool missing = false, ignored;

	for (size_t i = 0; i < m->patch->n; i++) {
		const struct filepatch *f = &m->patch->v[i];

		if (f->kind != FILEPATCH_CREATE &&
		    !take_ours(m, f->old_path, &missing, err))
			return false;
		if (!take_ours(m, f->new_path, &ignored, err))
			return false;
	}
	if (!missing)
		return true;
	door.ops->each(door.ctx, count_one, &c);
	c.all = c.n <= RENAME_CANDIDATES;
	door.ops->each(door.ctx, collect_one, &c);
	return true;
}

/* ---- merging ---- */

static bool tree_of(struct merge *m, struct repo_tree *t, git_tree **ret, struct err *err)
{
	struct repo_id id;
	git_oid oid;
	int rc;

	if (!repo_tree_write(t, &id, err) || !objects_save(m->s->repo, err))
		return false;
	memcpy(&oid, &id, sizeof(oid));
	rc = git_tree_lookup(ret, m->s->repo->git, &oid);
	return rc == 0 || repo_git_err(err, rc, "reading a tree");
}

static bool merge_trees(struct merge *m, struct err *err)
{
	git_merge_options opt = GIT_MERGE_OPTIONS_INIT;
	git_tree *base = NULL, *ours = NULL, *theirs = NULL;
	bool ok;
	int rc;

	opt.flags = GIT_MERGE_FIND_RENAMES;
	opt.target_limit = 2 * RENAME_CANDIDATES;
	ok = tree_of(m, m->base, &base, err) && tree_of(m, m->ours, &ours, err) &&
	     tree_of(m, m->theirs, &theirs, err);
	if (ok) {
		rc = git_merge_trees(&m->index, m->s->repo->git, base, ours, theirs,
				     &opt);
		ok = rc == 0 || repo_git_err(err, rc, "merging");
	}
	git_tree_free(base);
	git_tree_free(ours);
	git_tree_free(theirs);
	return ok;
}

static struct repo_entry side_of(const git_index_entry *e)
{
	struct repo_entry r = { 0 };

	if (e) {
		r.mode = e->mode;
		memcpy(&r.id, &e->id, sizeof(r.id));
	}
	return r;
}

static bool merge_file(struct merge *m, struct conflict *c, struct err *err)
{
	const struct merge_names names = { c->path, "constructed merge base", "HEAD",
					   m->their_name };
	struct str side[3] = { STR(""), STR(""), STR("") };
	struct merged_file merged;

	for (int i = 0; i < 3; i++) {
		if (!c->side[i].mode)
			continue;
		if (!repo_blob_read(m->s->repo, &c->side[i].id, m->s->patch, &side[i],
				    err))
			return false;
	}
	if (!repo_merge_file(m->s->repo, &names,
			     &(struct text_versions){ side[0], side[1], side[2] },
			     m->s->patch, &merged, err))
		return false;
	if (merged.binary)
		warn(m->s, "Cannot merge binary files: " STR_FMT " (HEAD vs. %s)",
		     STR_ARG(c->path), m->their_name);
	c->bytes = merged.bytes;
	return true;
}

static bool is_file(const git_index_entry *e)
{
	return e && (e->mode & 0170000) == 0100000;
}

static bool add_conflict(struct merge *m, const git_index_entry *const e[3],
			 struct err *err)
{
	const git_index_entry *any = e[1] ? e[1] : e[2] ? e[2] : e[0];
	const git_index_entry *keep = e[1] ? e[1] : e[2];
	struct conflict c = { .path = arena_str(m->s->patch, str_of(any->path)) };
	struct session *s = m->s;

	for (int i = 0; i < 3; i++)
		c.side[i] = side_of(e[i]);
	if (is_file(e[1]) && is_file(e[2])) {
		c.mode = e[1]->mode;
		if (!merge_file(m, &c, err))
			return false;
		say(s, "Auto-merging %s", any->path);
		say(s, "CONFLICT (%s): Merge conflict in %s",
		    e[0] ? "content" : "add/add", any->path);
	} else if (keep) {
		struct repo_entry k = side_of(keep);

		c.mode = k.mode;
		if (!repo_blob_read(s->repo, &k.id, s->patch, &c.bytes, err))
			return false;
		say(s,
		    "CONFLICT (modify/delete): %s deleted in %s and modified in %s.  "
		    "Version %s of %s left in tree.",
		    any->path, e[1] ? m->their_name : "HEAD",
		    e[1] ? "HEAD" : m->their_name, e[1] ? "HEAD" : m->their_name,
		    any->path);
	}
	*ARENA_PUSH(s->patch, &m->conflicts) = c;
	*strmap_at(&m->in_conflict, c.path, s->patch) = 1;
	return true;
}

static bool list_conflicts(struct merge *m, struct err *err)
{
	git_index_conflict_iterator *it = NULL;
	const git_index_entry *e[3];
	bool ok = true;

	if (!git_index_has_conflicts(m->index))
		return true;
	if (git_index_conflict_iterator_new(&it, m->index) < 0)
		return repo_git_err(err, -1, "listing conflicts");
	while (ok && git_index_conflict_next(&e[0], &e[1], &e[2], it) == 0)
		ok = add_conflict(m, e, err);
	git_index_conflict_iterator_free(it);
	return ok;
}

static bool is_conflict(const struct merge *m, struct str path)
{
	return strmap_get(&m->in_conflict, path);
}

static bool note_removed(void *arg, struct str path, unsigned mode)
{
	struct merge *m = arg;
	struct arena *a = m->s->patch;

	if (!git_index_get_bypath(m->index, arena_cstr(a, path), 0) &&
	    !is_conflict(m, path))
		*ARENA_PUSH(a, &m->clean) = (struct repo_change){
			arena_str(a, path), repo_tree_entry(m->ours, path), { 0 }
		};
	return true;
}

/* Staged outcomes against what we had. */
static void list_clean(struct merge *m)
{
	struct tree ours = repo_tree_door(m->ours);

	ours.ops->each(ours.ctx, note_removed, m);
	for (size_t i = 0; i < git_index_entrycount(m->index); i++) {
		const git_index_entry *e = git_index_get_byindex(m->index, i);
		struct str path = arena_str(m->s->patch, str_of(e->path));
		struct repo_change c = { path, repo_tree_entry(m->ours, path),
					 side_of(e) };

		if (git_index_entry_stage(e) || repo_entry_eq(c.old, c.new))
			continue;
		if (!repo_entry_eq(c.new, repo_tree_entry(m->theirs, path)))
			say(m->s, "Auto-merging %s", e->path);
		*ARENA_PUSH(m->s->patch, &m->clean) = c;
	}
}

/* ---- the outcome ---- */

/* A file with the user's own changes must not be merged over. */
static bool may_overwrite(struct merge *m, struct str path, bool *ret, struct err *err)
{
	struct session *s = m->s;

	struct stat st;
	bool there;

	if (s->o.dry_run)
		return true;
	if (!repo_work_entry(s->work, path).mode) {
		if (!files_stat(repo_work_files(s->work), path, &st, &there, err))
			return false;
		*ret = !there || S_ISDIR(st.st_mode);
		if (!*ret)
			complain(s,
				 "The following untracked working tree files would be "
				 "overwritten by merge:\n\t" STR_FMT,
				 STR_ARG(path));
		return true;
	}
	if (!repo_work_agrees(s->work, path, ret, err))
		return false;
	if (!*ret)
		complain(s,
			 "Your local changes to the following files would be overwritten "
			 "by merge:\n\t" STR_FMT,
			 STR_ARG(path));
	return true;
}

static bool check_all(struct merge *m, bool *ret, struct err *err)
{
	*ret = true;
	for (size_t i = 0; *ret && i < m->clean.n; i++)
		if (!may_overwrite(m, m->clean.v[i].path, ret, err))
			return false;
	for (size_t i = 0; *ret && i < m->conflicts.n; i++) {
		struct conflict *c = &m->conflicts.v[i];

		/* The user's untracked file stays; the index knows the conflict. */
		if (!repo_work_entry(m->s->work, c->path).mode)
			c->mode = files_is_there(repo_work_files(m->s->work), c->path)
					  ? 0
					  : c->mode;
		else if (!may_overwrite(m, c->path, ret, err))
			return false;
	}
	return true;
}

static bool put_clean(const struct merge *m, struct repo_tree *t, struct err *err)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < m->clean.n; i++)
			if (!!m->clean.v[i].new.mode == pass &&
			    !repo_tree_set(t, m->clean.v[i].path, m->clean.v[i].new, err))
				return false;
	return true;
}

/* Where a file and a folder want one name the patch fails before anything is written.
 * Only the whole tree shows that: what was merged is a part of it. */
static bool rehearse(struct merge *m, bool *ret, struct err *err)
{
	AUTO(repo_tree) t = NULL;
	struct err why = { 0 };

	if (!repo_tree_open(m->s->repo, m->s->head, &t, err))
		return false;
	*ret = put_clean(m, t, &why);
	for (size_t i = 0; *ret && i < m->conflicts.n; i++) {
		const struct conflict *c = &m->conflicts.v[i];
		struct repo_entry left = { .mode = c->mode, .id = c->side[1].id };

		*ret = !c->mode || repo_tree_set(t, c->path, left, &why);
	}
	if (!*ret)
		complain(m->s, "%s", why.msg);
	return true;
}

static bool may_be_written(struct merge *m, bool *ret, struct err *err)
{
	return rehearse(m, ret, err) && (!*ret || check_all(m, ret, err));
}

static bool leave_conflicts(struct merge *m, struct err *err)
{
	struct session *s = m->s;
	struct kept_list list = { 0 };

	if (s->o.dry_run)
		return true;
	for (size_t i = 0; i < m->conflicts.n; i++)
		*ARENA_PUSH(s->patch, &list) =
			(struct kept){ 'p', 0, m->conflicts.v[i].path };
	/* First what is needed to skip or abort, then the files. */
	if (!state_put_patch(s, err) || !backup_keep(s, &list, err) ||
	    !put_clean(m, s->tree, err) || !flush_files(s, err))
		return false;
	for (size_t i = 0; i < m->conflicts.n; i++) {
		struct conflict *c = &m->conflicts.v[i];

		if (!repo_work_stage_conflict(s->work, c->path, c->side, err))
			return false;
		if (c->mode && !repo_work_write(s->work, c->path, c->bytes, c->mode, err))
			return false;
	}
	if (!repo_work_save(s->work, err))
		return false;
	run_rerere(s, NULL);
	return repo_work_reload(s->work, err);
}

static bool merge_all(struct merge *m, enum merge_end *ret, struct err *err)
{
	struct session *s = m->s;
	struct err why = { 0 };
	bool ok;

	*ret = MERGE_FAILED;
	if (!build_base(m, m->base, &why) || !build_base(m, m->theirs, &why)) {
		complain(s, "%s", why.msg);
		complain(s, "could not build fake ancestor");
		return true;
	}
	say(s, "Using index info to reconstruct a base tree...");
	if (!s->o.quiet)
		name_files(m);
	if (!apply_to_base(m, &ok, err) || !ok)
		return !ok;
	say(s, "Falling back to patching base and 3-way merge...");
	if (!build_ours(m, err) || !merge_trees(m, err) || !list_conflicts(m, err))
		return false;
	list_clean(m);
	if (!may_be_written(m, &ok, err))
		return false;
	if (!ok)
		return true;
	if (m->conflicts.n) {
		*ret = MERGE_CONFLICTS;
		if (!leave_conflicts(m, err))
			return false;
		complain(s, "Failed to merge in the changes.");
		return true;
	}
	*ret = m->clean.n ? MERGE_DONE : MERGE_NOTHING;
	return put_clean(m, s->tree, err);
}

bool merge_threeway(struct session *s, const struct patch *p, enum merge_end *ret,
		    struct err *err)
{
	struct str subject = am_subject(s->msg);
	struct merge m = { .s = s, .patch = p };
	bool ok;

	m.their_name = arena_cstr(s->patch, subject);
	ok = repo_tree_open(s->repo, "", &m.base, err) &&
	     repo_tree_open(s->repo, "", &m.theirs, err) &&
	     repo_tree_open(s->repo, "", &m.ours, err) && merge_all(&m, ret, err);
	git_index_free(m.index);
	repo_tree_free(m.base);
	repo_tree_free(m.theirs);
	repo_tree_free(m.ours);
	return ok;
}
