/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The placement engine on its own, for measurements: apply one mail or diff to the
 * folder it is run in. What finds no place goes to *.rej.
 *
 *     place_tool [-b] [-v|-j] [-n] [-s] [-R] PATCH
 *
 * -b: fetch blobs with git cat-file (three-way); -v: one line a hunk, -j: for
 * scripts; -n: write nothing;
 * -s: search only, as git apply. Exit 0: all placed; 1: rejects left; 3: failed.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "patch/mail.h"
#include "patch/place.h"
#include "patch/rej.h"

#define MAX_FILE ((size_t)1 << 30)

static bool folder_read(void *ctx, struct str path, struct arena *a,
			struct tree_file *ret, struct err *err)
{
	STRBUF_AUTO(bytes, MAX_FILE);
	struct stat st;

	if (lstat(arena_cstr(a, path), &st))
		return err_set(err, ERR_NOTFOUND, "no such file");
	if (!file_read(arena_cstr(a, path), &bytes, err))
		return false;
	ret->bytes = arena_str(a, strbuf_str(&bytes));
	ret->mode = st.st_mode & 0100 ? 0100755 : 0100644;
	return true;
}

static unsigned folder_mode(void *ctx, struct str path)
{
	char name[4200];
	struct stat st;

	snprintf(name, sizeof(name), STR_FMT, STR_ARG(path));
	if (lstat(name, &st))
		return 0;
	if (S_ISDIR(st.st_mode))
		return 0040000;
	return S_ISLNK(st.st_mode) ? 0120000 : st.st_mode & 0100 ? 0100755 : 0100644;
}

static bool git_blob(void *ctx, struct str oid, struct arena *a, struct str *ret,
		     struct err *err)
{
	STRBUF_AUTO(out, MAX_FILE);
	STRBUF_AUTO(noise, 65536);
	const char *argv[] = { "git", "cat-file", "blob", arena_cstr(a, oid), NULL };
	int status;

	if (!spawn_run(&(struct spawn){ .argv = argv, .out = &out, .errout = &noise },
		       &status, err))
		return false;
	if (status)
		return err_set(err, ERR_NOTFOUND, "no such blob");
	*ret = arena_str(a, strbuf_str(&out));
	return true;
}

static bool folder_write(void *ctx, struct str path, struct str bytes, unsigned mode,
			 struct err *err)
{
	char name[4200];
	ptrdiff_t slash = str_rchr(path, '/');

	if (slash > 0) {
		snprintf(name, sizeof(name), STR_FMT,
			 STR_ARG(str_sub(path, 0, (size_t)slash)));
		for (char *p = name + 1; (p = strchr(p, '/')); *p++ = '/') {
			*p = '\0';
			mkdir(name, 0777);
		}
		mkdir(name, 0777);
	}
	snprintf(name, sizeof(name), STR_FMT, STR_ARG(path));
	return file_write_atomic(name, bytes, mode & 0777, err);
}

static bool folder_remove(void *ctx, struct str path, struct err *err)
{
	char name[4200];

	snprintf(name, sizeof(name), STR_FMT, STR_ARG(path));
	return !unlink(name) || err_sys(err, ERR_IO, "removing %s", name);
}

static bool walk(const char *dir, bool (*visit)(void *, struct str, unsigned), void *arg)
{
	DIR *d = opendir(*dir ? dir : ".");
	struct dirent *e;
	char name[4200];
	bool go = true;

	while (d && go && (e = readdir(d))) {
		unsigned mode;

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s%s%s", dir, *dir ? "/" : "", e->d_name);
		mode = folder_mode(NULL, str_of(name));
		go = mode == 0040000 ? walk(name, visit, arg)
				     : visit(arg, str_of(name), mode);
	}
	if (d)
		closedir(d);
	return go;
}

static void folder_each(void *ctx, bool (*visit)(void *, struct str, unsigned), void *arg)
{
	walk("", visit, arg);
}

static void show(const struct filepatch *f, const struct place_result *r)
{
	printf("%-8s " STR_FMT "%s" STR_FMT " %s\n", place_status_name(r->file.status),
	       STR_ARG(filepatch_path(f)), r->found_path.n ? " => " : "",
	       STR_ARG(r->found_path), place_cause_name(r->file.cause));
	for (size_t i = 0; i < r->n_hunks; i++) {
		const struct placement *p = &r->hunks[i];

		printf("  %-8s %-9s %-25s %-18s line %zu%+td score %.2f rival %.2f cand %zu:",
		       place_status_name(p->status), place_engine_name(p->engine),
		       place_evidence_name(p->evidence), place_cause_name(p->cause),
		       p->line, p->offset, p->score, p->rival, p->n_candidates);
		for (size_t k = 0; k < p->n_candidates; k++)
			printf(" %zu(%s)", p->candidates[k].line,
			       place_evidence_name(p->candidates[k].evidence));
		printf("  @@ -%zu\n", f->hunks[i].old.start);
	}
}

/* One line a hunk for scripts: edits as line:removed:hex of the new lines. */
static void show_edits(const struct place_edit *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		printf("%s%zu:%zu:", i ? "," : "", e[i].line, e[i].n_old);
		for (size_t k = 0; k < e[i].n_new; k++)
			for (size_t c = 0; c < e[i].new[k].n; c++)
				printf("%02x", (unsigned)(unsigned char)e[i].new[k].p[c]);
	}
}

static void show_raw(const struct filepatch *f, const struct place_result *r)
{
	for (size_t i = 0; i < r->n_hunks; i++) {
		const struct placement *p = &r->hunks[i];

		printf("H\t" STR_FMT "\t" STR_FMT "\t%zu\t%s\t%s\t%s\t%.3f\t%.3f",
		       STR_ARG(filepatch_path(f)), STR_ARG(r->found_path),
		       f->hunks[i].old.start, place_status_name(p->status),
		       place_evidence_name(p->evidence), place_cause_name(p->cause),
		       p->score, p->rival);
		if (p->n_edits) {
			putchar('\t');
			show_edits(p->edits, p->n_edits);
		}
		for (size_t k = 0; k < p->n_candidates; k++) {
			putchar('\t');
			show_edits(p->candidates[k].edits, p->candidates[k].n_edits);
		}
		putchar('\n');
	}
}

static bool finish(struct tree *t, const struct filepatch *f, struct place_result *r,
		   struct arena *a, struct err *err)
{
	STRBUF_AUTO(rej, MAX_FILE);

	if (r->changed && r->remove_path.n &&
	    !t->ops->remove(t->ctx, r->remove_path, err))
		return false;
	if (r->changed && r->path.n &&
	    !t->ops->write(t->ctx, r->path, r->post, r->mode, err))
		return false;
	if (r->file.status != PLACE_REJECTED && !r->n_rejected)
		return true;
	rej_print(&r->rejects, &rej);
	return t->ops->write(t->ctx, rej_path(r->path.n ? r->path : filepatch_path(f), a),
			     strbuf_str(&rej), 0100644, err);
}

/* Of a mail what stands below its message, where a piece of a diff may be quoted. */
static bool read_patch(const char *name, struct strbuf *room, struct arena *a,
		       struct patch *ret, struct err *err)
{
	struct mail_options opt = { 0 };
	struct mail mail;
	struct str text;

	if (!file_read(name, room, err))
		return false;
	text = strbuf_str(room);
	if (str_starts(text, STR("From "))) {
		if (!mail_parse(a, text, &opt, &mail, err))
			return false;
		text = mail.patch;
	}
	return diff_parse(text, &DIFF_OPTIONS_DEFAULT, a, ret, err);
}

int main(int argc, char **argv)
{
	AUTO(arena) a = arena_new();
	STRBUF_AUTO(text, MAX_FILE);
	struct tree_ops ops = { .read = folder_read,
				.mode = folder_mode,
				.write = folder_write,
				.remove = folder_remove,
				.each = folder_each };
	struct tree tree = { &ops, NULL };
	struct place_options opt = PLACE_OPTIONS_DEFAULT;
	bool verbose = false, raw = false, dry = false, left = false;
	struct patch patch;
	struct err err;
	int c;

	while ((c = getopt(argc, argv, "bvjnsR")) != -1) {
		if (c == 'b')
			ops.blob = git_blob;
		verbose |= c == 'v';
		raw |= c == 'j';
		dry |= c == 'n';
		opt.reverse |= c == 'R';
		if (c == 's')
			opt.engines = PLACE_SEARCH_ONLY;
	}
	if (optind >= argc || !read_patch(argv[optind], &text, a, &patch, &err))
		goto failed;
	for (size_t i = 0; i < patch.n; i++) {
		struct place_result r;

		if (!place_file(&tree, &patch.v[i], &opt, a, &r, &err))
			goto failed;
		if (verbose)
			show(&patch.v[i], &r);
		if (raw)
			show_raw(&patch.v[i], &r);
		if (!dry && !finish(&tree, &patch.v[i], &r, a, &err))
			goto failed;
		left |= r.n_rejected || r.file.status == PLACE_REJECTED;
	}
	return left;
failed:
	fprintf(stderr, "place_tool: %s\n", err.msg);
	return 3;
}
