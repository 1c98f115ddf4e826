/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going on after a stop, and giving up: see repo/session.h. Skipping and aborting change
 * what the index, the patch or the session itself changed, and nothing else: a file that
 * the user edited besides is left alone, and one that would be lost stops the command.
 */
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"

static bool read_head(struct session *s, struct err *err)
{
	if (!repo_head(s->repo, s->head, err))
		return false;
	memcpy(s->written, s->head, sizeof(s->written));
	return true;
}

/* ---- back to a commit ---- */

struct reset {
	struct repo_changes changes;
	struct kept_list kept;
	struct strmap wanted; /* paths of `changes` */
	struct strmap ours;   /* unmerged or kept: nothing of the user's is lost there */
	struct repo_tree *goal;
};

static void want(struct session *s, struct reset *r, struct str path)
{
	size_t *before = strmap_at(&r->wanted, path, s->patch);

	if (*before)
		return;
	*before = 1;
	*ARENA_PUSH(s->patch, &r->changes) =
		(struct repo_change){ path, repo_work_entry(s->work, path),
				      repo_tree_entry(r->goal, path) };
}

/* Would the user lose something that is nowhere else? */
static bool may_touch(struct session *s, const struct reset *r,
		      const struct repo_change *c, struct err *err)
{
	bool agrees, there;
	struct stat st;

	if (strmap_get(&r->ours, c->path))
		return true;
	if (!c->old.mode) {
		if (!files_stat(repo_work_files(s->work), c->path, &st, &there, err))
			return false;
		if (!there || S_ISDIR(st.st_mode) || repo_work_holds(s->work, c))
			return true;
		return err_set(err, ERR_CONFLICT,
			       "Untracked working tree file '" STR_FMT
			       "' would be overwritten by merge.",
			       STR_ARG(c->path));
	}
	if (!repo_work_agrees(s->work, c->path, &agrees, err))
		return false;
	if (agrees || repo_work_holds(s->work, c))
		return true;
	return err_set(err, ERR_CONFLICT,
		       "Entry '" STR_FMT "' not uptodate. Cannot merge.",
		       STR_ARG(c->path));
}

/* Which paths have to change so that index and files are at `goal` again. `all`: also
 * what earlier patches of the session changed and ORIG_HEAD has. */
static bool plan_reset(struct session *s, const char *goal, bool all, struct reset *r,
		       struct err *err)
{
	struct repo_changes staged;
	struct str *unmerged;
	size_t n_unmerged;

	if (!repo_tree_open(s->repo, goal, &r->goal, err) ||
	    !repo_work_staged(s->work, goal, s->patch, &staged, err) ||
	    !backup_load(s, s->patch, &r->kept, err))
		return false;
	for (size_t i = 0; i < staged.n; i++)
		want(s, r, staged.v[i].path);
	n_unmerged = repo_work_unmerged(s->work, s->patch, &unmerged);
	for (size_t i = 0; i < n_unmerged; i++) {
		want(s, r, unmerged[i]);
		*strmap_at(&r->ours, unmerged[i], s->patch) = 1;
	}
	backup_map(&r->kept, s->patch, &r->ours);
	for (size_t i = 0; i < r->kept.n; i++) {
		const struct kept *k = &r->kept.v[i];

		if ((k->kind == 'p' && (all || k->patch == s->cur)) ||
		    (all && k->copy == KEPT_NOT && k->kind == 'c'))
			want(s, r, k->path);
	}
	return true;
}

static bool reset_marked(struct session *s, const struct reset *r, bool all,
			 struct err *err)
{
	bool ok = repo_work_checkout(s->work, &r->changes, err);

	/* Our own copies are the very bytes; they come last. */
	for (size_t i = 0; ok && all && i < r->kept.n; i++)
		ok = backup_give(s, &r->kept.v[i], err);
	return ok && repo_work_save(s->work, err);
}

static bool reset_to(struct session *s, const char *goal, bool all, struct err *err)
{
	struct reset r = { 0 };
	bool ok = plan_reset(s, goal, all, &r, err);

	for (size_t i = 0; ok && i < r.changes.n; i++)
		ok = may_touch(s, &r, &r.changes.v[i], err);
	/* The mark of another run is not ours to take away. */
	ok = ok && repo_work_check_lock(s->work, err) && mark_begin(s, err);
	if (ok) {
		ok = reset_marked(s, &r, all, err);
		mark_end(s);
	}
	repo_tree_free(r.goal);
	return ok;
}

/* ---- continue ---- */

static bool stop_again(struct session *s, int *ret_code)
{
	say_how_to_go_on(s);
	*ret_code = EXIT_STOPPED;
	return true;
}

static bool refuse_open_rejects(struct session *s, const struct am_words *open,
				int *ret_code)
{
	tell(s, "These rejects are still open:");
	for (size_t i = 0; i < open->n; i++)
		tell(s, "\t" STR_FMT, STR_ARG(open->v[i]));
	tell(s, "Take, edit or drop each (kcrib rej), or resolve it by hand and remove "
		"the .rej file.");
	return stop_again(s, ret_code);
}

static bool index_patch(struct session *s, struct err *err)
{
	STRBUF_AUTO(text, STATE_MAX);

	if (!repo_work_staged_patch(s->work, s->head, &text, err))
		return false;
	s->diff = arena_str(s->patch, strbuf_str(&text));
	s->parsed = (struct patch){ 0 };
	return state_put(s, "patch", s->diff, err);
}

/* Is there something to commit? Says why not. */
static bool has_something(struct session *s, bool allow_empty, bool *ret, int *ret_code,
			  struct err *err)
{
	struct repo_changes staged;
	struct str *unmerged;

	*ret = false;
	if (!repo_work_staged(s->work, s->head, s->patch, &staged, err))
		return false;
	if (!staged.n && allow_empty && patch_is_empty(s)) {
		tell(s, "No changes - recorded it as an empty commit.");
	} else if (!staged.n) {
		tell(s, "No changes - did you forget to use 'git add'?\n"
			"If there is nothing left to stage, chances are that something "
			"else\n"
			"already introduced the same changes; you might want to skip "
			"this patch.");
		return stop_again(s, ret_code);
	}
	if (repo_work_unmerged(s->work, s->patch, &unmerged)) {
		tell(s, "You still have unmerged paths in your index.\n"
			"You should 'git add' each file with resolved conflicts to mark "
			"them as such.\n"
			"You might run `git rm` on a file to accept \"deleted by them\" "
			"for it.");
		return stop_again(s, ret_code);
	}
	*ret = true;
	return true;
}

/* The current patch is done with, one way or the other. */
static bool leave_patch(struct session *s, struct err *err)
{
	unsigned patch = s->cur++;

	return flush(s, NULL, false, err) && backup_settle(s, patch, err);
}

static bool go_on(struct session *s, int *ret_code, struct err *err)
{
	state_forget_patch(s);
	return state_load_options(s, err) && repo_work_reload(s->work, err) &&
	       run_series(s, false, ret_code, err);
}

static bool commit_index(struct session *s, int *ret_code, struct err *err)
{
	char hex[REPO_HEX + 1];
	struct repo_id tree;
	int ignored;

	if (!repo_run_hook(s->repo, "pre-applypatch", NULL, ret_code, err))
		return false;
	if (*ret_code) {
		*ret_code = 1;
		return true;
	}
	if (!repo_work_reload(s->work, err) || !repo_work_tree(s->work, &tree, err) ||
	    !commit_with_tree(s, &tree, hex, err))
		return false;
	return leave_patch(s, err) &&
	       repo_run_hook(s->repo, "post-applypatch", NULL, &ignored, err);
}

static bool sign_off_again(struct session *s, struct err *err)
{
	return !s->o.sign_off_now || !s->has_msg || session_sign_off(s, err);
}

static bool resume(struct session *s, struct err *err)
{
	return hooks_are_known(s, err) && read_head(s, err) && sign_off_again(s, err);
}

/* Take what the user made of the patch. `*ret` false: told what is missing. */
static bool take_resolution(struct session *s, bool allow_empty, bool *ret, int *ret_code,
			    struct err *err)
{
	struct am_words open;
	struct str subject;

	*ret = false;
	if (!rejects_open(s, s->patch, &open, err))
		return false;
	if (open.n)
		return refuse_open_rejects(s, &open, ret_code);
	if (!rejects_stage(s, err))
		return false;
	subject = am_subject(s->msg);
	say(s, "Applying: " STR_FMT, STR_ARG(subject));
	return has_something(s, allow_empty, ret, ret_code, err);
}

bool session_continue(struct session *s, bool allow_empty, int *ret_code, struct err *err)
{
	bool yes;

	*ret_code = 0;
	if (!resume(s, err))
		return false;
	/* A run that was killed before its first stop: begin where it began. */
	if (!s->has_msg && !s->has_author)
		return run_series(s, false, ret_code, err);
	if (!patch_is_whole(s, err) ||
	    !take_resolution(s, allow_empty, &yes, ret_code, err))
		return false;
	if (!yes)
		return true;
	if (s->o.interactive && (!index_patch(s, err) || !ask_user(s, &yes, err)))
		return false;
	if (yes) {
		run_rerere(s, NULL);
		if (!commit_index(s, ret_code, err))
			return false;
		if (*ret_code)
			return true;
	} else if (!leave_patch(s, err)) {
		return false;
	}
	return go_on(s, ret_code, err);
}

bool session_retry(struct session *s, int *ret_code, struct err *err)
{
	return resume(s, err) &&
	       run_series(s, s->has_msg && s->has_author, ret_code, err);
}

bool session_skip(struct session *s, int *ret_code, struct err *err)
{
	struct err why = { 0 };

	if (!read_head(s, err))
		return false;
	run_rerere(s, "clear");
	if (!reset_to(s, s->head, false, &why)) {
		if (s->io.errout)
			s->io.errout(s->io.arg,
				     arena_strf(s->patch, "error: %s\n", why.msg));
		return err_set(err, why.code, "failed to clean index");
	}
	return backup_settle(s, s->cur++, err) && flush(s, NULL, false, err) &&
	       go_on(s, ret_code, err);
}

/* ---- abort and quit ---- */

static bool safe_to_abort(struct session *s, bool *ret, struct err *err)
{
	struct str safe;
	bool there;

	*ret = false;
	/* The dirt was there before the session; at a stop it is the session's own, and
	 * trying once more is what noted it. */
	if (state_exists(s, "dirtyindex") && !s->has_msg)
		return true;
	if (!state_read(s, "abort-safety", s->patch, &safe, &there, err))
		return false;
	*ret = str_eq(str_trim(safe), str_of(s->head));
	if (!*ret)
		warn(s, "You seem to have moved HEAD since the last 'am' failure.\n"
			"Not rewinding to ORIG_HEAD");
	return true;
}

static bool move_back(struct session *s, const char *orig, struct err *err)
{
	struct repo_step step = { orig, "am --abort" };

	if (!orig[0])
		return !s->head[0] || repo_delete_branch(s->repo, err);
	return repo_advance(s->repo, s->head, &step, 1, &s->committer, err);
}

bool session_abort(struct session *s, int *ret_code, struct err *err)
{
	char orig[REPO_HEX + 1] = "";
	struct err why = { 0 };
	bool safe, given;

	*ret_code = 0;
	if (!s->in_progress)
		return remove_folder(s->dir, err);
	if (!repo_work_reload(s->work, err) || !read_head(s, err) ||
	    !safe_to_abort(s, &safe, err))
		return false;
	if (!safe)
		return state_destroy(s, err);
	run_rerere(s, "clear");
	if (!repo_resolve(s->repo, "ORIG_HEAD", orig, NULL))
		orig[0] = '\0';
	if (!reset_to(s, orig, true, &why)) {
		if (s->io.errout)
			s->io.errout(s->io.arg,
				     arena_strf(s->patch, "error: %s\n", why.msg));
		return err_set(err, why.code, "failed to clean index");
	}
	if (!rejects_clear(s, err) || !backup_give_index(s, &given, err) ||
	    !mark_begin(s, err))
		return false;
	safe = move_back(s, orig, err);
	mark_end(s);
	return safe && state_destroy(s, err);
}

bool session_quit(struct session *s, struct err *err)
{
	if (!s->in_progress)
		return remove_folder(s->dir, err);
	run_rerere(s, "clear");
	return state_destroy(s, err);
}

bool session_show(struct session *s, bool raw, struct strbuf *out, struct err *err)
{
	const char *name = raw ? arena_printf(s->patch, "%04u", s->cur) : "patch";
	struct str text;
	bool there;

	if (!state_read(s, name, s->patch, &text, &there, err))
		return false;
	if (!there)
		return err_set(err, ERR_NOTFOUND, "failed to read '%s/%s'", s->shown_dir,
			       name);
	strbuf_add(out, text);
	return strbuf_ok(out, "patch", err);
}
