/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The structure of a mail: see mime.h. One pass over the input. This is not a full MIME
 * reader and must not be one: it takes the parts for text one after the other, exactly
 * as git-mailinfo does, so that both see the same patch in the same odd mail.
 *
 * Lines of base64 and quoted-printable are decoded one by one; what has no LF yet waits
 * in `pending`, and so do the lines of flowed text (RFC 3676) that end in a blank.
 */
#include "mime.h"

enum { MAX_DEPTH = 4 };

enum transfer { TRANSFER_PLAIN, TRANSFER_BASE64, TRANSFER_QP };

struct mime {
	struct str input, rest;
	size_t line, offset; /* of the line taken last */
	const struct mime_sink *sink;
	struct charset *cs;
	enum mail_quoted_cr cr;
	struct err *err;

	struct strbuf boundary[MAX_DEPTH];
	size_t depth, parts;
	enum transfer transfer;
	struct strbuf charset;
	bool flowed, delsp;
	struct mime_facts facts;

	struct strbuf head, value; /* a header line, unfolded; its value, decoded */
	struct strbuf pending;
	size_t unstuffed; /* bytes at the front of `pending` that are gone */
	struct strbuf decoded;
	struct strbuf whole;    /* a line that needs an LF it does not have */
	struct strbuf stripped; /* a line that lost its CR */
};

static bool take_line(struct mime *m, struct str *ret)
{
	if (!str_line(&m->rest, ret))
		return false;
	m->line++;
	m->offset = (size_t)(ret->p - m->input.p);
	return true;
}

/* ---- headers ---- */

/* RFC 5322 3.6.8: any printable ASCII but a colon, then the colon. The "From " of a
 * mailbox counts too. */
static bool is_header(struct str line)
{
	if (str_starts(line, STR("From ")) || str_starts(line, STR(">From ")))
		return true;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == ':')
			return true;
		if ((unsigned char)(line.p[i] - '!') > '~' - '!')
			return false;
	}
	return false;
}

bool mime_header_is(struct str line, struct str name, struct str *ret_value)
{
	if (!str_casestarts(line, name) || line.n == name.n || line.p[name.n] != ':')
		return false;
	line = str_from(line, name.n + 1);
	while (line.n && (line.p[0] == ' ' || line.p[0] == '\t' || line.p[0] == '\n' ||
			  line.p[0] == '\r'))
		line = str_from(line, 1);
	*ret_value = line;
	return true;
}

/* `charset="utf-8"; format=flowed`: the value behind "charset=". */
static bool attribute(struct str line, struct str name, struct str *ret)
{
	for (; line.n >= name.n; line = str_from(line, 1)) {
		const char *ends = "; \t";
		size_t n = 0;

		if (!str_casestarts(line, name))
			continue;
		line = str_from(line, name.n);
		if (str_skip(&line, STR("\"")))
			ends = "\"";
		while (n < line.n && !strchr(ends, line.p[n]))
			n++;
		*ret = str_n(line.p, n);
		return true;
	}
	*ret = STR_NONE;
	return false;
}

static bool content_type(struct mime *m, struct str value)
{
	struct str attr;

	m->flowed = attribute(value, STR("format="), &attr) &&
		    str_caseeq(attr, STR("flowed"));
	m->delsp = attribute(value, STR("delsp="), &attr) && str_caseeq(attr, STR("yes"));
	m->facts.flowed |= m->flowed;
	m->facts.html |= str_casestarts(value, STR("text/html"));
	m->facts.plain |= str_casestarts(value, STR("text/plain"));
	if (attribute(value, STR("boundary="), &attr)) {
		if (m->depth == MAX_DEPTH)
			return err_set(
				m->err, ERR_PARSE,
				"reading a mail: line %zu: parts are nested too deep",
				m->line);
		strbuf_clear(&m->boundary[m->depth]);
		strbuf_addz(&m->boundary[m->depth], "--");
		strbuf_add(&m->boundary[m->depth++], attr);
	}
	attribute(value, STR("charset="), &attr);
	strbuf_clear(&m->charset);
	strbuf_add(&m->charset, attr);
	return true;
}

static void transfer_encoding(struct mime *m, struct str value)
{
	struct str none;

	if (attribute(value, STR("base64"), &none))
		m->transfer = TRANSFER_BASE64;
	else if (attribute(value, STR("quoted-printable"), &none))
		m->transfer = TRANSFER_QP;
	else
		m->transfer = TRANSFER_PLAIN;
}

static bool handle_header(struct mime *m, struct str line, bool part)
{
	bool type = false;
	struct str value;

	if (!m->sink->header(m->sink->arg, line, part, m->err))
		return false;
	if (mime_header_is(line, STR("Content-Type"), &value))
		type = true;
	else if (!mime_header_is(line, STR("Content-Transfer-Encoding"), &value))
		return true;
	strbuf_clear(&m->value);
	if (!transfer_decode_words(m->cs, value, &m->value, m->err))
		return false;
	if (type)
		return content_type(m, transfer_until_nul(strbuf_str(&m->value)));
	transfer_encoding(m, transfer_until_nul(strbuf_str(&m->value)));
	return true;
}

/* Append the continuation lines that follow, each blank in front becoming one. */
static void unfold(struct mime *m)
{
	struct str line;

	while (m->rest.n && (m->rest.p[0] == ' ' || m->rest.p[0] == '\t')) {
		take_line(m, &line);
		line = str_rtrim(str_from(line, 1));
		if (line.n)
			strbuf_addc(&m->head, ' ');
		strbuf_add(&m->head, line);
	}
}

/* Read a block of headers. `*ret_end` is the line that ended it, trimmed at its right,
 * with an LF. Where the mail ends inside the block it is the last header once more: git
 * takes that one for the text too, and so must we. */
static bool read_headers(struct mime *m, bool part, struct str *ret_end)
{
	size_t start = m->offset;
	struct str line;

	while (take_line(m, &line)) {
		struct str text = str_rtrim(line);

		if (!text.n || !is_header(text)) {
			*ret_end = line;
			if (line.n == text.n + 1 && line.p[text.n] == '\n')
				return true;
			strbuf_clear(&m->whole);
			strbuf_add(&m->whole, text);
			strbuf_addc(&m->whole, '\n');
			*ret_end = strbuf_str(&m->whole);
			return true;
		}
		strbuf_clear(&m->head);
		strbuf_add(&m->head, text);
		unfold(m);
		if (m->offset - start > MAIL_MAX_HEADERS || m->head.over)
			return err_set(
				m->err, ERR_LIMIT,
				"reading a mail: line %zu: headers of more than %zu "
				"bytes",
				m->line, MAIL_MAX_HEADERS);
		if (!handle_header(m, strbuf_str(&m->head), part))
			return false;
	}
	*ret_end = strbuf_str(&m->head);
	return true;
}

/* ---- text ---- */

static bool emit(struct mime *m, struct str text)
{
	struct mime_line line = { text, strbuf_str(&m->charset), m->line, m->offset };

	return m->sink->text(m->sink->arg, &line, m->err);
}

static struct str pending(const struct mime *m)
{
	return str_from(strbuf_str(&m->pending), m->unstuffed);
}

static void drop_pending(struct mime *m)
{
	strbuf_clear(&m->pending);
	m->unstuffed = 0;
}

static bool flush_pending(struct mime *m)
{
	bool ok = !pending(m).n || emit(m, pending(m));

	drop_pending(m);
	return ok;
}

static bool emit_unflowed(struct mime *m, struct str line)
{
	if (!str_ends(line, STR("\r\n")))
		return emit(m, line);
	m->facts.quoted_cr = true;
	if (m->cr != MAIL_CR_STRIP)
		return emit(m, line);
	strbuf_clear(&m->stripped);
	strbuf_add(&m->stripped, str_n(line.p, line.n - 2));
	strbuf_addc(&m->stripped, '\n');
	return emit(m, strbuf_str(&m->stripped));
}

/* One line of a text that may be flowed. With `joined` it lies in `pending` as a whole,
 * where its beginning had waited. */
static bool emit_line(struct mime *m, struct str line, bool joined)
{
	struct str text = str_ends(line, STR("\n")) ? str_chomp(line) : line;
	size_t stuffed;
	bool ok;

	if (!m->flowed) {
		ok = emit_unflowed(m, line);
		if (joined)
			drop_pending(m);
		return ok;
	}
	/* the signature separator ends in a blank and is no flowed line */
	if (str_eq(text, STR("-- "))) {
		ok = (joined || flush_pending(m)) && emit(m, line);
		if (joined)
			drop_pending(m);
		return ok;
	}
	stuffed = text.n && text.p[0] == ' ';
	text = str_from(text, stuffed);
	if (text.n && text.p[text.n - 1] == ' ') {
		text.n -= m->delsp;
		if (!joined) {
			strbuf_add(&m->pending, text);
			return true;
		}
		m->unstuffed += stuffed;
		strbuf_truncate(&m->pending, m->unstuffed + text.n);
		return true;
	}
	line = str_from(line, stuffed);
	if (!joined && !pending(m).n)
		return emit(m, line);
	if (joined)
		m->unstuffed += stuffed;
	else
		strbuf_add(&m->pending, line);
	return flush_pending(m);
}

/* A decoded line: no LF, one, or many in it. */
static bool emit_decoded(struct mime *m, struct str text)
{
	bool joined = pending(m).n > 0;
	struct str line;

	while (str_line(&text, &line)) {
		bool whole = line.p[line.n - 1] == '\n';

		if (joined || !whole)
			strbuf_add(&m->pending, line);
		if (!whole)
			break;
		if (!emit_line(m, joined ? pending(m) : line, joined))
			return false;
		joined = false;
	}
	return true;
}

static bool emit_encoded(struct mime *m, struct str line)
{
	if (m->transfer == TRANSFER_PLAIN)
		return emit_line(m, line, false);
	strbuf_clear(&m->decoded);
	if (m->transfer == TRANSFER_BASE64)
		transfer_decode_b(line, &m->decoded);
	else
		transfer_decode_q(line, false, &m->decoded);
	return emit_decoded(m, strbuf_str(&m->decoded));
}

/* ---- parts ---- */

static bool at_boundary(const struct mime *m, struct str line)
{
	return m->depth && str_starts(line, strbuf_str(&m->boundary[m->depth - 1]));
}

static bool find_boundary(struct mime *m, struct str *ret)
{
	while (m->depth && take_line(m, ret))
		if (at_boundary(m, *ret))
			return true;
	return false;
}

/* At a boundary line: leave the parts that end here, read the headers of the next one.
 * `*line` becomes its first line of text; p is NULL when there is none. */
static bool next_part(struct mime *m, struct str *line)
{
	bool inner = true;
	struct str end;

	while (str_starts(str_from(str_chomp(*line), m->boundary[m->depth - 1].n),
			  STR("--"))) {
		m->depth--;
		if (inner && !emit(m, STR("\n")))
			return false;
		inner = false;
		if (!find_boundary(m, line)) {
			*line = STR_NONE;
			return true;
		}
	}
	if (++m->parts > MAIL_MAX_PARTS)
		return err_set(m->err, ERR_LIMIT,
			       "reading a mail: line %zu: more than %d parts", m->line,
			       MAIL_MAX_PARTS);
	m->transfer = TRANSFER_PLAIN;
	strbuf_clear(&m->charset);
	if (!read_headers(m, true, &end))
		return false;
	if (!take_line(m, line)) {
		*line = STR_NONE;
	} else if (line->p[line->n - 1] != '\n') {
		strbuf_clear(&m->whole);
		strbuf_add(&m->whole, *line);
		strbuf_addc(&m->whole, '\n');
		*line = strbuf_str(&m->whole);
	}
	return true;
}

static bool read_body(struct mime *m, struct str line)
{
	if (m->depth && !find_boundary(m, &line))
		return true;
	do {
		if (at_boundary(m, line)) {
			if (!flush_pending(m) || !next_part(m, &line))
				return false;
			if (!line.p)
				return true;
		}
		if (!emit_encoded(m, line))
			return false;
	} while (take_line(m, &line));
	return flush_pending(m);
}

bool mime_read(struct str mail, struct charset *cs, enum mail_quoted_cr cr,
	       const struct mime_sink *sink, struct mime_facts *ret, struct err *err)
{
	struct mime m = {
		.input = mail, .rest = mail, .sink = sink, .cs = cs, .cr = cr, .err = err
	};
	struct strbuf *buffers[] = { &m.head,        &m.value,       &m.charset,
				     &m.pending,     &m.decoded,     &m.whole,
				     &m.stripped,    &m.boundary[0], &m.boundary[1],
				     &m.boundary[2], &m.boundary[3] };
	struct str first;
	bool ok;

	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++)
		buffers[i]->max = MAIL_MAX_BYTES + 2;
	m.head.max = m.value.max = MAIL_MAX_HEADERS + 2;
	while (m.rest.n && str_chr(STR(" \t\r\n"), m.rest.p[0]) >= 0) {
		m.line += m.rest.p[0] == '\n';
		m.rest = str_from(m.rest, 1);
	}
	if (!m.rest.n)
		return err_set(err, ERR_PARSE, "reading a mail: it is empty");
	ok = read_headers(&m, false, &first) && read_body(&m, first);
	for (size_t i = 0; i < ARRAY_SIZE(buffers); i++)
		strbuf_free(buffers[i]);
	if (ok)
		*ret = m.facts;
	return ok;
}
