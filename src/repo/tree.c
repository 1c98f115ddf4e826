/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree in memory: see repo/tree.h. Each folder is an array sorted as git sorts tree
 * entries (a folder's name compares as if it ended in '/'); a folder that was not
 * entered yet is only its id. Changed files keep their bytes beside the entry, because
 * the next patch of a series often touches them again.
 */
#include "repo/tree.h"
#include "base/strbuf.h"
#include "objects.h"
#include "repo/renames.h"

enum { DIR_MODE = 040000, LINK_MODE = 0120000, SUB_MODE = 0160000 };
#define CACHE_MAX ((size_t)256 << 20)

struct bytes {
	struct bytes *next; /* among those that were replaced */
	size_t n;
	char p[];
};

struct dir;

struct entry {
	char *name;
	size_t n;
	unsigned mode;
	struct repo_id id;
	struct dir *dir;     /* mode DIR_MODE and loaded */
	struct bytes *bytes; /* a file whose content is at hand */
};

struct dir {
	struct entry *v;
	size_t n, cap;
	bool changed; /* its id is out of date */
};

/* A path that was changed since the last mark, with what it was then. */
struct touched {
	struct str path;
	struct repo_entry old;
};

struct repo_tree {
	struct repo *repo;
	struct dir *root;
	struct repo_id root_id;
	struct bytes *replaced;
	size_t cached;
	struct arena *arena; /* paths of `touched` */
	struct {
		struct touched *v;
		size_t n, cap;
	} touched;
	uint32_t *slots; /* hash of paths to touched + 1 */
	size_t n_slots;
};

static void dir_free(struct dir *d);

static void entry_clear(struct entry *e)
{
	free(e->name);
	free(e->bytes);
	dir_free(e->dir);
}

static void dir_free(struct dir *d)
{
	for (size_t i = 0; d && i < d->n; i++)
		entry_clear(&d->v[i]);
	if (d)
		free(d->v);
	free(d);
}

/* git's order of tree entries. */
static int order(const char *a, size_t an, bool adir, const char *b, size_t bn, bool bdir)
{
	size_t n = an < bn ? an : bn;
	int c = memcmp(a, b, n);
	unsigned char x, y;

	if (c)
		return c;
	x = an > n ? (unsigned char)a[n] : adir ? '/' : 0;
	y = bn > n ? (unsigned char)b[n] : bdir ? '/' : 0;
	return x - y;
}

static size_t lower_bound(const struct dir *d, struct str name, bool is_dir)
{
	size_t lo = 0, hi = d->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct entry *e = &d->v[mid];

		if (order(e->name, e->n, e->mode == DIR_MODE, name.p, name.n, is_dir) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The entry of this name, file or folder. */
static struct entry *lookup(const struct dir *d, struct str name)
{
	for (int is_dir = 0; is_dir < 2; is_dir++) {
		size_t i = lower_bound(d, name, is_dir);
		struct entry *e = &d->v[i];

		if (i < d->n && e->n == name.n && !memcmp(e->name, name.p, name.n))
			return e;
	}
	return NULL;
}

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct entry *insert(struct dir *d, struct str name, unsigned mode)
{
	size_t at = lower_bound(d, name, mode == DIR_MODE);

	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 8;
		d->v = must(realloc(d->v, d->cap * sizeof(*d->v)));
	}
	memmove(d->v + at + 1, d->v + at, (d->n - at) * sizeof(*d->v));
	d->n++;
	d->v[at] = (struct entry){ .name = must(strndup(name.p, name.n)),
				   .n = name.n,
				   .mode = mode };
	return &d->v[at];
}

static void delete_entry(struct dir *d, struct entry *e)
{
	size_t at = (size_t)(e - d->v);

	entry_clear(e);
	memmove(d->v + at, d->v + at + 1, (d->n - at - 1) * sizeof(*d->v));
	d->n--;
}

/* "<octal mode> <name>\0<20 bytes>" again and again: gitformat-pack's tree object. */
static bool parse_tree(struct str raw, struct dir *d, struct err *err)
{
	while (raw.n) {
		uint64_t mode;
		ptrdiff_t nul;
		struct entry *e;

		if (!str_eat_u64(&raw, 8, &mode) || !str_skip(&raw, STR(" ")) ||
		    (nul = str_chr(raw, '\0')) < 1 || raw.n < (size_t)nul + 21)
			return err_set(err, ERR_PARSE, "reading a tree: it is damaged");
		if (d->n == d->cap) {
			d->cap = d->cap ? d->cap * 2 : 32;
			d->v = must(realloc(d->v, d->cap * sizeof(*d->v)));
		}
		e = &d->v[d->n++];
		*e = (struct entry){ .name = must(strndup(raw.p, (size_t)nul)),
				     .n = (size_t)nul,
				     .mode = (unsigned)mode };
		memcpy(&e->id, raw.p + nul + 1, sizeof(e->id));
		raw = str_from(raw, (size_t)nul + 21);
	}
	return true;
}

static bool load_dir(struct repo *repo, const struct repo_id *id, struct dir **ret,
		     struct err *err)
{
	git_odb_object *object = NULL;
	struct dir *d;
	git_oid oid;
	bool ok;
	int rc;

	memcpy(&oid, id, sizeof(oid));
	if ((rc = repo_odb_read(repo, &oid, &object)) < 0)
		return repo_git_err(err, rc, "reading a tree");
	d = must(calloc(1, sizeof(*d)));
	ok = parse_tree(str_n(git_odb_object_data(object), git_odb_object_size(object)),
			d, err);
	git_odb_object_free(object);
	if (ok)
		*ret = d;
	else
		dir_free(d);
	return ok;
}

static bool enter(struct repo_tree *rt, struct entry *e, struct err *err)
{
	return e->dir || load_dir(rt->repo, &e->id, &e->dir, err);
}

/* The entry at `path`; *ret is NULL when there is none. With `blocked`, say whether a
 * file or symlink stands where a folder is needed. */
static bool walk(struct repo_tree *rt, struct str path, struct entry **ret, bool *blocked,
		 struct err *err)
{
	struct dir *d = rt->root;
	struct entry *e = NULL;
	struct str name;

	*ret = NULL;
	*blocked = false;
	while (str_cut(&path, '/', &name)) {
		if (e && e->mode != DIR_MODE) {
			*blocked = true;
			return true;
		}
		if (e && !enter(rt, e, err))
			return false;
		d = e ? e->dir : d;
		e = lookup(d, name);
		if (!e)
			return true;
	}
	*ret = e;
	return true;
}

static struct repo_entry entry_of(struct repo_tree *rt, struct str path)
{
	struct entry *e;
	bool blocked;

	if (!walk(rt, path, &e, &blocked, NULL) || !e || e->mode == DIR_MODE)
		return (struct repo_entry){ 0 };
	return (struct repo_entry){ e->mode, e->id };
}

struct repo_entry repo_tree_entry(struct repo_tree *rt, struct str path)
{
	return entry_of(rt, path);
}

bool repo_tree_is_folder(struct repo_tree *rt, struct str path)
{
	struct entry *e;
	bool blocked;

	return walk(rt, path, &e, &blocked, NULL) && e && e->mode == DIR_MODE;
}

/* ---- what changed since the mark ---- */

static void rehash(struct repo_tree *rt)
{
	free(rt->slots);
	rt->n_slots = rt->n_slots ? rt->n_slots * 2 : 64;
	rt->slots = must(calloc(rt->n_slots, sizeof(*rt->slots)));
	for (size_t i = 0; i < rt->touched.n; i++) {
		size_t at = str_hash(rt->touched.v[i].path) & (rt->n_slots - 1);

		while (rt->slots[at])
			at = (at + 1) & (rt->n_slots - 1);
		rt->slots[at] = (uint32_t)i + 1;
	}
}

static void touch(struct repo_tree *rt, struct str path)
{
	size_t at;

	if (rt->touched.n * 2 >= rt->n_slots)
		rehash(rt);
	at = str_hash(path) & (rt->n_slots - 1);
	for (; rt->slots[at]; at = (at + 1) & (rt->n_slots - 1))
		if (str_eq(rt->touched.v[rt->slots[at] - 1].path, path))
			return;
	*ARENA_PUSH(rt->arena, &rt->touched) =
		(struct touched){ arena_str(rt->arena, path), entry_of(rt, path) };
	rt->slots[at] = (uint32_t)rt->touched.n;
}

bool repo_tree_touched(struct repo_tree *rt, struct str path)
{
	size_t at = str_hash(path) & (rt->n_slots - 1);

	for (; rt->slots[at]; at = (at + 1) & (rt->n_slots - 1))
		if (str_eq(rt->touched.v[rt->slots[at] - 1].path, path))
			return true;
	return false;
}

void repo_tree_mark(struct repo_tree *rt)
{
	rt->touched.n = rt->touched.cap = 0;
	rt->touched.v = NULL;
	arena_reset(rt->arena);
	if (rt->slots)
		memset(rt->slots, 0, rt->n_slots * sizeof(*rt->slots));
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct repo_change *)a)->path,
		       ((const struct repo_change *)b)->path);
}

void repo_tree_changes(struct repo_tree *rt, struct arena *a, struct repo_changes *ret)
{
	*ret = (struct repo_changes){ 0 };
	for (size_t i = 0; i < rt->touched.n; i++) {
		struct touched *t = &rt->touched.v[i];
		struct repo_entry now = entry_of(rt, t->path);

		if (!repo_entry_eq(t->old, now))
			*ARENA_PUSH(a, ret) = (struct repo_change){ arena_str(a, t->path),
								    t->old, now };
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_path);
}

/* ---- changing ---- */

static void forget_bytes(struct repo_tree *rt, struct entry *e)
{
	if (!e->bytes)
		return;
	rt->cached -= e->bytes->n;
	e->bytes->next = rt->replaced;
	rt->replaced = e->bytes;
	e->bytes = NULL;
}

void repo_tree_settle(struct repo_tree *rt)
{
	while (rt->replaced) {
		struct bytes *b = rt->replaced;

		rt->replaced = b->next;
		free(b);
	}
}

static bool in_the_way(struct str path, struct err *err)
{
	return err_set(err, ERR_DENIED,
		       "writing " STR_FMT ": a file stands where a folder is needed",
		       STR_ARG(path));
}

/* The folder that holds `path`, made and marked as changed on the way. */
static bool open_parent(struct repo_tree *rt, struct str path, struct dir **ret,
			struct str *ret_name, struct err *err)
{
	struct str rest = path, name;
	struct dir *d = rt->root;

	d->changed = true;
	while (str_cut(&rest, '/', &name) && rest.p) {
		struct entry *e = lookup(d, name);

		if (e && e->mode != DIR_MODE)
			return in_the_way(path, err);
		if (!e) {
			e = insert(d, name, DIR_MODE);
			e->dir = must(calloc(1, sizeof(*e->dir)));
		}
		if (!enter(rt, e, err))
			return false;
		d = e->dir;
		d->changed = true;
	}
	*ret = d;
	*ret_name = name;
	return true;
}

static bool put(struct repo_tree *rt, struct str path, struct repo_entry now,
		struct bytes *bytes, struct err *err)
{
	struct entry *e;
	struct str name = STR_NONE;
	struct dir *d = NULL;

	touch(rt, path);
	if (!open_parent(rt, path, &d, &name, err))
		return false;
	e = lookup(d, name);
	if (e && e->mode == DIR_MODE) {
		if (enter(rt, e, err) && e->dir->n)
			return err_set(err, ERR_CONFLICT,
				       "writing " STR_FMT ": it is a folder",
				       STR_ARG(path));
		delete_entry(d, e);
		e = NULL;
	}
	if (!e)
		e = insert(d, name, now.mode);
	forget_bytes(rt, e);
	e->mode = now.mode;
	e->id = now.id;
	e->bytes = bytes;
	rt->cached += bytes ? bytes->n : 0;
	return true;
}

/* Remove `path` below `d`; folders that become empty go too. */
static bool cut(struct repo_tree *rt, struct dir *d, struct str path, struct err *err)
{
	struct str rest = path, name;
	struct entry *e;

	str_cut(&rest, '/', &name);
	e = lookup(d, name);
	if (!e || (rest.p && e->mode != DIR_MODE))
		return err_set(err, ERR_NOTFOUND, "removing " STR_FMT ": no such file",
			       STR_ARG(path));
	if (rest.p) {
		if (!enter(rt, e, err) || !cut(rt, e->dir, rest, err))
			return false;
		if (!e->dir->n)
			delete_entry(d, e);
	} else {
		forget_bytes(rt, e);
		delete_entry(d, e);
	}
	d->changed = true;
	return true;
}

bool repo_tree_set(struct repo_tree *rt, struct str path, struct repo_entry entry,
		   struct err *err)
{
	if (entry.mode)
		return put(rt, path, entry, NULL, err);
	touch(rt, path);
	return cut(rt, rt->root, path, err);
}

/* ---- writing ---- */

static bool write_dir(struct repo_tree *rt, struct dir *d, struct strbuf *raw,
		      struct repo_id *ret, struct err *err)
{
	git_oid oid;

	for (size_t i = 0; i < d->n; i++) {
		struct entry *e = &d->v[i];

		if (e->dir && e->dir->changed && !write_dir(rt, e->dir, raw, &e->id, err))
			return false;
	}
	strbuf_clear(raw);
	for (size_t i = 0; i < d->n; i++) {
		const struct entry *e = &d->v[i];
		char mode[8] = { 0 };
		size_t k = sizeof(mode) - 1;

		for (unsigned m = e->mode; m; m >>= 3)
			mode[--k] = (char)('0' + (m & 7));
		strbuf_addz(raw, mode + k);
		strbuf_addc(raw, ' ');
		strbuf_add(raw, str_n(e->name, e->n + 1));
		strbuf_add(raw, str_n((const char *)e->id.b, sizeof(e->id)));
	}
	if (!strbuf_ok(raw, "tree", err))
		return false;
	if (!objects_put(rt->repo, strbuf_str(raw), GIT_OBJECT_TREE, &oid, err))
		return false;
	memcpy(ret, &oid, sizeof(oid));
	d->changed = false;
	return true;
}

bool repo_tree_write(struct repo_tree *rt, struct repo_id *ret, struct err *err)
{
	STRBUF_AUTO(raw, (size_t)256 << 20);

	if (rt->root->changed && !write_dir(rt, rt->root, &raw, &rt->root_id, err))
		return false;
	*ret = rt->root_id;
	return true;
}

/* ---- the door ---- */

static bool door_read(void *ctx, struct str path, struct arena *a, struct tree_file *ret,
		      struct err *err)
{
	struct repo_tree *rt = ctx;
	struct entry *e;
	struct str bytes;
	bool blocked;

	if (!walk(rt, path, &e, &blocked, err))
		return false;
	if (blocked)
		return err_set(err, ERR_DENIED, "reading " STR_FMT ": beyond a symlink",
			       STR_ARG(path));
	if (!e || e->mode == DIR_MODE)
		return err_set(err, ERR_NOTFOUND, "reading " STR_FMT ": no such file",
			       STR_ARG(path));
	if (e->mode == SUB_MODE) {
		char hex[REPO_HEX + 1];

		repo_id_hex(&e->id, hex);
		bytes = arena_strf(a, "Subproject commit %s\n", hex);
	} else if (e->bytes) {
		bytes = str_n(e->bytes->p, e->bytes->n);
	} else if (!repo_blob_read(rt->repo, &e->id, a, &bytes, err)) {
		return err_wrap(err, "reading " STR_FMT, STR_ARG(path));
	}
	*ret = (struct tree_file){ bytes, e->mode };
	return true;
}

static unsigned door_mode(void *ctx, struct str path)
{
	struct entry *e;
	bool blocked;

	return walk(ctx, path, &e, &blocked, NULL) && e ? e->mode : 0;
}

static bool door_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		      struct err *err)
{
	struct repo_tree *rt = ctx;
	struct repo_id id;

	return repo_blob_find(rt->repo, oid, &id, err) &&
	       repo_blob_read(rt->repo, &id, a, ret, err);
}

static bool door_renamed(void *ctx, struct str path, struct arena *a, struct str *ret)
{
	struct repo_tree *rt = ctx;

	return repo_renames_find(rt->repo, path, a, ret);
}

static void door_expect(void *ctx, const struct str *paths, size_t n)
{
	struct repo_tree *rt = ctx;

	repo_renames_expect(rt->repo, paths, n);
}

static bool door_write(void *ctx, struct str path, struct str bytes, unsigned mode,
		       struct err *err)
{
	struct repo_tree *rt = ctx;
	struct repo_entry now = { .mode = mode };
	struct bytes *keep = NULL;

	if (mode == SUB_MODE) {
		struct str hex = str_rtrim(bytes);

		if (!str_skip(&hex, STR("Subproject commit ")) ||
		    !repo_id_parse(hex, &now.id))
			return err_set(err, ERR_PARSE,
				       "writing submodule " STR_FMT ": no commit id",
				       STR_ARG(path));
		return put(rt, path, now, NULL, err);
	}
	if (!repo_blob_write(rt->repo, bytes, &now.id, err))
		return err_wrap(err, "writing " STR_FMT, STR_ARG(path));
	if (rt->cached + bytes.n < CACHE_MAX) {
		keep = must(malloc(sizeof(*keep) + bytes.n));
		keep->n = bytes.n;
		if (bytes.n)
			memcpy(keep->p, bytes.p, bytes.n);
	}
	if (put(rt, path, now, keep, err))
		return true;
	free(keep);
	return false;
}

static bool door_remove(void *ctx, struct str path, struct err *err)
{
	return repo_tree_set(ctx, path, (struct repo_entry){ 0 }, err);
}

struct visit {
	struct repo_tree *rt;
	bool (*fn)(void *arg, struct str path, unsigned mode);
	void *arg;
	struct strbuf path;
};

static bool visit_dir(struct visit *v, struct dir *d)
{
	size_t base = v->path.n;
	bool go = true;

	for (size_t i = 0; go && i < d->n; i++) {
		struct entry *e = &d->v[i];

		strbuf_add(&v->path, str_n(e->name, e->n));
		if (e->mode != DIR_MODE) {
			go = v->fn(v->arg, strbuf_str(&v->path), e->mode);
		} else if (enter(v->rt, e, NULL)) {
			strbuf_addc(&v->path, '/');
			go = visit_dir(v, e->dir);
		}
		strbuf_truncate(&v->path, base);
	}
	return go;
}

static void door_each(void *ctx, bool (*fn)(void *arg, struct str path, unsigned mode),
		      void *arg)
{
	struct repo_tree *rt = ctx;
	struct visit v = { rt, fn, arg, STRBUF(65536) };

	visit_dir(&v, rt->root);
	strbuf_free(&v.path);
}

struct tree repo_tree_door(struct repo_tree *rt)
{
	static const struct tree_ops ops = {
		.read = door_read,
		.mode = door_mode,
		.blob = door_blob,
		.write = door_write,
		.remove = door_remove,
		.renamed = door_renamed,
		.expect = door_expect,
		.each = door_each,
	};

	return (struct tree){ &ops, rt };
}

/* ---- life ---- */

bool repo_tree_open(struct repo *repo, const char *hex, struct repo_tree **ret,
		    struct err *err)
{
	AUTO(repo_tree) rt = must(calloc(1, sizeof(*rt)));
	git_object *object = NULL, *tree = NULL;
	git_oid oid;
	int rc;

	rt->repo = repo;
	rt->arena = arena_new();
	rehash(rt);
	if (!hex[0]) {
		rt->root = must(calloc(1, sizeof(*rt->root)));
		rt->root->changed = true;
	} else {
		if ((rc = git_oid_fromstr(&oid, hex)) < 0 ||
		    (rc = git_object_lookup(&object, repo->git, &oid, GIT_OBJECT_ANY)) <
			    0 ||
		    (rc = git_object_peel(&tree, object, GIT_OBJECT_TREE)) < 0) {
			git_object_free(object);
			return repo_git_err(err, rc, "opening the tree of %s", hex);
		}
		memcpy(&rt->root_id, git_object_id(tree), sizeof(rt->root_id));
		git_object_free(tree);
		git_object_free(object);
		if (!load_dir(repo, &rt->root_id, &rt->root, err))
			return false;
	}
	*ret = rt;
	rt = NULL;
	return true;
}

void repo_tree_free(struct repo_tree *rt)
{
	if (!rt)
		return;
	repo_tree_settle(rt);
	dir_free(rt->root);
	arena_free(rt->arena);
	free(rt->slots);
	free(rt);
}
