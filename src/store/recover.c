/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Good copies and what they are for. A copy is made by VACUUM INTO under another name,
 * checked, and only then renamed to notes-<seconds>.db in the state folder; the oldest
 * beyond STORE_COPIES go. When a page of the file turns out broken, a mark is left; the
 * next opening checks the file and, if it is damaged, keeps it under another name and
 * puts the newest sound copy in its place.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "impl.h"

enum { FILE_MAX = INT32_MAX };

struct copies {
	int64_t *v; /* seconds in the names, newest first */
	size_t n, cap;
};

static int newest_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

static void list_copies(const struct store *s, struct arena *a, struct copies *ret)
{
	DIR *d = s->state ? opendir(s->state) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct str name = str_of(e->d_name);
		uint64_t t;

		if (str_skip(&name, STR("notes-")) && str_ends(name, STR(".db")) &&
		    str_to_u64(str_n(name.p, name.n - 3), &t) && t < INT64_MAX)
			*ARENA_PUSH(a, ret) = (int64_t)t;
	}
	if (d)
		closedir(d);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), newest_first);
}

static const char *copy_name(const struct store *s, struct arena *a, int64_t t)
{
	return arena_printf(a, "%s/notes-%lld.db", s->state, (long long)t);
}

static const char *mark_name(const struct store *s, struct arena *a)
{
	return arena_printf(a, "%s/check-the-notes", s->state);
}

void recover_suspect(const struct store *s)
{
	AUTO(arena) a = arena_new();
	int fd;

	if (!s->state || s->mode != STORE_WRITABLE || !file_mkdirs(s->state, NULL))
		return;
	fd = open(mark_name(s, a), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		close(fd);
}

/* Is every page of this file in order? */
static bool sound(const struct store *s, const char *file)
{
	struct db db = { 0 };
	sqlite3_stmt *q;
	bool ok = false;

	if (!db_open(&db, file, DB_READ, s->vfs, NULL))
		return false;
	q = db_query(&db, NULL, "PRAGMA quick_check(1)", "");
	if (q && db_step(&db, q, NULL) > 0)
		ok = str_eq(db_col(q, 0), STR("ok"));
	if (ok) {
		int64_t notes = -1;

		ok = db_int(&db, NULL, &notes,
			    "SELECT value FROM fact WHERE name = 'notes'", "") &&
		     notes >= 0;
	}
	db_close(&db);
	return ok;
}

bool recover_wanted(const struct store *s, const char *file)
{
	AUTO(arena) a = arena_new();
	bool wanted;

	if (!s->state || !file_exists(mark_name(s, a)))
		return false;
	wanted = !sound(s, file);
	if (!wanted)
		unlink(mark_name(s, a));
	return wanted;
}

/* Move the file and its log aside; `*ret` is the name it is kept under. */
static bool put_aside(const struct store *s, struct arena *a, const char *file,
		      const char **ret, struct err *err)
{
	static const char *const parts[] = { "-wal", "-shm", "" };
	struct tm tm = { 0 };
	time_t now = (time_t)store_now(s);
	char when[32];

	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y%m%d-%H%M%S", &tm);
	*ret = arena_printf(a, "%s.broken-%s", file, when);
	for (int i = 2; file_exists(*ret); i++)
		*ret = arena_printf(a, "%s.broken-%s-%d", file, when, i);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *from = arena_printf(a, "%s%s", file, parts[i]);
		const char *to = arena_printf(a, "%s%s", *ret, parts[i]);

		if (rename(from, to) < 0 && errno != ENOENT)
			return err_sys(err, errno, "keeping the broken notes as %s", to);
	}
	return true;
}

static bool install_copy(const char *copy, const char *file, struct err *err)
{
	STRBUF_AUTO(bytes, FILE_MAX);

	return file_read(copy, &bytes, err) &&
	       file_write_atomic(file, strbuf_str(&bytes), 0600, err);
}

static const char *day(struct arena *a, int64_t t)
{
	struct tm tm = { 0 };
	time_t when = (time_t)t;
	char text[32];

	localtime_r(&when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	return arena_printf(a, "%s", text);
}

/* With the lock held: nobody else repairs the same file. */
static bool replace(struct store *s, const char *file, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct copies copies = { 0 };
	const char *kept, *then = "There was no good copy: the notes begin anew.";

	if (file_exists(file) && sound(s, file))
		return true;
	if (!put_aside(s, a, file, &kept, err))
		return false;
	list_copies(s, a, &copies);
	for (size_t i = 0; i < copies.n; i++) {
		if (!sound(s, copy_name(s, a, copies.v[i])))
			continue;
		if (!install_copy(copy_name(s, a, copies.v[i]), file, err))
			return false;
		then = arena_printf(a,
				    "The copy of %s took its place; later changes are "
				    "only in the broken file.",
				    day(a, copies.v[i]));
		break;
	}
	s->notice = arena_printf(s->arena,
				 "The notes were damaged; the file is kept as %s. %s",
				 kept, then);
	if (s->state)
		unlink(mark_name(s, a));
	return true;
}

bool recover_file(struct store *s, const char *file, struct err *err)
{
	const char *lock = arena_printf(s->arena, "%s.lock", file);
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		err_sys(err, errno, "locking %s", lock);
		if (fd >= 0)
			close(fd);
		return false;
	}
	ok = replace(s, file, err);
	unlink(lock);
	close(fd);
	return ok;
}

static bool write_copy(const struct store *s, struct arena *a, const char *to,
		       struct err *err)
{
	struct db db = { 0 };
	const char *tmp = arena_printf(a, "%s/copy-%d", s->state, (int)getpid());
	bool ok;

	unlink(tmp);
	ok = db_open(&db, s->path, DB_READ, s->vfs, err) &&
	     db_run(&db, err, "VACUUM INTO ?1", "s", str_of(tmp));
	if (db.corrupt)
		recover_suspect(s);
	db_close(&db);
	if (ok && !sound(s, tmp))
		ok = err_set(err, ERR_PARSE, "copying the notes: %s: the copy is damaged",
			     tmp);
	if (ok && rename(tmp, to) < 0)
		ok = err_sys(err, errno, "copying the notes to %s", to);
	if (!ok)
		unlink(tmp);
	return ok;
}

bool store_copy(struct store *s, int64_t age_s, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct copies copies = { 0 };
	int64_t now = store_now(s);

	if (!s->state || s->mode != STORE_WRITABLE)
		return true;
	if (!file_mkdirs(s->state, err))
		return false;
	list_copies(s, a, &copies);
	if (copies.n && copies.v[0] > now - age_s)
		return true;
	if (!write_copy(s, a, copy_name(s, a, now), err))
		return false;
	for (size_t i = STORE_COPIES - 1; i < copies.n; i++)
		unlink(copy_name(s, a, copies.v[i]));
	return true;
}
