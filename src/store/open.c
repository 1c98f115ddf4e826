/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening: the ladder from a healthy file down to notes in memory. Each rung says what it
 * had to do in the notice, never on the terminal.
 *
 *   file opens, schema is ours or older      -> brought up to date, written
 *   schema is newer                          -> refused, nothing is written
 *   pages are broken                         -> recover.c, then once more
 *   file or folder cannot be written         -> read-only
 *   read-only and of an older schema         -> a copy in memory
 *   no file and none can be made             -> in memory
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "impl.h"
#include "schema.h"

static bool read_version(struct db *db, int64_t *ret, struct err *err)
{
	return db_int(db, err, ret, "PRAGMA user_version", "");
}

static bool too_new(const struct store *s, int64_t version, struct err *err)
{
	err_set(err, ERR_CONFLICT,
		"opening the notes: %s: a newer kcrib made it (schema %d, this one knows "
		"%d)",
		s->path, (int)version, schema_version);
	return err_hint(err, "update kcrib, or name another file with --db; "
			     "this one was not touched");
}

/* All missing steps in one transaction; another process may be faster. */
bool schema_apply(struct db *db, struct err *err)
{
	int64_t version = 0;
	char sql[40];

	if (!db_exec(db, "BEGIN IMMEDIATE", err))
		return false;
	if (!read_version(db, &version, err))
		goto fail;
	for (; version < schema_version; version++)
		if (!db_exec(db, schema_files[version], err))
			goto fail;
	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA user_version = %d", schema_version);
	if (db_exec(db, sql, err) && db_exec(db, "COMMIT", err))
		return true;
fail:
	db_try(db, "ROLLBACK");
	return false;
}

/* Add one sentence to what the user will be told. */
static void tell(struct store *s, const char *text)
{
	s->notice =
		arena_printf(s->arena, "%s%s%s", s->notice, *s->notice ? " " : "", text);
}

static bool set_up(struct store *s, int64_t version, struct err *err)
{
	/* synchronous=FULL: see store.h. A commit is one sync of the log. */
	const char *sync =
		s->no_sync ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL";

	if (version == 0 && s->mode == STORE_WRITABLE &&
	    !db_exec(&s->db, "PRAGMA journal_mode = WAL", err))
		return false;
	if (!db_exec(&s->db, sync, err))
		return false;
	tidy_watch(&s->todo);
	return version == schema_version || schema_apply(&s->db, err);
}

static bool open_memory(struct store *s, struct err *err)
{
	s->mode = STORE_MEMORY;
	s->vfs = NULL;
	/* a name with a slash is shared by the connections of this process (memdb) */
	s->path = arena_printf(s->arena, "file:/kcrib-%d-%p?vfs=memdb", (int)getpid(),
			       (void *)s);
	return db_open(&s->db, s->path, DB_WRITE, NULL, err) && set_up(s, 0, err);
}

/* Copy the open read-only file into memory, to bring its schema up to date there. */
static bool copy_to_memory(struct store *s, struct err *err)
{
	struct db file = s->db;
	sqlite3_backup *b;
	int rc = SQLITE_ERROR;

	s->db = (struct db){ 0 };
	s->mode = STORE_MEMORY;
	s->path = arena_printf(s->arena, "file:/kcrib-%d-%p?vfs=memdb", (int)getpid(),
			       (void *)s);
	if (db_open(&s->db, s->path, DB_WRITE, NULL, err)) {
		b = sqlite3_backup_init(s->db.h, "main", file.h, "main");
		if (b) {
			(void)sqlite3_backup_step(b, -1);
			rc = sqlite3_backup_finish(b);
		}
		if (rc != SQLITE_OK)
			db_fail(&s->db, rc, err, "copying");
	}
	db_close(&file);
	return rc == SQLITE_OK && set_up(s, 1, err);
}

static bool open_readonly(struct store *s, const char *file, struct err *err)
{
	int64_t version = 0;
	bool ok;

	s->mode = STORE_READONLY;
	ok = db_open(&s->db, file, DB_READ, s->vfs, err) &&
	     read_version(&s->db, &version, err);
	if (!ok && !s->db.corrupt) {
		/* no log can be made in this folder: read the file as it stands */
		db_close(&s->db);
		ok = db_open(&s->db, file, DB_IMMUTABLE, s->vfs, err) &&
		     read_version(&s->db, &version, err);
	}
	if (!ok)
		return false;
	if (version > schema_version)
		return too_new(s, version, err);
	if (version == schema_version) {
		tell(s, arena_printf(s->arena,
				     "%s cannot be written: the notes are read-only.",
				     file));
		return true;
	}
	tell(s, arena_printf(s->arena,
			     "%s cannot be written and is of an older kcrib: these notes "
			     "are a copy in memory, and what you save now ends with this "
			     "program.",
			     file));
	return version ? copy_to_memory(s, err) : open_memory(s, err);
}

/* The rung for a file that is there and ours to write. */
static bool open_writable(struct store *s, const char *file, struct err *err)
{
	int64_t version = 0;

	s->mode = STORE_WRITABLE;
	if (!db_open(&s->db, file, DB_WRITE, s->vfs, err) ||
	    !read_version(&s->db, &version, err))
		return false;
	if (version > schema_version) {
		int off = 1;

		(void)sqlite3_db_config(s->db.h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, off,
					NULL);
		return too_new(s, version, err);
	}
	return set_up(s, version, err);
}

static bool folder_ready(const char *file, struct err *err)
{
	char dir[PATH_MAX];

	if ((size_t)snprintf(dir, sizeof(dir), "%s", file) >= sizeof(dir))
		return err_set(err, ERR_LIMIT, "opening the notes: %s: name too long",
			       file);
	return file_mkdirs(dirname(dir), err);
}

static bool writable(const char *file)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s", file);
	return access(file, W_OK) == 0 && access(dirname(dir), W_OK) == 0;
}

/* Notes are nobody else's to read: sqlite gives its log the mode of the file. */
static void make_private(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static bool open_file(struct store *s, const char *file, struct err *err)
{
	bool there = file_exists(file);

	s->path = file;
	if (!there && (!folder_ready(file, err) ||
		       access(dirname(arena_printf(s->arena, "%s", file)), W_OK) < 0)) {
		tell(s, arena_printf(s->arena,
				     "%s cannot be made: the notes are in memory, and "
				     "what you save now ends with this program.",
				     file));
		return open_memory(s, err);
	}
	if (!there)
		make_private(file);
	if (there && !writable(file))
		return open_readonly(s, file, err);
	if (there && recover_wanted(s, file) && !recover_file(s, file, err))
		return false;
	if (open_writable(s, file, err))
		return true;
	if (s->db.h && sqlite3_extended_errcode(s->db.h) == SQLITE_READONLY) {
		db_close(&s->db);
		return open_readonly(s, file, err);
	}
	if (!s->db.corrupt)
		return false;
	db_close(&s->db);
	s->db.corrupt = false;
	return recover_file(s, file, err) && open_writable(s, file, err);
}

bool store_open(const struct store_options *opt, struct store **ret, struct err *err)
{
	struct store *s = calloc(1, sizeof(*s));
	bool ok;

	if (!s)
		abort();
	s->arena = arena_new();
	s->scratch = arena_new();
	s->pending_arena = arena_new();
	s->notice = "";
	s->codec = opt->codec;
	tidy_init(&s->todo, &s->db, opt->codec);
	s->now = opt->now;
	s->no_sync = opt->no_sync;
	s->vfs = opt->vfs;
	s->state = opt->state ? arena_printf(s->arena, "%s", opt->state) : NULL;
	ok = opt->path ? open_file(s, arena_printf(s->arena, "%s", opt->path), err)
		       : open_memory(s, err);
	if (ok && s->mode != STORE_READONLY)
		ok = index_refresh(s, err) && builtins_load(s, opt, err);
	if (!ok) {
		store_free(s);
		return false;
	}
	(void)store_changed(s);
	*ret = s;
	return true;
}
