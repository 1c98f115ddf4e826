/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commit objects as git am writes them: gitformat-commit's header lines, "encoding" when
 * i18n.commitEncoding is not UTF-8, "gpgsig" when signed, the message as it is.
 */
#include "am_priv.h"
#include "base/utf8.h"
#include "objects.h"

static bool is_utf8(const char *encoding)
{
	return !encoding || !strcasecmp(encoding, "utf-8") ||
	       !strcasecmp(encoding, "utf8");
}

/* Bytes that are no UTF-8 are taken for Latin-1, as git does (with its warning): in the
 * message, and in the names above it. */
static void add_text(struct session *s, struct str text, bool utf8, struct strbuf *out)
{
	if (!utf8 || utf8_valid(text)) {
		strbuf_add(out, text);
		return;
	}
	while (text.n) {
		struct str rest = text;
		uint32_t cp;

		if (utf8_next(&rest, &cp) && cp == UTF8_BAD && text.n - rest.n == 1) {
			utf8_put(out, (unsigned char)text.p[0]);
			text = str_from(text, 1);
			continue;
		}
		strbuf_add(out, str_n(text.p, text.n - rest.n));
		text = rest;
	}
	warn(s, "commit message did not conform to UTF-8.\n"
		"You may want to amend it after fixing the message, or set the config\n"
		"variable i18n.commitEncoding to the encoding your project uses.");
}

static void insert_signature(struct strbuf *commit, size_t at, struct str signature)
{
	STRBUF_AUTO(tail, (size_t)256 << 20);
	const char *lead = "gpgsig ";
	struct str line;

	strbuf_add(&tail, str_from(strbuf_str(commit), at));
	strbuf_truncate(commit, at);
	while (str_line(&signature, &line)) {
		strbuf_addf(commit, "%s" STR_FMT "\n", lead, STR_ARG(str_chomp(line)));
		lead = " ";
	}
	strbuf_add(commit, strbuf_str(&tail));
}

static bool people(struct session *s, struct str *ret_author, struct str *ret_committer,
		   struct err *err)
{
	struct repo_ident author = { s->author.name, s->author.email, { 0 } };
	struct repo_ident committer = s->committer;

	author.date = date_now();
	if (!s->o.ignore_date && s->author.date.n &&
	    !date_parse(s->author.date, &author.date, err))
		return false;
	if (s->o.committer_date_is_author_date)
		committer.date = author.date;
	return repo_ident_print(s->patch, &author, ret_author, err) &&
	       repo_ident_print(s->patch, &committer, ret_committer, err);
}

bool commit_write(struct session *s, const struct repo_id *tree, char ret_hex[41],
		  struct err *err)
{
	const char *encoding = repo_config(s->repo, s->patch, "i18n.commitencoding");
	STRBUF_AUTO(raw, (size_t)256 << 20);
	STRBUF_AUTO(text, (size_t)256 << 20);
	STRBUF_AUTO(signature, (size_t)1 << 20);
	struct str author, committer;
	char hex[REPO_HEX + 1];
	git_oid id;

	if (!people(s, &author, &committer, err))
		return false;
	if (memchr(s->msg.p, '\0', s->msg.n))
		return err_set(err, ERR_PARSE,
			       "a NUL byte in commit log message not allowed.");
	repo_id_hex(tree, hex);
	strbuf_addf(&raw, "tree %s\n", hex);
	if (s->head[0])
		strbuf_addf(&raw, "parent %s\n", s->head);
	strbuf_addf(&raw, "author " STR_FMT "\ncommitter " STR_FMT "\n", STR_ARG(author),
		    STR_ARG(committer));
	if (!is_utf8(encoding))
		strbuf_addf(&raw, "encoding %s\n", encoding);
	strbuf_addc(&raw, '\n');
	strbuf_add(&raw, s->msg);
	add_text(s, strbuf_str(&raw), is_utf8(encoding), &text);
	if (!strbuf_ok(&raw, "commit", err) || !strbuf_ok(&text, "commit", err))
		return false;
	if (s->o.sign_key) {
		size_t head_end = (size_t)str_find(strbuf_str(&text), STR("\n\n")) + 1;

		if (!commit_sign(s, strbuf_str(&text), &signature, err))
			return false;
		insert_signature(&text, head_end, strbuf_str(&signature));
	}
	if (!objects_put(s->repo, strbuf_str(&text), GIT_OBJECT_COMMIT, &id, err))
		return err_wrap(err, "failed to write commit object");
	git_oid_tostr(ret_hex, REPO_HEX + 1, &id);
	return true;
}
