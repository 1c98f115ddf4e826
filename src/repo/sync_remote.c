/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of shared notes: see repo/sync.h. One branch is fetched and sent; who
 * sent first wins, and the other merges and tries again.
 */
#include "sync_priv.h"

#define REFSPEC "+" REF_BRANCH ":" REF_REMOTE

bool sync_failed(struct err *err, const char *what)
{
	const git_error *e = git_error_last();
	enum err_code code = ERR_IO;

	if (e && e->klass == GIT_ERROR_NET)
		code = ERR_BUSY;
	return err_set(err, code, "%s: %s", what, e ? e->message : "libgit2 failed");
}

bool sync_set_remote(struct sync *s, const char *url, struct err *err)
{
	git_remote *remote = NULL;
	int rc;

	if (!url)
		return true;
	if (git_remote_lookup(&remote, s->repo, "origin") == 0)
		rc = git_remote_set_url(s->repo, "origin", url);
	else
		rc = git_remote_create(&remote, s->repo, "origin", url);
	git_remote_free(remote);
	return rc == 0 || sync_failed(err, "setting the remote");
}

bool sync_has_remote(const struct sync *s)
{
	git_remote *remote = NULL;
	bool yes = git_remote_lookup(&remote, s->repo, "origin") == 0;

	git_remote_free(remote);
	return yes;
}

static int credentials(git_credential **out, const char *url, const char *user,
		       unsigned allowed, void *arg)
{
	unsigned *tries = arg;

	if ((*tries)++)
		return GIT_EAUTH;
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return git_credential_ssh_key_from_agent(out, user ? user : "git");
	if (allowed & GIT_CREDENTIAL_DEFAULT)
		return git_credential_default_new(out);
	return GIT_EAUTH;
}

bool sync_fetch(struct sync *s, struct err *err)
{
	git_fetch_options opts = GIT_FETCH_OPTIONS_INIT;
	char spec[] = REFSPEC;
	char *specs[] = { spec };
	git_strarray refspecs = { specs, 1 };
	git_remote *remote = NULL;
	unsigned tries = 0;
	int rc;

	if (git_remote_lookup(&remote, s->repo, "origin") < 0)
		return true;
	opts.callbacks.credentials = credentials;
	opts.callbacks.payload = &tries;
	opts.prune = GIT_FETCH_PRUNE;
	rc = git_remote_fetch(remote, &refspecs, &opts, NULL);
	git_remote_free(remote);
	if (rc == 0)
		return true;
	sync_failed(err, "fetching the shared notes");
	return err_hint(err,
			"the folder is an ordinary repository: git -C %s fetch says more",
			s->dir);
}

struct pushing {
	unsigned tries;
	bool refused;
};

static int push_credentials(git_credential **out, const char *url, const char *user,
			    unsigned allowed, void *arg)
{
	return credentials(out, url, user, allowed, &((struct pushing *)arg)->tries);
}

static int push_status(const char *ref, const char *status, void *arg)
{
	((struct pushing *)arg)->refused |= status != NULL;
	return 0;
}

bool sync_push(struct sync *s, bool *ret_again, struct err *err)
{
	git_push_options opts = GIT_PUSH_OPTIONS_INIT;
	char spec[] = REF_BRANCH ":" REF_BRANCH;
	char *specs[] = { spec };
	git_strarray refspecs = { specs, 1 };
	git_remote *remote = NULL;
	struct pushing state = { 0 };
	int rc;

	*ret_again = false;
	if (git_remote_lookup(&remote, s->repo, "origin") < 0)
		return true;
	opts.callbacks.credentials = push_credentials;
	opts.callbacks.push_update_reference = push_status;
	opts.callbacks.payload = &state;
	rc = git_remote_push(remote, &refspecs, &opts);
	git_remote_free(remote);
	*ret_again = rc == GIT_ENONFASTFORWARD || state.refused;
	if (rc == 0 || *ret_again)
		return true;
	return sync_failed(err, "sending the shared notes");
}
