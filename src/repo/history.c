/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of lines: see repo/history.h. A commit costs two look-ups of the path; only
 * where the blob differs is a diff made, and its removed lines are compared by hash.
 */
#include "priv.h"

#include "repo/history.h"

struct walk {
	struct repo *repo;
	const struct history_query *query;
	const char *path;
	uint64_t *wanted; /* hashes of the lines */
	size_t n;
	unsigned hits;
};

static struct str trimmed(struct str line)
{
	return str_trim(line);
}

/* Lone braces and blank lines prove nothing. */
static bool tells(struct str line)
{
	return trimmed(line).n > 2;
}

static int count_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
		      const git_diff_line *line, void *arg)
{
	struct walk *w = arg;
	uint64_t hash;

	(void)delta;
	(void)hunk;
	if (line->origin != GIT_DIFF_LINE_DELETION)
		return 0;
	hash = str_hash(trimmed(str_n(line->content, line->content_len)));
	for (size_t i = 0; i < w->n; i++) {
		if (w->wanted[i] == hash) {
			w->hits++;
			break;
		}
	}
	return 0;
}

/* The blob of the path in a commit, or NULL. */
static git_blob *blob_in(struct walk *w, git_commit *commit)
{
	git_tree_entry *entry = NULL;
	git_blob *blob = NULL;
	git_tree *tree = NULL;

	if (commit && git_commit_tree(&tree, commit) == 0 &&
	    git_tree_entry_bypath(&entry, tree, w->path) == 0 &&
	    git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
		git_blob_lookup(&blob, w->repo->git, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return blob;
}

/* How many of the wanted lines did this commit take away? */
static unsigned count(struct walk *w, git_commit *commit)
{
	git_commit *parent = NULL;
	git_blob *old = NULL, *new = NULL;

	w->hits = 0;
	if (git_commit_parentcount(commit) && git_commit_parent(&parent, commit, 0) == 0)
		old = blob_in(w, parent);
	new = blob_in(w, commit);
	if (old && (!new || !git_oid_equal(git_blob_id(old), git_blob_id(new))))
		git_diff_blobs(old, NULL, new, NULL, NULL, NULL, NULL, NULL, count_line,
			       w);
	git_blob_free(old);
	git_blob_free(new);
	git_commit_free(parent);
	return w->hits;
}

static void add_commit(struct arena *a, struct history_list *list, git_commit *commit,
		       unsigned lines)
{
	char hex[REPO_HEX + 1];
	const git_signature *who = git_commit_author(commit);
	const char *subject = git_commit_summary(commit);

	git_oid_tostr(hex, sizeof(hex), git_commit_id(commit));
	*ARENA_PUSH(a, list) = (struct history_commit){
		.hex = arena_str(a, str_of(hex)),
		.author = arena_str(a, str_of(who ? who->name : "")),
		.subject = arena_str(a, str_of(subject)),
		.time_s = git_commit_time(commit),
		.lines = lines,
	};
}

static bool at_limit(const struct history_query *q, const struct history_list *list)
{
	return list->walked >= q->most_commits || list->n >= q->most_hits ||
	       (q->cancelled && q->cancelled(q->arg, list->walked));
}

bool history_of_lines(struct repo *repo, const struct history_query *query,
		      struct arena *a, struct history_list *ret, struct err *err)
{
	struct walk w = { .repo = repo,
			  .query = query,
			  .path = arena_cstr(a, query->path),
			  .wanted = arena_array(a, uint64_t, query->n + 1) };
	struct history_list list = { 0 };
	git_revwalk *walk = NULL;
	git_oid oid;

	for (size_t i = 0; i < query->n; i++)
		if (tells(query->lines[i]))
			w.wanted[w.n++] = str_hash(trimmed(query->lines[i]));
	if (git_revwalk_new(&walk, repo->git) < 0)
		return err_set(err, ERR_IO, "reading the history of " STR_FMT,
			       STR_ARG(query->path));
	git_revwalk_sorting(walk, GIT_SORT_TIME);
	git_revwalk_simplify_first_parent(walk);
	/* without commits there is nothing to walk, and nobody changed anything */
	if (w.n && git_revwalk_push_head(walk) == 0) {
		while (!(list.stopped = at_limit(query, &list)) &&
		       git_revwalk_next(&oid, walk) == 0) {
			git_commit *commit = NULL;
			unsigned lines;

			if (git_commit_lookup(&commit, repo->git, &oid) < 0)
				break;
			list.walked++;
			lines = count(&w, commit);
			if (lines)
				add_commit(a, &list, commit, lines);
			git_commit_free(commit);
		}
	}
	git_revwalk_free(walk);
	*ret = list;
	return true;
}

void history_since(struct repo *repo, const char *base, size_t most, struct arena *a,
		   struct history_list *ret)
{
	git_revwalk *walk = NULL;
	git_oid oid;

	*ret = (struct history_list){ 0 };
	if (git_revwalk_new(&walk, repo->git) < 0)
		return;
	git_revwalk_simplify_first_parent(walk);
	if (git_revwalk_push_head(walk) == 0 &&
	    git_reference_name_to_id(&oid, repo->git, base) == 0 &&
	    git_revwalk_hide(walk, &oid) == 0) {
		while (ret->n < most && git_revwalk_next(&oid, walk) == 0) {
			git_commit *commit = NULL;

			if (git_commit_lookup(&commit, repo->git, &oid) < 0)
				break;
			add_commit(a, ret, commit, 0);
			git_commit_free(commit);
		}
	}
	git_revwalk_free(walk);
}

static int add_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
		    const git_diff_line *line, void *arg)
{
	struct strbuf *out = arg;

	(void)delta;
	(void)hunk;
	if (line->origin == GIT_DIFF_LINE_CONTEXT ||
	    line->origin == GIT_DIFF_LINE_ADDITION ||
	    line->origin == GIT_DIFF_LINE_DELETION)
		strbuf_addc(out, line->origin);
	strbuf_add(out, str_n(line->content, line->content_len));
	return 0;
}

bool history_show(struct repo *repo, const char *hex, struct str path, struct strbuf *out,
		  struct err *err)
{
	AUTO(arena) a = arena_new();
	struct walk w = { .repo = repo, .path = arena_cstr(a, path) };
	git_commit *commit = NULL, *parent = NULL;
	git_blob *old = NULL, *new = NULL;
	git_oid oid;

	if (git_oid_fromstr(&oid, hex) < 0 ||
	    git_commit_lookup(&commit, repo->git, &oid) < 0)
		return err_set(err, ERR_NOTFOUND, "no commit %s", hex);
	strbuf_addf(out, "%s\n\n", git_commit_message(commit));
	if (git_commit_parentcount(commit) && git_commit_parent(&parent, commit, 0) == 0)
		old = blob_in(&w, parent);
	new = blob_in(&w, commit);
	git_diff_blobs(old, w.path, new, w.path, NULL, NULL, NULL, NULL, add_line, out);
	git_blob_free(old);
	git_blob_free(new);
	git_commit_free(parent);
	git_commit_free(commit);
	return strbuf_ok(out, "diff", err);
}
