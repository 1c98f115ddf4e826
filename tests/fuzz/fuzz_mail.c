/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a mailbox. Properties:
 *  - the pieces of a mailbox stand one behind the other and join to the input;
 *  - message and patch of a mail, sent on as one base64 text, come back the same;
 *  - the lines of the patch lie inside the mail and do not go backwards;
 *  - a repaired patch needs no second repair.
 */
#include <stdio.h>
#include <stdlib.h>

#include "patch/series.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BIG = 1 << 24 };

static void must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "property broken: %s\n", property);
	abort();
}

static void add_base64(struct str s, struct strbuf *out)
{
	static const char DIGITS[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		size_t have = s.n - i < 3 ? s.n - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			strbuf_addc(out,
				    k <= have ? DIGITS[bits >> (18 - 6 * k) & 63] : '=');
		if (i % 54 == 51)
			strbuf_addc(out, '\n');
	}
}

static struct str without_blank_top(struct str s)
{
	while (str_skip(&s, STR("\n")))
		;
	return s;
}

static void check_sent_on(struct arena *a, const struct mail *mail)
{
	struct mail_options opt = { .no_inbody = true };
	STRBUF_AUTO(text, BIG);
	STRBUF_AUTO(sent, BIG);
	STRBUF_AUTO(back, BIG);
	struct mail again;

	strbuf_add(&text, mail->body);
	strbuf_add(&text, mail->patch);
	strbuf_addz(&sent, "Content-Transfer-Encoding: base64\n\n");
	add_base64(strbuf_str(&text), &sent);
	must(mail_parse(a, strbuf_str(&sent), &opt, &again, NULL),
	     "what was read is a mail");
	strbuf_add(&back, again.body);
	strbuf_add(&back, again.patch);
	must(str_eq(strbuf_str(&back), without_blank_top(strbuf_str(&text))),
	     "sent on, it is the same text");
}

static void check_lines(struct str bytes, const struct mail *mail)
{
	struct str rest = mail->patch, line;
	size_t lines = 1, last = 0;

	for (size_t i = 0; i < bytes.n; i++)
		lines += bytes.p[i] == '\n';
	for (size_t n = 1; str_line(&rest, &line); n++) {
		size_t at = mail_line(mail, n);

		must(at >= last && at <= lines, "lines of the patch stand in the mail");
		last = at;
	}
}

static void check_repair(struct arena *a, struct str bytes, const struct mail *mail)
{
	struct mail_report report, again;
	struct mail repaired = { 0 };

	must(mail_damage(a, bytes, mail, &report, NULL), "damage can be told");
	if (!report.repaired)
		return;
	repaired.patch = report.patch;
	repaired.has_diff = true;
	repaired.body = STR("");
	must(mail_damage(a, report.patch, &repaired, &again, NULL), "damage can be told");
	must(!again.repaired, "a repaired patch needs no repair");
}

static void check_mail(struct arena *a, struct str bytes, const struct mail_options *opt,
		       struct mail *mail)
{
	STRBUF_AUTO(printed, BIG);

	if (!mail_parse(a, bytes, opt, mail, NULL))
		return;
	check_sent_on(a, mail);
	check_lines(bytes, mail);
	check_repair(a, bytes, mail);
	mail_print_info(mail, &printed);
	mail_print_message(mail, &printed);
}

static void check_pieces(struct arena *a, struct str in)
{
	struct mailbox_options opt = { .keep_cr = true, .as_stdin = true };
	struct mailbox box = { 0 };
	const char *at = NULL;

	must(mailbox_split(a, in, &opt, &box, NULL),
	     "standard input is always a mailbox");
	for (size_t i = 0; i < box.n; i++) {
		must(!at || box.v[i].raw.p == at, "pieces stand one behind the other");
		must(str_eq(box.v[i].raw, box.v[i].bytes), "nothing is changed unasked");
		at = box.v[i].raw.p + box.v[i].raw.n;
	}
	must(!box.n || at == in.p + in.n, "pieces join to the input");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct arena *a = arena_new();
	struct mailbox_options split = { .format = size ? data[0] % 6 : 0 };
	struct mail_options opt = { .scissors = size > 1 && data[1] & 1,
				    .keep = size > 1 ? data[1] / 2 % 3 : 0,
				    .quoted_cr = size > 1 ? data[1] / 8 % 3 : 0 };
	struct mail mails[64] = { 0 };
	struct mailbox box = { 0 };
	struct series series;
	size_t n = 0;

	check_pieces(a, in);
	if (mailbox_split(a, in, &split, &box, NULL))
		for (; n < box.n && n < ARRAY_SIZE(mails); n++)
			check_mail(a, box.v[n].bytes, &opt, &mails[n]);
	series_order(a, mails, n, &series);
	must(series.n <= n, "a series has no more patches than mails");
	arena_free(a);
	return 0;
}
