/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New objects of a run: see objects.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "objects.h"
#include "patch/deflate.h"
#include "sha1.h"

enum { LOOSE_MAX = 24, PACK_BYTES_MAX = 1 << 30 };

struct object {
	git_oid id;
	git_object_t type;
	struct str bytes;
	uint32_t crc, offset;
};

struct objects {
	struct arena *arena;
	struct object *v;
	size_t n, cap;
	uint32_t *slots; /* by id: number + 1 */
	size_t n_slots, bytes;
};

void objects_collect(struct repo *repo)
{
	if (repo->objects)
		return;
	repo->objects = calloc(1, sizeof(*repo->objects));
	if (!repo->objects)
		abort();
	repo->objects->arena = arena_new();
}

void objects_free(struct objects *o)
{
	if (!o)
		return;
	arena_free(o->arena);
	free(o->slots);
	free(o);
}

static size_t slot_of(const struct objects *o, const git_oid *id)
{
	size_t at;

	memcpy(&at, id->id, sizeof(at));
	for (at &= o->n_slots - 1; o->slots[at]; at = (at + 1) & (o->n_slots - 1))
		if (git_oid_equal(&o->v[o->slots[at] - 1].id, id))
			break;
	return at;
}

static void grow(struct objects *o)
{
	if (o->n * 2 < o->n_slots)
		return;
	free(o->slots);
	o->n_slots = o->n_slots ? o->n_slots * 2 : 256;
	o->slots = calloc(o->n_slots, sizeof(*o->slots));
	if (!o->slots)
		abort();
	for (size_t i = 0; i < o->n; i++)
		o->slots[slot_of(o, &o->v[i].id)] = (uint32_t)i + 1;
}

bool objects_put(struct repo *repo, struct str bytes, git_object_t type, git_oid *ret,
		 struct err *err)
{
	struct objects *o = repo->objects;
	const char *p = bytes.p ? bytes.p : "";
	size_t at;
	int rc;

	if (!o || bytes.n > PACK_BYTES_MAX / 8) {
		rc = git_odb_write(ret, repo->odb, p, bytes.n, type);
		return rc == 0 || repo_git_err(err, rc, "storing an object");
	}
	if (o->bytes + bytes.n > PACK_BYTES_MAX / 2 && !objects_save(repo, err))
		return false;
	rc = git_odb_hash(ret, p, bytes.n, type);
	if (rc < 0)
		return repo_git_err(err, rc, "hashing an object");
	grow(o);
	at = slot_of(o, ret);
	if (o->slots[at])
		return true;
	*ARENA_PUSH(o->arena, o) = (struct object){ .id = *ret,
						    .type = type,
						    .bytes = arena_str(o->arena, bytes) };
	o->bytes += bytes.n;
	o->slots[at] = (uint32_t)o->n;
	return true;
}

bool objects_find(struct repo *repo, const git_oid *id, struct str *ret)
{
	struct objects *o = repo->objects;
	size_t at;

	if (!o || !o->n)
		return false;
	at = slot_of(o, id);
	if (!o->slots[at])
		return false;
	*ret = o->v[o->slots[at] - 1].bytes;
	return true;
}

/* ---- the pack ---- */

static void put32(struct strbuf *b, uint32_t v)
{
	const char bytes[] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8),
			       (char)v };

	strbuf_add(b, str_n(bytes, 4));
}

/* Three bits of type, the size in 4 + 7 + 7 ... bits, lowest first. */
static void put_header(struct strbuf *b, git_object_t type, size_t size)
{
	unsigned c = (unsigned)type << 4 | (size & 15);

	for (size >>= 4; size; size >>= 7) {
		strbuf_addc(b, (char)(c | 0x80));
		c = size & 0x7f;
	}
	strbuf_addc(b, (char)c);
}

static void seal(struct strbuf *b, unsigned char ret[20])
{
	struct sha1 sum;

	sha1_init(&sum);
	sha1_add(&sum, strbuf_str(b));
	sha1_end(&sum, ret);
	strbuf_add(b, str_n((const char *)ret, 20));
}

static bool print_pack(struct objects *o, struct strbuf *b, unsigned char ret[20],
		       struct err *err)
{
	strbuf_add(b, str_n("PACK", 4));
	put32(b, 2);
	put32(b, (uint32_t)o->n);
	for (size_t i = 0; i < o->n; i++) {
		struct object *x = &o->v[i];
		size_t from = b->n;

		x->offset = (uint32_t)from;
		put_header(b, x->type, x->bytes.n);
		if (!deflate_fast(x->bytes, b, err))
			return false;
		x->crc = deflate_crc(str_from(strbuf_str(b), from));
	}
	seal(b, ret);
	return strbuf_ok(b, "pack", err);
}

static int by_id(const void *a, const void *b)
{
	return git_oid_cmp(&((const struct object *)a)->id,
			   &((const struct object *)b)->id);
}

/* gitformat-pack(5), "pack-*.idx files", version 2; `v` sorted by id. */
static void print_index(const struct objects *o, const unsigned char pack[20],
			struct strbuf *b)
{
	unsigned char sum[20];

	strbuf_add(b, str_n("\377tOc", 4));
	put32(b, 2);
	for (size_t first = 0, i = 0; first < 256; first++) {
		while (i < o->n && o->v[i].id.id[0] <= first)
			i++;
		put32(b, (uint32_t)i);
	}
	for (size_t i = 0; i < o->n; i++)
		strbuf_add(b, str_n((const char *)o->v[i].id.id, 20));
	for (size_t i = 0; i < o->n; i++)
		put32(b, o->v[i].crc);
	for (size_t i = 0; i < o->n; i++)
		put32(b, o->v[i].offset);
	strbuf_add(b, str_n((const char *)pack, 20));
	seal(b, sum);
}

/* git gc knows and removes tmp_pack_* that a kill left. */
static bool put_file(struct repo *repo, const char *path, struct str bytes,
		     struct err *err)
{
	char tmp[4096];
	bool ok;
	int fd;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s/objects/pack/tmp_pack_XXXXXX",
			     repo->commondir) >= sizeof(tmp))
		return err_set(err, ERR_LIMIT, "writing %s: the name is too long", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "writing %s", path);
	ok = file_write_fd(fd, bytes, path, err);
	if (ok && fchmod(fd, 0444) < 0)
		ok = err_sys(err, errno, "writing %s", path);
	return file_finish(fd, ok, tmp, path, err);
}

static bool save_pack(struct repo *repo, struct err *err)
{
	struct objects *o = repo->objects;
	STRBUF_AUTO(pack, PACK_BYTES_MAX);
	STRBUF_AUTO(index, PACK_BYTES_MAX);
	unsigned char sum[20];
	char path[4096], hex[41];
	git_oid name;

	if (!print_pack(o, &pack, sum, err))
		return false;
	qsort(o->v, o->n, sizeof(*o->v), by_id);
	print_index(o, sum, &index);
	memcpy(name.id, sum, sizeof(sum));
	git_oid_tostr(hex, sizeof(hex), &name);
	snprintf(path, sizeof(path), "%s/objects/pack/pack-%s.pack", repo->commondir,
		 hex);
	if (!put_file(repo, path, strbuf_str(&pack), err))
		return false;
	/* The index makes the pack known: last. */
	snprintf(path, sizeof(path), "%s/objects/pack/pack-%s.idx", repo->commondir, hex);
	if (!put_file(repo, path, strbuf_str(&index), err))
		return false;
	git_odb_refresh(repo->odb);
	return true;
}

static bool save_loose(struct repo *repo, struct err *err)
{
	struct objects *o = repo->objects;
	git_oid id;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < o->n; i++)
		rc = git_odb_write(&id, repo->odb, o->v[i].bytes.p, o->v[i].bytes.n,
				   o->v[i].type);
	return rc == 0 || repo_git_err(err, rc, "storing an object");
}

bool objects_save(struct repo *repo, struct err *err)
{
	struct objects *o = repo->objects;

	if (!o || !o->n)
		return true;
	if (!(o->n > LOOSE_MAX ? save_pack(repo, err) : save_loose(repo, err)))
		return false;
	arena_reset(o->arena);
	o->v = NULL;
	o->n = o->cap = o->bytes = 0;
	memset(o->slots, 0, o->n_slots * sizeof(*o->slots));
	return true;
}
