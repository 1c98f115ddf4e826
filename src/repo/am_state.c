/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of .git/rebase-apply, in git's own form (git-am(1) and what git writes
 * there): one value a file. "next" and "last" say that a session exists, so they are
 * written last. A run that never stops writes no mail: until then all of them lie in
 * kcrib/series, from which a killed run begins again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"

#define SERIES_PIECE ((size_t)4 << 20)

static const char *path_of(const struct session *s, struct arena *a, const char *name)
{
	return arena_printf(a, "%s/%s", s->dir, name);
}

bool state_exists(const struct session *s, const char *name)
{
	AUTO(arena) a = arena_new();

	return file_exists(path_of(s, a, name));
}

bool state_read(const struct session *s, const char *name, struct arena *a,
		struct str *ret, bool *ret_there, struct err *err)
{
	STRBUF_AUTO(buf, STATE_MAX);
	struct err why = { 0 };

	*ret = STR("");
	*ret_there = false;
	if (!file_read(path_of(s, a, name), &buf, &why)) {
		if (why.sys == ENOENT)
			return true;
		if (err)
			*err = why;
		return false;
	}
	*ret = arena_str(a, strbuf_str(&buf));
	*ret_there = true;
	return true;
}

static bool put_plain(const char *path, struct str bytes, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool ok;

	if (fd < 0)
		return err_sys(err, errno, "writing %s", path);
	ok = file_write_fd(fd, bytes, path, err);
	if (close(fd) < 0 && ok)
		return err_sys(err, errno, "writing %s", path);
	return ok;
}

bool state_put(const struct session *s, const char *name, struct str bytes,
	       struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = path_of(s, a, name);
	const char *tmp = arena_printf(a, "%s.new", path);

	if (!put_plain(tmp, bytes, err)) {
		unlink(tmp);
		return false;
	}
	if (rename(tmp, path) < 0)
		return err_sys(err, errno, "writing %s", path);
	return true;
}

bool state_remove(const struct session *s, const char *name, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = path_of(s, a, name);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, errno, "removing %s", path);
	return true;
}

/* ---- reading ---- */

static bool read_flag(struct session *s, const char *name, bool *ret, struct err *err)
{
	struct str text;
	bool there;

	if (!state_read(s, name, s->arena, &text, &there, err))
		return false;
	*ret = str_eq(str_trim(text), STR("t"));
	return true;
}

/* A word out of a table; -1 for one that is not in it. */
static bool read_word(struct session *s, const char *name, const char *const *words,
		      int *ret, struct err *err)
{
	struct str text;
	bool there;

	if (!state_read(s, name, s->arena, &text, &there, err))
		return false;
	*ret = -1;
	for (int i = 0; words[i]; i++)
		if (str_eq(str_trim(text), str_of(words[i])))
			*ret = i;
	return true;
}

static bool read_count(struct session *s, const char *name, unsigned *ret,
		       struct err *err)
{
	struct str text;
	uint64_t n = 0;
	bool there;

	if (!state_read(s, name, s->arena, &text, &there, err))
		return false;
	if (str_trim(text).n && (!str_to_u64(str_trim(text), &n) || n > MAIL_MAX_MAILS))
		return err_set(err, ERR_PARSE, "could not parse %s/%s", s->shown_dir,
			       name);
	*ret = (unsigned)n;
	return true;
}

static const char *const quoted_cr_words[] = { "warn", "nowarn", "strip", NULL };
static const char *const keep_words[] = { "f", "b", "t", NULL };
static const char *const bool_words[] = { "f", "t", NULL };

bool state_load_options(struct session *s, struct err *err)
{
	struct session_options *o = &s->o;
	struct str text;
	bool there;
	int keep;

	if (!read_flag(s, "threeway", &o->threeway, err) ||
	    !read_flag(s, "quiet", &o->quiet, err) ||
	    !read_flag(s, "sign", &o->signoff, err) ||
	    !read_flag(s, "utf8", &o->utf8, err) ||
	    !read_flag(s, "messageid", &o->message_id, err) ||
	    !read_word(s, "keep", keep_words, &keep, err) ||
	    !read_word(s, "scissors", bool_words, &o->scissors, err) ||
	    !read_word(s, "rerere-autoupdate", bool_words, &o->rerere, err) ||
	    !read_word(s, "quoted-cr", quoted_cr_words, &o->quoted_cr, err) ||
	    !state_read(s, "apply-opt", s->arena, &text, &there, err))
		return false;
	o->keep = keep < 0 ? MAIL_KEEP_NOTHING : (enum mail_keep)keep;
	if (!am_unquote(text, s->arena, &o->apply, err))
		return err_set(err, ERR_PARSE, "could not parse %s/apply-opt",
			       s->shown_dir);
	if (state_exists(s, "rebasing"))
		return err_set(err, ERR_CONFLICT,
			       "%s belongs to a git rebase: go on with git rebase",
			       s->shown_dir);
	return true;
}

/* The mails of a run that was killed before its first stop. */
static bool load_series(struct session *s, struct err *err)
{
	struct str text;
	uint64_t n;
	bool there;

	if (!state_read(s, "kcrib/series", s->arena, &text, &there, err))
		return false;
	while (str_skip(&text, STR("mail "))) {
		if (!str_eat_u64(&text, 10, &n) || !str_skip(&text, STR("\n")) ||
		    n >= text.n)
			return err_set(err, ERR_PARSE, "could not parse %s/kcrib/series",
				       s->shown_dir);
		*ARENA_PUSH(s->arena, &s->mails) =
			(struct mailbox_mail){ .bytes = str_sub(text, 0, n) };
		text = str_from(text, n + 1);
	}
	s->last = (unsigned)s->mails.n;
	return true;
}

bool state_load(struct session *s, struct err *err)
{
	s->published = state_exists(s, "last");
	if (!s->published && !load_series(s, err))
		return false;
	if (!s->published)
		return read_count(s, "next", &s->cur, err) && (s->cur || (s->cur = 1)) &&
		       state_load_options(s, err) && state_load_patch(s, err);
	return read_count(s, "next", &s->cur, err) &&
	       read_count(s, "last", &s->last, err) && state_load_options(s, err) &&
	       state_load_patch(s, err);
}

void state_forget_patch(struct session *s)
{
	s->has_msg = s->has_author = false;
	s->author = (struct am_author){ 0 };
	s->parsed = (struct patch){ 0 };
	s->msg = s->diff = s->info = s->body = STR("");
	arena_reset(s->patch);
}

bool state_load_patch(struct session *s, struct err *err)
{
	struct str text;
	bool there;

	state_forget_patch(s);
	if (!state_read(s, "author-script", s->patch, &text, &s->has_author, err) ||
	    (s->has_author && !am_author_parse(text, s->patch, &s->author, err)))
		return false;
	return state_read(s, "final-commit", s->patch, &s->msg, &s->has_msg, err) &&
	       state_read(s, "patch", s->patch, &s->diff, &there, err);
}

/* ---- writing ---- */

/* A piece of the series at a time, not to hold all mails twice. */
static bool write_series(const struct session *s, int fd, const char *path,
			 struct err *err)
{
	STRBUF_AUTO(text, MAIL_MAX_BYTES + 2 * SERIES_PIECE);

	for (size_t i = 0; i < s->mails.n; i++) {
		strbuf_addf(&text, "mail %zu\n", s->mails.v[i].bytes.n);
		strbuf_add(&text, s->mails.v[i].bytes);
		strbuf_addc(&text, '\n');
		if (text.n < SERIES_PIECE && i + 1 < s->mails.n)
			continue;
		if (!strbuf_ok(&text, "series", err) ||
		    !file_write_fd(fd, strbuf_str(&text), path, err))
			return false;
		strbuf_clear(&text);
	}
	return true;
}

/* All mails in one file: until the first stop nobody else needs them one by one. */
static bool put_series(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = path_of(s, a, "kcrib/series");
	const char *tmp = arena_printf(a, "%s.new", path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return err_sys(err, errno, "writing %s", path);
	return file_finish(fd, write_series(s, fd, path, err), tmp, path, err);
}

static bool put_mails(struct session *s, struct arena *a, struct err *err)
{
	for (size_t i = 0; i < s->mails.n; i++) {
		const char *path = arena_printf(a, "%s/%04zu", s->dir, i + 1);

		if (!put_plain(path, s->mails.v[i].bytes, err))
			return false;
	}
	return true;
}

bool state_begin(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	const struct session_options *o = &s->o;
	STRBUF_AUTO(apply, (size_t)1 << 20);

	for (size_t i = 0; i < o->apply.n; i++) {
		strbuf_addc(&apply, ' ');
		am_quote(o->apply.v[i], &apply);
	}
	const struct {
		const char *name, *value;
	} files[] = {
		{ "threeway", bool_words[o->threeway] },
		{ "quiet", bool_words[o->quiet] },
		{ "sign", bool_words[o->signoff] },
		{ "utf8", bool_words[o->utf8] },
		{ "rerere-autoupdate", o->rerere < 0 ? NULL : bool_words[o->rerere] },
		{ "keep", keep_words[o->keep] },
		{ "messageid", bool_words[o->message_id] },
		{ "scissors", o->scissors < 0 ? "" : bool_words[o->scissors] },
		{ "quoted-cr", o->quoted_cr < 0 ? "" : quoted_cr_words[o->quoted_cr] },
		{ "apply-opt", strbuf_z(&apply) },
		{ "applying", "" },
		{ "abort-safety", s->head },
	};
	if (mkdir(s->dir, 0777) < 0 && errno != EEXIST)
		return err_sys(err, errno, "failed to create directory '%s'",
			       s->shown_dir);
	if (!own_folder(s, err) ||
	    !repo_set_pseudo_ref(s->repo, "ORIG_HEAD", s->head, err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i].value &&
		    !put_plain(path_of(s, a, files[i].name), str_of(files[i].value), err))
			return false;
	return put_series(s, err);
}

bool state_publish(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();

	if (s->published)
		return true;
	s->published = true;
	return put_mails(s, a, err) &&
	       (state_exists(s, "next") ||
		state_put(s, "next", str_of(arena_printf(a, "%u", s->cur)), err)) &&
	       state_put(s, "last", str_of(arena_printf(a, "%zu", s->mails.n)), err) &&
	       state_remove(s, "kcrib/series", err);
}

/* ---- the end ---- */

/* A folder and all below it; nothing outside: symlinks are removed, not followed. */
static bool remove_below(int dir, const char *name, int depth, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (unlinkat(fd, e->d_name, 0) < 0 && errno != ENOENT && depth < 8 &&
		    !remove_below(fd, e->d_name, depth + 1, err)) {
			closedir(d);
			return false;
		}
	}
	if (d)
		closedir(d);
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, errno, "removing %s", name);
	return true;
}

bool remove_folder(const char *path, struct err *err)
{
	return remove_below(AT_FDCWD, path, 0, err);
}

/* The end of a session is one rename: a kill leaves it whole, or gone. What a kill
 * leaves of the renamed folder goes with the next session. */
bool state_destroy(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *done = repo_path(s->repo, a, "kcrib-done");

	if (!remove_folder(done, err))
		return false;
	if (rename(s->dir, done) < 0 && errno != ENOENT)
		return err_sys(err, errno, "removing %s", s->shown_dir);
	s->in_progress = false;
	return remove_folder(done, err);
}
