/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was decided at the desk, and how it was before:
 *
 *     log       "12 taken 3 <hash> 'mm/x.c.rej' 'mm/x.c'", a line a decision;
 *               "undone 12" takes one back
 *     12.file   the file before, 12.rej the .rej before, 12.hunk the hunk
 *     ids       a line a hunk ever seen: its hash; the line's number is its id
 *
 * A decision is written down before a file is touched, so a kill leaves at worst one that
 * has not happened yet: undoing it changes nothing.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "desk_priv.h"

enum { LOG_MAX = 16 << 20, KEPT_MAX = 1 << 30, STALE_S = 3600 };

static const char *place(const struct desk *d, struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", d->state, name);
}

static bool read_state(struct desk *d, const char *name, struct strbuf *b,
		       struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = place(d, a, name);

	return !file_exists(path) || file_read(path, b, err);
}

static bool parse_status(struct str word, enum desk_status *ret)
{
	for (int i = DESK_TAKEN; i <= DESK_EDITED; i++) {
		if (str_eq(word, str_of(desk_status_name((enum desk_status)i)))) {
			*ret = (enum desk_status)i;
			return true;
		}
	}
	return false;
}

static bool parse_decision(struct arena *a, struct str line, struct decision *ret)
{
	struct str number, status, id, hash;
	struct am_words names;
	uint64_t n, i;

	if (!str_word(&line, &number) || !str_word(&line, &status) ||
	    !str_word(&line, &id) || !str_word(&line, &hash) || !str_to_u64(number, &n) ||
	    !str_to_u64(id, &i) || !str_to_u64(hash, &ret->after) ||
	    !parse_status(status, &ret->status) ||
	    !am_unquote(str_trim(line), a, &names, NULL) || names.n != 2)
		return false;
	ret->number = (unsigned)n;
	ret->id = (unsigned)i;
	ret->rej = names.v[0];
	ret->file = names.v[1];
	ret->undone = false;
	return true;
}

bool log_load(struct desk *d, struct arena *a, struct decisions *ret, struct err *err)
{
	STRBUF_AUTO(text, LOG_MAX);
	struct str all;

	*ret = (struct decisions){ 0 };
	if (!read_state(d, "log", &text, err))
		return false;
	all = arena_str(a, strbuf_str(&text));
	STR_EACH_LINE (line, all) {
		struct decision one = { 0 };
		uint64_t number;

		if (str_skip(&line, STR("undone ")) && str_to_u64(line, &number)) {
			for (size_t i = 0; i < ret->n; i++)
				ret->v[i].undone |= ret->v[i].number == number;
		} else if (parse_decision(a, line, &one)) {
			*ARENA_PUSH(a, ret) = one;
		}
	}
	return true;
}

static bool write_log(struct desk *d, struct str line, struct err *err)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, LOG_MAX);

	if (!file_mkdirs(d->state, err) || !read_state(d, "log", &text, err))
		return false;
	strbuf_add(&text, line);
	return strbuf_ok(&text, "the desk's log", err) &&
	       file_write_atomic(place(d, a, "log"), strbuf_str(&text), 0600, err);
}

/* Keep a file of the tree as "<number>.<what>"; one that is not there is not kept. */
static bool keep(struct desk *d, unsigned number, const char *what, struct str path,
		 struct err *err)
{
	AUTO(arena) a = arena_new();
	struct err why = { 0 };
	struct str bytes;

	if (!path.n)
		return true;
	if (!files_read(d->files, path, a, &bytes, &why)) {
		if (why.code == ERR_NOTFOUND)
			return true;
		if (err)
			*err = why;
		return false;
	}
	return file_write_atomic(place(d, a, arena_printf(a, "%u.%s", number, what)),
				 bytes, 0600, err);
}

bool log_add(struct desk *d, const struct decision *what, struct str hunk,
	     struct err *err)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(line, 16384);
	struct decisions all;
	unsigned number;

	if (!file_mkdirs(d->state, err) || !log_load(d, a, &all, err))
		return false;
	number = all.n ? all.v[all.n - 1].number + 1 : 1;
	if (!keep(d, number, "file", what->file, err) ||
	    !keep(d, number, "rej", what->rej, err) ||
	    !file_write_atomic(place(d, a, arena_printf(a, "%u.hunk", number)), hunk,
			       0600, err))
		return false;
	strbuf_addf(&line, "%u %s %u 0x%llx ", number, desk_status_name(what->status),
		    what->id, (unsigned long long)what->after);
	am_quote(what->rej, &line);
	strbuf_addc(&line, ' ');
	am_quote(what->file, &line);
	strbuf_addc(&line, '\n');
	return write_log(d, strbuf_str(&line), err);
}

bool log_undone(struct desk *d, unsigned number, struct err *err)
{
	STRBUF_AUTO(line, 64);

	strbuf_addf(&line, "undone %u\n", number);
	return write_log(d, strbuf_str(&line), err);
}

bool log_kept(struct desk *d, unsigned number, const char *what, struct arena *a,
	      struct str *ret, struct err *err)
{
	const char *path = place(d, a, arena_printf(a, "%u.%s", number, what));
	STRBUF_AUTO(b, KEPT_MAX);

	*ret = STR_NONE;
	if (!file_exists(path))
		return true;
	if (!file_read(path, &b, err))
		return false;
	*ret = arena_str(a, strbuf_str(&b));
	return true;
}

bool log_ids(struct desk *d, struct arena *a, struct desk_ids *ret, struct err *err)
{
	STRBUF_AUTO(text, LOG_MAX);
	struct desk_ids ids = { .a = a };
	unsigned n = 0;

	if (!read_state(d, "ids", &text, err))
		return false;
	ids.before = arena_str(a, strbuf_str(&text));
	STR_EACH_LINE (line, ids.before) {
		size_t *id = strmap_at(&ids.known, line, a);

		n++;
		if (!*id)
			*id = n;
	}
	ids.n = n;
	*ret = ids;
	return true;
}

unsigned log_id(struct desk_ids *ids, uint64_t hash)
{
	struct str line = arena_strf(ids->a, "0x%llx", (unsigned long long)hash);
	size_t *id = strmap_at(&ids->known, line, ids->a);

	if (!*id) {
		*ARENA_PUSH(ids->a, &ids->fresh) = line;
		*id = ++ids->n;
	}
	return (unsigned)*id;
}

bool log_ids_save(struct desk *d, const struct desk_ids *ids, struct err *err)
{
	STRBUF_AUTO(text, LOG_MAX);

	if (!ids->fresh.n)
		return true;
	strbuf_add(&text, ids->before);
	for (size_t i = 0; i < ids->fresh.n; i++) {
		strbuf_add(&text, ids->fresh.v[i]);
		strbuf_addc(&text, '\n');
	}
	return file_mkdirs(d->state, err) && strbuf_ok(&text, "the desk's ids", err) &&
	       file_write_atomic(place(d, ids->a, "ids"), strbuf_str(&text), 0600, err);
}

void log_forget_stale(struct desk *d, size_t open)
{
	AUTO(arena) a = arena_new();
	struct decisions all;
	struct stat st;

	if (open || d->session || stat(place(d, a, "log"), &st) < 0 ||
	    time(NULL) - st.st_mtime < STALE_S || !log_load(d, a, &all, NULL))
		return;
	unlink(place(d, a, "log"));
	unlink(place(d, a, "ids"));
	for (size_t i = 0; i < all.n; i++) {
		static const char *const kinds[] = { "file", "rej", "hunk" };

		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
			unlink(place(
				d, a,
				arena_printf(a, "%u.%s", all.v[i].number, kinds[k])));
	}
}
