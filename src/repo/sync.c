/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sharing notes through git: see repo/sync.h. Trees are compared and merged by libgit2;
 * files of the folder are written here, each whole, because a half-written file would
 * look like an edit by hand.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sync_priv.h"

#define REF_STORE "refs/kcrib/store"
#define REF_NEXT  "refs/kcrib/next"

/* ---- opening ----------------------------------------------------------------- */

bool sync_open(const char *dir, const char *remote, int64_t now, struct sync **ret,
	       struct err *err)
{
	git_repository_init_options opts = GIT_REPOSITORY_INIT_OPTIONS_INIT;
	struct sync *s;

	if (!git2_load(err))
		return false;
	s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	git_libgit2_init();
	s->a = arena_new();
	s->dir = arena_cstr(s->a, str_of(dir));
	s->now = now;
	opts.flags = GIT_REPOSITORY_INIT_MKPATH;
	opts.initial_head = "main";
	/* only this folder's own repository: not one around it */
	if (git_repository_open_ext(&s->repo, dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) <
		    0 &&
	    git_repository_init_ext(&s->repo, dir, &opts) < 0) {
		sync_failed(err, "opening the shared folder");
		sync_free(s);
		return false;
	}
	if (!sync_set_remote(s, remote, err)) {
		sync_free(s);
		return false;
	}
	*ret = s;
	return true;
}

void sync_free(struct sync *s)
{
	if (!s)
		return;
	git_repository_free(s->repo);
	arena_free(s->a);
	free(s);
	git_libgit2_shutdown();
}

/* ---- commits ----------------------------------------------------------------- */

static bool ref_oid(const struct sync *s, const char *name, git_oid *ret)
{
	return git_reference_name_to_id(ret, s->repo, name) == 0;
}

static bool set_ref(struct sync *s, const char *name, const git_oid *oid, struct err *err)
{
	git_reference *ref = NULL;
	int rc = git_reference_create(&ref, s->repo, name, oid, 1, "kcrib sync");

	git_reference_free(ref);
	return rc == 0 || sync_failed(err, "moving a reference");
}

/* A commit's tree; that of `oid` NULL is the empty one. */
static bool tree_of(const struct sync *s, const git_oid *oid, git_tree **ret,
		    struct err *err)
{
	git_treebuilder *b = NULL;
	git_commit *commit = NULL;
	git_oid empty;
	int rc;

	if (oid) {
		rc = git_commit_lookup(&commit, s->repo, oid);
		if (rc == 0)
			rc = git_commit_tree(ret, commit);
		git_commit_free(commit);
	} else {
		rc = git_treebuilder_new(&b, s->repo, NULL);
		if (rc == 0)
			rc = git_treebuilder_write(&empty, b);
		if (rc == 0)
			rc = git_tree_lookup(ret, s->repo, &empty);
		git_treebuilder_free(b);
	}
	return rc == 0 || sync_failed(err, "reading a tree");
}

/* The present time, but after every parent: a clock that was set back must not turn
 * history around. */
static int64_t commit_time(const struct sync *s, const git_commit **parents, size_t n)
{
	int64_t t = s->now;

	for (size_t i = 0; i < n; i++)
		if (git_commit_time(parents[i]) >= t)
			t = git_commit_time(parents[i]) + 1;
	return t;
}

static int signature(const struct sync *s, int64_t when, git_signature **ret)
{
	git_signature *who = NULL;
	int rc;

	if (git_signature_default(&who, s->repo) == 0) {
		rc = git_signature_new(ret, who->name, who->email, when, 0);
		git_signature_free(who);
		return rc;
	}
	return git_signature_new(ret, "kcrib", "kcrib@localhost", when, 0);
}

static bool make_commit(struct sync *s, const git_oid *tree_id,
			const git_oid *const *parents, size_t n, git_oid *ret,
			struct err *err)
{
	git_commit *commits[2] = { NULL };
	const git_commit *views[2] = { NULL };
	git_signature *who = NULL;
	git_tree *tree = NULL;
	int rc = git_tree_lookup(&tree, s->repo, tree_id);

	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = git_commit_lookup(&commits[i], s->repo, parents[i]);
		views[i] = commits[i];
	}
	if (rc == 0)
		rc = signature(s, commit_time(s, views, n), &who);
	if (rc == 0)
		rc = git_commit_create(ret, s->repo, NULL, who, who, NULL,
				       n > 1 ? "Merge notes\n" : "Notes\n", tree, n,
				       views);
	for (size_t i = 0; i < n; i++)
		git_commit_free(commits[i]);
	git_signature_free(who);
	git_tree_free(tree);
	return rc == 0 || sync_failed(err, "making a commit");
}

/* ---- trees from files -------------------------------------------------------- */

static bool is_note_name(struct str name)
{
	return str_ends(name, STR(".md")) && name.n > 3 && name.p[0] != '.' &&
	       str_chr(name, '/') < 0;
}

/* Take the notes out of a tree; what else is in it stays. */
static int not_a_note(const git_tree_entry *entry, void *arg)
{
	return git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
	       is_note_name(str_of(git_tree_entry_name(entry)));
}

/* The tree of `base` with these notes instead of its own. */
static bool write_tree(struct sync *s, const git_oid *base,
		       const struct sync_files *files, git_oid *ret, struct err *err)
{
	git_treebuilder *b = NULL;
	git_tree *tree = NULL;
	git_oid blob;
	int rc;

	if (!tree_of(s, base, &tree, err))
		return false;
	rc = git_treebuilder_new(&b, s->repo, tree);
	if (rc == 0)
		rc = git_treebuilder_filter(b, not_a_note, NULL);
	for (size_t i = 0; i < files->n && rc == 0; i++) {
		const struct sync_file *f = &files->v[i];
		char *name = arena_cstr(s->a, f->name);

		rc = git_blob_create_from_buffer(
			&blob, s->repo, f->bytes.n ? f->bytes.p : "", f->bytes.n);
		if (rc == 0)
			rc = git_treebuilder_insert(NULL, b, name, &blob,
						    GIT_FILEMODE_BLOB);
	}
	if (rc == 0)
		rc = git_treebuilder_write(ret, b);
	git_treebuilder_free(b);
	git_tree_free(tree);
	return rc == 0 || sync_failed(err, "writing a tree");
}

/* A commit of these files upon `base`, or `base` itself when nothing differs. */
static bool commit_files(struct sync *s, const git_oid *base,
			 const struct sync_files *files, git_oid *ret, struct err *err)
{
	git_tree *before = NULL;
	git_oid tree;
	bool same;

	if (!write_tree(s, base, files, &tree, err))
		return false;
	if (base) {
		if (!tree_of(s, base, &before, err))
			return false;
		same = git_oid_equal(git_tree_id(before), &tree);
		git_tree_free(before);
		if (same) {
			*ret = *base;
			return true;
		}
	}
	return make_commit(s, &tree, &base, base ? 1 : 0, ret, err);
}

static bool read_folder(struct sync *s, struct sync_files *ret, struct err *err)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;
	bool ok = true;

	if (!d)
		return err_sys(err, errno, "reading %s", s->dir);
	while (ok && (e = readdir(d))) {
		STRBUF_AUTO(b, SYNC_FILE_MAX);
		int fd = is_note_name(str_of(e->d_name))
				 ? openat(dirfd(d), e->d_name,
					  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
				 : -1;

		if (fd < 0)
			continue;
		ok = file_read_fd(fd, &b, e->d_name, err);
		close(fd);
		if (ok)
			*ARENA_PUSH(s->a, ret) =
				(struct sync_file){ arena_str(s->a, str_of(e->d_name)),
						    arena_str(s->a, strbuf_str(&b)) };
	}
	closedir(d);
	return ok;
}

/* ---- merging ----------------------------------------------------------------- */

static struct str blob_bytes(const struct sync *s, struct arena *a, const git_oid *oid)
{
	git_blob *blob = NULL;
	struct str bytes = STR_NONE;

	if (git_blob_lookup(&blob, s->repo, oid) == 0 &&
	    git_blob_rawsize(blob) <= SYNC_FILE_MAX)
		bytes = arena_str(a, str_n(git_blob_rawcontent(blob),
					   (size_t)git_blob_rawsize(blob)));
	git_blob_free(blob);
	return bytes;
}

/* "thp.conflict.md", or the next name that is free or holds the same bytes already. */
static const char *beside(struct sync *s, git_index *index, const char *path,
			  const git_oid *content)
{
	struct str stem = str_of(path);
	char *name = NULL;

	if (str_ends(stem, STR(".md")))
		stem.n -= 3;
	for (unsigned i = 1; i < 1000; i++) {
		const git_index_entry *have;

		name = i == 1 ? arena_printf(s->a, STR_FMT ".conflict.md", STR_ARG(stem))
			      : arena_printf(s->a, STR_FMT ".conflict-%u.md",
					     STR_ARG(stem), i);
		have = git_index_get_bypath(index, name, 0);
		if (!have || git_oid_equal(&have->id, content))
			break;
	}
	return name;
}

static int put_entry(git_index *index, const char *path, const git_oid *oid,
		     uint32_t mode)
{
	git_index_entry entry = { .mode = mode, .path = path };

	entry.id = *oid;
	return git_index_add(index, &entry);
}

/* Ours wins its name, theirs gets a file beside; a deletion loses against an edit. */
static bool settle(struct sync *s, struct arena *a, git_index *index,
		   struct sync_conflicts *ret, struct err *err)
{
	const git_index_entry *base, *ours, *theirs;
	git_index_conflict_iterator *it = NULL;
	struct {
		struct {
			const char *path, *other;
			git_oid keep, aside;
			uint32_t mode;
		} * v;
		size_t n, cap;
	} todo = { 0 };
	int rc = git_index_conflict_iterator_new(&it, index);

	while (rc == 0 && git_index_conflict_next(&base, &ours, &theirs, it) == 0) {
		const git_index_entry *keep = ours ? ours : theirs;
		struct sync_conflict c = { .ours = STR_NONE, .theirs = STR_NONE };

		if (!keep)
			continue;
		c.name = arena_str(a, str_of(keep->path));
		c.beside = STR("");
		if (ours)
			c.ours = blob_bytes(s, a, &ours->id);
		if (theirs)
			c.theirs = blob_bytes(s, a, &theirs->id);
		*ARENA_PUSH(s->a, &todo) =
			(typeof(*todo.v)){ arena_cstr(s->a, str_of(keep->path)), NULL,
					   keep->id, keep->id, keep->mode };
		if (ours && theirs) {
			todo.v[todo.n - 1].aside = theirs->id;
			todo.v[todo.n - 1].other =
				beside(s, index, keep->path, &theirs->id);
			c.beside = arena_str(a, str_of(todo.v[todo.n - 1].other));
		}
		*ARENA_PUSH(a, ret) = c;
	}
	git_index_conflict_iterator_free(it);
	for (size_t i = 0; i < todo.n && rc == 0; i++) {
		rc = git_index_conflict_remove(index, todo.v[i].path);
		if (rc == 0)
			rc = put_entry(index, todo.v[i].path, &todo.v[i].keep,
				       todo.v[i].mode);
		if (rc == 0 && todo.v[i].other)
			rc = put_entry(index, todo.v[i].other, &todo.v[i].aside,
				       GIT_FILEMODE_BLOB);
	}
	return rc == 0 || sync_failed(err, "settling a conflict");
}

/* The tree that three commits give, conflicts settled. */
static bool merge_trees(struct sync *s, struct arena *a, const git_oid *const commits[3],
			struct sync_conflicts *conflicts, git_oid *ret, struct err *err)
{
	git_merge_options opts = GIT_MERGE_OPTIONS_INIT;
	git_tree *trees[3] = { NULL };
	git_index *index = NULL;
	bool ok = true;

	opts.flags = 0; /* no guessing of renames: a note is its name */
	for (size_t i = 0; ok && i < 3; i++)
		ok = tree_of(s, commits[i], &trees[i], err);
	if (ok &&
	    git_merge_trees(&index, s->repo, trees[0], trees[1], trees[2], &opts) < 0)
		ok = sync_failed(err, "merging the shared notes");
	ok = ok && settle(s, a, index, conflicts, err);
	if (ok && git_index_write_tree_to(ret, index, s->repo) < 0)
		ok = sync_failed(err, "writing the merge");
	git_index_free(index);
	for (size_t i = 0; i < 3; i++)
		git_tree_free(trees[i]);
	return ok;
}

/* Merge `theirs` into `*ours`, which becomes the merge, or one of the two when the other
 * is already in it. */
static bool merge(struct sync *s, struct arena *a, git_oid *ours, const git_oid *theirs,
		  struct sync_conflicts *conflicts, struct err *err)
{
	git_oid base, tree, mine = *ours;
	bool has_base = git_merge_base(&base, s->repo, ours, theirs) == 0;
	const git_oid *commits[3] = { has_base ? &base : NULL, &mine, theirs };

	if (git_oid_equal(ours, theirs) || (has_base && git_oid_equal(&base, theirs)))
		return true;
	if (has_base && git_oid_equal(&base, ours)) {
		*ours = *theirs;
		return true;
	}
	return merge_trees(s, a, commits, conflicts, &tree, err) &&
	       make_commit(s, &tree, commits + 1, 2, ours, err);
}

/* ---- what the store has to take over ----------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct sync_file *)a)->name,
		       ((const struct sync_file *)b)->name);
}

static const struct sync_file *find(const struct sync_files *files, struct str name)
{
	struct sync_file key = { .name = name };

	return files->n ? bsearch(&key, files->v, files->n, sizeof(key), by_name) : NULL;
}

static uint64_t mark_of(const git_oid *oid)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(n) - 1; i++)
		n = n << 8 | oid->id[i];
	return n + 1;
}

void sync_took(struct sync *s, uint64_t mark)
{
	s->took = mark;
}

uint64_t sync_mark(const struct sync *s)
{
	return mark_of(&s->merged);
}

static struct str tree_bytes(const struct sync *s, const git_tree *tree, struct str name)
{
	const git_tree_entry *entry = git_tree_entry_byname(tree, arena_cstr(s->a, name));

	return entry ? blob_bytes(s, s->a, git_tree_entry_id(entry)) : STR_NONE;
}

/* Commits that the store took over but no run got to its end with: `taken` and what it is
 * made of, back to the end of the last whole run. A broken run after a broken run had the
 * first one's merge for its base, so all of them are ancestors. */
static bool walk_broken(const struct sync *s, const git_oid *from, const git_oid *done,
			git_revwalk **ret)
{
	git_revwalk *walk = NULL;

	if (git_revwalk_new(&walk, s->repo) == 0 && git_revwalk_push(walk, from) == 0 &&
	    (!done || git_revwalk_hide(walk, done) == 0)) {
		*ret = walk;
		return true;
	}
	git_revwalk_free(walk);
	return false;
}

struct trees {
	git_tree **v;
	size_t n, cap;
};

static bool broken_trees(struct sync *s, const git_oid *taken, const git_oid *done,
			 struct trees *ret, struct err *err)
{
	git_revwalk *walk;
	git_oid oid;
	bool ok = walk_broken(s, taken, done, &walk) ||
		  sync_failed(err, "reading the shared notes' history");

	while (ok && git_revwalk_next(&oid, walk) == 0) {
		git_tree **tree = ARENA_PUSH(s->a, ret);

		*tree = NULL;
		ok = tree_of(s, &oid, tree, err);
	}
	if (ok)
		git_revwalk_free(walk);
	return ok;
}

static bool same_entry(const git_tree_entry *a, const git_oid *oid)
{
	return a && oid ? git_oid_equal(git_tree_entry_id(a), oid) : !a == !oid;
}

/* Did a broken run write, or remove, this file? `oid` is NULL where it is not there. */
static bool is_ours(const struct trees *trees, const char *name, const git_oid *oid)
{
	for (size_t i = 0; i < trees->n; i++)
		if (same_entry(git_tree_entry_byname(trees->v[i], name), oid))
			return true;
	return false;
}

/* The folder as it would stand if no broken run had begun to write into it: only what was
 * done by hand differs from `done`. */
static bool unwritten(struct sync *s, const git_oid *done, const git_oid *taken,
		      struct sync_files *folder, struct err *err)
{
	struct sync_files was = *folder;
	struct trees trees = { 0 };
	git_tree *old = NULL;
	bool ok =
		tree_of(s, done, &old, err) && broken_trees(s, taken, done, &trees, err);
	git_oid oid;

	*folder = (struct sync_files){ 0 };
	if (was.n)
		qsort(was.v, was.n, sizeof(*was.v), by_name);
	for (size_t i = 0; ok && i < was.n; i++) {
		struct sync_file f = was.v[i];

		if (git_odb_hash(&oid, f.bytes.p, f.bytes.n, GIT_OBJECT_BLOB) == 0 &&
		    is_ours(&trees, arena_cstr(s->a, f.name), &oid))
			f.bytes = tree_bytes(s, old, f.name);
		if (f.bytes.p)
			*ARENA_PUSH(s->a, folder) = f;
	}
	for (size_t i = 0; ok && i < git_tree_entrycount(old); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(old, i);
		struct str name = arena_str(s->a, str_of(git_tree_entry_name(entry)));

		if (is_note_name(name) && !find(&was, name) &&
		    is_ours(&trees, name.p, NULL))
			*ARENA_PUSH(s->a, folder) = (struct sync_file){
				name, blob_bytes(s, s->a, git_tree_entry_id(entry))
			};
	}
	git_tree_free(old);
	for (size_t i = 0; i < trees.n; i++)
		git_tree_free(trees.v[i]);
	return ok;
}

static bool changes(struct sync *s, struct arena *a, const struct sync_files *store,
		    struct sync_files *ret, struct err *err)
{
	struct sync_files merged = { 0 };
	git_tree *tree = NULL;

	if (!tree_of(s, &s->merged, &tree, err))
		return false;
	for (size_t i = 0; i < git_tree_entrycount(tree) && i < SYNC_FILES_MAX; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		struct str name = str_of(git_tree_entry_name(entry)), bytes;
		const struct sync_file *have = find(store, name);

		if (!is_note_name(name) || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
			continue;
		bytes = blob_bytes(s, a, git_tree_entry_id(entry));
		*ARENA_PUSH(a, &merged) = (struct sync_file){ arena_str(a, name), bytes };
		if (bytes.p && (!have || !str_eq(have->bytes, bytes)))
			*ARENA_PUSH(a, ret) = merged.v[merged.n - 1];
	}
	git_tree_free(tree);
	if (merged.n)
		qsort(merged.v, merged.n, sizeof(*merged.v), by_name);
	for (size_t i = 0; i < store->n; i++)
		if (!find(&merged, store->v[i].name))
			*ARENA_PUSH(a, ret) =
				(struct sync_file){ store->v[i].name, STR_NONE };
	return true;
}

/* The commit, upon `done`, of what was done by hand in the folder: none before the first
 * sync, where an empty folder is no deletion of everything. */
static bool commit_folder(struct sync *s, const git_oid *done, const git_oid *taken,
			  git_oid *ret, bool *ret_any, struct err *err)
{
	struct sync_files folder = { 0 };

	if (!read_folder(s, &folder, err) ||
	    (taken && !unwritten(s, done, taken, &folder, err)))
		return false;
	*ret_any = done || folder.n;
	return !*ret_any || commit_files(s, done, &folder, ret, err);
}

/* The merge that the store took, where the run was broken off after that; NULL: none. */
static const git_oid *taken_over(const struct sync *s, const git_oid *done, git_oid *ret)
{
	git_revwalk *walk;
	git_oid next;
	bool found = false;

	if (!s->took || !ref_oid(s, REF_NEXT, &next) ||
	    !walk_broken(s, &next, done, &walk))
		return NULL;
	while (!found && git_revwalk_next(ret, walk) == 0)
		found = mark_of(ret) == s->took;
	git_revwalk_free(walk);
	return found ? ret : NULL;
}

bool sync_merge(struct sync *s, struct arena *a, const struct sync_files *store,
		struct sync_files *ret_changed, struct sync_conflicts *ret_conflicts,
		struct err *err)
{
	struct sync_files sorted = { 0 };
	git_oid end, merge_taken, hand, remote;
	bool any;
	const git_oid *done = ref_oid(s, REF_STORE, &end) ? &end : NULL;
	const git_oid *taken = taken_over(s, done, &merge_taken);

	for (size_t i = 0; i < store->n; i++)
		*ARENA_PUSH(s->a, &sorted) = store->v[i];
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_name);
	if (!commit_files(s, taken ? taken : done, &sorted, &s->merged, err) ||
	    !commit_folder(s, done, taken, &hand, &any, err) ||
	    (any && !merge(s, a, &s->merged, &hand, ret_conflicts, err)))
		return false;
	if (ref_oid(s, REF_REMOTE, &remote) &&
	    !merge(s, a, &s->merged, &remote, ret_conflicts, err))
		return false;
	s->has_merged = true;
	return changes(s, a, &sorted, ret_changed, err) &&
	       set_ref(s, REF_NEXT, &s->merged, err);
}

/* ---- the folder -------------------------------------------------------------- */

static bool write_folder(struct sync *s, struct err *err)
{
	struct sync_files folder = { 0 };
	git_tree *tree = NULL;
	bool ok = read_folder(s, &folder, err) && tree_of(s, &s->merged, &tree, err);

	if (folder.n)
		qsort(folder.v, folder.n, sizeof(*folder.v), by_name);
	for (size_t i = 0; ok && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		struct str name = str_of(git_tree_entry_name(entry)), bytes;
		const struct sync_file *have = find(&folder, name);

		if (!is_note_name(name) || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
			continue;
		bytes = blob_bytes(s, s->a, git_tree_entry_id(entry));
		if (bytes.p && (!have || !str_eq(have->bytes, bytes)))
			ok = file_write_atomic(
				arena_printf(s->a, "%s/" STR_FMT, s->dir, STR_ARG(name)),
				bytes, 0644, err);
	}
	for (size_t i = 0; ok && i < folder.n; i++)
		if (!git_tree_entry_byname(tree, arena_cstr(s->a, folder.v[i].name)))
			(void)unlink(arena_printf(s->a, "%s/" STR_FMT, s->dir,
						  STR_ARG(folder.v[i].name)));
	git_tree_free(tree);
	return ok;
}

/* The index follows, so that git status in the folder is clean. */
static bool write_index(struct sync *s, struct err *err)
{
	git_index *index = NULL;
	git_tree *tree = NULL;
	int rc;

	if (!tree_of(s, &s->merged, &tree, err))
		return false;
	rc = git_repository_index(&index, s->repo);
	if (rc == 0)
		rc = git_index_read_tree(index, tree);
	if (rc == 0)
		rc = git_index_write(index);
	git_index_free(index);
	git_tree_free(tree);
	return rc == 0 || sync_failed(err, "writing the index");
}

bool sync_accept(struct sync *s, struct err *err)
{
	if (!s->has_merged)
		return err_set(err, ERR_INTERNAL, "sync: nothing was merged");
	/* files before refs: after a kill, files that are new already are no edits, but
	 * files that are still old would be */
	return write_folder(s, err) && set_ref(s, REF_BRANCH, &s->merged, err) &&
	       write_index(s, err) && set_ref(s, REF_STORE, &s->merged, err);
}
