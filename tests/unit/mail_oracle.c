/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The installed git as an oracle: see mail_oracle.h. Each question is one child with its
 * working folder in a fresh temporary one, and no configuration of the user's.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "mail_oracle.h"

#include "base/file.h"
#include "base/spawn.h"

enum { LIMIT = 64 << 20 };

static const char *const ENV[] = { "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
				   "GIT_CEILING_DIRECTORIES=/", "LC_ALL=C", NULL };

struct oracle {
	char dir[64];
};

static bool oracle_open(struct oracle *o)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(o->dir, sizeof(o->dir), "%.40s/kcrib-mail.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(o->dir) != NULL;
}

static void oracle_close(struct oracle *o)
{
	struct dirent *d;
	DIR *dir = opendir(o->dir);
	char path[400];

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", o->dir, d->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(o->dir);
}

static bool read_answer(const struct oracle *o, struct arena *a, const char *name,
			struct str *ret)
{
	STRBUF_AUTO(text, LIMIT);
	char path[200];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", o->dir, name);
	if (!file_read(path, &text, &err))
		return false;
	*ret = arena_str(a, strbuf_str(&text));
	return true;
}

bool oracle_is_there(void)
{
	return spawn_find("git");
}

static bool ask(const struct oracle *o, const char *const *argv, struct str in,
		struct strbuf *out, struct strbuf *errout)
{
	struct spawn what = { .argv = argv,
			      .env = ENV,
			      .dir = o->dir,
			      .input = in,
			      .out = out,
			      .errout = errout };
	struct err err = { 0 };
	int status;

	if (!spawn_run(&what, &status, &err))
		fail_msg("%s", err.msg);
	return spawn_exit_code(status) == 0;
}

bool oracle_mailinfo(struct arena *a, struct str mail, const struct mail_options *opt,
		     struct oracle_answer *ret)
{
	static const char *const CR[] = { "--quoted-cr=warn", "--quoted-cr=nowarn",
					  "--quoted-cr=strip" };
	const char *argv[16] = { "git" };
	STRBUF_AUTO(out, LIMIT);
	STRBUF_AUTO(errout, LIMIT);
	struct oracle o;
	size_t n = 1;
	bool ok;

	/* not --encoding: git 2.39 forgets its value */
	if (opt->encoding) {
		argv[n++] = "-c";
		argv[n++] = arena_printf(a, "i18n.commitEncoding=%s", opt->encoding);
	}
	argv[n++] = "mailinfo";
	argv[n++] = CR[opt->quoted_cr];
	if (opt->keep)
		argv[n++] = opt->keep == MAIL_KEEP_SUBJECT ? "-k" : "-b";
	argv[n++] = opt->scissors ? "--scissors" : "--no-scissors";
	if (opt->message_id)
		argv[n++] = "-m";
	if (opt->no_inbody)
		argv[n++] = "--no-inbody-headers";
	if (opt->no_recode)
		argv[n++] = "-n";
	argv[n++] = "msg";
	argv[n++] = "patch";
	assert_true(oracle_open(&o));
	ok = ask(&o, argv, mail, &out, &errout);
	if (ok)
		ok = read_answer(&o, a, "msg", &ret->body) &&
		     read_answer(&o, a, "patch", &ret->patch);
	ret->info = arena_str(a, strbuf_str(&out));
	ret->complaint = arena_str(a, strbuf_str(&errout));
	oracle_close(&o);
	return ok;
}

bool oracle_mailsplit(struct arena *a, struct str box, const struct mailbox_options *opt,
		      struct oracle_mails *ret)
{
	const char *argv[8] = { "git", "mailsplit", "-b", "-d4", "-o." };
	STRBUF_AUTO(out, LIMIT);
	STRBUF_AUTO(errout, LIMIT);
	struct oracle o;
	size_t n = 5;
	uint64_t mails;
	bool ok;

	if (opt->keep_cr)
		argv[n++] = "--keep-cr";
	if (opt->format == MAIL_FORMAT_MBOXRD)
		argv[n++] = "--mboxrd";
	assert_true(oracle_open(&o));
	ok = ask(&o, argv, box, &out, &errout) &&
	     str_to_u64(str_trim(strbuf_str(&out)), &mails);
	for (uint64_t i = 1; ok && i <= mails; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%04d", (int)i);
		ok = read_answer(&o, a, name, ARENA_PUSH(a, ret));
	}
	oracle_close(&o);
	return ok;
}

/* ---- comparing ---- */

static void differ(struct strbuf *why, const char *what, struct str got, struct str want)
{
	size_t i = 0;

	if (str_eq(got, want))
		return;
	while (i < got.n && i < want.n && got.p[i] == want.p[i])
		i++;
	i = i > 20 ? i - 20 : 0;
	strbuf_addf(why, "%s: got \"" STR_FMT "\", git \"" STR_FMT "\"; ", what,
		    STR_ARG(str_sub(got, i, 80)), STR_ARG(str_sub(want, i, 80)));
}

/* git-am makes its message so: subject, blank line, body, then git-stripspace(1). */
static void compare_message(struct arena *a, const struct mail *mail, struct strbuf *why)
{
	static const char *const ARGV[] = { "git", "stripspace", NULL };
	STRBUF_AUTO(raw, LIMIT);
	STRBUF_AUTO(got, LIMIT);
	STRBUF_AUTO(want, LIMIT);
	STRBUF_AUTO(errout, LIMIT);
	struct oracle o;

	strbuf_add(&raw, mail->subject);
	strbuf_addz(&raw, "\n\n");
	strbuf_add(&raw, mail->body);
	assert_true(oracle_open(&o));
	assert_true(ask(&o, ARGV, strbuf_str(&raw), &want, &errout));
	oracle_close(&o);
	mail_print_message(mail, &got);
	differ(why, "commit message", strbuf_str(&got), strbuf_str(&want));
}

bool oracle_same_mailinfo(struct arena *a, struct str mail,
			  const struct mail_options *opt, struct strbuf *why)
{
	struct oracle_answer git = { 0 };
	bool ours, theirs = oracle_mailinfo(a, mail, opt, &git);
	STRBUF_AUTO(info, LIMIT);
	struct err err = { 0 };
	struct mail got;

	ours = mail_parse(a, mail, opt, &got, &err);
	if (ours != theirs) {
		strbuf_addf(why, "%s, git %s", ours ? "ok" : err.msg,
			    theirs ? "ok" : git.complaint.p);
		return false;
	}
	if (!ours)
		return true;
	mail_print_info(&got, &info);
	differ(why, "info", strbuf_str(&info), git.info);
	differ(why, "message", got.body, git.body);
	differ(why, "patch", got.patch, git.patch);
	compare_message(a, &got, why);
	return !why->n;
}

bool oracle_same_mailsplit(struct arena *a, struct str box,
			   const struct mailbox_options *opt, struct strbuf *why)
{
	struct mailbox_options as_stdin = *opt;
	struct oracle_mails git = { 0 };
	bool ours, theirs = oracle_mailsplit(a, box, opt, &git);
	struct err err = { 0 };
	struct mailbox got;

	as_stdin.as_stdin = true;
	ours = mailbox_split(a, box, &as_stdin, &got, &err);
	if (ours != theirs || (ours && got.n != git.n)) {
		strbuf_addf(why, "%zu mails (%s), git %zu (%d)", ours ? got.n : 0,
			    err.msg, git.n, theirs);
		return false;
	}
	for (size_t i = 0; ours && i < got.n; i++)
		differ(why, "mail", got.v[i].bytes, git.v[i]);
	return !why->n;
}
