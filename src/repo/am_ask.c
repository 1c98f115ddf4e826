/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * am --interactive: each message is shown and the user says what becomes of it.
 */
#include <unistd.h>

#include "am_priv.h"
#include "base/spawn.h"

static const char *first_set(const char *const *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (values[i] && values[i][0])
			return values[i];
	return NULL;
}

/* The user's own shell line (git-var(1), GIT_EDITOR and GIT_PAGER), on one file. */
static bool run_on(struct session *s, const char *tool, const char *file, struct err *err)
{
	const char *argv[] = { "sh", "-c", arena_printf(s->patch, "%s \"$@\"", tool),
			       tool, file, NULL };
	struct spawn what = { .argv = argv, .inherit_stdin = true };
	int status;

	if (!spawn_run(&what, &status, err))
		return false;
	return !status || err_set(err, ERR_IO, "there was a problem with '%s'", tool);
}

static bool edit_message(struct session *s, struct err *err)
{
	const char *const editors[] = { getenv("GIT_EDITOR"),
					repo_config(s->repo, s->patch, "core.editor"),
					getenv("VISUAL"), getenv("EDITOR"), "vi" };
	const char *file = arena_printf(s->patch, "%s/final-commit", s->dir);
	struct err why = { 0 };
	bool there;

	if (!state_put(s, "final-commit", s->msg, err))
		return false;
	if (!run_on(s, first_set(editors, ARRAY_SIZE(editors)), file, &why)) {
		warn(s, "%s", why.msg);
		return true;
	}
	return state_read(s, "final-commit", s->patch, &s->msg, &there, err);
}

static bool view_patch(struct session *s, struct err *err)
{
	const char *const pagers[] = { getenv("GIT_PAGER"),
				       repo_config(s->repo, s->patch, "core.pager"),
				       getenv("PAGER"), "less" };
	const char *pager = first_set(pagers, ARRAY_SIZE(pagers));
	struct err why = { 0 };

	if (!isatty(STDOUT_FILENO))
		pager = "cat";
	if (!run_on(s, pager, arena_printf(s->patch, "%s/patch", s->dir), &why))
		warn(s, "%s", why.msg);
	return true;
}

static void show_question(struct session *s)
{
	STRBUF_AUTO(text, STATE_MAX);

	strbuf_addf(&text,
		    "Commit Body is:\n--------------------------\n" STR_FMT
		    "--------------------------\n"
		    "Apply? [y]es/[n]o/[e]dit/[v]iew patch/[a]ccept all: ",
		    STR_ARG(s->msg));
	if (s->io.out)
		s->io.out(s->io.arg, strbuf_str(&text));
}

bool ask_user(struct session *s, bool *ret_apply, struct err *err)
{
	char line[64];

	for (;;) {
		show_question(s);
		if (!s->io.ask || !s->io.ask(s->io.arg, line, sizeof(line)))
			return err_set(err, ERR_IO,
				       "unable to read from stdin; aborting");
		switch (line[0] | 0x20) {
		case 'a':
			s->o.interactive = false;
			*ret_apply = true;
			return true;
		case 'y':
		case 'n':
			*ret_apply = (line[0] | 0x20) == 'y';
			return true;
		case 'e':
			if (!edit_message(s, err))
				return false;
			break;
		case 'v':
			if (!view_patch(s, err))
				return false;
			break;
		default:
			break;
		}
	}
}
