/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damage report: see mail_damage() in patch/mail.h. First find the text that is, or was,
 * the patch: in its place, below "> " of a reply, or inside HTML. Then let the hunks be
 * checked by their own counts. A repair counts only when every hunk is whole afterwards.
 */
#include "damage.h"

#include <stdio.h>

enum { MAX_NOTES = 100, TAB = 8 };

void damage_note(struct damage_job *job, enum mail_damage_kind kind, size_t line,
		 bool repaired, const char *fmt, ...)
{
	struct mail_damage *damage;
	STRBUF_AUTO(text, 400);
	va_list ap;

	job->report->repaired |= repaired;
	if (job->report->n >= MAX_NOTES)
		return;
	if (line)
		strbuf_addf(&text, "line %zu: ", line);
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	damage = ARENA_PUSH(job->arena, job->report);
	*damage = (struct mail_damage){ kind, line,
					arena_str(job->arena, strbuf_str(&text)),
					repaired };
}

static void push_line(struct arena *a, struct damage_lines *lines, struct str text,
		      size_t line)
{
	if (str_ends(text, STR("\n")))
		text.n--;
	*ARENA_PUSH(a, lines) = (struct damage_line){ text, line };
}

/* Line of the mail on which a view into it begins; 0 when it is no view. */
static size_t line_of(struct str bytes, struct str view)
{
	size_t line = 1;

	if (!view.n || view.p < bytes.p || view.p >= bytes.p + bytes.n)
		return 0;
	for (const char *p = bytes.p; p < view.p; p++)
		line += *p == '\n';
	return line;
}

/* ---- tabs ---- */

static bool tabbed_file(struct str path)
{
	static const char *const ENDS[] = {
		".c", ".h", ".S", "Makefile", "Kbuild", ".mk"
	};

	for (size_t i = 0; i < ARRAY_SIZE(ENDS); i++)
		if (str_ends(path, str_of(ENDS[i])))
			return true;
	return false;
}

struct indents {
	size_t tabs, deep, shallow, first; /* `first`: line of the mail */
};

static void measure_indent(struct str s, size_t line, struct indents *in)
{
	size_t blanks = 0;

	if (!s.n || str_chr(STR(" +-"), s.p[0]) < 0)
		return;
	s = str_from(s, 1);
	in->tabs += str_chr(s, '\t') >= 0;
	while (blanks < s.n && s.p[blanks] == ' ')
		blanks++;
	if (blanks == s.n)
		return;
	if (blanks >= TAB && !in->deep++)
		in->first = line;
	/* a comment's " *" and a label's blank stand in tabbed files as well */
	in->shallow += blanks > 1 && blanks < TAB;
}

/* Files that indent with tabs, patched by lines that all indent with eight blanks. What
 * was a tab cannot be told from what was not, so this is not repaired here. */
static void check_tabs(struct damage_job *job, const struct damage_lines *lines)
{
	struct indents in = { 0 };
	bool tabbed = false, hunk = false;

	for (size_t i = 0; i < lines->n; i++) {
		struct str s = lines->v[i].text;

		if (str_skip(&s, STR("+++ "))) {
			tabbed |= tabbed_file(str_rtrim(s));
			hunk = false;
		} else if (str_starts(s, STR("@@ -"))) {
			hunk = true;
		} else if (str_starts(s, STR("diff -"))) {
			hunk = false;
		} else if (hunk) {
			measure_indent(s, lines->v[i].line, &in);
		}
	}
	if (tabbed && !in.tabs && !in.shallow && in.deep >= 3)
		damage_note(job, MAIL_DAMAGE_TABS, in.first, false,
			    "tabs were turned to blanks, here and in %zu more lines",
			    in.deep - 1);
}

/* ---- replies ---- */

/* "> > diff --git a/x b/x": length of what stands before the diff; 0 when nothing does.
 */
static size_t quote_length(struct str line)
{
	size_t n = 0;
	struct str s;

	while (n < line.n && (line.p[n] == '>' || line.p[n] == ' '))
		n++;
	s = str_from(line, n);
	if (!n || line.p[0] != '>')
		return 0;
	return str_starts(s, STR("diff --git ")) || str_starts(s, STR("--- a/")) ||
			       str_starts(s, STR("Index: "))
		       ? n
		       : 0;
}

/* Take the quote off; what is not quoted is the answer and goes. */
static bool unquoted(struct str line, struct str quote, struct str *ret)
{
	if (str_skip(&line, quote)) {
		*ret = line;
		return true;
	}
	/* ">" alone: the blanks at the line's end were cut */
	if (str_eq(str_rtrim(line), str_rtrim(quote))) {
		*ret = STR("");
		return true;
	}
	return false;
}

static bool find_quoted(struct damage_job *job, struct str bytes, struct str text,
			struct damage_lines *ret)
{
	struct str rest = text, line, quote = STR_NONE, plain;
	size_t n = line_of(bytes, text), first = 0;

	for (; str_line(&rest, &line); n += n > 0) {
		if (!quote.n && quote_length(line)) {
			quote = str_n(line.p, quote_length(line));
			first = n;
		}
		if (quote.n && unquoted(str_chomp(line), quote, &plain))
			push_line(job->arena, ret, plain, n);
	}
	if (!ret->n)
		return false;
	damage_note(job, MAIL_DAMAGE_QUOTED, first, false,
		    "the patch is quoted in a reply with \"" STR_FMT "\"",
		    STR_ARG(str_sub(quote, 0, 20)));
	return true;
}

/* ---- HTML ---- */

static bool looks_html(const struct mail *mail)
{
	struct str s = str_trim(mail->body);

	return mail->html || str_casestarts(s, STR("<html")) ||
	       str_casestarts(s, STR("<!doctype html"));
}

static bool find_in_html(struct damage_job *job, const struct mail *mail,
			 struct damage_lines *ret)
{
	STRBUF_AUTO(page, mail->body.n + mail->patch.n);
	STRBUF_AUTO(plain, mail->body.n + mail->patch.n + 64);
	bool inside = false;
	struct str rest, line;

	strbuf_add(&page, mail->body);
	strbuf_add(&page, mail->patch);
	damage_html_text(strbuf_str(&page), &plain);
	rest = arena_str(job->arena, strbuf_str(&plain));
	while (str_line(&rest, &line)) {
		inside |= str_starts(line, STR("diff --git ")) ||
			  str_starts(line, STR("--- a/"));
		if (inside)
			push_line(job->arena, ret, line, 0);
	}
	damage_note(job, MAIL_DAMAGE_HTML, 0, false, "the mail was sent as HTML%s",
		    ret->n ? "" : ", and no patch is to be found in it");
	return ret->n > 0;
}

/* ---- the door ---- */

static void patch_lines(struct arena *a, const struct mail *mail,
			struct damage_lines *ret)
{
	struct str rest = mail->patch, line;

	for (size_t n = 1; str_line(&rest, &line); n++)
		push_line(a, ret, line, mail_line(mail, n));
}

/* The lines of the patch, wherever it is. True when it is not where it should be; the
 * one note that is there then tells so. */
static bool find_patch(struct damage_job *job, struct str bytes, const struct mail *mail,
		       struct damage_lines *lines)
{
	if (looks_html(mail))
		return find_in_html(job, mail, lines);
	if (mail->has_diff) {
		patch_lines(job->arena, mail, lines);
		return false;
	}
	return find_quoted(job, bytes, mail->body, lines) ||
	       find_quoted(job, bytes, mail->patch, lines);
}

bool mail_damage(struct arena *a, struct str bytes, const struct mail *mail,
		 struct mail_report *ret, struct err *err)
{
	STRBUF_AUTO(repaired, MAIL_MAX_BYTES);
	struct mail_report report = { .body = mail->body, .patch = mail->patch };
	struct damage_job job = { a, &report };
	struct damage_lines lines = { 0 };
	bool elsewhere = find_patch(&job, bytes, mail, &lines), whole;

	whole = damage_hunks(&job, &lines, &repaired);
	check_tabs(&job, &lines);
	if (!strbuf_ok(&repaired, "repairing a patch", err))
		return false;
	if (elsewhere && whole) {
		report.v[0].repaired = true;
		report.repaired = true;
	} else if (elsewhere) {
		report.repaired = false;
	}
	if (report.repaired)
		report.patch = arena_str(a, strbuf_str(&repaired));
	*ret = report;
	return true;
}
