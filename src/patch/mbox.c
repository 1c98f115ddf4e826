/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mailboxes: what format is it, and where does each mail begin. One pass over the input;
 * a mail is copied only where its bytes must change (CR LF, ">From ", foreign formats).
 */
#include <stdio.h>

#include "patch/mail.h"

static const struct {
	enum mail_format format;
	const char *name;
} FORMATS[] = {
	{ MAIL_FORMAT_MBOX, "mbox" },   { MAIL_FORMAT_MBOXRD, "mboxrd" },
	{ MAIL_FORMAT_STGIT, "stgit" }, { MAIL_FORMAT_STGIT_SERIES, "stgit-series" },
	{ MAIL_FORMAT_HG, "hg" },
};

const char *mail_format_name(enum mail_format format)
{
	for (size_t i = 0; i < ARRAY_SIZE(FORMATS); i++)
		if (FORMATS[i].format == format)
			return FORMATS[i].name;
	return "unknown";
}

enum mail_format mail_format_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(FORMATS); i++)
		if (str_eq(name, str_of(FORMATS[i].name)))
			return FORMATS[i].format;
	return MAIL_FORMAT_UNKNOWN;
}

/* ---- which format ---- */

/* A field name of RFC 5322 3.6.8 at the front, with its colon. */
static bool field_line(struct str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] > ' ' && line.p[i] < 127 && line.p[i] != ':')
		i++;
	return i && i < line.n && line.p[i] == ':';
}

/* Only fields and their continuations up to the first empty line. */
static bool all_fields(struct str bytes)
{
	STR_EACH_LINE (line, str_sub(bytes, 0, MAIL_MAX_HEADERS)) {
		if (!line.n)
			return true;
		if (line.p[0] != ' ' && line.p[0] != '\t' && !field_line(line))
			return false;
	}
	return true;
}

static bool stgit_field(struct str line)
{
	return str_starts(line, STR("From:")) || str_starts(line, STR("Author:")) ||
	       str_starts(line, STR("Date:"));
}

enum mail_format mail_format_detect(struct str bytes)
{
	struct str rest = bytes, line[3] = { STR_NONE, STR_NONE, STR_NONE };

	while (!line[0].n && str_line(&rest, &line[0]))
		line[0] = str_chomp(line[0]);
	for (int i = 1; i < 3 && str_line(&rest, &line[i]); i++)
		line[i] = str_chomp(line[i]);
	if (str_starts(line[0], STR("From ")) || str_starts(line[0], STR("From: ")))
		return MAIL_FORMAT_MBOX;
	if (str_starts(line[0], STR("# This series applies on GIT commit")))
		return MAIL_FORMAT_STGIT_SERIES;
	if (str_eq(line[0], STR("# HG changeset patch")))
		return MAIL_FORMAT_HG;
	if (line[0].n && !line[1].n && stgit_field(line[2]))
		return MAIL_FORMAT_STGIT;
	return line[0].n && all_fields(bytes) ? MAIL_FORMAT_MBOX : MAIL_FORMAT_UNKNOWN;
}

/* ---- mbox ---- */

static bool digit_at(struct str s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* "From ... hh:mm:ss yyyy": a year behind the last colon keeps prose from splitting. */
static bool from_line(struct str line)
{
	struct str year;
	size_t colon;
	ptrdiff_t at;
	uint64_t n;

	if (line.n < 20 || !str_starts(line, STR("From ")))
		return false;
	at = str_rchr(str_n(line.p, line.n - 2), ':');
	if (at < 4)
		return false;
	colon = (size_t)at;
	if (!digit_at(line, colon - 4) || !digit_at(line, colon - 2) ||
	    !digit_at(line, colon - 1) || !digit_at(line, colon + 1) ||
	    !digit_at(line, colon + 2))
		return false;
	year = str_trim(str_from(line, colon + 3));
	str_skip(&year, STR("+"));
	if (!digit_at(year, 0))
		return false;
	return !str_eat_u64(&year, 10, &n) || n > 90;
}

/* ">From ", ">>From ": a '>' was put before it on the way into the mailbox. */
static bool quoted_from(struct str line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '>')
		n++;
	return n && str_starts(str_from(line, n), STR("From "));
}

struct line_rules {
	bool drop_cr, unquote_from;
};

static bool line_changes(struct str line, const struct line_rules *rules)
{
	return (rules->drop_cr && str_ends(line, STR("\r\n"))) ||
	       (rules->unquote_from && quoted_from(line));
}

static void add_line(struct str line, const struct line_rules *rules, struct strbuf *out)
{
	bool drop = rules->drop_cr && str_ends(line, STR("\r\n"));

	if (rules->unquote_from && quoted_from(line))
		line = str_from(line, 1);
	strbuf_add(out, drop ? str_n(line.p, line.n - 2) : line);
	if (drop)
		strbuf_addc(out, '\n');
}

/* Close the mail that reaches up to `end`; `changed` holds its bytes when they differ. */
static bool end_mail(struct arena *a, struct mailbox *box, const char *end,
		     struct strbuf *changed, struct err *err)
{
	struct mailbox_mail *mail = &box->v[box->n - 1];

	mail->raw.n = (size_t)(end - mail->raw.p);
	mail->bytes = mail->raw;
	if (!changed->cap)
		return true;
	if (!strbuf_ok(changed, "splitting a mailbox: one mail", err))
		return false;
	mail->bytes = arena_str(a, strbuf_str(changed));
	strbuf_free(changed);
	return true;
}

static bool split_lines(struct arena *a, struct str bytes, const struct line_rules *rules,
			struct mailbox *box, struct err *err)
{
	STRBUF_AUTO(changed, MAIL_MAX_BYTES);
	struct str line, rest = box->v[0].raw;
	bool many = str_line(&rest, &line) && from_line(line);
	size_t n = box->v[0].line;

	for (rest = box->v[0].raw; str_line(&rest, &line); n++) {
		struct mailbox_mail *mail = &box->v[box->n - 1];

		if (many && line.p != mail->raw.p && from_line(line)) {
			if (!end_mail(a, box, line.p, &changed, err))
				return false;
			if (box->n == MAIL_MAX_MAILS)
				return err_set(err, ERR_LIMIT,
					       "splitting a mailbox: more than %d mails",
					       MAIL_MAX_MAILS);
			mail = ARENA_PUSH(a, box);
			*mail = (struct mailbox_mail){ .raw = str_n(line.p, 0),
						       .offset =
							       (size_t)(line.p - bytes.p),
						       .line = n };
		}
		if (!changed.cap && line_changes(line, rules))
			strbuf_add(&changed,
				   str_n(mail->raw.p, (size_t)(line.p - mail->raw.p)));
		if (changed.cap)
			add_line(line, rules, &changed);
	}
	return end_mail(a, box, bytes.p + bytes.n, &changed, err);
}

/* ---- StGit and Mercurial ---- */

/* The head of a foreign patch, line by line, until a line begins the message. */
static bool next_head_line(struct str *rest, struct str *ret)
{
	if (!str_line(rest, ret))
		return false;
	if (str_ends(*ret, STR("\n")))
		ret->n--;
	return true;
}

static bool stgit_to_mail(struct str in, struct strbuf *out, struct err *err)
{
	bool subject = false;
	struct str line;

	while (next_head_line(&in, &line)) {
		if (!str_trim(line).n)
			continue;
		if (str_skip(&line, STR("Author:"))) {
			strbuf_addz(out, "From:");
		} else if (str_starts(line, STR("From")) ||
			   str_starts(line, STR("Date"))) {
			/* as it is */
		} else if (!subject) {
			strbuf_addz(out, "Subject: ");
			subject = true;
		} else {
			strbuf_addc(out, '\n');
			strbuf_add(out, line);
			strbuf_addc(out, '\n');
			break;
		}
		strbuf_add(out, line);
		strbuf_addc(out, '\n');
	}
	strbuf_add(out, in);
	return strbuf_ok(out, "reading a StGit patch", err);
}

/* "1234567890 -3600": seconds since 1970, and seconds west of Greenwich. */
static bool hg_date(struct str s, struct strbuf *out, struct err *err)
{
	static const char DAYS[] = "SunMonTueWedThuFriSat";
	static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	uint64_t seconds;
	int64_t west, zone;
	struct tm tm;
	time_t t;

	if (!str_eat_u64(&s, 10, &seconds) || seconds > (uint64_t)1 << 40 ||
	    !str_skip(&s, STR(" ")) || !str_to_i64(s, &west) || west > 86400 ||
	    west < -86400)
		return err_set(err, ERR_PARSE, "reading an hg patch: invalid Date line");
	zone = (west < 0 ? -west : west) / 60;
	if (west > 0)
		zone = -zone;
	t = (time_t)seconds + zone * 60;
	if (!gmtime_r(&t, &tm))
		return err_set(err, ERR_PARSE, "reading an hg patch: invalid timestamp");
	strbuf_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d %c%02d%02d\n",
		    DAYS + tm.tm_wday * 3, tm.tm_mday, MONTHS + tm.tm_mon * 3,
		    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    zone < 0 ? '-' : '+', (int)(zone < 0 ? -zone : zone) / 60,
		    (int)(zone < 0 ? -zone : zone) % 60);
	return true;
}

static bool hg_to_mail(struct str in, struct strbuf *out, struct err *err)
{
	struct str line;

	while (next_head_line(&in, &line)) {
		if (str_skip(&line, STR("# User "))) {
			strbuf_addz(out, "From: ");
			strbuf_add(out, line);
			strbuf_addc(out, '\n');
		} else if (str_skip(&line, STR("# Date "))) {
			if (!hg_date(line, out, err))
				return false;
		} else if (!str_starts(line, STR("# "))) {
			strbuf_addc(out, '\n');
			strbuf_add(out, line);
			strbuf_addc(out, '\n');
			break;
		}
	}
	strbuf_add(out, in);
	return strbuf_ok(out, "reading an hg patch", err);
}

static bool convert_one(struct arena *a, enum mail_format format,
			struct mailbox_mail *mail, struct err *err)
{
	STRBUF_AUTO(out, MAIL_MAX_BYTES);
	bool ok = format == MAIL_FORMAT_HG ? hg_to_mail(mail->raw, &out, err)
					   : stgit_to_mail(mail->raw, &out, err);

	if (ok)
		mail->bytes = arena_str(a, strbuf_str(&out));
	return ok;
}

/* ---- the door ---- */

/* White space above the first mail is no mail. */
static struct str skip_space(struct str s, size_t *line)
{
	while (s.n &&
	       (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n' || s.p[0] == '\r')) {
		*line += s.p[0] == '\n';
		s = str_from(s, 1);
	}
	return s;
}

static bool unknown_format(struct err *err)
{
	err_set(err, ERR_PARSE,
		"splitting a mailbox: it looks like no mail and no mailbox");
	return err_hint(err,
			"a bare diff has no author: take it with `kcrib apply`, or name "
			"the format with --patch-format");
}

bool mailbox_split(struct arena *a, struct str bytes, const struct mailbox_options *opt,
		   struct mailbox *ret, struct err *err)
{
	struct mailbox box = { .format = opt->format };
	struct line_rules rules = { .drop_cr = !opt->keep_cr };
	struct mailbox_mail *first;
	size_t line = 1;
	struct str text = bytes;

	if (bytes.n > MAIL_MAX_INPUT)
		return err_set(err, ERR_LIMIT,
			       "splitting a mailbox: larger than %zu bytes",
			       MAIL_MAX_INPUT);
	if (!box.format)
		box.format = opt->as_stdin ? MAIL_FORMAT_MBOX : mail_format_detect(bytes);
	if (box.format == MAIL_FORMAT_STGIT_SERIES)
		return err_set(
			err, ERR_USAGE,
			"splitting a mailbox: a StGit series only names its patches");
	text = skip_space(bytes, &line);
	if (!text.n && !opt->as_stdin)
		return err_set(err, ERR_PARSE, "splitting a mailbox: it is empty");
	if (!box.format)
		return unknown_format(err);
	if (text.n) {
		first = ARENA_PUSH(a, &box);
		*first = (struct mailbox_mail){ text, text, (size_t)(text.p - bytes.p),
						line };
		rules.unquote_from = box.format == MAIL_FORMAT_MBOXRD;
		if (box.format == MAIL_FORMAT_STGIT || box.format == MAIL_FORMAT_HG) {
			if (!convert_one(a, box.format, first, err))
				return false;
		} else if (!split_lines(a, bytes, &rules, &box, err)) {
			return false;
		}
	}
	*ret = box;
	return true;
}

bool mail_series_files(struct arena *a, struct str bytes, struct mail_names *ret,
		       struct err *err)
{
	struct mail_names names = { 0 };
	struct str line;

	while (next_head_line(&bytes, &line)) {
		if (!line.n || line.p[0] == '#')
			continue;
		if (names.n == MAIL_MAX_MAILS)
			return err_set(err, ERR_LIMIT,
				       "reading a StGit series: more than %d patches",
				       MAIL_MAX_MAILS);
		*ARENA_PUSH(a, &names) = line;
	}
	*ret = names;
	return true;
}

/* Take the number at the front, without leading zeros. */
static struct str cut_number(struct str *s)
{
	struct str number = *s;
	size_t n = 0;

	while (digit_at(*s, n))
		n++;
	*s = str_from(*s, n);
	number.n = n;
	while (number.n > 1 && number.p[0] == '0')
		number = str_from(number, 1);
	return number;
}

int mail_maildir_cmp(struct str a, struct str b)
{
	while (a.n && b.n) {
		if (digit_at(a, 0) && digit_at(b, 0)) {
			struct str x = cut_number(&a), y = cut_number(&b);

			if (x.n != y.n)
				return x.n < y.n ? -1 : 1;
			if (!str_eq(x, y))
				return str_cmp(x, y);
			continue;
		}
		if (a.p[0] != b.p[0])
			break;
		a = str_from(a, 1);
		b = str_from(b, 1);
	}
	return str_cmp(a, b);
}
