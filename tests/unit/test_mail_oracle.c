/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same mail, the same answer as git-mailinfo(1); the same mailbox, the same mails as
 * git-mailsplit(1). Without git these tests are skipped. KCRIB_MAILS=DIR takes the files
 * of a folder instead, each as a mailbox and every mail in it under every option;
 * KCRIB_MAIL_COUNT=N makes N mails instead of 300.
 */
#include <dirent.h>
#include <stdlib.h>

#include "check.h"
#include "mail_gen.h"
#include "mail_oracle.h"

#include "base/file.h"

static const struct mail_options OPTIONS[] = {
	{ 0 },
	{ .keep = MAIL_KEEP_SUBJECT },
	{ .keep = MAIL_KEEP_NONPATCH, .message_id = true },
	{ .scissors = true, .quoted_cr = MAIL_CR_STRIP },
	{ .no_inbody = true, .quoted_cr = MAIL_CR_NOWARN },
	{ .no_recode = true, .scissors = true },
	{ .encoding = "ISO-8859-1" },
};

struct tally {
	size_t asked, same;
};

static void compare(struct str mail, const struct mail_options *opt, const char *name,
		    struct tally *tally)
{
	struct arena *a = arena_new();
	STRBUF_AUTO(why, 4096);

	tally->asked++;
	if (oracle_same_mailinfo(a, mail, opt, &why))
		tally->same++;
	else
		print_message("# %s, options %zu: %s\n", name, (size_t)(opt - OPTIONS),
			      strbuf_z(&why));
	arena_free(a);
}

static void compare_split(struct str box, bool keep_cr, enum mail_format format,
			  const char *name, struct tally *tally)
{
	struct mailbox_options opt = { .format = format, .keep_cr = keep_cr };
	struct arena *a = arena_new();
	STRBUF_AUTO(why, 4096);

	tally->asked++;
	if (oracle_same_mailsplit(a, box, &opt, &why))
		tally->same++;
	else
		print_message("# %s, split: %s\n", name, strbuf_z(&why));
	arena_free(a);
}

static size_t count(void)
{
	const char *n = getenv("KCRIB_MAIL_COUNT");
	uint64_t value = 300;

	str_to_u64(str_of(n), &value);
	return value;
}

static void mail_parse_answers_as_git_mailinfo_does(void **state)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < count(); i++) {
		STRBUF_AUTO(mail, 1 << 20);
		char name[32];

		mail_gen(i, &mail);
		snprintf(name, sizeof(name), "mail %zu", i);
		compare(strbuf_str(&mail), &OPTIONS[i % ARRAY_SIZE(OPTIONS)], name,
			&tally);
	}
	print_message("# %zu of %zu mails as git-mailinfo\n", tally.same, tally.asked);
	assert_int_equal(tally.same, tally.asked);
}

static void mailbox_split_cuts_as_git_mailsplit_does(void **state)
{
	static const char *const BETWEEN[] = {
		"From git@z Thu Jan  1 00:00:00 1970\n",
		"From someone Sun Nov 22 11:15:36 2026\r\n",
		"From someone Sun Nov 22 11:15:36 2026 +0100 remote from host\n",
		"From here on 12:34:56 12\n",
		">From someone Sun Nov 22 11:15:36 2026\n",
		"From a short line\n",
		"\n\n",
	};
	struct tally tally = { 0 };

	for (size_t i = 0; i < count() / 6; i++) {
		STRBUF_AUTO(box, 1 << 20);
		char name[32];

		for (size_t k = 0; k < i % 5; k++) {
			strbuf_addz(&box, BETWEEN[(i * 3 + k * 5) % ARRAY_SIZE(BETWEEN)]);
			mail_gen(i * 7 + k, &box);
		}
		snprintf(name, sizeof(name), "mailbox %zu", i);
		compare_split(strbuf_str(&box), i % 2,
			      i % 3 ? MAIL_FORMAT_MBOX : MAIL_FORMAT_MBOXRD, name,
			      &tally);
	}
	print_message("# %zu of %zu mailboxes as git-mailsplit\n", tally.same,
		      tally.asked);
	assert_int_equal(tally.same, tally.asked);
}

static void compare_file(const char *path, struct tally *mails, struct tally *boxes)
{
	struct mailbox_options opt = { .as_stdin = true, .keep_cr = true };
	STRBUF_AUTO(bytes, MAIL_MAX_BYTES);
	struct arena *a = arena_new();
	struct mailbox box = { 0 };

	assert_ok(file_read(path, &bytes, &err));
	for (int i = 0; i < 4; i++)
		compare_split(strbuf_str(&bytes), i & 1,
			      i & 2 ? MAIL_FORMAT_MBOXRD : MAIL_FORMAT_MBOX, path, boxes);
	assert_ok(mailbox_split(a, strbuf_str(&bytes), &opt, &box, &err));
	for (size_t i = 0; i < box.n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(OPTIONS); k++)
			compare(box.v[i].bytes, &OPTIONS[k], path, mails);
	arena_free(a);
}

static void mails_in_a_folder_are_read_as_git_reads_them(void **state)
{
	const char *folder = getenv("KCRIB_MAILS");
	struct tally mails = { 0 }, boxes = { 0 };
	struct dirent *d;
	DIR *dir;

	assert_non_null(folder);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		if (d->d_type == DT_REG)
			compare_file(path, &mails, &boxes);
	}
	closedir(dir);
	print_message("# %zu of %zu mails, %zu of %zu mailboxes as git\n", mails.same,
		      mails.asked, boxes.same, boxes.asked);
	assert_int_equal(mails.same, mails.asked);
	assert_int_equal(boxes.same, boxes.asked);
}

int main(void)
{
	const struct CMUnitTest made[] = {
		TEST(mail_parse_answers_as_git_mailinfo_does),
		TEST(mailbox_split_cuts_as_git_mailsplit_does),
	};
	const struct CMUnitTest found[] = {
		TEST(mails_in_a_folder_are_read_as_git_reads_them),
	};

	if (!oracle_is_there()) {
		puts("1..0 # SKIP no git to compare with");
		return 0;
	}
	if (getenv("KCRIB_MAILS"))
		return cmocka_run_group_tests(found, NULL, NULL);
	return cmocka_run_group_tests(made, NULL, NULL);
}
