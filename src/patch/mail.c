/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mail: what its lines mean. The text runs through three stages: headers at the top
 * of the body (a forwarded "From:" beats the mail's own), the commit message, and from
 * the first line that begins a diff on, the patch. A scissors line starts over.
 *
 * Message and patch stay views into the mail as long as their lines stand there one
 * behind the other, which is the rule; only decoded mails are copied.
 */
#include "patch/mail.h"

#include "headers.h"
#include "mime.h"

/* Text that grows line by line: a view into `input` while that is possible. */
struct text {
	struct str input, view;
	struct strbuf copy;
	bool copied;
};

static void text_add(struct text *t, struct str line)
{
	bool inside = line.p >= t->input.p && line.p + line.n <= t->input.p + t->input.n;

	if (!t->copied && inside && (!t->view.n || line.p == t->view.p + t->view.n)) {
		t->view = str_n(t->view.n ? t->view.p : line.p, t->view.n + line.n);
		return;
	}
	if (!t->copied)
		strbuf_add(&t->copy, t->view);
	t->copied = true;
	strbuf_add(&t->copy, line);
}

static void text_clear(struct text *t)
{
	t->view = STR_NONE;
	t->copied = false;
	strbuf_clear(&t->copy);
}

static struct str text_done(struct text *t, struct arena *a)
{
	struct str s = t->copied ? arena_str(a, strbuf_str(&t->copy)) : t->view;

	strbuf_free(&t->copy);
	return s.p ? s : STR("");
}

enum field { FIELD_FROM, FIELD_SUBJECT, FIELD_DATE, N_FIELDS };
static const struct str FIELDS[N_FIELDS] = { { "From", 4 },
					     { "Subject", 7 },
					     { "Date", 4 } };

enum stage { STAGE_HEADERS, STAGE_MESSAGE, STAGE_PATCH };

struct parser {
	struct arena *arena;
	const struct mail_options *opt;
	struct charset charset;
	struct mail *mail;
	enum stage stage;
	struct str top[N_FIELDS];    /* of the mail; p NULL: none */
	struct str inbody[N_FIELDS]; /* at the top of the text */
	struct strbuf folded;        /* an in-body header that may go on */
	struct strbuf scratch;
	struct text message, patch;
	size_t patch_lines;
	struct {
		struct mail_run *v;
		size_t n, cap;
	} runs;
};

/* From patch line `from` on, patch line and mail line keep their distance. */
struct mail_run {
	size_t from, mail_line;
};

/* ---- headers ---- */

static bool decode(struct parser *p, struct str value, struct str *ret, struct err *err)
{
	strbuf_clear(&p->scratch);
	if (!transfer_decode_words(&p->charset, value, &p->scratch, err))
		return false;
	*ret = arena_str(p->arena, strbuf_str(&p->scratch));
	return true;
}

/* `fields` is filled; what is there already stays unless `overwrite`. */
static bool take_field(struct parser *p, struct str line, struct str fields[N_FIELDS],
		       bool overwrite, struct err *err)
{
	struct str value;

	for (int i = 0; i < N_FIELDS; i++)
		if ((!fields[i].p || overwrite) &&
		    mime_header_is(line, FIELDS[i], &value))
			return decode(p, value, &fields[i], err);
	if (mime_header_is(line, STR("Message-Id"), &value))
		return decode(p, value, &p->mail->message_id, err);
	if (mime_header_is(line, STR("In-Reply-To"), &value))
		p->mail->in_reply_to = arena_str(p->arena, str_trim(value));
	return true;
}

static bool on_header(void *arg, struct str line, bool part, struct err *err)
{
	struct parser *p = arg;

	return take_field(p, line, p->top, !part, err);
}

/* ---- lines that mean something ---- */

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char at(struct str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* The first line of a patch: "diff -", "Index: ", "--- a/file", or "---" alone. */
static bool starts_patch(struct str line)
{
	if (str_starts(line, STR("diff -")) || str_starts(line, STR("Index: ")))
		return true;
	if (line.n < 4 || !str_starts(line, STR("---")))
		return false;
	if (line.p[3] == ' ' && !space(at(line, 4)))
		return true;
	return str_ends(line, STR("\n")) && !str_trim(str_from(line, 3)).n;
}

/* The line that git-format-patch(1) puts on top of each mail, its '>' gone:
 * "From e6807f3efca28b30decfecb1732a56c7db1137ee Mon Sep 17 00:00:00 2001\n" */
static bool is_format_patch_line(struct str line)
{
	size_t hex = 0;

	if (!str_skip(&line, STR("From ")))
		return false;
	while (hex < line.n && strchr("0123456789abcdef", line.p[hex]) && line.p[hex])
		hex++;
	return hex == 40 &&
	       str_eq(str_from(line, 40), STR(" Mon Sep 17 00:00:00 2001\n"));
}

/* What a line of "-- >8 --" is made of. */
struct perforation {
	size_t first, last; /* visible bytes */
	size_t length, gaps, scissors;
};

static struct perforation measure(struct str line)
{
	struct perforation m = { .first = line.n };
	bool inside = false;

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i], next = at(line, i + 1);
		bool blade = (c == '>' && (next == '8' || next == '%')) ||
			     ((c == '8' || c == '%') && next == '<');

		if (space(c)) {
			m.length += inside;
			m.gaps += inside;
			continue;
		}
		if (m.first == line.n)
			m.first = i;
		m.last = i;
		inside = c == '-' || blade;
		m.length += inside + blade;
		m.scissors += 2 * blade;
		i += blade;
	}
	return m;
}

/* git-mailinfo(1), --scissors: the mark is at least 8 bytes wide, more than a third of
 * the line is perforation and more than half of that is no gap. */
static bool is_scissors(struct str line)
{
	struct perforation m = measure(transfer_until_nul(line));
	size_t visible = m.first <= m.last ? m.last - m.first + 1 : 0;

	return m.scissors && visible >= 8 && visible < m.length * 3 &&
	       m.gaps * 2 < m.length;
}

/* ---- headers inside the text ---- */

static bool end_folded(struct parser *p, struct err *err)
{
	bool ok = true;

	if (p->folded.n)
		ok = take_field(p, strbuf_str(&p->folded), p->inbody, false, err);
	strbuf_clear(&p->folded);
	return ok;
}

static bool is_new_field(const struct parser *p, struct str line)
{
	struct str value;

	for (int i = 0; i < N_FIELDS; i++)
		if (!p->inbody[i].p && mime_header_is(line, FIELDS[i], &value))
			return true;
	return false;
}

static bool fold(struct parser *p, struct str line, struct err *err)
{
	if (str_ends(strbuf_str(&p->folded), STR("\n")))
		strbuf_truncate(&p->folded, p->folded.n - 1);
	strbuf_add(&p->folded, line);
	return strbuf_ok(&p->folded, "reading a mail: a header in its text", err);
}

/* A non-blank line at the top of the text. `*ret_is` says whether it is a header. */
static bool inbody_line(struct parser *p, struct str line, bool *ret_is, struct err *err)
{
	bool goes_on = p->folded.n && (line.p[0] == ' ' || line.p[0] == '\t');

	*ret_is = true;
	if (goes_on && !(p->opt->scissors && is_scissors(line)))
		return fold(p, line, err);
	if (!end_folded(p, err))
		return false;
	if (goes_on) {
		*ret_is = false;
	} else if (str_starts(line, STR(">From")) && space(at(line, 5))) {
		*ret_is = is_format_patch_line(str_from(line, 1));
	} else if (str_starts(line, STR("[PATCH]")) && space(at(line, 7))) {
		p->inbody[FIELD_SUBJECT] = arena_str(p->arena, line);
	} else if (is_new_field(p, line)) {
		return fold(p, line, err);
	} else {
		*ret_is = false;
	}
	return true;
}

/* ---- text ---- */

static void add_patch_line(struct parser *p, struct str text,
			   const struct mime_line *line)
{
	size_t n = ++p->patch_lines;
	const struct mail_run *last = p->runs.n ? &p->runs.v[p->runs.n - 1] : NULL;

	if (!last) {
		p->mail->patch_line = line->line;
		p->mail->patch_offset = line->offset;
	}
	if (!last || line->line - last->mail_line != n - last->from)
		*ARENA_PUSH(p->arena, &p->runs) = (struct mail_run){ n, line->line };
	text_add(&p->patch, text);
}

static void start_over(struct parser *p)
{
	text_clear(&p->message);
	memset(p->inbody, 0, sizeof(p->inbody));
	p->stage = STAGE_HEADERS;
}

static bool message_line(struct parser *p, const struct mime_line *line, struct err *err)
{
	struct str text = line->text;

	if (!charset_is_target(&p->charset, line->charset)) {
		strbuf_clear(&p->scratch);
		if (!charset_convert(&p->charset, line->charset, text, &p->scratch, err))
			return err_wrap(err, "reading a mail: line %zu", line->line);
		text = strbuf_str(&p->scratch);
	}
	if (p->opt->scissors && is_scissors(text)) {
		start_over(p);
	} else if (starts_patch(text)) {
		p->stage = STAGE_PATCH;
		add_patch_line(p, text, line);
	} else {
		text_add(&p->message, text);
	}
	return true;
}

static bool header_line(struct parser *p, const struct mime_line *line, struct err *err)
{
	bool is_header = false;

	if (!line->text.n || str_eq(line->text, STR("\n"))) {
		if (p->folded.n)
			p->stage = STAGE_MESSAGE;
		return end_folded(p, err);
	}
	if (!p->opt->no_inbody && !inbody_line(p, line->text, &is_header, err))
		return false;
	if (is_header)
		return true;
	p->stage = STAGE_MESSAGE;
	return message_line(p, line, err);
}

static bool on_text(void *arg, const struct mime_line *line, struct err *err)
{
	struct parser *p = arg;

	if (p->stage == STAGE_PATCH)
		add_patch_line(p, line->text, line);
	else if (p->stage == STAGE_MESSAGE)
		return message_line(p, line, err);
	else
		return header_line(p, line, err);
	return true;
}

/* ---- the result ---- */

/* Headers in the text count only where there is a patch. */
static struct str field(const struct parser *p, enum field i)
{
	return p->patch_lines && p->inbody[i].p ? p->inbody[i] : p->top[i];
}

static struct str squeezed(struct parser *p, struct str value)
{
	strbuf_clear(&p->scratch);
	strbuf_add(&p->scratch, value);
	headers_squeeze(&p->scratch);
	return arena_str(p->arena, strbuf_str(&p->scratch));
}

static void take_author(struct parser *p, struct str from)
{
	STRBUF_AUTO(name, from.n + 1);
	STRBUF_AUTO(email, from.n + 1);

	headers_author(squeezed(p, from), &name, &email);
	p->mail->author = arena_str(p->arena, strbuf_str(&name));
	p->mail->email = arena_str(p->arena, strbuf_str(&email));
	p->mail->internal = str_eq(p->mail->author, STR("Mail System Internal Data"));
}

static void take_subject(struct parser *p, struct str subject)
{
	struct mail *mail = p->mail;

	mail->raw_subject = subject;
	strbuf_clear(&p->scratch);
	headers_subject(subject, p->opt->keep, &p->scratch);
	mail->subject = arena_str(p->arena, strbuf_str(&p->scratch));
	mail->tag = mail_tag_of(p->arena, subject);
	if (!mail->tag.version && p->top[FIELD_SUBJECT].p)
		mail->tag = mail_tag_of(p->arena, p->top[FIELD_SUBJECT]);
}

static bool take_fields(struct parser *p, struct err *err)
{
	for (int i = 0; i < N_FIELDS; i++)
		if (str_chr(field(p, i), '\0') >= 0)
			return err_set(err, ERR_PARSE,
				       "a NUL byte in '" STR_FMT "' is not allowed.",
				       STR_ARG(FIELDS[i]));
	if (field(p, FIELD_FROM).p)
		take_author(p, field(p, FIELD_FROM));
	if (field(p, FIELD_SUBJECT).p)
		take_subject(p, field(p, FIELD_SUBJECT));
	if (field(p, FIELD_DATE).p)
		p->mail->date = squeezed(p, field(p, FIELD_DATE));
	return true;
}

/* "base-commit: <hex>" and friends, which git-format-patch(1) --base writes below the
 * patch or into the cover letter. */
static void take_base(struct str text, struct mail *mail)
{
	STR_EACH_LINE (line, text) {
		if (str_skip(&line, STR("base-commit: ")))
			mail->base_commit = str_trim(line);
		else if (str_skip(&line, STR("prerequisite-patch-id: ")))
			mail->patch_id = str_trim(line);
	}
}

/* A diffstat or notes may follow a "---" with no change behind them: cover letters. */
static bool holds_changes(struct str text)
{
	STR_EACH_LINE (line, text) {
		if (str_starts(line, STR("diff -")) || str_starts(line, STR("@@ -")) ||
		    str_starts(line, STR("*** ")))
			return true;
	}
	return false;
}

static bool finish(struct parser *p, const struct mime_facts *facts, struct err *err)
{
	struct mail *mail = p->mail;

	if (!take_fields(p, err))
		return false;
	if (p->opt->message_id && mail->message_id.p && p->patch_lines) {
		strbuf_clear(&p->scratch);
		strbuf_addz(&p->scratch, "Message-Id: ");
		strbuf_add(&p->scratch, mail->message_id);
		strbuf_addc(&p->scratch, '\n');
		text_add(&p->message, strbuf_str(&p->scratch));
	}
	mail->body = text_done(&p->message, p->arena);
	mail->patch = text_done(&p->patch, p->arena);
	mail->has_diff = holds_changes(mail->patch);
	mail->runs = p->runs.v;
	mail->n_runs = p->runs.n;
	mail->flowed = facts->flowed;
	mail->quoted_cr = facts->quoted_cr;
	mail->html = facts->html && !facts->plain;
	headers_trailers(p->arena, mail->body, mail);
	take_base(mail->body, mail);
	take_base(mail->patch, mail);
	return true;
}

bool mail_parse(struct arena *a, struct str bytes, const struct mail_options *opt,
		struct mail *ret, struct err *err)
{
	struct mail mail = { 0 };
	struct parser p = {
		.arena = a,
		.opt = opt,
		.charset.to = opt->no_recode  ? NULL
			      : opt->encoding ? opt->encoding
					      : "UTF-8",
		.mail = &mail,
		.folded.max = MAIL_MAX_HEADERS,
		.scratch.max = MAIL_MAX_BYTES * 2,
		.message = { .input = bytes, .copy.max = MAIL_MAX_BYTES * 2 },
		.patch = { .input = bytes, .copy.max = MAIL_MAX_BYTES * 2 },
	};
	struct mime_sink sink = { &p, on_header, on_text };
	struct mime_facts facts = { 0 };
	bool ok;

	if (bytes.n > MAIL_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "reading a mail: larger than %zu bytes",
			       MAIL_MAX_BYTES);
	ok = mime_read(bytes, &p.charset, opt->quoted_cr, &sink, &facts, err) &&
	     end_folded(&p, err) && finish(&p, &facts, err);
	charset_close(&p.charset);
	strbuf_free(&p.folded);
	strbuf_free(&p.scratch);
	strbuf_free(&p.message.copy);
	strbuf_free(&p.patch.copy);
	if (ok)
		*ret = mail;
	return ok;
}

void mail_print_info(const struct mail *mail, struct strbuf *out)
{
	if (mail->author.p)
		strbuf_addf(out, "Author: " STR_FMT "\nEmail: " STR_FMT "\n",
			    STR_ARG(mail->author), STR_ARG(mail->email));
	if (mail->subject.p) {
		struct str rest = mail->subject, line;

		while (str_cut(&rest, '\n', &line)) {
			strbuf_addz(out, "Subject: ");
			strbuf_add(out, line);
			strbuf_addc(out, '\n');
		}
	}
	if (mail->date.p)
		strbuf_addf(out, "Date: " STR_FMT "\n", STR_ARG(mail->date));
	strbuf_addc(out, '\n');
}

static void add_clean_lines(struct str text, struct strbuf *out, bool *gap, bool *any)
{
	STR_EACH_LINE (line, text) {
		line = str_rtrim(line);
		if (!line.n) {
			*gap = true;
			continue;
		}
		if (*gap && *any)
			strbuf_addc(out, '\n');
		strbuf_add(out, line);
		strbuf_addc(out, '\n');
		*gap = false;
		*any = true;
	}
}

void mail_print_message(const struct mail *mail, struct strbuf *out)
{
	bool gap = false, any = false;

	add_clean_lines(mail->subject, out, &gap, &any);
	gap = true;
	add_clean_lines(mail->body, out, &gap, &any);
}

size_t mail_line(const struct mail *mail, size_t n)
{
	size_t low = 0, high = mail->n_runs;

	if (!high || n < mail->runs[0].from)
		return mail->patch_line;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (mail->runs[middle].from <= n)
			low = middle;
		else
			high = middle;
	}
	return mail->runs[low].mail_line + (n - mail->runs[low].from);
}
