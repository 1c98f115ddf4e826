/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What git apply says about a patch, in its words, so that scripts and eyes that know
 * them find them here: see patch/am.h.
 */
#include "base/strbuf.h"
#include "patch/am.h"

static void add_name(const struct filepatch *f, struct strbuf *out)
{
	if (f->old_path.n && f->new_path.n && !str_eq(f->old_path, f->new_path))
		strbuf_addf(out, STR_FMT " => " STR_FMT, STR_ARG(f->old_path),
			    STR_ARG(f->new_path));
	else
		strbuf_add(out, filepatch_path(f));
}

static struct str first_name(const struct filepatch *f)
{
	return f->old_path.n ? f->old_path : f->new_path;
}

/* The file as a whole could not be taken. */
static void print_file_failure(const struct am_file *file, bool index, struct strbuf *out)
{
	const struct filepatch *f = file->patch;
	struct str old = first_name(f), name = filepatch_path(f);

	switch ((int)file->result.file.cause) {
	case CAUSE_FILE_MISSING:
		if (index)
			strbuf_addf(out, "error: " STR_FMT ": does not exist in index\n",
				    STR_ARG(old));
		else
			strbuf_addf(out,
				    "error: " STR_FMT ": No such file or directory\n",
				    STR_ARG(old));
		break;
	case CAUSE_FILE_EXISTS:
		if (file->said.n) {
			strbuf_addf(out, "error: " STR_FMT ": patch does not apply\n",
				    STR_ARG(name));
			break;
		}
		strbuf_addf(out, "error: " STR_FMT ": already exists in %s\n",
			    STR_ARG(f->new_path), index ? "index" : "working directory");
		break;
	case CAUSE_FILE_TYPE:
		strbuf_addf(out, "error: " STR_FMT ": wrong type\n", STR_ARG(old));
		break;
	case CAUSE_PATH_REFUSED:
		strbuf_addf(out, "error: " STR_FMT "\n", STR_ARG(file->result.file.why));
		break;
	case CAUSE_FILE_DIFFERS:
		if (!file->refused.n)
			strbuf_addf(out, "error: removal patch leaves file contents\n");
		else
			strbuf_addf(out, "error: " STR_FMT "\n", STR_ARG(file->refused));
		if (!file->refused.n)
			strbuf_addf(out, "error: " STR_FMT ": patch does not apply\n",
				    STR_ARG(name));
		break;
	default:
		strbuf_addf(out, "error: " STR_FMT ": " STR_FMT "\n", STR_ARG(name),
			    STR_ARG(file->result.file.why));
		strbuf_addf(out, "error: " STR_FMT ": patch does not apply\n",
			    STR_ARG(name));
	}
}

static void print_sought(const struct hunk *h, struct strbuf *out)
{
	strbuf_addz(out, "error: while searching for:\n");
	for (size_t i = 0; i < h->n; i++)
		if (h->lines[i].kind != '+')
			strbuf_add(out, h->lines[i].text);
	if (out->n && out->p[out->n - 1] != '\n')
		strbuf_addc(out, '\n');
	strbuf_addc(out, '\n');
}

static void print_hunks(const struct am_file *file, const struct am_apply_options *o,
			struct strbuf *out)
{
	const struct place_result *r = &file->result;

	for (size_t i = 0; i < r->n_hunks && i < file->patch->n_hunks; i++) {
		const struct placement *p = &r->hunks[i];
		const struct hunk *h = &file->patch->hunks[i];

		if (p->status == PLACE_REJECTED) {
			if (o->verbose)
				print_sought(h, out);
			strbuf_addf(out, "error: patch failed: " STR_FMT ":%zu\n",
				    STR_ARG(first_name(file->patch)), h->old.start);
			if (!o->reject)
				break;
		} else if (o->verbose && p->offset) {
			strbuf_addf(out,
				    "Hunk #%zu succeeded at %zu (offset %td line%s).\n",
				    i + 1, p->line, p->offset,
				    p->offset == 1 || p->offset == -1 ? "" : "s");
		} else if (p->fuzz) {
			strbuf_addf(out, "Context reduced to fit the hunk at line %zu\n",
				    p->line);
		}
	}
	if (r->n_rejected && !o->reject)
		strbuf_addf(out, "error: " STR_FMT ": patch does not apply\n",
			    STR_ARG(filepatch_path(file->patch)));
}

static void print_outcome(const struct am_file *file, struct strbuf *out)
{
	const struct place_result *r = &file->result;

	if (r->file.status == PLACE_REJECTED)
		return;
	if (r->found_path.n)
		strbuf_addf(out, "warning: " STR_FMT ": " STR_FMT "\n",
			    STR_ARG(filepatch_path(file->patch)), STR_ARG(r->file.why));
	if (!r->n_rejected) {
		strbuf_addz(out, "Applied patch ");
		add_name(file->patch, out);
		strbuf_addz(out, " cleanly.\n");
		return;
	}
	strbuf_addz(out, "Applying patch ");
	add_name(file->patch, out);
	strbuf_addf(out, " with %zu reject%s...\n", r->n_rejected,
		    r->n_rejected == 1 ? "" : "s");
	for (size_t i = 0; i < r->n_hunks; i++)
		strbuf_addf(out,
			    r->hunks[i].status == PLACE_REJECTED
				    ? "Rejected hunk #%zu.\n"
				    : "Hunk #%zu applied cleanly.\n",
			    i + 1);
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void print_unmerged(const struct am_applied *r, struct strbuf *out)
{
	AUTO(arena) a = arena_new();
	struct am_words paths = { 0 };

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].conflict)
			*ARENA_PUSH(a, &paths) = r->v[i].result.path;
	if (paths.n)
		qsort(paths.v, paths.n, sizeof(*paths.v), by_path);
	for (size_t i = 0; i < paths.n; i++)
		strbuf_addf(out, "U " STR_FMT "\n", STR_ARG(paths.v[i]));
}

static void print_outcomes(const struct am_applied *r, const struct am_apply_options *o,
			   struct strbuf *out)
{
	for (size_t i = 0; o->verbose && i < r->n; i++)
		print_outcome(&r->v[i], out);
	if (!o->check)
		print_unmerged(r, out);
}

/* "patch:12: trailing whitespace." and the line. */
static void print_ws(const struct am_applied *r, const struct am_apply_options *o,
		     const char *name, struct strbuf *out)
{
	size_t n = o->squelch && o->squelch < r->ws.n ? o->squelch : r->ws.n;

	for (size_t i = 0; i < n; i++) {
		const struct place_ws_note *note = &r->ws.v[i];
		const char *comma = "";

		strbuf_addf(out, "%s:%u: ", name, note->origin.line);
		for (unsigned bit = 1; bit <= WS_BLANK_AT_EOF; bit <<= 1) {
			if (!(note->faults & bit))
				continue;
			strbuf_addf(out, "%s%s", comma,
				    ws_fault_name((enum ws_fault)bit));
			comma = ", ";
		}
		strbuf_addf(out, ".\n" STR_FMT "\n", STR_ARG(str_chomp(note->line)));
	}
}

static void print_ws_sum(const struct am_applied *r, const struct am_apply_options *o,
			 struct strbuf *out)
{
	if (o->squelch && r->ws.n > o->squelch)
		strbuf_addf(out, "warning: squelched %zu whitespace error%s\n",
			    r->ws.n - o->squelch, r->ws.n - o->squelch == 1 ? "" : "s");
	if (r->ws_stop)
		strbuf_addf(out, "error: %zu line%s whitespace errors.\n", r->ws.n,
			    r->ws.n == 1 ? " adds" : "s add");
	else if (r->n_ws_fixed)
		strbuf_addf(out,
			    "warning: %zu line%s applied after fixing whitespace "
			    "errors.\n",
			    r->n_ws_fixed, r->n_ws_fixed == 1 ? "" : "s");
	else
		strbuf_addf(out, "warning: %zu line%s whitespace errors.\n", r->ws.n,
			    r->ws.n == 1 ? " adds" : "s add");
}

void am_print(const struct am_applied *r, const struct am_apply_options *o,
	      const char *name, struct strbuf *out)
{
	bool index = o->index;

	if (o->place.ws != WS_NOWARN && r->ws.n)
		print_ws(r, o, name, out);
	for (size_t i = 0; i < r->n; i++) {
		if (o->verbose) {
			strbuf_addz(out, "Checking patch ");
			add_name(r->v[i].patch, out);
			strbuf_addz(out, "...\n");
		}
		strbuf_add(out, r->v[i].said);
		if (r->v[i].result.file.status == PLACE_REJECTED)
			print_file_failure(&r->v[i], index, out);
		else
			print_hunks(&r->v[i], o, out);
	}
	if (am_applied_ok(r, o))
		print_outcomes(r, o, out);
	if (o->place.ws != WS_NOWARN && r->ws.n && (r->ws_stop || am_applied_ok(r, o)))
		print_ws_sum(r, o, out);
}
