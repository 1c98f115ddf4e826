/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing what the session did: see repo/session.h. The order is the point of this file:
 *
 *   1. what will be overwritten is kept (am_backup.c), texts of rejects and of the
 *      current patch are laid aside
 *   2. the journal is renamed into place: from here on the run goes forward
 *   3. files, index, HEAD with its reflog, the state of the current patch
 *   4. "abort-safety" and "next", then the journal is removed
 *
 * A kill before 2 leaves everything as it was; after 2, journal_finish() does steps 3 and
 * 4 again, each of which does nothing where it is done already.
 */
#include <errno.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"
#include "objects.h"

struct journal_extra {
	struct str path;
	int text; /* kcrib/extra.N, or -1: remove */
};

struct journal {
	char from[REPO_HEX + 1];
	unsigned next;
	struct steps steps;
	struct repo_changes changes;
	struct {
		struct journal_extra *v;
		size_t n, cap;
	} extras;
	bool stop, partial; /* partial: files only, the index stays */
};

static const char *const patch_files[] = { "info", "msg", "patch", "author-script",
					   "final-commit" };

bool own_folder(struct session *s, struct err *err)
{
	return file_mkdirs(s->own, err);
}

bool mark_begin(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();

	return own_folder(s, err) && state_put(s, "kcrib/by", repo_process_mark(a), err);
}

void mark_end(struct session *s)
{
	struct err ignored;

	/* A mark too many does no harm while this process lives. */
	if (!state_remove(s, "kcrib/by", &ignored))
		warn(s, "%s", ignored.msg);
}

/* ---- the journal as text ---- */

static void print_change(const struct repo_change *c, struct strbuf *out)
{
	char old[REPO_HEX + 1], new[REPO_HEX + 1];

	repo_id_hex(&c->old.id, old);
	repo_id_hex(&c->new.id, new);
	strbuf_addf(out, "change %o %s %o %s ", c->old.mode, old, c->new.mode, new);
	am_quote(c->path, out);
	strbuf_addc(out, '\n');
}

static bool journal_write(struct session *s, const struct journal *j, struct err *err)
{
	STRBUF_AUTO(text, STATE_MAX);

	strbuf_addf(&text, "from %s\nnext %u\nstop %d\npartial %d\n",
		    j->from[0] ? j->from : "-", j->next, j->stop, j->partial);
	for (size_t i = 0; i < j->steps.n; i++)
		strbuf_addf(&text, "step %s %s\n", j->steps.v[i].commit,
			    j->steps.v[i].message);
	for (size_t i = 0; i < j->changes.n; i++)
		print_change(&j->changes.v[i], &text);
	for (size_t i = 0; i < j->extras.n; i++) {
		strbuf_addf(&text, "extra %d ", j->extras.v[i].text);
		am_quote(j->extras.v[i].path, &text);
		strbuf_addc(&text, '\n');
	}
	return strbuf_ok(&text, "journal", err) &&
	       state_put(s, "kcrib/journal", strbuf_str(&text), err);
}

static bool quoted_path(struct str text, struct arena *a, struct str *ret)
{
	struct am_words words;

	if (!am_unquote(text, a, &words, NULL) || words.n != 1)
		return false;
	*ret = words.v[0];
	return true;
}

static bool parse_entry(struct str *rest, struct repo_entry *ret)
{
	struct str mode, hex;
	uint64_t m;

	if (!str_cut(rest, ' ', &mode) || !str_eat_u64(&mode, 8, &m) ||
	    !str_cut(rest, ' ', &hex) || !repo_id_parse(hex, &ret->id))
		return false;
	ret->mode = (unsigned)m;
	return true;
}

static bool parse_from(struct str rest, struct arena *a, struct journal *j)
{
	(void)a;
	snprintf(j->from, sizeof(j->from), STR_FMT,
		 STR_ARG(rest.n == REPO_HEX ? rest : STR("")));
	return true;
}

static bool parse_next(struct str rest, struct arena *a, struct journal *j)
{
	uint64_t n;

	(void)a;
	if (!str_to_u64(rest, &n))
		return false;
	j->next = (unsigned)n;
	return true;
}

static bool parse_stop(struct str rest, struct arena *a, struct journal *j)
{
	(void)a;
	j->stop = str_eq(rest, STR("1"));
	return true;
}

static bool parse_partial(struct str rest, struct arena *a, struct journal *j)
{
	(void)a;
	j->partial = str_eq(rest, STR("1"));
	return true;
}

static bool parse_step(struct str rest, struct arena *a, struct journal *j)
{
	struct str commit;

	if (!str_cut(&rest, ' ', &commit) || commit.n != REPO_HEX)
		return false;
	*ARENA_PUSH(a, &j->steps) =
		(struct repo_step){ arena_cstr(a, commit),
				    arena_cstr(a, rest.p ? rest : STR("")) };
	return true;
}

static bool parse_change(struct str rest, struct arena *a, struct journal *j)
{
	struct repo_change c;

	if (!parse_entry(&rest, &c.old) || !parse_entry(&rest, &c.new) ||
	    !quoted_path(rest, a, &c.path))
		return false;
	*ARENA_PUSH(a, &j->changes) = c;
	return true;
}

static bool parse_extra(struct str rest, struct arena *a, struct journal *j)
{
	struct journal_extra e = { .text = -1 };
	struct str word;
	uint64_t n;

	if (!str_cut(&rest, ' ', &word))
		return false;
	if (!str_eq(word, STR("-1"))) {
		if (!str_to_u64(word, &n))
			return false;
		e.text = (int)n;
	}
	if (!quoted_path(rest, a, &e.path))
		return false;
	*ARENA_PUSH(a, &j->extras) = e;
	return true;
}

static const struct {
	const char *word;
	bool (*parse)(struct str rest, struct arena *a, struct journal *j);
} journal_lines[] = {
	{ "from", parse_from },       { "next", parse_next }, { "stop", parse_stop },
	{ "partial", parse_partial }, { "step", parse_step }, { "change", parse_change },
	{ "extra", parse_extra },
};

/* Words of later versions are passed over. */
static bool parse_line(struct str line, struct arena *a, struct journal *j)
{
	struct str word, rest = line;

	if (!str_cut(&rest, ' ', &word) || !rest.p)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(journal_lines); i++)
		if (str_eq(word, str_of(journal_lines[i].word)))
			return journal_lines[i].parse(rest, a, j);
	return true;
}

/* ---- going forward ---- */

static bool write_extras(struct session *s, const struct journal *j, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct files *files = repo_work_files(s->work);

	for (size_t i = 0; i < j->extras.n; i++) {
		struct str text;
		bool there;

		if (j->extras.v[i].text < 0) {
			if (!files_remove(files, j->extras.v[i].path, err))
				return false;
			continue;
		}
		if (!state_read(s, arena_printf(a, "kcrib/extra.%d", j->extras.v[i].text),
				a, &text, &there, err))
			return false;
		if (there && !files_write(files, j->extras.v[i].path, text, 0100644, err))
			return false;
	}
	return true;
}

/* HEAD may stand anywhere on the way already. */
static bool move_head(struct session *s, const struct journal *j, struct err *err)
{
	char now[REPO_HEX + 1];
	const char *from = j->from;
	size_t done = 0;

	if (!repo_head(s->repo, now, err))
		return false;
	for (size_t i = 0; i < j->steps.n; i++) {
		if (!strcmp(j->steps.v[i].commit, now)) {
			done = i + 1;
			from = j->steps.v[i].commit;
		}
	}
	return repo_advance(s->repo, from, j->steps.v + done, j->steps.n - done,
			    &s->committer, err);
}

static bool move_patch_files(struct session *s, bool stop, struct err *err)
{
	AUTO(arena) a = arena_new();

	for (size_t i = 0; i < ARRAY_SIZE(patch_files); i++) {
		const char *from = arena_printf(a, "%s/%s", s->own, patch_files[i]);
		const char *to = arena_printf(a, "%s/%s", s->dir, patch_files[i]);

		if (rename(from, to) < 0 && errno != ENOENT)
			return err_sys(err, errno, "writing %s", to);
	}
	return stop || (state_remove(s, "author-script", err) &&
			state_remove(s, "final-commit", err));
}

static bool write_change(struct session *s, const struct repo_change *c, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct str bytes = STR("");

	return (c->new.mode == 0160000 ||
		repo_blob_read(s->repo, &c->new.id, a, &bytes, err)) &&
	       repo_work_write(s->work, c->path, bytes, c->new.mode, err);
}

/* What fits of a stopped patch: files, as git am --reject leaves them. What goes, goes
 * first: a file may take the name of its folder. */
static bool write_partial(struct session *s, const struct journal *j, struct err *err)
{
	for (size_t i = j->changes.n; i-- > 0;)
		if (!j->changes.v[i].new.mode &&
		    !files_remove(repo_work_files(s->work), j->changes.v[i].path, err))
			return false;
	for (size_t i = 0; i < j->changes.n; i++)
		if (j->changes.v[i].new.mode && !write_change(s, &j->changes.v[i], err))
			return false;
	return true;
}

static bool perform(struct session *s, const struct journal *j, struct err *err)
{
	AUTO(arena) a = arena_new();
	char head[REPO_HEX + 1];

	if (!(j->partial ? write_partial(s, j, err)
			 : repo_work_checkout(s->work, &j->changes, err)) ||
	    !write_extras(s, j, err) || !repo_work_save(s->work, err) ||
	    !move_head(s, j, err) || !repo_head(s->repo, head, err) ||
	    !move_patch_files(s, j->stop, err) ||
	    !state_put(s, "abort-safety", str_of(head), err) ||
	    !state_put(s, "next", str_of(arena_printf(a, "%u", j->next)), err))
		return false;
	for (size_t i = 0; i < j->extras.n; i++)
		if (!state_remove(s, arena_printf(a, "kcrib/extra.%d", (int)i), err))
			return false;
	return state_remove(s, "kcrib/journal", err);
}

bool journal_finish(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct journal j = { 0 };
	struct str text;
	bool there;

	if (!state_read(s, "kcrib/journal", a, &text, &there, err))
		return false;
	if (!there)
		return true;
	STR_EACH_LINE (line, text) {
		if (!parse_line(line, a, &j))
			return err_set(err, ERR_PARSE, "could not parse %s/kcrib/journal",
				       s->shown_dir);
	}
	if (!repo_work_check_lock(s->work, err) || !mark_begin(s, err))
		return false;
	there = perform(s, &j, err);
	mark_end(s);
	return there || err_wrap(err, "finishing what an earlier run began");
}

/* ---- preparing ---- */

/* At a stop the user works on the files of the patch: with these copies --abort gives
 * back what was there, .rej and .orig of other tools included. */
static void keep_for_user(struct session *s, struct kept_list *list)
{
	static const char *const tails[] = { ".rej", ".orig" };
	struct am_words paths;

	rejects_paths(s, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		*ARENA_PUSH(s->patch, list) = (struct kept){ 'u', 0, paths.v[i] };
		for (size_t k = 0; k < ARRAY_SIZE(tails); k++)
			*ARENA_PUSH(s->patch, list) =
				(struct kept){ 'u', 0,
					       arena_strf(s->patch, STR_FMT "%s",
							  STR_ARG(paths.v[i]),
							  tails[k]) };
	}
}

static bool keep_before(struct session *s, const struct journal *j, bool partial,
			struct err *err)
{
	struct arena *a = s->patch;
	struct kept_list list = { 0 };

	for (size_t i = 0; i < j->changes.n; i++)
		*ARENA_PUSH(a, &list) =
			(struct kept){ partial ? 'p' : 'c', 0, j->changes.v[i].path };
	for (size_t i = 0; i < j->extras.n; i++)
		*ARENA_PUSH(a, &list) = (struct kept){ 'r', 0, j->extras.v[i].path };
	if (j->stop)
		keep_for_user(s, &list);
	if (!list.n)
		return true;
	return backup_keep(s, &list, err) && (!s->fresh || backup_keep_index(s, err));
}

static bool lay_extras_aside(struct session *s, const struct extras *e, struct journal *j,
			     struct err *err)
{
	for (size_t i = 0; e && i < e->n; i++) {
		char name[40];

		ARENA_PUSH(s->patch, &j->extras);
		j->extras.v[i].path = e->v[i].path;
		j->extras.v[i].text = e->v[i].bytes.p ? (int)i : -1;
		snprintf(name, sizeof(name), "kcrib/extra.%d", (int)i);
		if (e->v[i].bytes.p && !state_put(s, name, e->v[i].bytes, err))
			return false;
	}
	return true;
}

static bool put_patch_files(struct session *s, const char *folder, struct err *err)
{
	STRBUF_AUTO(author, (size_t)1 << 20);
	AUTO(arena) a = arena_new();

	am_author_print(&s->author, &author);
	const struct str texts[] = { s->info, s->body, s->diff, strbuf_str(&author),
				     s->msg };

	for (size_t i = 0; i < ARRAY_SIZE(patch_files); i++)
		if (!state_put(s, arena_printf(a, "%s%s", folder, patch_files[i]),
			       texts[i], err))
			return false;
	return true;
}

bool state_put_patch(struct session *s, struct err *err)
{
	return put_patch_files(s, "", err);
}

static bool flush_files_marked(struct session *s, struct err *err)
{
	struct repo_changes changes;

	if (!objects_save(s->repo, err))
		return false;
	repo_tree_changes(s->tree, s->patch, &changes);
	if (!changes.n)
		return true;
	struct journal j = { .changes = changes };
	if (!keep_before(s, &j, true, err) ||
	    !repo_work_checkout(s->work, &changes, err) || !repo_work_save(s->work, err))
		return false;
	repo_tree_mark(s->tree);
	return true;
}

static bool find_changes(struct session *s, struct repo_changes *ret, struct err *err)
{
	if (s->torn)
		return repo_tree_diff(s->repo, s->written, s->head, s->patch, ret, err);
	if (s->tree)
		repo_tree_changes(s->tree, s->patch, ret);
	return true;
}

/* The files of the current patch, which a stop shows to the user and to git. */
static bool lay_patch_aside(struct session *s, struct err *err)
{
	return (!s->has_msg || put_patch_files(s, "kcrib/", err)) &&
	       state_publish(s, err);
}

static bool flush_marked(struct session *s, const struct extras *extras, bool stop,
			 struct err *err)
{
	struct journal j = { .next = s->cur, .steps = s->steps, .stop = stop };

	j.partial = stop && extras && extras->n;
	memcpy(j.from, s->written, sizeof(j.from));
	if (!objects_save(s->repo, err) || !find_changes(s, &j.changes, err) ||
	    !own_folder(s, err) || !lay_extras_aside(s, extras, &j, err) ||
	    !keep_before(s, &j, j.partial, err) || (stop && !lay_patch_aside(s, err)) ||
	    !journal_write(s, &j, err) || !perform(s, &j, err))
		return false;
	memcpy(s->written, s->head, sizeof(s->written));
	s->steps = (struct steps){ 0 };
	if (s->tree)
		repo_tree_mark(s->tree);
	return true;
}

bool flush(struct session *s, const struct extras *extras, bool stop, struct err *err)
{
	bool ok;

	/* Before the mark: another's lock must not look like ours. */
	if (!repo_work_check_lock(s->work, err) || !mark_begin(s, err))
		return false;
	ok = flush_marked(s, extras, stop, err);
	mark_end(s);
	return ok;
}

bool flush_files(struct session *s, struct err *err)
{
	bool ok;

	if (!repo_work_check_lock(s->work, err) || !mark_begin(s, err))
		return false;
	ok = flush_files_marked(s, err);
	mark_end(s);
	return ok;
}
