/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: see knob_journal.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "knob_journal.h"

enum { MAX_TEXT = 1 << 20 };

bool journal_parse(struct arena *a, struct str text, struct journal *ret, struct err *err)
{
	STR_EACH_LINE (line, text) {
		struct journal_entry e;
		struct str rest = line;

		if (!str_cut(&rest, '\t', &e.boot) || !str_cut(&rest, '\t', &e.id) ||
		    !str_cut(&rest, '\t', &e.before) || !str_cut(&rest, '\t', &e.asked) ||
		    !str_cut(&rest, '\t', &e.got) || rest.p)
			return err_set(
				err, ERR_PARSE,
				"reading the journal of changes: not a change: " STR_FMT,
				STR_ARG(str_sub(line, 0, 80)));
		e.boot = arena_str(a, e.boot);
		e.id = arena_str(a, e.id);
		e.before = arena_str(a, e.before);
		e.asked = arena_str(a, e.asked);
		e.got = arena_str(a, e.got);
		*ARENA_PUSH(a, ret) = e;
	}
	return true;
}

void journal_print(struct strbuf *b, const struct journal *j)
{
	size_t first = j->n > JOURNAL_MAX ? j->n - JOURNAL_MAX : 0;

	for (size_t i = first; i < j->n; i++) {
		const struct journal_entry *e = &j->v[i];

		strbuf_addf(b,
			    STR_FMT "\t" STR_FMT "\t" STR_FMT "\t" STR_FMT "\t" STR_FMT
				    "\n",
			    STR_ARG(e->boot), STR_ARG(e->id), STR_ARG(e->before),
			    STR_ARG(e->asked), STR_ARG(e->got));
	}
}

static bool take_lock(struct arena *a, struct journal *j, struct err *err)
{
	const char *name = arena_printf(a, "%s.lock", j->path);
	ptrdiff_t slash = str_rchr(str_of(j->path), '/');

	if (slash > 0 &&
	    !file_mkdirs(arena_cstr(a, str_sub(str_of(j->path), 0, (size_t)slash)), err))
		return false;
	j->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock < 0)
		return err_sys(err, errno, "opening %s", name);
	while (flock(j->lock, LOCK_EX))
		if (errno != EINTR)
			return err_sys(err, errno, "locking %s", name);
	return true;
}

bool journal_open(struct arena *a, const char *path, struct journal *ret, struct err *err)
{
	STRBUF_AUTO(text, MAX_TEXT);
	struct err why;

	*ret = (struct journal){ .path = path, .lock = -1 };
	if (!take_lock(a, ret, err)) {
		journal_close(ret);
		return false;
	}
	if (!file_read(path, &text, &why)) {
		if (why.code == ERR_NOTFOUND)
			return true;
		journal_close(ret);
		if (err)
			*err = why;
		return false;
	}
	if (journal_parse(a, strbuf_str(&text), ret, err))
		return true;
	journal_close(ret);
	return false;
}

void journal_close(struct journal *j)
{
	if (j->lock >= 0)
		close(j->lock);
	j->lock = -1;
}

bool journal_save(struct journal *j, struct err *err)
{
	STRBUF_AUTO(text, MAX_TEXT);

	journal_print(&text, j);
	return strbuf_ok(&text, "the journal of changes", err) &&
	       file_write_atomic(j->path, strbuf_str(&text), 0600, err);
}
