/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HEAD, pseudo refs and their reflog: see repo/repo.h. HEAD moves through libgit2's
 * transactions: the branch is locked, compared, written, renamed. Of a long way only the
 * first and the last step are such transactions; the lines of the reflog between them
 * are appended in one write.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "priv.h"

bool repo_head(const struct repo *repo, char ret_hex[REPO_HEX + 1], struct err *err)
{
	git_oid id;
	int rc = git_reference_name_to_id(&id, repo->git, "HEAD");

	if (rc == GIT_ENOTFOUND) {
		ret_hex[0] = '\0';
		return true;
	}
	if (rc < 0)
		return repo_git_err(err, rc, "reading HEAD");
	git_oid_tostr(ret_hex, REPO_HEX + 1, &id);
	return true;
}

bool repo_resolve(const struct repo *repo, const char *rev, char ret_hex[REPO_HEX + 1],
		  struct err *err)
{
	git_object *object = NULL;
	int rc = git_revparse_single(&object, repo->git, rev);

	if (rc < 0)
		return repo_git_err(err, rc, "looking up %s", rev);
	git_oid_tostr(ret_hex, REPO_HEX + 1, git_object_id(object));
	git_object_free(object);
	return true;
}

/* A ref as a file, renamed into place from beside the refs: a kill leaves neither a lock
 * nor something that looks like a ref. */
static bool put_ref(const struct repo *repo, const char *path, const char *hex,
		    struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *tmp = repo_path(repo, a, "kcrib-ref");
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0)
		return err_sys(err, errno, "writing %s", tmp);
	ok = file_write_fd(fd, arena_strf(a, "%s\n", hex), path, err);
	return file_finish(fd, ok, tmp, path, err);
}

/* A file of this worktree, not of refs/. */
bool repo_set_pseudo_ref(struct repo *repo, const char *name, const char *hex,
			 struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = repo_path(repo, a, name);

	if (hex[0])
		return put_ref(repo, path, hex, err);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_sys(err, errno, "removing %s", name);
	return true;
}

/* The name of the ref that changes when HEAD does: the branch, or HEAD itself. */
static char *head_target(const struct repo *repo)
{
	git_reference *head = NULL;
	char *name;

	if (git_reference_lookup(&head, repo->git, "HEAD") < 0)
		return strdup("HEAD");
	name = strdup(git_reference_type(head) == GIT_REFERENCE_SYMBOLIC
			      ? git_reference_symbolic_target(head)
			      : "HEAD");
	git_reference_free(head);
	return name;
}

bool repo_check_ref_locks(struct repo *repo, struct err *err)
{
	AUTO(arena) a = arena_new();
	char *ref = head_target(repo);
	const char *locks[] = { repo_path(repo, a, "HEAD.lock"),
				arena_printf(a, "%s/%s.lock", repo->commondir, ref) };
	bool ok = true;

	free(ref);
	for (size_t i = 0; ok && i < ARRAY_SIZE(locks); i++)
		ok = access(locks[i], F_OK) < 0 ||
		     err_set(err, ERR_BUSY, "Unable to create '%s': File exists.",
			     locks[i]);
	return ok || err_hint(err, "another git process works in this repository, or one "
				   "died here: wait, or remove the file");
}

static bool move_once(struct repo *repo, const char *ref, const char *from,
		      const struct repo_step *to, const git_signature *sig,
		      struct err *err)
{
	git_transaction *tx = NULL;
	git_oid old, now, goal;
	bool ok = false;
	int rc;

	if ((rc = git_transaction_new(&tx, repo->git)) < 0 ||
	    (rc = git_transaction_lock_ref(tx, ref)) < 0) {
		repo_git_err(err, rc, "locking %s", ref);
		goto out;
	}
	rc = git_reference_name_to_id(&now, repo->git, ref);
	if (from[0] ? rc < 0 || git_oid_fromstr(&old, from) < 0 ||
			      !git_oid_equal(&old, &now)
		    : rc != GIT_ENOTFOUND) {
		err_set(err, ERR_CONFLICT, "moving %s: it is not at %s any more", ref,
			from[0] ? from : "its birth");
		goto out;
	}
	if ((rc = git_oid_fromstr(&goal, to->commit)) < 0 ||
	    (rc = git_transaction_set_target(tx, ref, &goal, sig, to->message)) < 0 ||
	    (rc = git_transaction_commit(tx)) < 0) {
		repo_git_err(err, rc, "writing %s", ref);
		goto out;
	}
	ok = true;
out:
	git_transaction_free(tx);
	return ok;
}

static bool append_log(const struct repo *repo, const char *ref, struct str lines,
		       struct err *err)
{
	const char *base = !strcmp(ref, "HEAD") ? repo->gitdir : repo->commondir;
	char path[4096];
	bool ok;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/logs/%s", base, ref) >= sizeof(path))
		return err_set(err, ERR_LIMIT, "writing the reflog of %s: long name",
			       ref);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || err_sys(err, errno, "opening %s", path);
	ok = file_write_fd(fd, lines, path, err);
	close(fd);
	return ok;
}

/* Steps 1 .. n-2: only the reflog shows them. */
static bool log_between(const struct repo *repo, const char *ref,
			const struct repo_step *steps, size_t n, const git_signature *sig,
			struct err *err)
{
	STRBUF_AUTO(text, (size_t)64 << 20);
	struct date d = { sig->when.time, sig->when.offset };
	char date[48];

	date_print(d, date);
	for (size_t i = 1; i + 1 < n; i++) {
		struct str first = STR("");

		str_line(&(struct str){ steps[i].message, strlen(steps[i].message) },
			 &first);
		strbuf_addf(&text, "%s %s %s <%s> %s\t" STR_FMT "\n", steps[i - 1].commit,
			    steps[i].commit, sig->name, sig->email, date,
			    STR_ARG(str_chomp(first)));
	}
	if (!text.n)
		return true;
	return strbuf_ok(&text, "reflog", err) &&
	       append_log(repo, ref, strbuf_str(&text), err) &&
	       (!strcmp(ref, "HEAD") || append_log(repo, "HEAD", strbuf_str(&text), err));
}

/* The ref is at steps[0]; make it steps[n - 2] without a reflog entry, so that the last
 * step's own entry names the right old id. */
static bool jump(struct repo *repo, const char *ref, const struct repo_step *step,
		 struct err *err)
{
	const char *base = !strcmp(ref, "HEAD") ? repo->gitdir : repo->commondir;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", base, ref);
	return put_ref(repo, path, step->commit, err);
}

bool repo_advance(struct repo *repo, const char *from, const struct repo_step *steps,
		  size_t n, const struct repo_ident *who, struct err *err)
{
	AUTO(arena) a = arena_new();
	char *ref = head_target(repo);
	git_signature *sig = NULL;
	bool ok;
	int rc;

	rc = git_signature_new(&sig, arena_cstr(a, repo_ident_clean(a, who->name)),
			       arena_cstr(a, repo_ident_clean(a, who->email)),
			       who->date.when, who->date.offset);
	if (rc < 0) {
		free(ref);
		return repo_git_err(err, rc, "naming the committer");
	}
	ok = n == 0 || move_once(repo, ref, from, &steps[0], sig, err);
	if (ok && n > 2)
		ok = log_between(repo, ref, steps, n, sig, err) &&
		     jump(repo, ref, &steps[n - 2], err);
	if (ok && n > 1)
		ok = move_once(repo, ref, steps[n - 2].commit, &steps[n - 1], sig, err);
	renames_free(repo->renames);
	repo->renames = NULL;
	git_signature_free(sig);
	free(ref);
	return ok;
}

bool repo_delete_branch(struct repo *repo, struct err *err)
{
	char *ref = head_target(repo);
	int rc = git_reference_remove(repo->git, ref);

	if (rc < 0 && rc != GIT_ENOTFOUND)
		repo_git_err(err, rc, "removing %s", ref);
	free(ref);
	return rc == 0 || rc == GIT_ENOTFOUND;
}

bool repo_run_hook(const struct repo *repo, const char *name, const char *arg,
		   int *ret_code, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *path = repo_hook(repo, a, name);
	STRBUF_AUTO(out, (size_t)16 << 20);
	int status = 0;

	if (path) {
		const char *argv[] = { path, arg, NULL };
		const char *dir = arena_printf(a, "GIT_DIR=%s", repo->gitdir);
		const char *top = arena_printf(a, "GIT_WORK_TREE=%s", repo->workdir);
		const char *env[] = { dir, getenv("GIT_WORK_TREE") ? top : NULL, NULL };
		struct spawn what = { .argv = argv, .dir = repo->workdir, .out = &out };

		/* A hook that goes elsewhere is to find what is there. */
		if (getenv("GIT_DIR") ||
		    strcmp(repo->gitdir, arena_printf(a, "%s/.git", repo->workdir)) != 0)
			what.env = env;
		if (!spawn_run(&what, &status, err) ||
		    !file_write_fd(STDERR_FILENO, strbuf_str(&out), "standard error",
				   err))
			return false;
	}
	*ret_code = spawn_exit_code(status);
	return true;
}

/* ---- locks of a run that died ---- */

/* Start time of a process, field 22 of /proc/PID/stat (proc(5)); 0: there is none. */
static uint64_t start_of(uint64_t pid)
{
	STRBUF_AUTO(buf, 4096);
	struct str text, word;
	char path[64];
	uint64_t start = 0;
	ptrdiff_t end;

	snprintf(path, sizeof(path), "/proc/%llu/stat", (unsigned long long)pid);
	if (!file_read(path, &buf, NULL))
		return 0;
	text = strbuf_str(&buf);
	end = str_rchr(text, ')');
	text = str_from(text, (size_t)(end + 1));
	for (int i = 3; i <= 22 && str_word(&text, &word); i++)
		if (i == 22 && !str_to_u64(word, &start))
			return 0;
	return start;
}

struct str repo_process_mark(struct arena *a)
{
	uint64_t pid = (uint64_t)getpid();

	return arena_strf(a, "%llu %llu\n", (unsigned long long)pid,
			  (unsigned long long)start_of(pid));
}

static void remove_stale(const char *path, const struct stat *mark)
{
	struct stat st;

	if (lstat(path, &st) == 0 && st.st_mtim.tv_sec >= mark->st_mtim.tv_sec)
		unlink(path);
}

void repo_clear_stale_locks(struct repo *repo, const char *mark_path)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(buf, 256);
	char *ref = head_target(repo);
	uint64_t pid, start;
	struct stat mark;
	struct str text;

	if (stat(mark_path, &mark) == 0 && file_read(mark_path, &buf, NULL)) {
		text = str_trim(strbuf_str(&buf));
		if (str_eat_u64(&text, 10, &pid) && str_skip(&text, STR(" ")) &&
		    str_to_u64(text, &start) && start_of(pid) != start) {
			remove_stale(repo_path(repo, a, "index.lock"), &mark);
			remove_stale(repo_path(repo, a, "HEAD.lock"), &mark);
			remove_stale(arena_printf(a, "%s/%s.lock", repo->commondir, ref),
				     &mark);
			unlink(mark_path);
		}
	}
	free(ref);
}
