/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signatures of commits, made by the programs that git calls, with the same words:
 * git-config(1), "gpg.format". The text goes to the program's standard input and the
 * signature comes from its standard output, so nothing is written to disk but a public
 * key that the configuration holds as such.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "am_priv.h"
#include "base/file.h"
#include "base/spawn.h"

struct signing {
	struct session *s;
	const char *program, *key; /* key NULL: none is configured */
	struct str text;
	struct strbuf *out;
};

/* ---- gpg and gpgsm ---- */

static const char *key_of_committer(struct session *s, struct err *err)
{
	struct str who;

	if (!repo_ident_print(s->patch, &s->committer, &who, err))
		return NULL;
	return arena_cstr(s->patch, str_sub(who, 0, (size_t)str_rchr(who, '>') + 1));
}

static bool sign_gpg(const struct signing *g, struct err *err)
{
	const char *key = g->key ? g->key : key_of_committer(g->s, err);
	const char *argv[] = { g->program, "--status-fd=2", "-bsau", key, NULL };
	STRBUF_AUTO(status, (size_t)1 << 20);
	struct spawn what = {
		.argv = argv, .input = g->text, .out = g->out, .errout = &status
	};
	int code;

	if (!key)
		return false;
	if (!spawn_run(&what, &code, err))
		return err_wrap(err, "signing the commit");
	if (!code && str_find(strbuf_str(&status), STR("[GNUPG:] SIG_CREATED ")) >= 0)
		return true;
	if (g->s->io.errout)
		g->s->io.errout(g->s->io.arg, strbuf_str(&status));
	return err_set(err, ERR_IO, "gpg failed to sign the data");
}

/* ---- ssh-keygen ---- */

/* "key::ssh-ed25519 AAAA..." or "ssh-ed25519 AAAA...": the public key itself, whose
 * private half an agent has. */
static bool is_literal(const char *key, struct str *ret)
{
	*ret = str_of(key);
	return str_skip(ret, STR("key::")) || str_starts(*ret, STR("ssh-"));
}

/* "~/.ssh/id.pub", as git-config(1) reads a path. */
static const char *key_file(struct arena *a, const char *key)
{
	const char *home = getenv("HOME");

	if (strncmp(key, "~/", 2) || !home)
		return key;
	return arena_printf(a, "%s/%s", home, key + 2);
}

static bool put_literal(struct arena *a, struct str key, char **ret, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	char *path = arena_printf(a, "%s/kcrib-key.XXXXXX", dir && *dir ? dir : "/tmp");
	int fd = mkstemp(path);
	bool ok;

	if (fd < 0)
		return err_sys(err, errno, "signing the commit: writing the key");
	ok = file_write_fd(fd, key, path, err);
	close(fd);
	*ret = path;
	return ok;
}

static bool run_ssh(const struct signing *g, const char *key, bool agent, struct err *err)
{
	const char *argv[] = { g->program,          "-Y", "sign", "-n", "git", "-f", key,
			       agent ? "-U" : NULL, NULL };
	STRBUF_AUTO(said, (size_t)1 << 20);
	struct spawn what = { .argv = argv,
			      .dir = repo_workdir(g->s->repo),
			      .input = g->text,
			      .out = g->out,
			      .errout = &said };
	int code;

	if (!spawn_run(&what, &code, err))
		return err_wrap(err, "signing the commit");
	if (!code && g->out->n)
		return true;
	if (g->s->io.errout)
		g->s->io.errout(g->s->io.arg, strbuf_str(&said));
	err_set(err, ERR_IO, "%s failed to sign the data", g->program);
	if (str_find(strbuf_str(&said), STR("usage:")) >= 0)
		err_hint(err, "ssh-keygen -Y sign came with OpenSSH 8.2p1");
	return false;
}

static bool sign_ssh(const struct signing *g, struct err *err)
{
	struct arena *a = g->s->patch;
	char *path = NULL;
	struct str key;
	bool ok;

	if (!g->key || !g->key[0])
		return err_set(err, ERR_NOTFOUND,
			       "user.signingkey needs to be set for ssh signing");
	if (!is_literal(g->key, &key))
		return run_ssh(g, key_file(a, g->key), false, err);
	ok = put_literal(a, key, &path, err) && run_ssh(g, path, true, err);
	if (path)
		unlink(path);
	return ok;
}

/* ---- the formats ---- */

static const struct {
	const char *format;
	const char *settings[2]; /* that name the program; the first one set counts */
	const char *program;
	bool (*sign)(const struct signing *g, struct err *err);
} formats[] = {
	{ "openpgp", { "gpg.openpgp.program", "gpg.program" }, "gpg", sign_gpg },
	{ "x509", { "gpg.x509.program", NULL }, "gpgsm", sign_gpg },
	{ "ssh", { "gpg.ssh.program", NULL }, "ssh-keygen", sign_ssh },
};

bool commit_sign(struct session *s, struct str text, struct strbuf *out, struct err *err)
{
	const char *format = repo_config(s->repo, s->patch, "gpg.format");
	struct signing g = { .s = s, .key = s->o.sign_key, .text = text, .out = out };

	if (!g.key || !g.key[0])
		g.key = repo_config(s->repo, s->patch, "user.signingkey");
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (format && strcmp(format, formats[i].format))
			continue;
		for (size_t k = 0; k < 2 && !g.program && formats[i].settings[k]; k++)
			g.program =
				repo_config(s->repo, s->patch, formats[i].settings[k]);
		if (!g.program)
			g.program = formats[i].program;
		return formats[i].sign(&g, err);
	}
	return err_set(err, ERR_USAGE,
		       "signing the commit: gpg.format \"%s\" is not supported here",
		       format);
}
