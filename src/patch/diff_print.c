/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patches as text again, and their reverse. What is printed is read back by diff_parse()
 * to the same struct, and by git apply and patch.
 */
#include "diff_internal.h"

struct str filepatch_path(const struct filepatch *f)
{
	return f->new_path.n ? f->new_path : f->old_path;
}

static void print_range(char sign, struct hunk_range r, struct strbuf *out)
{
	strbuf_addf(out, "%c%zu", sign, r.start);
	if (r.count != 1)
		strbuf_addf(out, ",%zu", r.count);
}

void hunk_print_header(const struct hunk *h, struct strbuf *out)
{
	strbuf_addz(out, "@@ ");
	print_range('-', h->old, out);
	strbuf_addc(out, ' ');
	print_range('+', h->new, out);
	strbuf_addz(out, " @@");
	if (h->section.n) {
		strbuf_addc(out, ' ');
		strbuf_add(out, h->section);
	}
}

void hunk_print(const struct hunk *h, struct strbuf *out)
{
	hunk_print_header(h, out);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < h->n; i++) {
		struct str text = h->lines[i].text;

		strbuf_addc(out, h->lines[i].kind);
		strbuf_add(out, text);
		if (!text.n || text.p[text.n - 1] != '\n')
			strbuf_addz(out, "\n\\ No newline at end of file\n");
	}
}

static void print_modes(const struct filepatch *f, struct strbuf *out)
{
	if (f->kind == FILEPATCH_CREATE)
		strbuf_addf(out, "new file mode %06o\n",
			    f->new_mode ? f->new_mode : 0100644);
	else if (f->kind == FILEPATCH_DELETE)
		strbuf_addf(out, "deleted file mode %06o\n",
			    f->old_mode ? f->old_mode : 0100644);
	else if (f->old_mode && f->new_mode &&
		 (f->old_mode != f->new_mode || !f->old_oid.n))
		strbuf_addf(out, "old mode %06o\nnew mode %06o\n", f->old_mode,
			    f->new_mode);
}

static void print_moves(const struct filepatch *f, struct strbuf *out)
{
	const char *verb = f->kind == FILEPATCH_COPY ? "copy" : "rename";

	if (f->similarity >= 0)
		strbuf_addf(out, "similarity index %d%%\n", f->similarity);
	if (f->dissimilarity)
		strbuf_addf(out, "dissimilarity index %d%%\n", f->dissimilarity);
	if (f->kind != FILEPATCH_COPY && f->kind != FILEPATCH_RENAME)
		return;
	strbuf_addf(out, "%s from ", verb);
	path_print_quoted(STR(""), f->old_path, out);
	strbuf_addf(out, "\n%s to ", verb);
	path_print_quoted(STR(""), f->new_path, out);
	strbuf_addc(out, '\n');
}

static void print_name(const char *sign, struct str prefix, struct str path,
		       struct strbuf *out)
{
	strbuf_addz(out, sign);
	if (!path.n) {
		strbuf_addz(out, "/dev/null");
	} else {
		path_print_quoted(prefix, path, out);
		/* A name with blanks ends in a tab, so that patch finds its end. */
		if (str_chr(path, ' ') >= 0 && out->n && out->p[out->n - 1] != '"')
			strbuf_addc(out, '\t');
	}
	strbuf_addc(out, '\n');
}

void filepatch_print_header(const struct filepatch *f, struct strbuf *out)
{
	struct str old = f->old_path.n ? f->old_path : f->new_path;
	struct str new = f->new_path.n ? f->new_path : f->old_path;

	strbuf_addz(out, "diff --git ");
	path_print_quoted(STR("a/"), old, out);
	strbuf_addc(out, ' ');
	path_print_quoted(STR("b/"), new, out);
	strbuf_addc(out, '\n');
	print_modes(f, out);
	print_moves(f, out);
	if (f->old_oid.n) {
		strbuf_addf(out, "index " STR_FMT ".." STR_FMT, STR_ARG(f->old_oid),
			    STR_ARG(f->new_oid));
		if (f->old_mode && f->old_mode == f->new_mode &&
		    f->kind != FILEPATCH_CREATE && f->kind != FILEPATCH_DELETE)
			strbuf_addf(out, " %06o", f->old_mode);
		strbuf_addc(out, '\n');
	}
	if (f->n_hunks) {
		print_name("--- ", STR("a/"), f->old_path, out);
		print_name("+++ ", STR("b/"), f->new_path, out);
	}
}

void filepatch_print(const struct filepatch *f, struct strbuf *out)
{
	filepatch_print_header(f, out);
	if (f->forward.method != BINARY_NONE)
		binary_print(f, out);
	else if (f->binary)
		strbuf_addz(out, "Binary files differ\n");
	for (size_t i = 0; i < f->n_hunks; i++)
		hunk_print(&f->hunks[i], out);
}

static void reverse_hunk(const struct hunk *h, struct arena *a, struct hunk *ret)
{
	size_t w = 0;

	*ret = *h;
	ret->old = h->new;
	ret->new = h->old;
	ret->reversed = !h->reversed;
	ret->lines = arena_array(a, struct hunk_line, h->n);
	/* Within a block of changes the removed lines come first, as diff prints them. */
	for (size_t i = 0; i < h->n;) {
		size_t end = i;

		while (end < h->n && h->lines[end].kind != ' ')
			end++;
		for (size_t k = i; k < end; k++)
			if (h->lines[k].kind == '+')
				ret->lines[w++] =
					(struct hunk_line){ h->lines[k].text, '-' };
		for (size_t k = i; k < end; k++)
			if (h->lines[k].kind == '-')
				ret->lines[w++] =
					(struct hunk_line){ h->lines[k].text, '+' };
		if (end < h->n)
			ret->lines[w++] = h->lines[end++];
		i = end;
	}
}

bool filepatch_reverse(const struct filepatch *f, struct arena *a,
		       struct filepatch *ret_reverse, struct err *err)
{
	static const enum filepatch_kind reverse[] = {
		[FILEPATCH_MODIFY] = FILEPATCH_MODIFY,
		[FILEPATCH_CREATE] = FILEPATCH_DELETE,
		[FILEPATCH_DELETE] = FILEPATCH_CREATE,
		[FILEPATCH_RENAME] = FILEPATCH_RENAME,
		[FILEPATCH_COPY] = FILEPATCH_COPY,
	};
	struct filepatch r = *f;

	if (f->binary && f->backward.method == BINARY_NONE)
		return err_set(err, ERR_CONFLICT,
			       "reversing binary patch: " STR_FMT
			       ": no reverse part in it",
			       STR_ARG(filepatch_path(f)));
	r.kind = reverse[f->kind];
	r.maybe_create = false;
	r.old_path = f->new_path;
	r.new_path = f->old_path;
	r.old_mode = f->new_mode;
	r.new_mode = f->old_mode;
	r.old_oid = f->new_oid;
	r.new_oid = f->old_oid;
	r.forward = f->backward;
	r.backward = f->forward;
	r.hunks = arena_array(a, struct hunk, f->n_hunks);
	for (size_t i = 0; i < f->n_hunks; i++)
		reverse_hunk(&f->hunks[i], a, &r.hunks[i]);
	*ret_reverse = r;
	return true;
}

bool patch_reverse(const struct patch *p, struct arena *a, struct patch *ret_reverse,
		   struct err *err)
{
	struct filepatch *v = arena_array(a, struct filepatch, p->n);

	for (size_t i = 0; i < p->n; i++)
		if (!filepatch_reverse(&p->v[p->n - 1 - i], a, &v[i], err))
			return false;
	*ret_reverse = (struct patch){ v, p->n, p->n };
	return true;
}
