/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rejects of a session. The .rej files in the work tree are the truth about what is
 * still open: they are ours, or those of a git am --reject that stopped before; whoever
 * resolves one by hand removes it.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "am_priv.h"
#include "patch/paths.h"
#include "patch/rej.h"

static struct extra *extra_for(struct session *s, struct extras *list,
			       struct strmap *known, struct str path)
{
	size_t *number = strmap_at(known, path, s->patch);

	if (!*number) {
		*ARENA_PUSH(s->patch, list) = (struct extra){ path, STR("") };
		*number = list->n;
	}
	return &list->v[*number - 1];
}

bool rejects_record(struct session *s, const struct am_applied *r, struct extras *ret,
		    struct err *err)
{
	STRBUF_AUTO(text, STATE_MAX);
	struct strmap known = { 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct place_result *p = &r->v[i].result;
		struct extra *e;

		if (!p->n_rejected && p->file.status != PLACE_REJECTED)
			continue;
		e = extra_for(s, ret, &known,
			      rej_path(filepatch_path(&p->rejects), s->patch));
		strbuf_clear(&text);
		strbuf_add(&text, e->bytes);
		rej_print(&p->rejects, &text);
		if (!strbuf_ok(&text, "reject", err))
			return false;
		e->bytes = arena_str(s->patch, strbuf_str(&text));
	}
	return true;
}

static bool is_since(const struct stat *st, const struct stat *began)
{
	return st->st_mtim.tv_sec > began->st_mtim.tv_sec ||
	       (st->st_mtim.tv_sec == began->st_mtim.tv_sec &&
		st->st_mtim.tv_nsec >= began->st_mtim.tv_nsec);
}

/* Was the file written since the session began? An older .rej is the user's own. */
static bool is_of_session(const struct session *s, const struct stat *st)
{
	AUTO(arena) a = arena_new();
	struct stat began;

	if (stat(arena_printf(a, "%s/last", s->dir), &began) < 0 &&
	    stat(arena_printf(a, "%s/applying", s->dir), &began) < 0)
		return false;
	return is_since(st, &began);
}

/* Of a patch that another git left behind: the .rej stands as it did when that git went
 * on. One that was written since is of the patch it stopped at. */
static bool is_left(struct session *s, const struct kept *k)
{
	AUTO(arena) a = arena_new();
	struct stat st, went_on;
	bool there;

	return k->kind == 'r' && k->patch && k->patch != s->cur &&
	       files_stat(repo_work_files(s->work), k->path, &st, &there, NULL) &&
	       there && S_ISREG(st.st_mode) &&
	       stat(arena_printf(a, "%s/next", s->dir), &went_on) == 0 &&
	       !is_since(&st, &went_on);
}

static void add_open(struct session *s, struct arena *a, struct strmap *seen,
		     struct str rej, struct am_words *ret)
{
	size_t *before = strmap_at(seen, rej, a);
	struct stat st;
	bool there;

	if (*before)
		return;
	*before = 1;
	if (files_stat(repo_work_files(s->work), rej, &st, &there, NULL) && there &&
	    S_ISREG(st.st_mode) && is_of_session(s, &st))
		*ARENA_PUSH(a, ret) = arena_str(a, rej);
}

static bool has_reject_option(const struct session *s)
{
	for (size_t i = 0; i < s->o.apply.n; i++)
		if (str_eq(s->o.apply.v[i], STR("--reject")))
			return true;
	return false;
}

/* The paths of the stopped patch. */
static bool parse_stopped(struct session *s, struct patch *ret)
{
	struct am_apply_options o = am_apply_options_default();

	for (size_t i = 0; !s->parsed.n && i < s->o.apply.n; i++)
		if (!am_apply_option(&o, s->o.apply.v[i], s->patch, NULL))
			return false;
	if (!s->parsed.n && !diff_parse(s->diff, &o.diff, s->patch, &s->parsed, NULL))
		return false;
	*ret = s->parsed;
	return true;
}

void rejects_paths(struct session *s, struct am_words *ret)
{
	struct patch p;

	*ret = (struct am_words){ 0 };
	if (!parse_stopped(s, &p))
		return;
	for (size_t i = 0; i < p.n; i++) {
		const struct str both[] = { p.v[i].old_path, p.v[i].new_path };

		for (size_t k = 0; k < 2; k++)
			if (both[k].n && !(k && str_eq(both[0], both[1])) &&
			    path_check(both[k], 0, NULL))
				*ARENA_PUSH(s->patch, ret) = both[k];
	}
}

bool rejects_open(struct session *s, struct arena *a, struct am_words *ret,
		  struct err *err)
{
	struct strmap seen = { 0 };
	struct kept_list kept;
	struct patch p;

	*ret = (struct am_words){ 0 };
	if (!backup_load(s, a, &kept, err))
		return false;
	for (size_t i = 0; i < kept.n; i++)
		if (is_left(s, &kept.v[i]))
			*strmap_at(&seen, kept.v[i].path, a) = 1;
		else if (kept.v[i].kind == 'r')
			add_open(s, a, &seen, kept.v[i].path, ret);
	if (!has_reject_option(s) || !parse_stopped(s, &p))
		return true;
	for (size_t i = 0; i < p.n; i++)
		add_open(s, a, &seen, rej_path(filepatch_path(&p.v[i]), a), ret);
	return true;
}

bool rejects_left(struct session *s, struct arena *a, struct am_words *ret,
		  struct err *err)
{
	struct kept_list kept;

	*ret = (struct am_words){ 0 };
	if (!backup_load(s, a, &kept, err))
		return false;
	for (size_t i = 0; i < kept.n; i++)
		if (is_left(s, &kept.v[i]))
			*ARENA_PUSH(a, ret) = arena_strf(
				a, STR_FMT ": of patch %u, which was left behind",
				STR_ARG(kept.v[i].path), kept.v[i].patch);
	return true;
}

bool rejects_clear(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct strmap given = { 0 };
	struct am_words open;
	struct kept_list kept;

	if (!has_reject_option(s))
		return true;
	if (!rejects_open(s, a, &open, err) || !backup_load(s, a, &kept, err))
		return false;
	backup_map(&kept, a, &given);
	/* What was kept has been given back already. */
	for (size_t i = 0; i < open.n; i++)
		if (!strmap_get(&given, open.v[i]) &&
		    !files_remove(repo_work_files(s->work), open.v[i], err))
			return false;
	return true;
}

static bool stage(struct session *s, struct str path, struct err *err)
{
	struct repo_entry old = repo_work_entry(s->work, path);
	struct stat st;
	bool agrees, there;

	if (!path.n || !files_stat(repo_work_files(s->work), path, &st, &there, err))
		return !path.n;
	if (!old.mode && (!there || S_ISDIR(st.st_mode)))
		return true;
	if (there && old.mode) {
		if (!repo_work_agrees(s->work, path, &agrees, err))
			return false;
		if (agrees)
			return true;
	}
	return repo_work_add(s->work, path, err);
}

bool rejects_stage(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct kept_list kept;
	struct patch p;

	if (!has_reject_option(s))
		return true;
	if (!backup_load(s, a, &kept, err))
		return false;
	for (size_t i = 0; i < kept.n; i++)
		if (kept.v[i].kind == 'p' && kept.v[i].patch == s->cur &&
		    !stage(s, kept.v[i].path, err))
			return false;
	if (parse_stopped(s, &p))
		for (size_t i = 0; i < p.n; i++)
			if (!stage(s, p.v[i].old_path, err) ||
			    !stage(s, p.v[i].new_path, err))
				return false;
	return repo_work_save(s->work, err);
}

bool session_rejects(struct session *s, struct arena *a, struct am_words *ret,
		     struct am_words *ret_left, struct err *err)
{
	if (!s->diff.n && !state_load_patch(s, err))
		return false;
	return rejects_left(s, a, ret_left, err) && rejects_open(s, a, ret, err);
}

bool session_keep(struct session *s, struct str path, struct err *err)
{
	struct kept one = { .kind = 'p', .path = path };
	struct kept_list list = { &one, 1, 1 };

	return backup_keep(s, &list, err);
}
