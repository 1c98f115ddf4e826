/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures, settings and counters with the reason for what is absent: see sys/figure.h.
 * One open and one or two reads a file; a reason is put together only when a read fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/figure.h"

enum { MAX_COUNTERS = 4096, MAX_TEXT = 1 << 20 };

struct figure figure_minus(struct figure a, struct figure b)
{
	if (!a.known)
		return a;
	if (!b.known)
		return b;
	return figure_of(a.v > b.v ? a.v - b.v : 0);
}

struct figure figure_plus(struct figure a, struct figure b)
{
	if (!a.known)
		return b;
	return b.known ? figure_of(a.v + b.v) : a;
}

struct figure figure_keep(struct arena *a, struct figure f)
{
	if (f.why)
		f.why = arena_cstr(a, str_of(f.why));
	return f;
}

/* The first folder on the way to `path` that does not exist, else `path` itself. */
static const char *first_missing(const struct root *root, struct arena *a,
				 const char *path)
{
	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		const char *dir = arena_cstr(a, str_n(path, (size_t)(slash - path)));

		if (*dir && !root_exists(root, dir))
			return dir;
	}
	return path;
}

const char *figure_why(const struct root *root, struct arena *a, const char *path,
		       const struct err *err)
{
	if (err->code == ERR_DENIED)
		return arena_printf(a, "no permission to read /%s", path);
	if (err->code != ERR_NOTFOUND)
		return arena_printf(a, "%s", err->msg);
	return arena_printf(a, "no /%s here", first_missing(root, a, path));
}

/* A file of sysfs is whole in its first read: no second one to look for more. */
static bool read_number(const struct root *root, const char *path, uint64_t *ret,
			struct err *err)
{
	int fd = root_openat(root, path, O_RDONLY, err);
	char text[64];
	ssize_t n;

	if (fd < 0)
		return false;
	do
		n = read(fd, text, sizeof(text));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		err_sys(err, errno, "reading /%s", path);
	close(fd);
	if (n < 0)
		return false;
	if (!str_to_u64(str_trim(str_n(text, (size_t)n)), ret))
		return err_set(err, ERR_PARSE, "reading /%s: not a number", path);
	return true;
}

struct figure figure_read(const struct root *root, struct arena *a, const char *path)
{
	struct err err;
	uint64_t v;

	if (read_number(root, path, &v, &err))
		return figure_of(v);
	return figure_none(figure_why(root, a, path, &err));
}

struct setting setting_read(const struct root *root, struct arena *a, const char *path)
{
	struct setting s = { .known = true };
	struct err err;

	if (root_read_line(root, a, path, &s.text, &err))
		return s;
	return (struct setting){ .why = figure_why(root, a, path, &err) };
}

struct str setting_chosen(struct setting s)
{
	ptrdiff_t from = str_chr(s.text, '[');
	struct str rest;
	ptrdiff_t to;

	if (from < 0)
		return str_trim(s.text);
	rest = str_from(s.text, (size_t)from + 1);
	to = str_chr(rest, ']');
	return to < 0 ? str_trim(s.text) : str_sub(rest, 0, (size_t)to);
}

bool setting_choice(struct str *rest, struct str *ret)
{
	struct str word;

	if (!str_word(rest, &word))
		return false;
	if (word.n >= 2 && word.p[0] == '[' && word.p[word.n - 1] == ']')
		word = str_sub(word, 1, word.n - 2);
	*ret = word;
	return true;
}

bool name_wanted(struct str name, const char *const *wanted)
{
	if (!wanted)
		return true;
	for (; *wanted; wanted++)
		if (str_glob(name, str_of(*wanted)))
			return true;
	return false;
}

bool counters_parse(struct arena *a, struct str text, const char *const *wanted,
		    struct counters *ret, struct err *err)
{
	struct counters list = { 0 };

	STR_EACH_LINE (line, text) {
		struct str rest = line, name, value;
		uint64_t v;

		if (!str_word(&rest, &name) || !str_word(&rest, &value) ||
		    !str_to_u64(value, &v) || str_trim(rest).n ||
		    !name_wanted(name, wanted))
			continue;
		if (list.n == MAX_COUNTERS)
			return err_set(err, ERR_LIMIT, "reading counters: more than %d",
				       MAX_COUNTERS);
		*ARENA_PUSH(a, &list) = (struct counter){ arena_str(a, name), v };
	}
	if (!list.n)
		list.why = "no counter of these names in the file";
	*ret = list;
	return true;
}

struct counters counters_read(const struct root *root, struct arena *a, const char *path,
			      const char *const *wanted)
{
	STRBUF_AUTO(buf, MAX_TEXT);
	struct counters list = { 0 };
	struct err err;

	if (!root_read(root, path, &buf, &err) ||
	    !counters_parse(a, strbuf_str(&buf), wanted, &list, &err))
		list = (struct counters){ .why = figure_why(root, a, path, &err) };
	return list;
}

struct counters counters_read_dir(const struct root *root, struct arena *a,
				  const char *dir)
{
	struct counters list = { 0 };
	struct root_list files;
	struct err err;
	uint64_t v;

	if (!root_list(root, a, dir, &files, &err)) {
		list.why = figure_why(root, a, dir, &err);
		return list;
	}
	for (size_t i = 0; i < files.n && list.n < MAX_COUNTERS; i++) {
		const char *path =
			arena_printf(a, "%s/" STR_FMT, dir, STR_ARG(files.v[i]));

		if (read_number(root, path, &v, NULL))
			*ARENA_PUSH(a, &list) = (struct counter){ files.v[i], v };
	}
	if (!list.n)
		list.why = arena_printf(a, "nothing readable in /%s", dir);
	return list;
}

const struct counter *counters_find(const struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->v[i].name, str_of(name)))
			return &c->v[i];
	return NULL;
}

struct figure counters_get(const struct counters *c, const char *name)
{
	const struct counter *found = counters_find(c, name);

	if (found)
		return figure_of(found->v);
	return figure_none(c->n ? "this kernel has no such counter" : c->why);
}
