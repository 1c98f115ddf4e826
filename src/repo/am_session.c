/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a session and beginning one: see repo/session.h.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"
#include "objects.h"

/* ---- talking ---- */

static PRINTF_LIKE(4, 0) void put(struct session *s,
				  void (*to)(void *arg, struct str text),
				  const char *lead, const char *fmt, va_list ap)
{
	STRBUF_AUTO(text, (size_t)16 << 20);

	if (!to)
		return;
	strbuf_addz(&text, lead);
	strbuf_vaddf(&text, fmt, ap);
	strbuf_addc(&text, '\n');
	to(s->io.arg, strbuf_str(&text));
}

void say(struct session *s, const char *fmt, ...)
{
	va_list ap;

	if (s->o.quiet)
		return;
	va_start(ap, fmt);
	put(s, s->io.out, "", fmt, ap);
	va_end(ap);
}

void tell(struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(s, s->io.out, "", fmt, ap);
	va_end(ap);
}

void warn(struct session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(s, s->io.errout, "warning: ", fmt, ap);
	va_end(ap);
}

/* ---- opening ---- */

static void options_from_config(struct session *s)
{
	s->o = (struct session_options){
		.utf8 = true, .scissors = -1, .quoted_cr = -1, .rerere = -1, .keep_cr = -1
	};
	s->o.threeway = repo_config_bool(s->repo, "am.threeway", false);
	s->o.message_id = repo_config_bool(s->repo, "am.messageid", false);
	if (repo_config_bool(s->repo, "commit.gpgsign", false))
		s->o.sign_key = "";
}

static bool is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool session_open(struct repo *repo, const struct session_io *io, struct session **ret,
		  struct err *err)
{
	AUTO(session) s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->repo = repo;
	s->io = *io;
	s->arena = arena_new();
	s->patch = arena_new();
	state_forget_patch(s);
	s->dir = repo_path(repo, s->arena, "rebase-apply");
	s->shown_dir = repo_shown_path(repo, s->arena, "rebase-apply");
	s->own = arena_printf(s->arena, "%s/kcrib", s->dir);
	options_from_config(s);
	s->in_progress = is_folder(s->dir) &&
			 ((state_exists(s, "last") && state_exists(s, "next")) ||
			  state_exists(s, "kcrib/series"));
	if (!repo_work_open(repo, arena_printf(s->arena, "%s/spare", s->own), &s->work,
			    err))
		return false;
	if (!repo_committer(repo, s->arena, &s->committer, err))
		return false;
	if (s->in_progress)
		repo_clear_stale_locks(repo, arena_printf(s->arena, "%s/by", s->own));
	/* What stands in the way may be removed, or the session aborted. */
	if (s->in_progress && journal_finish(s, &s->stuck))
		s->stuck = (struct err){ 0 };
	if (s->in_progress && !state_load(s, err))
		return false;
	*ret = s;
	s = NULL;
	return true;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	repo_tree_free(s->tree);
	repo_work_free(s->work);
	for (size_t i = 0; i < s->inputs.n; i++)
		strbuf_free(&s->inputs.v[i]);
	arena_free(s->patch);
	arena_free(s->arena);
	free(s);
}

bool session_is_stuck(const struct session *s, struct err *err)
{
	if (s->stuck.code && err)
		*err = s->stuck;
	return s->stuck.code != ERR_NONE;
}

bool session_in_progress(const struct session *s)
{
	return s->in_progress;
}

bool session_is_stray(const struct session *s)
{
	return !s->in_progress && file_exists(s->dir);
}

const char *session_folder(const struct session *s)
{
	return s->shown_dir;
}

struct session_options *session_options(struct session *s)
{
	return &s->o;
}

struct arena *session_arena(struct session *s)
{
	return s->arena;
}

/* ---- input ---- */

static bool add_box(struct session *s, struct str bytes, bool as_stdin,
		    enum mail_format format, struct err *err)
{
	struct mailbox_options opt = { .format = format, .as_stdin = as_stdin };
	struct mailbox box;

	opt.keep_cr = s->o.keep_cr > 0;
	if (!mailbox_split(s->arena, bytes, &opt, &box, err))
		return false;
	for (size_t i = 0; i < box.n; i++) {
		if (box.v[i].bytes.n > MAIL_MAX_BYTES)
			return err_set(err, ERR_LIMIT,
				       "reading mails: line %zu: a mail of more than %zu "
				       "MB",
				       box.v[i].line, MAIL_MAX_BYTES >> 20);
		*ARENA_PUSH(s->arena, &s->mails) = box.v[i];
	}
	if (s->mails.n > MAIL_MAX_MAILS)
		return err_set(err, ERR_LIMIT, "reading mails: more than %d",
			       MAIL_MAX_MAILS);
	return true;
}

static bool read_input(struct session *s, const char *path, struct str *ret,
		       struct err *err)
{
	STRBUF_AUTO(raw, MAIL_MAX_INPUT);
	struct strbuf *kept = ARENA_PUSH(s->arena, &s->inputs);

	*kept = (struct strbuf){ .max = MAIL_MAX_INPUT };
	if (!file_read(path, &raw, err))
		return false;
	if (mail_is_packed(strbuf_str(&raw))) {
		if (!mail_unpack(strbuf_str(&raw), path, kept, err))
			return false;
	} else {
		*kept = raw;
		raw = (struct strbuf){ 0 };
	}
	*ret = strbuf_str(kept);
	return true;
}

struct names {
	struct str *v;
	size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
	return mail_maildir_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool list_folder(struct session *s, const char *path, const char *sub,
			struct names *ret, struct err *err)
{
	DIR *d = opendir(arena_printf(s->arena, "%s/%s", path, sub));
	struct dirent *e;

	if (!d)
		return errno == ENOENT || err_sys(err, errno, "opening %s/%s", path, sub);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			*ARENA_PUSH(s->arena, ret) =
				arena_strf(s->arena, "%s/%s", sub, e->d_name);
	closedir(d);
	return true;
}

static bool add_maildir(struct session *s, const char *path, struct err *err)
{
	struct names names = { 0 };
	struct str bytes;

	if (!list_folder(s, path, "cur", &names, err) ||
	    !list_folder(s, path, "new", &names, err))
		return false;
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 0; i < names.n; i++) {
		const char *file =
			arena_printf(s->arena, "%s/" STR_FMT, path, STR_ARG(names.v[i]));

		if (!read_input(s, file, &bytes, err) ||
		    !add_box(s, bytes, true, MAIL_FORMAT_MBOX, err))
			return false;
	}
	return true;
}

static bool add_series(struct session *s, const char *path, struct str bytes,
		       struct err *err)
{
	ptrdiff_t slash = str_rchr(str_of(path), '/');
	struct str folder = str_sub(str_of(path), 0, (size_t)(slash + 1));
	struct mail_names names;

	if (!mail_series_files(s->arena, bytes, &names, err))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		const char *file = arena_printf(s->arena, STR_FMT STR_FMT,
						STR_ARG(folder), STR_ARG(names.v[i]));

		if (!read_input(s, file, &bytes, err) ||
		    !add_box(s, bytes, false, MAIL_FORMAT_STGIT, err))
			return false;
	}
	return true;
}

static bool no_format(struct err *err)
{
	return err_set(err, ERR_PARSE, "Patch format detection failed.");
}

static bool is_maildir(const char *path)
{
	struct stat st;

	return strcmp(path, "-") && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool read_mails(struct session *s, const char *const *paths, size_t n,
		       struct err *err)
{
	static const char *const standard[] = { "-" };
	enum mail_format format = s->o.format;
	struct str bytes;

	if (!n) {
		paths = standard;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		bool as_stdin = !strcmp(paths[i], "-");

		if (is_maildir(paths[i])) {
			if (!add_maildir(s, paths[i], err))
				return false;
			format = format ? format : MAIL_FORMAT_MBOX;
			continue;
		}
		if (!read_input(s, paths[i], &bytes, err))
			return err_wrap(err, "could not open '%s' for reading", paths[i]);
		if (!format)
			format = as_stdin ? MAIL_FORMAT_MBOX : mail_format_detect(bytes);
		if (!format)
			return no_format(err);
		if (format == MAIL_FORMAT_STGIT_SERIES) {
			if (n > 1)
				return err_set(err, ERR_USAGE,
					       "Only one StGIT patch series can be "
					       "applied at once");
			return add_series(s, paths[i], bytes, err);
		}
		if (!add_box(s, bytes, as_stdin || i, format, err))
			return err_wrap(err, "Failed to split patches");
	}
	return true;
}

/* ---- beginning ---- */

/* Objects go to memory and are forgotten with it. */
static bool objects_to_memory(struct session *s, struct err *err)
{
	git_odb_backend *backend = NULL;
	int rc = git_mempack_new(&backend);

	if (rc == 0)
		rc = git_odb_add_backend(s->repo->odb, backend, 1000);
	return rc == 0 || repo_git_err(err, rc, "keeping objects in memory");
}

bool hooks_are_known(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();

	return !repo_hook(s->repo, a, "reference-transaction") ||
	       err_set(err, ERR_CONFLICT,
		       "the hook reference-transaction is run by git am only");
}

bool session_start(struct session *s, const char *const *paths, size_t n, int *ret_code,
		   struct err *err)
{
	if (!s->o.dry_run && !hooks_are_known(s, err))
		return false;
	if (s->o.keep_cr < 0)
		s->o.keep_cr = repo_config_bool(s->repo, "am.keepcr", false);
	if (!read_mails(s, paths, n, err) || !repo_head(s->repo, s->head, err))
		return false;
	memcpy(s->written, s->head, sizeof(s->written));
	s->fresh = true;
	s->cur = 1;
	s->last = (unsigned)s->mails.n;
	if (s->o.dry_run) {
		if (!objects_to_memory(s, err))
			return false;
	} else {
		objects_collect(s->repo);
		if (!repo_set_pseudo_ref(s->repo, "REBASE_HEAD", "", err) ||
		    !state_begin(s, err))
			return false;
		s->in_progress = true;
	}
	return run_series(s, false, ret_code, err);
}
