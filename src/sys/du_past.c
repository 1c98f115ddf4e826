/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tree held when it was scanned last, to tell its growth. One record a folder:
 * 64 bits of hash of its path below the start, and its disk bytes. Half a million
 * entries with 25,000 folders make a file of 400 KB. The form:
 *
 *     "kcribdu1", time, number of records; then {hash, disk} sorted by hash, all of them
 *     64-bit little endian; at the end the FNV-1a hash of all bytes before it
 *
 * A hash that two paths share would give a wrong growth; among a million folders the
 * chance of one such pair is 3 in 10^8.
 */
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/file.h"

#include "du_impl.h"

enum { WORD = 8, HEAD = 3 * WORD, RECORD = 2 * WORD };
#define MAX_RECORDS ((uint64_t)1 << 24)

static const char MAGIC[] = "kcribdu1";

struct record {
	uint64_t hash, disk;
};

struct du_past {
	uint64_t n;
	struct record v[];
};

void du_past_free(struct du_past *past)
{
	free(past);
}

bool du_past_find(const struct du_past *past, uint64_t hash, uint64_t *ret)
{
	uint64_t low = 0, high = past->n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (past->v[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == past->n || past->v[low].hash != hash)
		return false;
	*ret = past->v[low].disk;
	return true;
}

/* ---- writing ---- */

static void put_word(struct strbuf *b, uint64_t v)
{
	uint64_t le = htole64(v);

	strbuf_add(b, str_n((const char *)&le, WORD));
}

static int by_hash(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Hashes of all folders, each made from that of the folder above it. */
static uint64_t collect(const struct du *du, struct record *v, uint64_t max)
{
	struct du_walk w = { .top = DU_ROOT, .folder = DU_ROOT };
	size_t cap = 0;
	uint64_t *above = NULL, n = 0;

	for (uint32_t id = DU_ROOT; id != DU_NONE && n < max; id = du_walk_next(du, &w)) {
		const struct du_dir *dir = du_dir_at(du, id);

		if (w.depth + 1 >= cap) {
			cap = (w.depth + 1) * 2 + 64;
			above = realloc(above, cap * sizeof(above[0]));
			if (!above)
				abort();
		}
		above[w.depth] = 0;
		if (w.depth) {
			const struct du_entry *up =
				du_entries(du_dir_at(du, dir->parent));

			above[w.depth] = du_path_hash_add(above[w.depth - 1],
							  du_name(up, &up[dir->slot]));
		}
		v[n++] = (struct record){ above[w.depth], atomic_load(&dir->disk) };
	}
	free(above);
	return n;
}

bool du_save(const struct du *du, const char *file, int64_t now, struct err *err)
{
	uint64_t max = du->n_dirs < MAX_RECORDS ? du->n_dirs : MAX_RECORDS, n;
	STRBUF_AUTO(out, HEAD + MAX_RECORDS * RECORD + WORD);
	struct record *v;

	if (du_running(du) || atomic_load(&du->cancelled))
		return err_set(err, ERR_CONFLICT,
			       "keeping the figures of %s: its scan is not complete",
			       du->path);
	v = calloc(max + 1, sizeof(v[0]));
	if (!v)
		abort();
	n = collect(du, v, max);
	qsort(v, n, sizeof(v[0]), by_hash);
	strbuf_add(&out, str_n(MAGIC, WORD));
	put_word(&out, (uint64_t)now);
	put_word(&out, n);
	for (uint64_t i = 0; i < n; i++) {
		put_word(&out, v[i].hash);
		put_word(&out, v[i].disk);
	}
	put_word(&out, str_hash(strbuf_str(&out)));
	free(v);
	return file_write_atomic(file, strbuf_str(&out), 0600, err);
}

/* ---- reading ---- */

static uint64_t word_at(struct str s, size_t at)
{
	uint64_t le;

	memcpy(&le, s.p + at, WORD);
	return le64toh(le);
}

static bool is_whole(struct str s)
{
	uint64_t n;

	if (s.n < HEAD + WORD || memcmp(s.p, MAGIC, WORD) != 0)
		return false;
	n = word_at(s, 2 * WORD);
	return n <= MAX_RECORDS && s.n == HEAD + n * RECORD + WORD &&
	       word_at(s, s.n - WORD) == str_hash(str_n(s.p, s.n - WORD));
}

bool du_compare(struct du *du, const char *file, int64_t *ret_when, struct err *err)
{
	STRBUF_AUTO(in, HEAD + MAX_RECORDS * RECORD + WORD);
	struct du_past *past;
	struct str s;
	uint64_t n;

	if (!file_read(file, &in, err))
		return false;
	s = strbuf_str(&in);
	if (!is_whole(s)) {
		err_set(err, ERR_PARSE, "comparing with the last scan: %s: damaged",
			file);
		return err_hint(err, "it is written anew after the next complete scan");
	}
	n = word_at(s, 2 * WORD);
	past = calloc(1, sizeof(*past) + n * sizeof(past->v[0]));
	if (!past)
		abort();
	past->n = n;
	for (uint64_t i = 0; i < n; i++)
		past->v[i] = (struct record){ word_at(s, HEAD + i * RECORD),
					      word_at(s, HEAD + i * RECORD + WORD) };
	du_past_free(du->past);
	du->past = past;
	*ret_when = (int64_t)word_at(s, WORD);
	return true;
}

bool du_past_file(struct du *du, struct arena *a, const char **ret, struct err *err)
{
	char real[PATH_MAX];
	const char *dir;

	if (!realpath(du->path, real))
		return err_sys(err, errno, "naming the last scan of %s", du->path);
	if (!file_xdg(a, "XDG_STATE_HOME", ".local/state", "du", &dir, err) ||
	    !file_mkdirs(dir, err))
		return false;
	*ret = arena_printf(a, "%s/%016llx%s", dir,
			    (unsigned long long)str_hash(str_of(real)),
			    du->opt.one_fs ? "-x" : "");
	return true;
}
