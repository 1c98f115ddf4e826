/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who commits, in the words of commit objects: see repo/repo.h. The order of sources is
 * that of git-commit-tree(1), "COMMIT INFORMATION".
 */
#include <pwd.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "priv.h"

/* Bytes that git takes off both ends of a name or an address. */
static bool is_crud(char c)
{
	return (unsigned char)c <= 32 || strchr(".,:;<>\"\\'", c) != NULL;
}

struct str repo_ident_clean(struct arena *a, struct str name)
{
	size_t from = 0, n = 0;
	char *out;

	while (from < name.n && is_crud(name.p[from]))
		from++;
	while (name.n > from && is_crud(name.p[name.n - 1]))
		name.n--;
	out = arena_alloc(a, name.n - from + 1);
	for (size_t i = from; i < name.n; i++)
		if (name.p[i] != '\n' && name.p[i] != '<' && name.p[i] != '>')
			out[n++] = name.p[i];
	out[n] = '\0';
	return str_n(out, n);
}

bool repo_ident_print(struct arena *a, const struct repo_ident *id, struct str *ret,
		      struct err *err)
{
	struct str name = repo_ident_clean(a, id->name);
	struct str email = repo_ident_clean(a, id->email);
	char date[48];

	if (!id->name.n)
		return err_set(err, ERR_NOTFOUND,
			       "empty ident name (for <" STR_FMT ">) not allowed",
			       STR_ARG(email));
	if (!name.n)
		return err_set(err, ERR_NOTFOUND,
			       "name consists only of disallowed characters: " STR_FMT,
			       STR_ARG(id->name));
	date_print(id->date, date);
	*ret = arena_strf(a, STR_FMT " <" STR_FMT "> %s", STR_ARG(name), STR_ARG(email),
			  date);
	return true;
}

/* The account's full name up to the first comma; '&' stands for the login name. */
static struct str account_name(struct arena *a)
{
	const struct passwd *pw = getpwuid(getuid());
	char buf[512];
	struct strbuf out = STRBUF(sizeof(buf));
	struct str copy;

	if (!pw || !pw->pw_gecos)
		return STR_NONE;
	for (const char *p = pw->pw_gecos; *p && *p != ','; p++) {
		if (*p == '&')
			strbuf_addz(&out, pw->pw_name);
		else
			strbuf_addc(&out, *p);
	}
	copy = arena_str(a, strbuf_str(&out));
	strbuf_free(&out);
	return copy;
}

static const char *first_of(const struct repo *repo, struct arena *a, const char *env,
			    const char *key, const char *general)
{
	const char *value = getenv(env);

	if (value)
		return value;
	value = repo_config(repo, a, key);
	return value ? value : repo_config(repo, a, general);
}

static bool no_identity(struct err *err, const char *what)
{
	err_set(err, ERR_NOTFOUND, "%s", what);
	return err_hint(err,
			"tell git who you are: git config --global user.email "
			"you@example.com; git config --global user.name \"Your Name\"");
}

bool repo_committer(const struct repo *repo, struct arena *a, struct repo_ident *ret,
		    struct err *err)
{
	const char *name =
		first_of(repo, a, "GIT_COMMITTER_NAME", "committer.name", "user.name");
	const char *email =
		first_of(repo, a, "GIT_COMMITTER_EMAIL", "committer.email", "user.email");
	const char *date = getenv("GIT_COMMITTER_DATE");
	struct repo_ident id = { .name = str_of(name), .email = str_of(email) };
	bool own = repo_config_bool(repo, "user.useconfigonly", false);
	struct str line;

	if (!email && getenv("EMAIL") && !own)
		id.email = str_of(getenv("EMAIL"));
	if (!name && !own)
		id.name = account_name(a);
	if (!id.email.p)
		return no_identity(err, "unable to auto-detect email address");
	id.date = date_now();
	if (date && date[0] && !date_parse(str_of(date), &id.date, err))
		return false;
	if (!repo_ident_print(a, &id, &line, err))
		return no_identity(err, arena_printf(a, "%s", err->msg));
	*ret = id;
	return true;
}
