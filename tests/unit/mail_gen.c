/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nasty mails, made from a seed: see mail_gen.h. Each choice is drawn from a table of
 * things that mailers really do, so that a mail is odd but not noise.
 */
#include "mail_gen.h"

struct gen {
	uint64_t state;
	struct strbuf *out;
};

/* xorshift64*: the same mails on every machine */
static uint32_t draw(struct gen *g, uint32_t below)
{
	g->state ^= g->state >> 12;
	g->state ^= g->state << 25;
	g->state ^= g->state >> 27;
	return (uint32_t)(g->state * 0x2545f4914f6cdd1d >> 33) % below;
}

#define PICK(g, table) ((table)[draw((g), ARRAY_SIZE(table))])

static const char *const FROM[] = {
	"A U Thor <author@example.org>",
	"author@example.org (A U Thor)",
	"\"Thor, A U\" <author@example.org>",
	"\"Quote \\\"d\\\" Name\" <q@example.org>",
	"A (the (nested) U) Thor <author@example.org> (on leave)",
	"=?ISO-8859-1?Q?J=F6rg?= =?utf-8?B?TcO8bGxlcg==?= <joerg@example.org>",
	"=?utf-8?q?Fran=C3=A7ois?=\n =?utf-8?q?_le_Grand?=\n <f@example.org>",
	"=?gb2312?B?1tDOxA==?= <zh@example.org>",
	"Nobody",
	"local <user>",
	"<bare@example.org>",
	"bare@example.org",
	"two@example.org, three@example.org",
	("A name that is much longer than the sixty bytes which are taken for a sane one "
	 "<long@example.org>"),
	"Tab\there\t<tab@example.org>",
	"=?utf-8?q?broken",
	"=?nonsense-42?q?abc?= <x@example.org>",
	"=?utf-8?x?abc?= <x@example.org>",
	"=?utf-8?q?nul=00inside?= <x@example.org>",
};

static const char *const SUBJECT[] = {
	"[PATCH] fix it",
	"Re: [PATCH v3 07/12] mm: do not sleep here",
	"RE: re: [RFC PATCH net-next v2 1/2] [tag] net: foo",
	"[PATCH 0/3] a cover letter",
	"[tag] [PATCH 3/4] keep the tag",
	"[PATCH][RFC] : : colons",
	"[unclosed bracket",
	"no prefix at all",
	"[PATCH] a long subject that is folded\n over two lines\n\tand a third",
	"[PATCH] =?UTF-8?q?caf=C3=A9?= =?UTF-8?q?_cr=C3=A8me?=",
	"=?UTF-8?B?W1BBVENIXSBiYXNlNjQ=?=",
	"=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?= text",
	"[PATCH] words =?utf-8?q?one?= between =?utf-8?q?two?= words",
	"[PATCH] =?utf-8?Q?trailing=?=",
	"   [PATCH]    blanks    everywhere   ",
	"[]",
	"Re:",
	"R",
	"[PATCH] raw \xc3\xbcmlaut",
	"[PATCH] latin \xfcmlaut",
};

static const char *const DATE[] = {
	"Sun, 22 Nov 2026 11:15:36 +0000",
	"Sun, 22 Nov 2026\n 11:15:36 +0000 (UTC)",
	"yesterday",
	"",
};

static const char *const TYPE[] = {
	"text/plain; charset=utf-8",
	"text/plain; charset=\"iso-8859-1\"",
	"text/plain; charset=us-ascii; format=flowed",
	"text/plain; format=flowed; delsp=yes; charset=UTF-8",
	"text/plain; charset=utf8",
	"text/plain;\n\tcharset=\"windows-1252\"",
	"TEXT/PLAIN; CHARSET=ISO-8859-15",
	"text/html; charset=utf-8",
	"text/plain; charset=no-such-charset",
	"text/plain",
	"application/octet-stream; name=\"x.patch\"",
	"text/x-patch; charset=\"\"",
};

static const char *const ENCODING[] = { "7bit",   "8bit",   "quoted-printable",
					"base64", "BASE64", "Quoted-Printable",
					"binary" };

static const char *const BODY[] = {
	"A plain line.\n",
	"\n",
	"\n",
	"Trailing blanks   \n",
	"  indented\n",
	" \n",
	"flowed line that goes on \nand ends here\n",
	" stuffed line\n",
	"\tbegins with a tab\n",
	"-- \nsignature\n",
	"From: Real Author <real@example.org>\n",
	"From: Real Author\n <real@example.org>\n",
	"Subject: [PATCH] the real subject\n",
	"Subject: a folded\n in-body subject\n",
	"Date: Mon, 23 Nov 2026 00:00:00 +0100\n",
	"[PATCH] subject in the body\n",
	">From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n",
	">From prose\n",
	"-- >8 --\n",
	"-- >8 -- cut here -- >8 --\n",
	" - - - - 8< - - - -\n",
	"a long line of prose with >8 scissors in it is none\n",
	"Signed-off-by: A U Thor <author@example.org>\n",
	"caf\xc3\xa9\n",
	"caf\xe9\n",
	"dots\r\n",
	"--- not a separator\n",
	"----\n",
	"=3D looks encoded =\n",
	"SGVsbG8=\n",
	"--b1\n",
	"base-commit: 0123456789012345678901234567890123456789\n",
	"no line feed",
};

static const char *const PATCH[] = {
	"---\n file | 2 +-\n 1 file changed\n\n",
	"--- a/file\n+++ b/file\n",
	"diff --git a/file b/file\n--- a/file\n+++ b/file\n",
	"Index: file\n====\n--- file\n+++ file\n",
	"---   \n",
	"--- \n",
};

static void add(struct gen *g, const char *text)
{
	strbuf_addz(g->out, text);
}

static void add_base64(struct gen *g, struct str s)
{
	static const char DIGITS[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t width = 3 * (1 + draw(g, 25));

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t bits = 0;
		size_t have = s.n - i < 3 ? s.n - i : 3;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < have ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			strbuf_addc(g->out,
				    k <= have ? DIGITS[bits >> (18 - 6 * k) & 63] : '=');
		if ((i + 3) % width == 0)
			add(g, "\n");
	}
	add(g, "\n");
}

static void add_quoted(struct gen *g, struct str s)
{
	size_t column = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n') {
			add(g, "\n");
			column = 0;
			continue;
		}
		if (c == '=' || c > 126 || c < ' ' || draw(g, 40) == 0)
			strbuf_addf(g->out, draw(g, 2) ? "=%02X" : "=%02x", c);
		else
			strbuf_addc(g->out, (char)c);
		if (++column > 40 && draw(g, 10) == 0) {
			add(g, "=\n");
			column = 0;
		}
	}
}

static void make_text(struct gen *g, struct strbuf *text)
{
	struct strbuf *saved = g->out;

	g->out = text;
	for (uint32_t n = draw(g, 9); n; n--)
		add(g, PICK(g, BODY));
	if (draw(g, 4)) {
		add(g, PICK(g, PATCH));
		add(g, "@@ -1,3 +1,3 @@ f\n context\n-old \xc3\xa9\n+new\n \n");
		for (uint32_t n = draw(g, 3); n; n--)
			add(g, PICK(g, BODY));
		add(g, "-- \n2.39.5\n");
	}
	g->out = saved;
}

static void add_text(struct gen *g, const char *encoding)
{
	STRBUF_AUTO(text, 1 << 16);

	make_text(g, &text);
	if ((encoding[0] | 32) == 'q')
		add_quoted(g, strbuf_str(&text));
	else if ((encoding[0] | 32) == 'b' && (encoding[1] | 32) == 'a')
		add_base64(g, strbuf_str(&text));
	else
		strbuf_add(g->out, strbuf_str(&text));
}

static void add_header(struct gen *g, const char *name, const char *value)
{
	uint32_t which = draw(g, 20);

	if (which == 0)
		strbuf_addf(g->out, "%s:%s\n", name, value);
	else if (which == 1)
		strbuf_addf(g->out, "%s:   %s  \n", name, value);
	else
		strbuf_addf(g->out, "%s: %s\n", name, value);
}

static void add_parts(struct gen *g, int depth)
{
	uint32_t parts = 1 + draw(g, 3);

	strbuf_addf(g->out, "Content-Type: multipart/%s; boundary=%s\n\n",
		    draw(g, 2) ? "mixed" : "alternative", depth ? "\"b2 x\"" : "b1");
	if (draw(g, 2))
		add(g, "This is a multi-part message in MIME format.\n");
	for (uint32_t i = 0; i < parts; i++) {
		const char *encoding = PICK(g, ENCODING);

		strbuf_addf(g->out, "--%s\n", depth ? "b2 x" : "b1");
		if (!depth && draw(g, 4) == 0) {
			add_parts(g, 1);
			continue;
		}
		if (draw(g, 5))
			add_header(g, "Content-Type", PICK(g, TYPE));
		if (draw(g, 5))
			add_header(g, "Content-Transfer-Encoding", encoding);
		else
			encoding = "7bit";
		if (draw(g, 10) == 0)
			add_header(g, "Subject", "[PATCH] subject of a part");
		add(g, "\n");
		add_text(g, encoding);
		if (draw(g, 3))
			add(g, "\n");
	}
	if (draw(g, 8))
		strbuf_addf(g->out, "--%s--\n", depth ? "b2 x" : "b1");
	if (draw(g, 3) == 0)
		add(g, "an epilogue\n");
}

void mail_gen(uint64_t seed, struct strbuf *out)
{
	struct gen g = { seed * 0x9e3779b97f4a7c15 + 1, out };

	draw(&g, 2);
	if (draw(&g, 3) == 0)
		add(&g, "From git@z Thu Jan  1 00:00:00 1970\n");
	if (draw(&g, 12))
		add_header(&g, "From", PICK(&g, FROM));
	if (draw(&g, 12))
		add_header(&g, draw(&g, 8) ? "Subject" : "sUBJECT", PICK(&g, SUBJECT));
	if (draw(&g, 8))
		add_header(&g, "Date", PICK(&g, DATE));
	if (draw(&g, 2))
		add_header(&g, "Message-Id", "<id@example.org>");
	if (draw(&g, 12) == 0)
		add_header(&g, "Subject", PICK(&g, SUBJECT));
	if (draw(&g, 3) == 0) {
		add_parts(&g, 0);
	} else {
		const char *encoding = "7bit";

		if (draw(&g, 4))
			add_header(&g, "Content-Type", PICK(&g, TYPE));
		if (draw(&g, 3)) {
			encoding = PICK(&g, ENCODING);
			add_header(&g, "Content-Transfer-Encoding", encoding);
		}
		add(&g, draw(&g, 15) ? "\n" : "  \n");
		add_text(&g, encoding);
	}
}
