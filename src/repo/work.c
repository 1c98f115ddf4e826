/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index and the work tree: see repo/work.h.
 */
#include <errno.h>
#include <unistd.h>

#include "base/spawn.h"
#include "priv.h"
#include "repo/renames.h"
#include "repo/work.h"

enum { DIR_MODE = 0040000, LINK_MODE = 0120000, SUB_MODE = 0160000 };

struct repo_work {
	struct repo *repo;
	git_index *index;
	struct files *files;
	int64_t stamp_s; /* mtime of the index as it was read: for racy entries */
	long stamp_ns;
	bool changed, filemode;
};

static void read_stamp(struct repo_work *w)
{
	struct stat st = { 0 };

	if (stat(git_index_path(w->index), &st) < 0)
		st.st_mtim = (struct timespec){ 0 };
	w->stamp_s = st.st_mtim.tv_sec;
	w->stamp_ns = st.st_mtim.tv_nsec;
}

/* libgit2 reads neither split nor sparse indexes. git writes the same entries in one
 * whole file, with their flags; where it is configured so, it splits them again by itself
 * when it next writes. */
static bool make_index_plain(struct repo_work *w, struct err *err)
{
	static const char *const argv[] = { "git",
					    "-c",
					    "core.splitIndex=false",
					    "-c",
					    "index.sparse=false",
					    "update-index",
					    "--force-write-index",
					    NULL };
	STRBUF_AUTO(said, (size_t)1 << 20);
	struct spawn what = {
		.argv = argv, .dir = repo_workdir(w->repo), .out = &said, .errout = &said
	};
	int status;

	return spawn_run(&what, &status, err) &&
	       (spawn_exit_code(status) == 0 ||
		err_set(err, ERR_IO, "reading the index: " STR_FMT,
			STR_ARG(str_trim(strbuf_str(&said)))));
}

static bool is_in_pieces(void)
{
	const git_error *e = git_error_last();

	return e && strstr(e->message, "mandatory extension");
}

static bool read_index(struct repo_work *w, bool force, struct err *err)
{
	int rc = git_index_read(w->index, force);

	if (rc < 0 && is_in_pieces()) {
		if (!make_index_plain(w, err))
			return false;
		rc = git_index_read(w->index, true);
	}
	return rc == 0 || repo_git_err(err, rc, "reading the index");
}

bool repo_work_open(struct repo *repo, const char *spare, struct repo_work **ret,
		    struct err *err)
{
	AUTO(repo_work) w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		abort();
	w->repo = repo;
	if (repo_is_bare(repo))
		return err_set(err, ERR_CONFLICT,
			       "opening the work tree: this operation must be run in a "
			       "work tree");
	rc = git_repository_index(&w->index, repo->git);
	if (rc < 0 && is_in_pieces()) {
		if (!make_index_plain(w, err))
			return false;
		rc = git_repository_index(&w->index, repo->git);
	}
	if (rc < 0)
		return repo_git_err(err, rc, "reading the index");
	if (!read_index(w, false, err) ||
	    !files_open(repo->workdir, spare, &w->files, err))
		return false;
	w->filemode = repo_config_bool(repo, "core.filemode", true);
	read_stamp(w);
	*ret = w;
	w = NULL;
	return true;
}

void repo_work_free(struct repo_work *w)
{
	if (!w)
		return;
	git_index_free(w->index);
	files_free(w->files);
	free(w);
}

struct files *repo_work_files(struct repo_work *w)
{
	return w->files;
}

const char *repo_work_index_path(const struct repo_work *w)
{
	return git_index_path(w->index);
}

bool repo_work_reload(struct repo_work *w, struct err *err)
{
	bool ok = read_index(w, true, err);

	w->changed = false;
	read_stamp(w);
	return ok;
}

bool repo_work_check_lock(struct repo_work *w, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *lock = arena_printf(a, "%s.lock", git_index_path(w->index));

	if (access(lock, F_OK) < 0)
		return repo_check_ref_locks(w->repo, err);
	err_set(err, ERR_BUSY, "Unable to create '%s': File exists.", lock);
	return err_hint(err, "another git process works in this repository, or one died "
			     "here: wait, or remove the file");
}

/* ---- what is staged ---- */

static struct repo_entry entry_of(unsigned mode, const git_oid *id)
{
	struct repo_entry e = { .mode = mode };

	memcpy(&e.id, id, sizeof(e.id));
	return e;
}

struct repo_entry repo_work_entry(struct repo_work *w, struct str path)
{
	AUTO(arena) a = arena_new();
	const git_index_entry *e = git_index_get_bypath(w->index, arena_cstr(a, path), 0);

	return e ? entry_of(e->mode, &e->id) : (struct repo_entry){ 0 };
}

static void list_diff(git_diff *diff, struct arena *a, struct repo_changes *ret)
{
	for (size_t i = 0; i < git_diff_num_deltas(diff); i++) {
		const git_diff_delta *d = git_diff_get_delta(diff, i);
		struct repo_change c = { .path = str_of(d->new_file.path) };

		if (d->status == GIT_DELTA_UNMODIFIED)
			continue;
		c.path = arena_str(a, str_of(d->old_file.path ? d->old_file.path
							      : d->new_file.path));
		if (d->status != GIT_DELTA_ADDED)
			c.old = entry_of(d->old_file.mode, &d->old_file.id);
		if (d->status != GIT_DELTA_DELETED)
			c.new = entry_of(d->new_file.mode, &d->new_file.id);
		*ARENA_PUSH(a, ret) = c;
	}
}

static int open_tree(struct repo *repo, const char *hex, git_tree **ret)
{
	git_object *object = NULL;
	git_oid id;
	int rc;

	*ret = NULL;
	if (!hex[0])
		return 0;
	rc = git_oid_fromstr(&id, hex);
	if (rc == 0)
		rc = git_object_lookup(&object, repo->git, &id, GIT_OBJECT_ANY);
	if (rc == 0)
		rc = git_object_peel((git_object **)ret, object, GIT_OBJECT_TREE);
	git_object_free(object);
	return rc;
}

static const git_diff_options diff_options = {
	.version = GIT_DIFF_OPTIONS_VERSION,
	.flags = GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_SKIP_BINARY_CHECK,
	.ignore_submodules = GIT_SUBMODULE_IGNORE_NONE,
	.context_lines = 0,
};

bool repo_tree_diff(struct repo *repo, const char *from, const char *to, struct arena *a,
		    struct repo_changes *ret, struct err *err)
{
	git_tree *old = NULL, *new = NULL;
	git_diff *diff = NULL;
	int rc = open_tree(repo, from, &old);

	*ret = (struct repo_changes){ 0 };
	if (rc == 0)
		rc = open_tree(repo, to, &new);
	if (rc == 0 && (old || new))
		rc = git_diff_tree_to_tree(&diff, repo->git, old, new, &diff_options);
	if (rc == 0 && diff)
		list_diff(diff, a, ret);
	git_diff_free(diff);
	git_tree_free(old);
	git_tree_free(new);
	return rc == 0 || repo_git_err(err, rc, "comparing %s with %s", from, to);
}

bool repo_work_staged(struct repo_work *w, const char *commit, struct arena *a,
		      struct repo_changes *ret, struct err *err)
{
	git_diff *diff = NULL;
	git_tree *tree = NULL;
	git_oid mine;
	int rc = open_tree(w->repo, commit, &tree);

	*ret = (struct repo_changes){ 0 };
	if (rc == 0 && tree && git_index_write_tree(&mine, w->index) == 0 &&
	    git_oid_equal(&mine, git_tree_id(tree))) {
		git_tree_free(tree);
		return true;
	}
	if (rc == 0)
		rc = git_diff_tree_to_index(&diff, w->repo->git, tree, w->index,
					    &diff_options);
	if (rc == 0)
		list_diff(diff, a, ret);
	git_diff_free(diff);
	git_tree_free(tree);
	return rc == 0 || repo_git_err(err, rc, "comparing the index with HEAD");
}

bool repo_work_staged_patch(struct repo_work *w, const char *commit, struct strbuf *out,
			    struct err *err)
{
	git_diff *diff = NULL;
	git_tree *tree = NULL;
	git_buf text = { 0 };
	int rc = open_tree(w->repo, commit, &tree);

	if (rc == 0)
		rc = git_diff_tree_to_index(&diff, w->repo->git, tree, w->index, NULL);
	if (rc == 0)
		rc = git_diff_to_buf(&text, diff, GIT_DIFF_FORMAT_PATCH);
	if (rc == 0)
		strbuf_add(out, str_n(text.ptr, text.size));
	git_buf_dispose(&text);
	git_diff_free(diff);
	git_tree_free(tree);
	return rc == 0 || repo_git_err(err, rc, "comparing the index with HEAD");
}

size_t repo_work_unmerged(struct repo_work *w, struct arena *a, struct str **ret)
{
	struct {
		struct str *v;
		size_t n, cap;
	} list = { 0 };
	size_t n = git_index_has_conflicts(w->index) ? git_index_entrycount(w->index) : 0;

	for (size_t i = 0; i < n; i++) {
		const git_index_entry *e = git_index_get_byindex(w->index, i);
		struct str path = str_of(e->path);

		if (git_index_entry_stage(e) &&
		    !(list.n && str_eq(list.v[list.n - 1], path)))
			*ARENA_PUSH(a, &list) = arena_str(a, path);
	}
	*ret = list.v;
	return list.n;
}

void repo_work_each(struct repo_work *w,
		    bool (*visit)(void *arg, struct str path, unsigned mode), void *arg)
{
	for (size_t i = 0; i < git_index_entrycount(w->index); i++) {
		const git_index_entry *e = git_index_get_byindex(w->index, i);

		if (!git_index_entry_stage(e) && !visit(arg, str_of(e->path), e->mode))
			return;
	}
}

/* ---- comparing ---- */

static bool stat_agrees(const struct repo_work *w, const git_index_entry *e,
			const struct stat *st)
{
	if (e->file_size != (uint32_t)st->st_size || e->ino != (uint32_t)st->st_ino ||
	    e->uid != st->st_uid || e->gid != st->st_gid ||
	    e->mtime.seconds != (int32_t)st->st_mtim.tv_sec ||
	    e->ctime.seconds != (int32_t)st->st_ctim.tv_sec)
		return false;
	if (e->mtime.nanoseconds && e->mtime.nanoseconds != st->st_mtim.tv_nsec)
		return false;
	/* Written in the moment in which the index was: the clock cannot tell. */
	return st->st_mtim.tv_sec < w->stamp_s ||
	       (st->st_mtim.tv_sec == w->stamp_s && st->st_mtim.tv_nsec < w->stamp_ns);
}

static unsigned mode_of(const struct repo_work *w, const struct stat *st, unsigned before)
{
	if (S_ISLNK(st->st_mode))
		return LINK_MODE;
	if (S_ISDIR(st->st_mode))
		return SUB_MODE;
	if (!w->filemode && (before & 0170000) == 0100000)
		return before;
	return st->st_mode & 0100 ? 0100755 : 0100644;
}

static bool content_agrees(struct repo_work *w, const git_index_entry *e, bool *ret,
			   struct err *err)
{
	AUTO(arena) a = arena_new();
	struct tree_file file;
	struct repo_id id;

	if (!repo_work_read(w, str_of(e->path), a, &file, err))
		return false;
	id = repo_blob_id(file.bytes);
	*ret = !memcmp(&id, &e->id, sizeof(id));
	return true;
}

/* `git add -N`: the index knows the name and nothing else. */
static bool is_only_intended(const git_index_entry *e)
{
	return e && e->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD;
}

bool repo_work_agrees(struct repo_work *w, struct str path, bool *ret, struct err *err)
{
	AUTO(arena) a = arena_new();
	const git_index_entry *e = git_index_get_bypath(w->index, arena_cstr(a, path), 0);
	struct stat st;
	bool there;

	if (!files_stat(w->files, path, &st, &there, err))
		return false;
	*ret = e ? !there && !is_only_intended(e) : true;
	if (!e || !there)
		return true;
	if (mode_of(w, &st, e->mode) != e->mode) {
		*ret = false;
		return true;
	}
	if (e->mode == SUB_MODE || stat_agrees(w, e, &st)) {
		*ret = true;
		return true;
	}
	return content_agrees(w, e, ret, err);
}

bool repo_work_read(struct repo_work *w, struct str path, struct arena *a,
		    struct tree_file *ret, struct err *err)
{
	struct repo_entry old = repo_work_entry(w, path);
	struct stat st;
	bool there;

	if (!files_stat(w->files, path, &st, &there, err))
		return false;
	if (!there)
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": no such file",
			       STR_ARG(path));
	ret->mode = mode_of(w, &st, old.mode);
	if (ret->mode == SUB_MODE) {
		char hex[REPO_HEX + 1];

		repo_id_hex(&old.id, hex);
		ret->bytes = arena_strf(a, "Subproject commit %s\n", hex);
		return true;
	}
	if (!files_read(w->files, path, a, &ret->bytes, err))
		return false;
	return ret->mode == LINK_MODE ||
	       repo_filter(w->repo, arena_cstr(a, path), GIT_FILTER_TO_ODB, a,
			   &ret->bytes, err);
}

/* ---- changing ---- */

static void fill_stat(git_index_entry *e, const struct stat *st)
{
	e->ctime = (git_index_time){ (int32_t)st->st_ctim.tv_sec,
				     (uint32_t)st->st_ctim.tv_nsec };
	e->mtime = (git_index_time){ (int32_t)st->st_mtim.tv_sec,
				     (uint32_t)st->st_mtim.tv_nsec };
	e->dev = (uint32_t)st->st_dev;
	e->ino = (uint32_t)st->st_ino;
	e->uid = st->st_uid;
	e->gid = st->st_gid;
	e->file_size = (uint32_t)st->st_size;
}

/* `st`: of the file that holds what is staged; NULL: none does, git will look. */
static bool stage(struct repo_work *w, struct str path, struct repo_entry now,
		  const struct stat *st, struct err *err)
{
	AUTO(arena) a = arena_new();
	git_index_entry e = { .path = arena_cstr(a, path), .mode = now.mode };
	int rc;

	w->changed = true;
	git_index_conflict_remove(w->index, e.path);
	if (!now.mode) {
		rc = git_index_remove(w->index, e.path, 0);
		return rc == 0 || rc == GIT_ENOTFOUND ||
		       repo_git_err(err, rc, "removing %s from the index", e.path);
	}
	memcpy(&e.id, &now.id, sizeof(e.id));
	if (st)
		fill_stat(&e, st);
	rc = git_index_add(w->index, &e);
	return rc == 0 || repo_git_err(err, rc, "adding %s to the index", e.path);
}

bool repo_work_stage(struct repo_work *w, struct str path, struct repo_entry now,
		     struct err *err)
{
	struct stat st;
	bool there;

	if (!now.mode || now.mode == SUB_MODE ||
	    !files_stat(w->files, path, &st, &there, NULL))
		there = false;
	return stage(w, path, now, there ? &st : NULL, err);
}

bool repo_work_stage_conflict(struct repo_work *w, struct str path,
			      const struct repo_entry side[3], struct err *err)
{
	AUTO(arena) a = arena_new();
	git_index_entry e[3] = { 0 };
	int rc;

	for (int i = 0; i < 3; i++) {
		e[i].path = arena_cstr(a, path);
		e[i].mode = side[i].mode;
		memcpy(&e[i].id, &side[i].id, sizeof(e[i].id));
	}
	w->changed = true;
	git_index_remove(w->index, e[0].path, 0);
	rc = git_index_conflict_add(w->index, side[0].mode ? &e[0] : NULL,
				    side[1].mode ? &e[1] : NULL,
				    side[2].mode ? &e[2] : NULL);
	return rc == 0 || repo_git_err(err, rc, "staging the conflict in %s", e[0].path);
}

bool repo_work_write(struct repo_work *w, struct str path, struct str bytes,
		     unsigned mode, struct err *err)
{
	AUTO(arena) a = arena_new();

	if (mode != LINK_MODE && mode != SUB_MODE &&
	    !repo_filter(w->repo, arena_cstr(a, path), GIT_FILTER_TO_WORKTREE, a, &bytes,
			 err))
		return false;
	return files_write(w->files, path, bytes, mode, err);
}

/* Is the file already what it shall become? A run that was killed left such ones. */
bool repo_work_holds(struct repo_work *w, const struct repo_change *c)
{
	AUTO(arena) a = arena_new();
	struct tree_file file;
	struct repo_id id;

	struct err why = { 0 };

	if (!repo_work_read(w, c->path, a, &file, &why))
		return why.code == ERR_NOTFOUND && !c->new.mode;
	if (file.mode != c->new.mode)
		return false;
	id = repo_blob_id(file.bytes);
	return !memcmp(&id, &c->new.id, sizeof(id));
}

static bool checkout_one(struct repo_work *w, const struct repo_change *c,
			 struct err *err)
{
	AUTO(arena) a = arena_new();
	struct str bytes = STR("");

	if (!c->old.mode && repo_work_holds(w, c))
		return repo_work_stage(w, c->path, c->new, err);
	if (c->new.mode != SUB_MODE &&
	    !repo_blob_read(w->repo, &c->new.id, a, &bytes, err))
		return false;
	return repo_work_write(w, c->path, bytes, c->new.mode, err) &&
	       repo_work_stage(w, c->path, c->new, err);
}

bool repo_work_checkout(struct repo_work *w, const struct repo_changes *c,
			struct err *err)
{
	for (size_t i = c->n; i-- > 0;) {
		if (c->v[i].new.mode)
			continue;
		if (!files_remove(w->files, c->v[i].path, err) ||
		    !repo_work_stage(w, c->v[i].path, c->v[i].new, err))
			return false;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].new.mode && !checkout_one(w, &c->v[i], err))
			return false;
	return true;
}

bool repo_work_add(struct repo_work *w, struct str path, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct repo_entry now = { 0 };
	struct tree_file file = { 0 };
	struct err why = { 0 };

	if (!repo_work_read(w, path, a, &file, &why)) {
		if (why.code == ERR_NOTFOUND)
			return repo_work_stage(w, path, now, err);
		if (err)
			*err = why;
		return false;
	}
	if (file.mode == SUB_MODE)
		return true;
	now.mode = file.mode;
	return repo_blob_write(w->repo, file.bytes, &now.id, err) &&
	       repo_work_stage(w, path, now, err);
}

bool repo_work_tree(struct repo_work *w, struct repo_id *ret, struct err *err)
{
	git_oid id;
	int rc = git_index_write_tree(&id, w->index);

	if (rc < 0)
		return repo_git_err(err, rc, "writing the tree of the index");
	memcpy(ret, &id, sizeof(*ret));
	return true;
}

bool repo_work_save(struct repo_work *w, struct err *err)
{
	int rc;

	if (!w->changed)
		return true;
	rc = git_index_write(w->index);
	if (rc < 0)
		return repo_git_err(err, rc, "writing the index");
	w->changed = false;
	read_stamp(w);
	return true;
}

/* ---- the index as a tree ---- */

static unsigned index_mode(void *ctx, struct str path)
{
	AUTO(arena) a = arena_new();
	struct repo_work *w = ctx;
	unsigned mode = repo_work_entry(w, path).mode;
	const char *below = arena_printf(a, STR_FMT "/", STR_ARG(path));

	if (is_only_intended(git_index_get_bypath(w->index, arena_cstr(a, path), 0)))
		return 0;
	if (!mode && git_index_find_prefix(NULL, w->index, below) == 0)
		return DIR_MODE;
	return mode;
}

static bool index_read(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		       struct err *err)
{
	struct repo_work *w = ctx;
	struct repo_entry e = repo_work_entry(w, path);
	char hex[REPO_HEX + 1];

	if (!e.mode)
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": not in the index",
			       STR_ARG(path));
	ret->mode = e.mode;
	if (e.mode != SUB_MODE)
		return repo_blob_read(w->repo, &e.id, a, &ret->bytes, err);
	repo_id_hex(&e.id, hex);
	ret->bytes = arena_strf(a, "Subproject commit %s\n", hex);
	return true;
}

static bool index_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		       struct err *err)
{
	struct repo_work *w = ctx;
	struct repo_id id;

	return repo_blob_find(w->repo, oid, &id, err) &&
	       repo_blob_read(w->repo, &id, a, ret, err);
}

static bool index_renamed(void *ctx, struct str path, struct arena *a, struct str *ret)
{
	struct repo_work *w = ctx;

	return repo_renames_find(w->repo, path, a, ret);
}

static void index_expect(void *ctx, const struct str *paths, size_t n)
{
	struct repo_work *w = ctx;

	repo_renames_expect(w->repo, paths, n);
}

static bool index_write(void *ctx, struct str path, struct str bytes, unsigned mode,
			struct err *err)
{
	struct repo_work *w = ctx;
	struct repo_entry e = { .mode = mode };

	if (mode == SUB_MODE) {
		if (!str_skip(&bytes, STR("Subproject commit ")) ||
		    !repo_id_parse(str_trim(bytes), &e.id))
			return err_set(err, ERR_PARSE,
				       "staging " STR_FMT ": no commit of a submodule",
				       STR_ARG(path));
	} else if (!repo_blob_write(w->repo, bytes, &e.id, err)) {
		return false;
	}
	return stage(w, path, e, NULL, err);
}

static bool index_remove(void *ctx, struct str path, struct err *err)
{
	return stage(ctx, path, (struct repo_entry){ 0 }, NULL, err);
}

static void
index_each(void *ctx, bool (*visit)(void *arg, struct str path, unsigned mode), void *arg)
{
	repo_work_each(ctx, visit, arg);
}

struct tree repo_work_index(struct repo_work *w)
{
	static const struct tree_ops ops = {
		.read = index_read,
		.mode = index_mode,
		.blob = index_blob,
		.write = index_write,
		.remove = index_remove,
		.renamed = index_renamed,
		.expect = index_expect,
		.each = index_each,
	};

	return (struct tree){ &ops, w };
}
