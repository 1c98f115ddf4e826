/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop over the mails of a series: parse, apply, commit; and the stops. See
 * repo/session.h. The words are those of git am.
 */
#include <unistd.h>

#include "am_priv.h"
#include "objects.h"
#include "repo/file_merge.h"

/* ---- telling ---- */

static void report(struct session *s, const char *status, const char *commit,
		   const struct am_applied *applied, bool threeway)
{
	struct session_mail m = { s->cur,  s->last, am_subject(s->msg), status, commit,
				  applied, threeway };

	if (s->io.mail)
		s->io.mail(s->io.arg, &m);
}

bool patch_is_empty(struct session *s)
{
	return !s->diff.n;
}

bool patch_is_whole(struct session *s, struct err *err)
{
	if (s->has_msg && s->has_author)
		return true;
	return err_set(err, ERR_NOTFOUND, "cannot resume: %s/%s does not exist.",
		       s->shown_dir, s->has_msg ? "author-script" : "final-commit");
}

static bool index_has_changes(struct session *s)
{
	struct repo_changes c;

	return !repo_work_staged(s->work, s->written, s->patch, &c, NULL) || c.n;
}

void say_how_to_go_on(struct session *s)
{
	const char *am = s->o.interactive ? "git am -i" : "git am";

	if (s->o.resolvemsg) {
		tell(s, "%s", s->o.resolvemsg);
		return;
	}
	tell(s, "When you have resolved this problem, run \"%s --continue\".", am);
	tell(s, "If you prefer to skip this patch, run \"%s --skip\" instead.", am);
	if (repo_config_bool(s->repo, "advice.amworkdir", true) && patch_is_empty(s) &&
	    !index_has_changes(s))
		tell(s,
		     "To record the empty patch as an empty commit, run \"%s "
		     "--allow-empty\".",
		     am);
	tell(s, "To restore the original branch and stop patching, run \"%s --abort\".",
	     am);
}

void run_rerere(struct session *s, const char *what)
{
	struct err err;

	if (!what && s->o.rerere >= 0)
		what = s->o.rerere ? "--rerere-autoupdate" : "--no-rerere-autoupdate";
	if (!repo_rerere(s->repo, what, &err))
		warn(s, "%s", err.msg);
}

/* ---- one mail ---- */

static bool mail_bytes(struct session *s, struct str *ret, bool *ret_there,
		       struct err *err)
{
	*ret_there = true;
	if (s->mails.n) {
		*ret = s->mails.v[s->cur - 1].bytes;
		return true;
	}
	return state_read(s, arena_printf(s->patch, "%04u", s->cur), s->patch, ret,
			  ret_there, err);
}

static enum mail_quoted_cr quoted_cr(struct session *s)
{
	const char *word;

	if (s->o.quoted_cr >= 0)
		return (enum mail_quoted_cr)s->o.quoted_cr;
	word = repo_config(s->repo, s->patch, "mailinfo.quotedcr");
	if (word && !strcasecmp(word, "nowarn"))
		return MAIL_CR_NOWARN;
	return word && !strcasecmp(word, "strip") ? MAIL_CR_STRIP : MAIL_CR_WARN;
}

static struct str stored(struct session *s,
			 void (*print)(const struct mail *m, struct strbuf *out),
			 const struct mail *m)
{
	STRBUF_AUTO(text, MAIL_MAX_BYTES);

	print(m, &text);
	return arena_str(s->patch, strbuf_str(&text));
}

/* Fill author, message and patch from the current mail. */
static bool parse_current(struct session *s, struct str bytes, bool *ret_skip,
			  struct err *err)
{
	struct mail_options opt = {
		.keep = s->o.keep,
		.quoted_cr = quoted_cr(s),
		.scissors =
			s->o.scissors < 0
				? repo_config_bool(s->repo, "mailinfo.scissors", false)
				: s->o.scissors,
		.message_id = s->o.message_id,
		.no_recode = !s->o.utf8,
		.encoding = repo_config(s->repo, s->patch, "i18n.commitencoding"),
	};
	struct mail m;

	*ret_skip = false;
	if (!mail_parse(s->patch, bytes, &opt, &m, err)) {
		if (s->io.errout)
			s->io.errout(s->io.arg,
				     arena_strf(s->patch, "error: %s\n", err->msg));
		return err_set(err, ERR_PARSE, "could not parse patch");
	}
	if (m.flowed)
		warn(s, "Patch sent with format=flowed; space at the end of lines might "
			"be lost.");
	if (m.quoted_cr && opt.quoted_cr == MAIL_CR_WARN)
		warn(s, "quoted CRLF detected");
	*ret_skip = m.internal;
	s->author = (struct am_author){ m.author, m.email, m.date };
	s->info = stored(s, mail_print_info, &m);
	s->msg = stored(s, mail_print_message, &m);
	s->body = m.body;
	s->diff = m.patch;
	s->has_msg = s->has_author = true;
	return true;
}

bool session_sign_off(struct session *s, struct err *err)
{
	STRBUF_AUTO(text, MAIL_MAX_BYTES);
	struct repo_ident who = s->committer;

	strbuf_add(&text, s->msg);
	am_sign_off(&text, arena_strf(s->patch, STR_FMT " <" STR_FMT ">",
				      STR_ARG(repo_ident_clean(s->patch, who.name)),
				      STR_ARG(repo_ident_clean(s->patch, who.email))));
	s->msg = arena_str(s->patch, strbuf_str(&text));
	return strbuf_ok(&text, "message", err);
}

/* ---- the work tree's say ---- */

/* A file that is not there may be checked out again, but not into a file. */
static bool is_below_a_file(struct session *s, struct str path)
{
	struct files *files = repo_work_files(s->work);
	struct stat st;
	ptrdiff_t slash;
	bool there = false;

	while (!there && (slash = str_rchr(path, '/')) > 0) {
		path.n = (size_t)slash;
		if (!files_stat(files, path, &st, &there, NULL))
			return false;
	}
	return there && !S_ISDIR(st.st_mode);
}

/* What keeps a file that the tree has from being changed, in git's words. */
static struct str why_not_changed(struct session *s, struct str path, struct arena *a)
{
	struct err why = { 0 };
	bool agrees;

	if (!repo_work_agrees(s->work, path, &agrees, &why))
		return arena_strf(a, STR_FMT ": %s", STR_ARG(path), why.msg);
	if (!agrees)
		return arena_strf(a, STR_FMT ": does not match index", STR_ARG(path));
	if (!files_is_there(repo_work_files(s->work), path) && is_below_a_file(s, path))
		return arena_strf(a, STR_FMT ": Not a directory", STR_ARG(path));
	return STR_NONE;
}

static bool check_path(void *arg, struct str path, bool creating, struct arena *a,
		       struct str *ret_why, struct err *err)
{
	struct session *s = arg;
	struct repo_entry in_tree = repo_tree_entry(s->tree, path);
	struct stat st;
	bool there;
	struct err why = { 0 };

	/* What this series made has not been written yet. */
	if (repo_tree_touched(s->tree, path))
		return true;
	if (!creating && in_tree.mode) {
		*ret_why = why_not_changed(s, path, a);
		return true;
	}
	if (!creating || (in_tree.mode && in_tree.mode != 0160000))
		return true;
	if (!files_stat(repo_work_files(s->work), path, &st, &there, &why)) {
		*ret_why = arena_strf(
			a, "affected file '" STR_FMT "' is beyond a symbolic link",
			STR_ARG(path));
		return true;
	}
	if (there &&
	    (S_ISDIR(st.st_mode) ? !repo_tree_is_folder(s->tree, path) &&
					   !files_is_empty(repo_work_files(s->work), path)
				 : !in_tree.mode))
		*ret_why = arena_strf(a, STR_FMT ": already exists in working directory",
				      STR_ARG(path));
	return true;
}

/* ---- applying ---- */

/* Attributes are those of the files as they are now: git am does not look again for what
 * the series itself brings. */
static bool ws_rule(void *arg, struct str path, struct ws_rule *rule, struct err *err)
{
	struct session *s = arg;

	return repo_path_ws_rule(s->repo, path, rule, err);
}

static bool apply_options(struct session *s, struct err *err)
{
	struct am_apply_options o = am_apply_options_default();
	const char *ws = repo_config(s->repo, s->arena, "apply.whitespace");
	const char *ignore = repo_config(s->repo, s->arena, "apply.ignorewhitespace");

	if (ws && !am_apply_option(&o, arena_strf(s->arena, "--whitespace=%s", ws),
				   s->arena, err))
		return false;
	if (!repo_ws_rule(s->repo, &o.place.ws_rule, err))
		return false;
	o.place.ignore_space = ignore && !strcmp(ignore, "change");
	for (size_t i = 0; i < s->o.apply.n; i++)
		if (!am_apply_option(&o, s->o.apply.v[i], s->arena, err))
			return false;
	if (o.reject)
		o.place.engines = PLACE_WITH_ALL;
	s->apply = o;
	return true;
}

/* What became of the current patch. */
struct attempt {
	bool readable; /* the patch: else there is nothing to merge either */
	bool applied;  /* the tree holds it */
	bool rejected; /* in part: rejects are open */
	bool nothing;  /* three-way: it is there already */
	bool threeway, conflicts;
	struct am_applied result;
	bool has_result;
};

static const char *why_unread(const struct err *why)
{
	if (why->code == ERR_NOTFOUND)
		return "No valid patches in input (allow with \"--allow-empty\")";
	return why->msg;
}

static bool try_apply(struct session *s, struct attempt *t, struct err *err)
{
	struct tree door = repo_tree_door(s->tree);
	struct am_target to = { &door, check_path, ws_rule, s };
	STRBUF_AUTO(words, (size_t)64 << 20);
	struct err why = { 0 };

	if (!diff_parse(s->diff, &s->apply.diff, s->patch, &s->parsed, &why)) {
		if (why.code == ERR_LIMIT || why.code == ERR_INTERNAL) {
			*err = why;
			return false;
		}
		strbuf_addf(&words, "error: %s\n", why_unread(&why));
	} else if (!am_apply(&to, &s->parsed, &s->apply, s->patch, &t->result, &why)) {
		t->readable = true;
		strbuf_addf(&words, "error: %s\n", why.msg);
	} else {
		t->readable = t->has_result = true;
		t->applied = am_applied_ok(&t->result, &s->apply);
		t->rejected = t->applied && t->result.n_failed;
		am_print(&t->result, &s->apply,
			 arena_printf(s->patch, "%s/patch", s->shown_dir), &words);
	}
	/* What a merge may still mend is not told. */
	if (words.n && s->io.errout && !(t->readable && s->o.threeway))
		s->io.errout(s->io.arg, strbuf_str(&words));
	/* The commits so far are written on their own: what fits of this patch is not
	 * one. */
	if (t->rejected && !s->o.dry_run && !flush(s, NULL, false, err))
		return false;
	if (t->applied && !am_write(&door, &t->result, err))
		return false;
	return true;
}

static bool try_threeway(struct session *s, struct attempt *t, struct err *err)
{
	enum merge_end end;

	t->threeway = true;
	/* The merge looks at files and index: they must be where HEAD is. */
	if (!s->o.dry_run && !flush(s, NULL, false, err))
		return false;
	if (!merge_threeway(s, &s->parsed, &end, err))
		return false;
	t->applied = end == MERGE_DONE || end == MERGE_NOTHING;
	t->nothing = end == MERGE_NOTHING;
	t->conflicts = end == MERGE_CONFLICTS;
	return true;
}

/* ---- committing ---- */

bool commit_with_tree(struct session *s, const struct repo_id *tree, char hex[41],
		      struct err *err)
{
	const char *action = getenv("GIT_REFLOG_ACTION");
	struct str subject = am_subject(s->msg);

	if (!s->head[0] && !s->o.quiet && s->io.errout)
		s->io.errout(s->io.arg, STR("applying to an empty history\n"));
	if (!commit_write(s, tree, hex, err))
		return false;
	*ARENA_PUSH(s->arena, &s->steps) =
		(struct repo_step){ arena_cstr(s->arena, str_of(hex)),
				    arena_printf(s->arena, "%s: " STR_FMT,
						 action ? action : "am",
						 STR_ARG(subject)) };
	memcpy(s->head, hex, REPO_HEX + 1);
	return true;
}

static bool hook_says_no(struct session *s, const char *name, const char *arg,
			 int *ret_code, struct err *err)
{
	int code = 0;

	if (!s->eager)
		return true;
	if (!repo_run_hook(s->repo, name, arg, &code, err))
		return false;
	*ret_code = code ? 1 : 0;
	return true;
}

/* Commit what is in s->tree. */
static bool commit_now(struct session *s, char hex[41], int *ret_code, struct err *err)
{
	struct repo_id tree;
	int ignored;

	if (s->eager && !flush_files(s, err))
		return false;
	if (!hook_says_no(s, "pre-applypatch", NULL, ret_code, err) || *ret_code)
		return *ret_code != 0;
	/* What the hook may have staged is no part of it, as with git am. */
	if (!repo_tree_write(s->tree, &tree, err) ||
	    !commit_with_tree(s, &tree, hex, err))
		return false;
	if (s->eager) {
		if (!objects_save(s->repo, err) ||
		    !repo_advance(s->repo, s->written, s->steps.v, s->steps.n,
				  &s->committer, err))
			return false;
		memcpy(s->written, s->head, sizeof(s->written));
		s->steps = (struct steps){ 0 };
		repo_tree_free(s->tree);
		s->tree = NULL;
		if (!repo_tree_open(s->repo, s->head, &s->tree, err))
			return false;
	}
	repo_tree_settle(s->tree);
	return hook_says_no(s, "post-applypatch", NULL, &ignored, err);
}

bool commit_current(struct session *s, int *ret_code, struct err *err)
{
	char hex[REPO_HEX + 1];

	if (!commit_now(s, hex, ret_code, err))
		return false;
	if (!*ret_code)
		report(s, "applied", hex, NULL, false);
	return true;
}

/* ---- going on ---- */

bool next_patch(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();

	if (s->eager && (!state_remove(s, "author-script", err) ||
			 !state_remove(s, "final-commit", err) ||
			 !state_put(s, "abort-safety", str_of(s->written), err) ||
			 !backup_settle(s, s->cur, err)))
		return false;
	s->cur++;
	if (s->eager && !state_put(s, "next", str_of(arena_printf(a, "%u", s->cur)), err))
		return false;
	state_forget_patch(s);
	return true;
}

static bool stop_here(struct session *s, const struct attempt *t, int *ret_code,
		      struct err *err)
{
	struct extras extras = { 0 };

	*ret_code = s->o.dry_run ? 0 : EXIT_STOPPED;
	report(s, "stopped", NULL, t && t->has_result ? &t->result : NULL,
	       t && t->threeway);
	if (s->o.dry_run)
		return true;
	if (t && t->rejected && !rejects_record(s, &t->result, &extras, err))
		return false;
	return flush(s, &extras, true, err);
}

static bool stop_failed(struct session *s, const struct attempt *t, int *ret_code,
			struct err *err)
{
	struct str subject = am_subject(s->msg);

	if (!stop_here(s, t, ret_code, err))
		return false;
	tell(s, "Patch failed at %04u " STR_FMT, s->cur, STR_ARG(subject));
	if (s->o.dry_run)
		return true;
	if (t->rejected)
		tell(s, "%zu file%s left rejects: kcrib rej lists them.",
		     t->result.n_failed, t->result.n_failed == 1 ? "" : "s");
	if (repo_config_bool(s->repo, "advice.amworkdir", true) && s->io.errout)
		s->io.errout(s->io.arg,
			     STR("hint: Use 'git am --show-current-patch=diff' "
				 "to see the failed patch\n"));
	say_how_to_go_on(s);
	return true;
}

enum go { GO_APPLY, GO_COMMIT, GO_NEXT, GO_END };

/* A series that is only looked at goes on with what fits: what comes behind a stop is
 * judged with that. */
static enum go after_stop(struct session *s)
{
	s->would_stop = true;
	return s->o.dry_run ? GO_NEXT : GO_END;
}

static bool handle_empty(struct session *s, enum go *ret, int *ret_code, struct err *err)
{
	struct str subject = am_subject(s->msg);

	switch (s->o.empty) {
	case SESSION_EMPTY_DROP:
		say(s, "Skipping: " STR_FMT, STR_ARG(subject));
		report(s, "empty", NULL, NULL, false);
		*ret = GO_NEXT;
		return true;
	case SESSION_EMPTY_KEEP:
		say(s, "Creating an empty commit: " STR_FMT, STR_ARG(subject));
		*ret = GO_COMMIT;
		return true;
	case SESSION_EMPTY_STOP:
		break;
	}
	*ret = after_stop(s);
	if (!stop_here(s, NULL, ret_code, err))
		return false;
	tell(s, "Patch is empty.");
	if (s->o.dry_run)
		return true;
	say_how_to_go_on(s);
	return true;
}

/* Hooks and questions that come before a patch is tried. */
static bool before_apply(struct session *s, enum go *ret, int *ret_code, struct err *err)
{
	bool wanted = true, there;

	if (s->o.interactive && !ask_user(s, &wanted, err))
		return false;
	if (!wanted) {
		report(s, "skipped", NULL, NULL, false);
		*ret = GO_NEXT;
		return true;
	}
	*ret = GO_APPLY;
	if (patch_is_empty(s) &&
	    (!handle_empty(s, ret, ret_code, err) || *ret == GO_NEXT || *ret == GO_END))
		return *ret == GO_NEXT || *ret_code == EXIT_STOPPED;
	if (!s->eager)
		return true;
	if (!hook_says_no(s, "applypatch-msg",
			  arena_printf(s->patch, "%s/final-commit", s->shown_dir),
			  ret_code, err))
		return false;
	if (*ret_code) {
		*ret = GO_END;
		return true;
	}
	if (!state_read(s, "final-commit", s->patch, &s->msg, &there, err))
		return false;
	return there ||
	       err_set(err, ERR_NOTFOUND,
		       "'%s/final-commit' was deleted by the applypatch-msg hook",
		       s->shown_dir);
}

static bool apply_current(struct session *s, enum go *ret, int *ret_code, struct err *err)
{
	struct str subject = am_subject(s->msg);
	struct attempt t = { 0 };
	char hex[REPO_HEX + 1];

	say(s, "Applying: " STR_FMT, STR_ARG(subject));
	if (!try_apply(s, &t, err))
		return false;
	if (!t.applied && t.readable && s->o.threeway && !try_threeway(s, &t, err))
		return false;
	if (t.nothing) {
		say(s, "No changes -- Patch already applied.");
		report(s, "already", NULL, NULL, true);
		*ret = GO_NEXT;
		return true;
	}
	if (!t.applied || t.rejected) {
		*ret = after_stop(s);
		/* What came before is safe on its own; then what fits of this one. */
		return stop_failed(s, &t, ret_code, err);
	}
	if (!commit_now(s, hex, ret_code, err))
		return false;
	*ret = *ret_code ? GO_END : GO_NEXT;
	if (!*ret_code)
		report(s, "applied", hex, t.has_result && !t.threeway ? &t.result : NULL,
		       t.threeway);
	return true;
}

/* Make a mail the current patch. `*ret_skip`: it is none. */
static bool take_mail(struct session *s, struct str bytes, bool *ret_skip,
		      struct err *err)
{
	if (!parse_current(s, bytes, ret_skip, err))
		return false;
	if (*ret_skip)
		return true;
	return (!s->o.signoff || session_sign_off(s, err)) &&
	       (!s->eager || state_put_patch(s, err));
}

/* One turn of the loop. */
static bool one_patch(struct session *s, bool resume, enum go *ret, int *ret_code,
		      struct err *err)
{
	struct str bytes;
	bool there, skip = false;

	*ret = GO_NEXT;
	if (!mail_bytes(s, &bytes, &there, err))
		return false;
	if (!there)
		return true;
	if (resume ? !patch_is_whole(s, err) : !take_mail(s, bytes, &skip, err))
		return false;
	if (skip)
		return true;
	if (!before_apply(s, ret, ret_code, err))
		return false;
	if (*ret == GO_APPLY)
		return apply_current(s, ret, ret_code, err);
	if (*ret == GO_COMMIT) {
		*ret = GO_NEXT;
		if (!commit_current(s, ret_code, err))
			return false;
		if (*ret_code)
			*ret = GO_END;
	}
	return true;
}

static bool index_is_clean(struct session *s, struct err *err)
{
	STRBUF_AUTO(names, (size_t)1 << 16);
	struct repo_changes dirty;

	if (!repo_work_staged(s->work, s->head, s->arena, &dirty, err))
		return false;
	if (!s->o.dry_run && !state_remove(s, "dirtyindex", err))
		return false;
	if (!dirty.n)
		return true;
	for (size_t i = 0; i < dirty.n; i++)
		strbuf_addf(&names, "%s" STR_FMT, i ? " " : "", STR_ARG(dirty.v[i].path));
	if (!s->o.dry_run && !state_put(s, "dirtyindex", STR("t"), err))
		return false;
	return err_set(err, ERR_CONFLICT, "Dirty index: cannot apply patches (dirty: %s)",
		       strbuf_z(&names));
}

static bool prepare_run(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();

	s->eager = !s->o.dry_run &&
		   (s->o.interactive || repo_hook(s->repo, a, "applypatch-msg") ||
		    repo_hook(s->repo, a, "pre-applypatch") ||
		    repo_hook(s->repo, a, "post-applypatch"));
	if (!apply_options(s, err) || !index_is_clean(s, err))
		return false;
	repo_tree_free(s->tree);
	s->tree = NULL;
	if (s->eager && !state_publish(s, err))
		return false;
	return repo_tree_open(s->repo, s->head, &s->tree, err);
}

static bool finish(struct session *s, int *ret_code, struct err *err)
{
	if (s->o.dry_run) {
		*ret_code = s->would_stop ? EXIT_STOPPED : 0;
		return true;
	}
	return flush(s, NULL, false, err) && backup_settle(s, s->cur, err) &&
	       state_destroy(s, err);
}

/* What was done so far stays done; the patch can be tried again. */
static bool keep_progress(struct session *s, struct err *err)
{
	s->torn = true;
	/* A journal that stands already says more: the next call finishes it. */
	return s->o.dry_run || state_exists(s, "kcrib/journal") ||
	       flush(s, NULL, true, err);
}

bool run_series(struct session *s, bool resume, int *ret_code, struct err *err)
{
	struct err why = { 0 };
	enum go go = GO_NEXT;

	*ret_code = 0;
	if (!prepare_run(s, err))
		return false;
	while (s->cur <= s->last) {
		if (s->io.cancelled && s->io.cancelled(s->io.arg)) {
			err_set(&why, ERR_CANCELLED, "stopped by the user");
			break;
		}
		if (!one_patch(s, resume, &go, ret_code, &why) || go == GO_END)
			break;
		if (!next_patch(s, err) ||
		    (resume && (!state_load_options(s, err) || !apply_options(s, err))))
			return false;
		resume = false;
	}
	if (why.code) {
		if (keep_progress(s, err))
			*err = why;
		return false;
	}
	if (go == GO_END && s->cur <= s->last)
		return true;
	return finish(s, ret_code, err);
}
