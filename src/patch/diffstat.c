/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patches counted: see patch/diffstat.h.
 */
#include "patch/diffstat.h"

enum { NAME_MAX_COLUMNS = 50, GRAPH_COLUMNS = 70 }; /* name and marks together */

struct diffstat diffstat_of(const struct filepatch *f)
{
	struct diffstat sum = { 0 };

	for (size_t i = 0; i < f->n_hunks; i++) {
		const struct hunk *h = &f->hunks[i];

		for (size_t k = 0; k < h->n; k++) {
			sum.added += h->lines[k].kind == '+';
			sum.removed += h->lines[k].kind == '-';
		}
	}
	return sum;
}

/* ---- --stat ---- */

static size_t columns_of(struct str path)
{
	STRBUF_AUTO(quoted, 4 * DIFF_MAX_PATH + 2);

	path_print_quoted(STR_NONE, path, &quoted);
	return quoted.n;
}

/* A long name loses its front, up to a slash where there is one. */
static void print_name(struct str path, size_t width, struct strbuf *out)
{
	STRBUF_AUTO(quoted, 4 * DIFF_MAX_PATH + 2);
	struct str name;
	size_t start = out->n;

	path_print_quoted(STR_NONE, path, &quoted);
	name = strbuf_str(&quoted);
	if (name.n > width) {
		struct str tail = str_from(name, name.n + 3 - width);
		ptrdiff_t slash = str_chr(tail, '/');

		strbuf_addz(out, "...");
		name = slash < 0 ? tail : str_from(tail, (size_t)slash);
	}
	strbuf_add(out, name);
	if (out->n - start < width)
		strbuf_pad(out, ' ', width - (out->n - start));
}

/* `n` changed lines, when `most` fill `columns`; rounded. */
static size_t marks(size_t n, size_t columns, size_t most)
{
	return most ? (n * columns + most / 2) / most : n;
}

static void print_count(struct strbuf *out, size_t n, const char *word, char sign)
{
	strbuf_addf(out, ", %zu %s%s(%c)", n, word, n == 1 ? "" : "s", sign);
}

static void print_sum(size_t files, struct diffstat all, struct strbuf *out)
{
	strbuf_addf(out, " %zu file%s changed", files, files == 1 ? "" : "s");
	if (files && (all.added || !all.removed))
		print_count(out, all.added, "insertion", '+');
	if (files && (all.removed || !all.added))
		print_count(out, all.removed, "deletion", '-');
	strbuf_addc(out, '\n');
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

void diffstat_print_graph(const struct patch *p, struct strbuf *out)
{
	struct diffstat all = { 0 };
	size_t width = 0, most = 0, columns;

	for (size_t i = 0; i < p->n; i++) {
		struct diffstat s = diffstat_of(&p->v[i]);

		width = larger(width, columns_of(p->v[i].old_path));
		width = larger(width, columns_of(p->v[i].new_path));
		most = larger(most, s.added + s.removed);
		all.added += s.added;
		all.removed += s.removed;
	}
	if (width > NAME_MAX_COLUMNS)
		width = NAME_MAX_COLUMNS;
	columns = width + most > GRAPH_COLUMNS ? GRAPH_COLUMNS - width : most;
	for (size_t i = 0; i < p->n; i++) {
		struct diffstat s = diffstat_of(&p->v[i]);
		size_t total = marks(s.added + s.removed, columns, most);
		size_t plus = marks(s.added, columns, most);

		strbuf_addc(out, ' ');
		print_name(filepatch_path(&p->v[i]), width, out);
		if (p->v[i].binary) {
			strbuf_addz(out, " |  Bin\n");
			continue;
		}
		strbuf_addf(out, " |%5zu ", s.added + s.removed);
		strbuf_pad(out, '+', plus);
		strbuf_pad(out, '-', total - plus);
		strbuf_addc(out, '\n');
	}
	print_sum(p->n, all, out);
}

/* ---- --numstat ---- */

void diffstat_print_numbers(const struct patch *p, struct strbuf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		struct diffstat s = diffstat_of(&p->v[i]);

		if (p->v[i].binary)
			strbuf_addz(out, "-\t-\t");
		else
			strbuf_addf(out, "%zu\t%zu\t", s.added, s.removed);
		path_print_quoted(STR_NONE, filepatch_path(&p->v[i]), out);
		strbuf_addc(out, '\n');
	}
}

/* ---- --summary ---- */

static void print_whole(const char *what, unsigned mode, struct str path,
			struct strbuf *out)
{
	strbuf_addf(out, " %s ", what);
	if (mode)
		strbuf_addf(out, "mode %06o ", mode);
	path_print_quoted(STR_NONE, path, out);
	strbuf_addc(out, '\n');
}

static void print_mode_change(const struct filepatch *f, bool name, struct strbuf *out)
{
	if (!f->old_mode || !f->new_mode || f->old_mode == f->new_mode)
		return;
	strbuf_addf(out, " mode change %06o => %06o", f->old_mode, f->new_mode);
	if (name)
		path_print_quoted(STR(" "), f->new_path, out);
	strbuf_addc(out, '\n');
}

/* The folders both names begin with, the slash included. */
static size_t common_folders(struct str a, struct str b)
{
	size_t n = 0;

	for (size_t i = 0; i < a.n && i < b.n && a.p[i] == b.p[i]; i++)
		if (a.p[i] == '/')
			n = i + 1;
	return n;
}

static void print_moved(const struct filepatch *f, struct strbuf *out)
{
	size_t n = common_folders(f->old_path, f->new_path);

	strbuf_addz(out, f->kind == FILEPATCH_RENAME ? " rename " : " copy ");
	path_print_quoted(STR_NONE, str_sub(f->old_path, 0, n), out);
	strbuf_addz(out, n ? "{" : "");
	path_print_quoted(STR_NONE, str_from(f->old_path, n), out);
	strbuf_addz(out, " => ");
	path_print_quoted(STR_NONE, str_from(f->new_path, n), out);
	strbuf_addf(out, "%s (%d%%)\n", n ? "}" : "",
		    f->similarity < 0 ? 0 : f->similarity);
	print_mode_change(f, false, out);
}

void diffstat_print_summary(const struct patch *p, struct strbuf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct filepatch *f = &p->v[i];

		switch (f->kind) {
		case FILEPATCH_CREATE:
			print_whole("create", f->new_mode, f->new_path, out);
			break;
		case FILEPATCH_DELETE:
			print_whole("delete", f->old_mode, f->old_path, out);
			break;
		case FILEPATCH_RENAME:
		case FILEPATCH_COPY:
			print_moved(f, out);
			break;
		case FILEPATCH_MODIFY:
			if (f->dissimilarity) {
				path_print_quoted(STR(" rewrite "), f->new_path, out);
				strbuf_addf(out, " (%d%%)\n", f->dissimilarity);
			}
			print_mode_change(f, !f->dissimilarity, out);
			break;
		}
	}
}
