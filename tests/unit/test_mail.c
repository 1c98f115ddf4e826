/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mail in: the spec files of tests/spec/mail, then what no text file shows well: packed
 * bytes, limits, cost.
 */
#include <stdlib.h>
#include <time.h>

#include <lzma.h>
#include <zlib.h>

#include "check.h"
#include "mail_gen.h"
#include "spec.h"

#include "patch/series.h"

/* ---- spec files ---- */

static struct mail_options options_of(struct str words)
{
	struct mail_options opt = { 0 };
	struct str word;

	while (str_word(&words, &word)) {
		if (str_eq(word, STR("keep")))
			opt.keep = MAIL_KEEP_SUBJECT;
		else if (str_eq(word, STR("keep-non-patch")))
			opt.keep = MAIL_KEEP_NONPATCH;
		else if (str_eq(word, STR("scissors")))
			opt.scissors = true;
		else if (str_eq(word, STR("message-id")))
			opt.message_id = true;
		else if (str_eq(word, STR("quoted-cr=strip")))
			opt.quoted_cr = MAIL_CR_STRIP;
		else if (str_eq(word, STR("no-inbody-headers")))
			opt.no_inbody = true;
		else
			fail_msg("spec: unknown option " STR_FMT, STR_ARG(word));
	}
	return opt;
}

struct outcome {
	struct mail mails[16];
	struct str bytes[16];
	size_t n;
	struct err err; /* of the mail that failed */
};

static void print_tag(const struct mail_tag *tag, struct strbuf *out)
{
	strbuf_addf(out, "prefix \"" STR_FMT "\" version %u", STR_ARG(tag->prefix),
		    tag->version);
	if (tag->has_part)
		strbuf_addf(out, " part %u of %u", tag->part, tag->total);
	strbuf_addf(out, "%s\n", tag->reply ? " reply" : "");
}

static void print_facts(const struct mail *mail, struct strbuf *out)
{
	strbuf_addf(out, "message-id " STR_FMT "\n", STR_ARG(mail->message_id));
	strbuf_addf(out, "in-reply-to " STR_FMT "\n", STR_ARG(mail->in_reply_to));
	strbuf_addf(out, "base-commit " STR_FMT "\n", STR_ARG(mail->base_commit));
	for (size_t i = 0; i < mail->n_trailers; i++)
		strbuf_addf(out, "trailer " STR_FMT " = " STR_FMT "\n",
			    STR_ARG(mail->trailers[i].name),
			    STR_ARG(mail->trailers[i].value));
	strbuf_addf(out, "patch at line %zu%s%s%s\n", mail->patch_line,
		    mail->flowed ? ", flowed" : "", mail->quoted_cr ? ", quoted CR" : "",
		    mail->html ? ", HTML" : "");
}

static void print_series(struct arena *a, const struct outcome *o, struct strbuf *out)
{
	struct series s;

	series_order(a, o->mails, o->n, &s);
	strbuf_addz(out, "mails");
	for (size_t i = 0; i < s.n; i++)
		strbuf_addf(out, " %zu", s.order[i] + 1);
	strbuf_addf(out, " of v%u, %u parts", s.version, s.total);
	if (s.cover != SERIES_NONE)
		strbuf_addf(out, ", cover letter %zu", s.cover + 1);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < s.n_notes; i++)
		strbuf_addf(out, STR_FMT "\n", STR_ARG(s.notes[i].text));
}

static void print_damage(const struct mail_report *report, struct strbuf *out)
{
	for (size_t i = 0; i < report->n; i++)
		strbuf_addf(out, STR_FMT "%s\n", STR_ARG(report->v[i].text),
			    report->v[i].repaired ? "; repaired" : "");
}

static void print_section(struct arena *a, struct str name, const struct outcome *o,
			  struct strbuf *out)
{
	const struct mail *mail = &o->mails[0];
	struct mail_report report = { 0 };

	if (str_eq(name, STR("error"))) {
		strbuf_addf(out, "%s: %s\n", err_code_name(o->err.code), o->err.msg);
		return;
	}
	if (!o->n)
		fail_msg("%s", o->err.msg);
	assert_ok(mail_damage(a, o->bytes[0], mail, &report, &err));
	if (str_eq(name, STR("info"))) {
		mail_print_info(mail, out);
		strbuf_truncate(out, out->n - 1); /* it ends in an empty line */
	} else if (str_eq(name, STR("body")))
		strbuf_add(out, mail->body);
	else if (str_eq(name, STR("message")))
		mail_print_message(mail, out);
	else if (str_eq(name, STR("patch")))
		strbuf_add(out, mail->patch);
	else if (str_eq(name, STR("tag")))
		print_tag(&mail->tag, out);
	else if (str_eq(name, STR("facts")))
		print_facts(mail, out);
	else if (str_eq(name, STR("series")))
		print_series(a, o, out);
	else if (str_eq(name, STR("damage")))
		print_damage(&report, out);
	else if (str_eq(name, STR("repaired")))
		strbuf_add(out, report.patch);
	else
		fail_msg("spec: unknown section " STR_FMT, STR_ARG(name));
}

static void read_mails(struct arena *a, const struct spec_case *c, struct outcome *o)
{
	for (size_t i = 0; i < c->n && o->n < ARRAY_SIZE(o->mails); i++) {
		struct mail_options opt;

		if (!str_eq(c->v[i].name, STR("mail")))
			continue;
		opt = options_of(c->v[i].words);
		o->bytes[o->n] = c->v[i].text;
		o->n += mail_parse(a, c->v[i].text, &opt, &o->mails[o->n], &o->err);
	}
}

/* Returns the number of sections that differ. */
static size_t run_case(struct arena *a, const char *file, const struct spec_case *c)
{
	struct outcome o = { 0 };
	size_t bad = 0;

	read_mails(a, c, &o);
	for (size_t i = 0; i < c->n; i++) {
		STRBUF_AUTO(got, 1 << 20);

		if (str_eq(c->v[i].name, STR("mail")))
			continue;
		print_section(a, c->v[i].name, &o, &got);
		if (str_eq(strbuf_str(&got), c->v[i].text))
			continue;
		bad++;
		print_message("# %s:%zu: " STR_FMT ": got\n%s<- but want\n" STR_FMT
			      "<-\n",
			      file, c->v[i].line, STR_ARG(c->title), strbuf_z(&got),
			      STR_ARG(c->v[i].text));
	}
	return bad;
}

static void run_spec(const char *file)
{
	struct arena *a = arena_new();
	struct spec spec;
	size_t bad = 0;

	spec_read(a, file, &spec);
	assert_true(spec.n > 0);
	for (size_t i = 0; i < spec.n; i++)
		bad += run_case(a, file, &spec.v[i]);
	arena_free(a);
	assert_int_equal(bad, 0);
}

static void spec_who_and_what(void **state)
{
	run_spec("spec/mail/headers.spec");
}

static void spec_text_and_patch(void **state)
{
	run_spec("spec/mail/body.spec");
}

static void spec_series(void **state)
{
	run_spec("spec/mail/series.spec");
}

static void spec_damage(void **state)
{
	run_spec("spec/mail/damage.spec");
}

/* ---- mailboxes ---- */

static struct mailbox split(struct arena *a, struct str bytes, enum mail_format format)
{
	struct mailbox_options opt = { .format = format };
	struct mailbox box = { 0 };

	assert_ok(mailbox_split(a, bytes, &opt, &box, &err));
	return box;
}

static void mailbox_pieces_join_to_the_input(void **state)
{
	struct mailbox_options opt = { .as_stdin = true, .keep_cr = true };

	for (uint64_t seed = 0; seed < 200; seed++) {
		struct arena *a = arena_new();
		STRBUF_AUTO(in, 1 << 20);
		size_t at = 0;
		struct mailbox box = { 0 };

		for (uint64_t k = 0; k < seed % 4; k++) {
			strbuf_addz(&in, "From a@b Sun Nov 22 11:15:36 2026\n");
			mail_gen(seed * 4 + k, &in);
		}
		assert_ok(mailbox_split(a, strbuf_str(&in), &opt, &box, &err));
		for (size_t i = 0; i < box.n; i++) {
			assert_int_equal(box.v[i].offset, at);
			assert_true(str_eq(box.v[i].raw, box.v[i].bytes));
			assert_memory_equal(box.v[i].raw.p, in.p + at, box.v[i].raw.n);
			at += box.v[i].raw.n;
		}
		assert_int_equal(at, in.n);
		arena_free(a);
	}
}

static void mailbox_tells_where_each_mail_begins(void **state)
{
	struct arena *a = arena_new();
	struct mailbox box =
		split(a,
		      STR("\n\nFrom a Sun Nov 22 11:15:36 2026\r\nSubject: 1\r\n\r\n"
			  "From b Sun Nov 22 11:15:37 2026\r\nSubject: 2\r\n"),
		      MAIL_FORMAT_UNKNOWN);

	assert_int_equal(box.format, MAIL_FORMAT_MBOX);
	assert_int_equal(box.n, 2);
	assert_int_equal(box.v[0].line, 3);
	assert_int_equal(box.v[1].line, 6);
	assert_str(box.v[1].bytes, "From b Sun Nov 22 11:15:37 2026\nSubject: 2\n");
	arena_free(a);
}

static void mailbox_turns_hg_and_stgit_into_mail(void **state)
{
	struct arena *a = arena_new();
	struct mailbox hg =
		split(a,
		      STR("# HG changeset patch\n# User A <a@b>\n"
			  "# Date 1234567890 -3600\n# Node ID 12\nsubject\n\nbody\n"),
		      MAIL_FORMAT_UNKNOWN);
	struct mailbox stgit = split(a,
				     STR("the subject\n\nFrom: A <a@b>\nDate: now\n\n"
					 "the body\n---\n"),
				     MAIL_FORMAT_UNKNOWN);

	assert_int_equal(hg.format, MAIL_FORMAT_HG);
	assert_str(hg.v[0].bytes, "From: A <a@b>\nDate: Sat, 14 Feb 2009 00:31:30 +0100\n"
				  "\nsubject\n\nbody\n");
	assert_int_equal(stgit.format, MAIL_FORMAT_STGIT);
	assert_str(stgit.v[0].bytes,
		   "Subject: the subject\nFrom: A <a@b>\nDate: now\n\nthe body\n---\n");
	arena_free(a);
}

static void mailbox_refuses_what_is_none(void **state)
{
	struct mailbox_options opt = { 0 };
	struct arena *a = arena_new();
	struct mailbox box;

	assert_err(mailbox_split(a, STR("diff --git a/x b/x\n"), &opt, &box, &err),
		   ERR_PARSE);
	assert_err(mailbox_split(a, STR("\n \n"), &opt, &box, &err), ERR_PARSE);
	assert_err(mailbox_split(a, STR("# This series applies on GIT commit 12\na\n"),
				 &opt, &box, &err),
		   ERR_USAGE);
	arena_free(a);
}

static void maildir_names_sort_by_their_numbers(void **state)
{
	assert_true(mail_maildir_cmp(STR("cur/9.a"), STR("cur/10.a")) < 0);
	assert_true(mail_maildir_cmp(STR("cur/10.b"), STR("cur/10.a")) > 0);
	assert_true(mail_maildir_cmp(STR("cur/007"), STR("cur/7")) == 0);
	assert_true(mail_maildir_cmp(STR("cur/99999999999999999999999"),
				     STR("cur/99999999999999999999998")) > 0);
}

/* ---- packed ---- */

static void pack_gzip(struct str in, struct strbuf *out)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)in.p,
		       .avail_in = (uInt)in.n };
	size_t room = in.n + 1024;

	assert_int_equal(
		deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
		Z_OK);
	z.next_out = (Bytef *)strbuf_reserve(out, room);
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	strbuf_wrote(out, room - z.avail_out);
	deflateEnd(&z);
}

static void pack_xz(struct str in, struct strbuf *out)
{
	size_t room = in.n + 4096, n = 0;
	char *to = strbuf_reserve(out, room);

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL,
						 (const uint8_t *)in.p, in.n,
						 (uint8_t *)to, &n, room),
			 LZMA_OK);
	strbuf_wrote(out, n);
}

static void unpack_gives_back_what_was_packed(void **state)
{
	void (*const PACK[])(struct str, struct strbuf *) = { pack_gzip, pack_xz };
	STRBUF_AUTO(text, 1 << 22);

	while (text.n < 700000)
		mail_gen(text.n, &text);
	for (size_t i = 0; i < ARRAY_SIZE(PACK); i++) {
		STRBUF_AUTO(packed, 1 << 22);
		STRBUF_AUTO(plain, 1 << 22);
		STRBUF_AUTO(small, 1000);
		STRBUF_AUTO(cut, 1 << 22);
		struct str half;

		PACK[i](strbuf_str(&text), &packed);
		half = str_n(packed.p, packed.n / 2);
		assert_true(mail_is_packed(strbuf_str(&packed)));
		assert_ok(mail_unpack(strbuf_str(&packed), "x", &plain, &err));
		assert_true(str_eq(strbuf_str(&plain), strbuf_str(&text)));
		assert_err(mail_unpack(strbuf_str(&packed), "x", &small, &err),
			   ERR_LIMIT);
		assert_err(mail_unpack(half, "x", &cut, &err), ERR_PARSE);
		/* two members behind each other, exactly as large as allowed */
		strbuf_clear(&plain);
		plain.max = 2 * text.n;
		PACK[i](strbuf_str(&text), &packed);
		assert_ok(mail_unpack(strbuf_str(&packed), "x", &plain, &err));
		assert_int_equal(plain.n, 2 * text.n);
	}
	assert_false(mail_is_packed(STR("From: a")));
}

/* ---- limits and cost ---- */

static double parse_seconds(struct str bytes, enum err_code want)
{
	struct mail_options opt = { .scissors = true };
	struct arena *a = arena_new();
	struct timespec from, to;
	struct mail_report report;
	struct err why = { 0 };
	struct mail mail;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	if (mail_parse(a, bytes, &opt, &mail, &why))
		assert_ok(mail_damage(a, bytes, &mail, &report, &err));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_string_equal(err_code_name(why.code), err_code_name(want));
	arena_free(a);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void mail_with_endless_headers_is_refused(void **state)
{
	static const char *const LINES[] = { "X-Foo: bar\n", " folded\n" };

	for (size_t i = 0; i < ARRAY_SIZE(LINES); i++) {
		STRBUF_AUTO(mail, 8 << 20);

		strbuf_addz(&mail, "Subject: x\n");
		while (mail.n < (4 << 20))
			strbuf_addz(&mail, LINES[i]);
		parse_seconds(strbuf_str(&mail), ERR_LIMIT);
	}
}

/* Twice the input may cost twice the time, not four times; 3.4 leaves room for noise. */
static void mail_cost_is_linear(void **state)
{
	static const struct {
		const char *head, *line;
	} SHAPES[] = {
		{ "Subject: [PATCH] one endless line\n\n", "x" },
		{ "Subject: flowed\nContent-Type: text/plain; format=flowed\n\n",
		  "word \n" },
		{ "Subject: b\nContent-Transfer-Encoding: base64\n\n", "eHh4eHh4eHg\n" },
		{ "Subject: b\nContent-Transfer-Encoding: base64\n"
		  "Content-Type: text/plain; format=flowed\n\n",
		  "eHh4eHh4eCAK\n" },
		{ "Subject: q\nContent-Transfer-Encoding: quoted-printable\n\n",
		  "a=3Db=\n" },
		{ "Subject: l1\nContent-Type: text/plain; charset=iso-8859-1\n\n",
		  "\xe9\n" },
		{ "Subject: s\n\n", "-- >8 --\n" },
		{ "Subject: h\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n",
		  "@@ -1,9 +1,9 @@\n" },
		{ "Subject: h\n\n--- a/x\n+++ b/x\n@@ -1,900000000 +1,900000000 @@\n",
		  "oops\n" },
		{ "Subject: r\n\n", "> diff --git a/x b/x\n" },
		{ "Content-Type: text/html\n\n<html>", "<p>&" },
		{ "Subject: [", "[[" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(SHAPES); i++) {
		double best = 1e9;

		for (int round = 0; round < 5 && best > 3.4; round++) {
			STRBUF_AUTO(mail, 16 << 20);
			size_t size = i + 1 < ARRAY_SIZE(SHAPES) ? 2 << 20 : 400 << 10;
			double once, twice;

			strbuf_addz(&mail, SHAPES[i].head);
			while (mail.n < size)
				strbuf_addz(&mail, SHAPES[i].line);
			once = parse_seconds(strbuf_str(&mail), ERR_NONE);
			while (mail.n < 2 * size)
				strbuf_addz(&mail, SHAPES[i].line);
			twice = parse_seconds(strbuf_str(&mail), ERR_NONE);
			if (twice / (once + 1e-4) < best)
				best = twice / (once + 1e-4);
		}
		if (best > 3.4)
			fail_msg("shape %zu: twice the mail, %.1f times the cost", i,
				 best);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(spec_who_and_what),
		TEST(spec_text_and_patch),
		TEST(spec_series),
		TEST(spec_damage),
		TEST(mailbox_pieces_join_to_the_input),
		TEST(mailbox_tells_where_each_mail_begins),
		TEST(mailbox_turns_hg_and_stgit_into_mail),
		TEST(mailbox_refuses_what_is_none),
		TEST(maildir_names_sort_by_their_numbers),
		TEST(unpack_gives_back_what_was_packed),
		TEST(mail_with_endless_headers_is_refused),
		TEST(mail_cost_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
