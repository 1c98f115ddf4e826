/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What .git/rebase-apply says about the series: see app/series.h.
 */
#include "app/series.h"

#include "base/file.h"
#include "patch/mail.h"
#include "repo/history.h"
#include "repo/repo.h"

enum { SERIES_MAX = 20000, HEAD_MAX = 1 << 20, MAIL_MAX = 64 << 20 };

static bool read_number(const struct repo *repo, struct arena *a, const char *name,
			uint64_t *ret)
{
	const char *path = repo_path(repo, a, arena_printf(a, "rebase-apply/%s", name));
	STRBUF_AUTO(b, 64);

	return file_exists(path) && file_read(path, &b, NULL) &&
	       str_to_u64(str_trim(strbuf_str(&b)), ret);
}

static bool read_mail(const struct repo *repo, struct arena *a, unsigned number,
		      struct mail *ret, struct err *err)
{
	const char *path =
		repo_path(repo, a, arena_printf(a, "rebase-apply/%04u", number));
	struct mail_options opt = { 0 };
	STRBUF_AUTO(b, MAIL_MAX);

	return file_read(path, &b, err) &&
	       mail_parse(a, arena_str(a, strbuf_str(&b)), &opt, ret, err);
}

/* The subject as am shows it; a mail that cannot be read is only a number. */
static struct str subject_of(const struct repo *repo, struct arena *a, unsigned number)
{
	AUTO(arena) scratch = arena_new();
	struct mail mail;

	if (!read_mail(repo, scratch, number, &mail, NULL))
		return STR("");
	return arena_str(a, mail.subject);
}

bool series_mail(struct arena *a, unsigned number, struct mail *ret, struct err *err)
{
	AUTO(repo) repo = NULL;

	return repo_open(".", &repo, err) && read_mail(repo, a, number, ret, err);
}

/* The patches that are commits are found among those made since, in their order. */
static void find_left_out(struct repo *repo, struct arena *a, struct series_list *list)
{
	struct history_list made;
	size_t next = 0, passed = list->current - 1;

	history_since(repo, "ORIG_HEAD", list->n, a, &made);
	for (size_t i = 0; made.n < passed && i < passed; i++) {
		size_t k = next;

		/* the newest stands first; -k keeps what stands before the subject */
		while (k < made.n &&
		       !str_ends(made.v[made.n - 1 - k].subject, list->v[i].subject))
			k++;
		if (k < made.n)
			next = k + 1;
		else
			list->v[i].state = SERIES_LEFT;
	}
}

bool series_in_progress(struct arena *a, struct series_list *ret, struct err *err)
{
	AUTO(repo) repo = NULL;
	uint64_t next = 0, last = 0;
	struct err why;

	*ret = (struct series_list){ 0 };
	if (!repo_open(".", &repo, &why)) {
		if (why.code == ERR_NOTFOUND)
			return true;
		*err = why;
		return false;
	}
	if (!read_number(repo, a, "next", &next) ||
	    !read_number(repo, a, "last", &last) || last > SERIES_MAX)
		return true;
	ret->current = (unsigned)next;
	for (unsigned i = 1; i <= last; i++)
		*ARENA_PUSH(a, ret) = (struct series_patch){
			i,
			i < next    ? SERIES_DONE
			: i == next ? SERIES_CURRENT
				    : SERIES_WAITS,
			subject_of(repo, a, i),
		};
	if (next > 1 && next <= last)
		find_left_out(repo, a, ret);
	return true;
}
