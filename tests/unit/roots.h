/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded machines for tests: unpacks tests/roots/NAME (a .tar.gz, or a .tree: lines
 * "=== path" each followed by the file's text, "=== path/" for an empty folder, "\e" for
 * an escape byte) into a new temporary folder, and removes it again.
 */
#ifndef TESTS_ROOTS_H
#define TESTS_ROOTS_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#include "base/file.h"
#include "base/root.h"
#include "base/spawn.h"

struct recorded {
	char dir[64];
	struct root *root;
	struct arena *arena;
};

static inline void recorded_write(const struct recorded *r, struct str path,
				  struct str text)
{
	const char *file = arena_printf(r->arena, "%s/" STR_FMT, r->dir, STR_ARG(path));
	struct str dir = str_of(file);
	FILE *f;

	dir = str_sub(dir, 0, (size_t)str_rchr(dir, '/'));
	assert_ok(file_mkdirs(arena_cstr(r->arena, dir), &err));
	if (str_ends(path, STR("/")))
		return;
	f = fopen(file, "w"); /* no fsync: hundreds of files, soon gone */
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
}

static inline struct str tree_text(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		bool esc = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'e';

		out[n++] = esc ? '\033' : s.p[i];
		i += esc;
	}
	return str_n(out, n);
}

static inline void unpack_tree(const struct recorded *r, struct str text)
{
	struct str path = STR_NONE, line;
	const char *from = NULL;

	while (str_line(&text, &line)) {
		struct str head = str_chomp(line);

		if (!str_skip(&head, STR("=== ")))
			continue;
		if (path.n)
			recorded_write(r, path,
				       tree_text(r->arena,
						 str_n(from, (size_t)(line.p - from))));
		path = head;
		from = line.p + line.n;
	}
	assert_true(path.n > 0);
	recorded_write(r, path, tree_text(r->arena, str_of(from)));
}

static inline void unpack_tar(const struct recorded *r, const char *file)
{
	const char *argv[] = { "tar", "-xzf", file, "-C", r->dir, NULL };
	struct spawn what = { .argv = argv };
	int status = -1;

	assert_ok(spawn_run(&what, &status, &err));
	assert_int_equal(spawn_exit_code(status), 0);
}

static inline void recorded_open(struct recorded *r, const char *name)
{
	const char *tests = getenv("KCRIB_TESTS"), *file;
	STRBUF_AUTO(text, 1 << 20);

	assert_non_null(tests);
	r->arena = arena_new();
	snprintf(r->dir, sizeof(r->dir), "/tmp/kcrib-root-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	file = arena_printf(r->arena, "%s/roots/%s", tests, name);
	if (str_ends(str_of(name), STR(".tree"))) {
		assert_ok(file_read(file, &text, &err));
		unpack_tree(r, strbuf_str(&text));
	} else {
		unpack_tar(r, file);
	}
	assert_ok(root_open(r->dir, &r->root, &err));
}

static inline void recorded_close(struct recorded *r)
{
	const char *argv[] = { "rm", "-rf", "--", r->dir, NULL };
	struct spawn what = { .argv = argv };
	struct err err;
	int status;

	root_free(r->root);
	if (r->dir[0])
		(void)!spawn_run(&what, &status, &err);
	arena_free(r->arena);
}

#endif
