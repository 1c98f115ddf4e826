/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the session overwrites is kept, byte for byte, until it ends: hard links in
 * "kcrib/old", listed in "kcrib/kept". A file is listed before it is touched, so a kill
 * at any point leaves at worst a copy that nobody needs.
 *
 *     c 3 src/a.c        its copy is old/3
 *     p2 - src/new.c     there was no such file; of the second patch
 *     r2 ? src/b.c.rej   not kept
 *
 * Another git may leave a patch behind: what is listed of it stays listed, for --abort,
 * and is none of the patch that the series stops at next.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"

static const char *copy_path(const struct session *s, struct arena *a, int n)
{
	return arena_printf(a, "%s/old/%d", s->own, n);
}

static bool parse_kept(struct str line, struct arena *a, struct kept *ret)
{
	struct str patch, copy, word = str_from(line, 1);
	struct am_words words;
	uint64_t n = 0;

	if (line.n < 5 || !strchr("cpr", line.p[0]) || !str_cut(&word, ' ', &patch) ||
	    (patch.n && (!str_to_u64(patch, &n) || n > MAIL_MAX_MAILS)) ||
	    !str_cut(&word, ' ', &copy) || !am_unquote(word, a, &words, NULL) ||
	    words.n != 1)
		return false;
	ret->kind = line.p[0];
	ret->patch = (unsigned)n;
	ret->path = words.v[0];
	if (str_eq(copy, STR("-")))
		ret->copy = KEPT_ABSENT;
	else if (str_eq(copy, STR("?")))
		ret->copy = KEPT_NOT;
	else if (str_to_u64(copy, &n) && n < 10000000)
		ret->copy = (int)n;
	else
		return false;
	return true;
}

bool backup_load(struct session *s, struct arena *a, struct kept_list *ret,
		 struct err *err)
{
	struct kept_list list = { 0 };
	struct str text;
	bool there;

	if (!state_read(s, "kcrib/kept", a, &text, &there, err))
		return false;
	STR_EACH_LINE (line, text) {
		struct kept k;

		if (!parse_kept(line, a, &k))
			return err_set(err, ERR_PARSE, "could not parse %s/kcrib/kept",
				       s->shown_dir);
		*ARENA_PUSH(a, &list) = k;
	}
	*ret = list;
	return true;
}

bool backup_save(struct session *s, const struct kept_list *list, struct err *err)
{
	STRBUF_AUTO(text, STATE_MAX);

	for (size_t i = 0; i < list->n; i++) {
		const struct kept *k = &list->v[i];

		strbuf_addc(&text, k->kind);
		if (k->kind != 'c')
			strbuf_addf(&text, "%u", k->patch);
		if (k->copy >= 0)
			strbuf_addf(&text, " %d ", k->copy);
		else
			strbuf_addz(&text, k->copy == KEPT_ABSENT ? " - " : " ? ");
		am_quote(k->path, &text);
		strbuf_addc(&text, '\n');
	}
	return strbuf_ok(&text, "list of kept files", err) &&
	       state_put(s, "kcrib/kept", strbuf_str(&text), err);
}

/* Is the file still what it was when the session began? Only then a copy of it is worth
 * something for --abort. */
static bool is_original(struct session *s, struct repo_tree *orig, struct str path)
{
	if (!orig)
		return false;
	return repo_entry_eq(repo_tree_entry(orig, path), repo_work_entry(s->work, path));
}

static bool keep_one(struct session *s, struct repo_tree *orig, struct kept *k, int n,
		     struct err *err)
{
	AUTO(arena) a = arena_new();
	struct files *files = repo_work_files(s->work);
	struct err why = { 0 };
	struct stat st;
	bool there;

	k->copy = KEPT_NOT;
	if (k->kind != 'r' && !is_original(s, orig, k->path))
		return true;
	/* What a symlink hides that is about to become a folder is none of the tree's. */
	if (!files_stat(files, k->path, &st, &there, &why) &&
	    (k->kind == 'r' || why.sys != ELOOP)) {
		if (err)
			*err = why;
		return false;
	}
	if (!there || S_ISDIR(st.st_mode)) {
		/* Also what is tracked may be missing: the user removed it, or the
		 * checkout is sparse. */
		if (!there || k->kind == 'r' || !repo_work_entry(s->work, k->path).mode)
			k->copy = KEPT_ABSENT;
		return true;
	}
	if (!files_keep(files, k->path, copy_path(s, a, n), k->kind != 'u', &why)) {
		if (err)
			*err = why;
		return false;
	}
	k->copy = n;
	return true;
}

void backup_map(const struct kept_list *list, struct arena *a, struct strmap *ret)
{
	for (size_t i = 0; i < list->n; i++)
		*strmap_at(ret, list->v[i].path, a) = i + 1;
}

static void list_as(const struct session *s, struct kept *k, char kind)
{
	k->kind = kind == 'u' ? 'c' : kind;
	k->patch = k->kind == 'c' ? 0 : s->cur;
}

bool backup_keep(struct session *s, const struct kept_list *what, struct err *err)
{
	AUTO(arena) a = arena_new();
	AUTO(repo_tree) orig = NULL;
	struct strmap known = { 0 };
	struct kept_list list;
	char hex[REPO_HEX + 1] = "";
	int next = 0;

	if (!own_folder(s, err) || !backup_load(s, a, &list, err) ||
	    !file_mkdirs(arena_printf(a, "%s/old", s->own), err))
		return false;
	if (!repo_resolve(s->repo, "ORIG_HEAD", hex, NULL))
		hex[0] = '\0';
	if (!repo_tree_open(s->repo, hex, &orig, err))
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].copy >= next)
			next = list.v[i].copy + 1;
	backup_map(&list, a, &known);
	for (size_t i = 0; i < what->n; i++) {
		struct kept k = what->v[i];
		size_t number = strmap_get(&known, k.path);

		if (number) {
			struct kept *before = &list.v[number - 1];

			if (k.kind != 'u' && before->patch != s->cur)
				list_as(s, before, k.kind);
			continue;
		}
		if (!keep_one(s, orig, &k, next, err))
			return false;
		next += k.copy >= 0;
		list_as(s, &k, k.kind);
		*ARENA_PUSH(a, &list) = k;
		*strmap_at(&known, k.path, a) = list.n;
	}
	return backup_save(s, &list, err);
}

bool backup_give(struct session *s, const struct kept *k, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct files *files = repo_work_files(s->work);
	struct stat st;
	const char *copy;

	if (k->copy == KEPT_NOT)
		return true;
	if (k->copy == KEPT_ABSENT)
		return files_remove(files, k->path, err);
	copy = copy_path(s, a, k->copy);
	/* Given back already, by a run that was killed after it. */
	if (lstat(copy, &st) < 0 && errno == ENOENT)
		return true;
	/* Untouched files keep their times, so that the index still fits them. */
	if (files_same(files, k->path, copy))
		return true;
	return files_adopt(files, k->path, copy, err);
}

bool backup_settle(struct session *s, unsigned patch, struct err *err)
{
	AUTO(arena) a = arena_new();
	struct kept_list list, left = { 0 };

	/* what was decided at its rejects can no longer be taken back */
	if (!remove_folder(arena_printf(a, "%s/desk", s->own), err))
		return false;
	if (!state_exists(s, "kcrib/kept"))
		return true;
	if (!backup_load(s, a, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++) {
		struct kept k = list.v[i];

		if (k.kind == 'r' && k.patch == patch) {
			if (!backup_give(s, &k, err))
				return false;
			continue;
		}
		if (k.patch == patch) {
			k.kind = 'c';
			k.patch = 0;
		}
		*ARENA_PUSH(a, &left) = k;
	}
	return backup_save(s, &left, err);
}

bool backup_keep_index(struct session *s, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *to = arena_printf(a, "%s/index", s->own);
	const char *from = repo_work_index_path(s->work);

	if (file_exists(to) || !file_exists(from))
		return true;
	if (link(from, to) == 0)
		return true;
	STRBUF_AUTO(buf, STATE_MAX);
	return file_read(from, &buf, err) &&
	       state_put(s, "kcrib/index", strbuf_str(&buf), err);
}

bool backup_give_index(struct session *s, bool *ret_given, struct err *err)
{
	AUTO(arena) a = arena_new();
	const char *from = arena_printf(a, "%s/index", s->own);
	const char *to = repo_work_index_path(s->work);

	*ret_given = false;
	if (!file_exists(from))
		return true;
	if (!repo_work_check_lock(s->work, err))
		return false;
	STRBUF_AUTO(buf, STATE_MAX);
	if (!file_read(from, &buf, err) ||
	    !file_write_atomic(to, strbuf_str(&buf), 0644, err))
		return false;
	*ret_given = true;
	return repo_work_reload(s->work, err);
}
