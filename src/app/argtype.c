/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of arguments that need no domain: text, numbers, sizes, durations, paths and
 * command names. Those of a domain stand beside its commands.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "app/command.h"

static bool parse_int(struct ctx *ctx, struct str text, struct value *ret,
		      struct err *err)
{
	if (!str_to_i64(text, &ret->i))
		return err_set(err, ERR_PARSE, "\"" STR_FMT "\" is not a whole number",
			       STR_ARG(text));
	return true;
}

struct unit {
	const char *name;
	double factor;
};

static bool parse_unit(struct str text, const struct unit *units, size_t n, double *ret)
{
	size_t digits = 0;
	double v;

	while (digits < text.n && ((text.p[digits] >= '0' && text.p[digits] <= '9') ||
				   text.p[digits] == '.'))
		digits++;
	if (!str_to_double(str_n(text.p, digits), &v))
		return false;
	text = str_trim(str_from(text, digits));
	for (size_t i = 0; i < n; i++) {
		if (str_caseeq(text, str_of(units[i].name))) {
			*ret = v * units[i].factor;
			return true;
		}
	}
	return false;
}

static bool parse_size(struct ctx *ctx, struct str text, struct value *ret,
		       struct err *err)
{
	static const struct unit units[] = {
		{ "", 1 },
		{ "b", 1 },
		{ "k", 1024 },
		{ "kb", 1024 },
		{ "kib", 1024 },
		{ "m", 1048576 },
		{ "mb", 1048576 },
		{ "mib", 1048576 },
		{ "g", 1073741824 },
		{ "gb", 1073741824 },
		{ "gib", 1073741824 },
		{ "t", 1099511627776 },
		{ "tb", 1099511627776 },
		{ "tib", 1099511627776 },
	};
	double v;

	if (!parse_unit(text, units, ARRAY_SIZE(units), &v) || v > 9e18)
		return err_set(err, ERR_PARSE,
			       "\"" STR_FMT "\" is not a size such as 64k or 2M",
			       STR_ARG(text));
	ret->i = (int64_t)v;
	return true;
}

static bool parse_duration(struct ctx *ctx, struct str text, struct value *ret,
			   struct err *err)
{
	static const struct unit units[] = {
		{ "", 1 },     { "s", 1 },  { "ms", 0.001 }, { "us", 0.000001 },
		{ "min", 60 }, { "m", 60 }, { "h", 3600 },   { "d", 86400 },
	};

	if (!parse_unit(text, units, ARRAY_SIZE(units), &ret->real) || ret->real > 1e9)
		return err_set(err, ERR_PARSE,
			       "\"" STR_FMT "\" is not a time such as 1, 0.5s or 250ms",
			       STR_ARG(text));
	return true;
}

static void complete_path(struct ctx *ctx, struct arena *a, struct str prefix,
			  struct completions *ret)
{
	ptrdiff_t slash = str_rchr(prefix, '/');
	struct str dir = str_n(prefix.p, (size_t)(slash + 1));
	struct str base = str_from(prefix, (size_t)(slash + 1));
	const char *name = dir.n ? arena_cstr(a, dir) : ".";
	struct dirent *e;
	DIR *d;

	d = opendir(name);
	while (d && (e = readdir(d)) && ret->n < 500) {
		struct str entry = str_of(e->d_name);
		struct stat st;

		if (!str_starts(entry, base) || (entry.p[0] == '.' && !base.n))
			continue;
		if (fstatat(dirfd(d), e->d_name, &st, 0) < 0)
			st.st_mode = 0;
		*ARENA_PUSH(a, ret) =
			(struct completion){ arena_strf(a, STR_FMT "%s%s", STR_ARG(dir),
							e->d_name,
							S_ISDIR(st.st_mode) ? "/" : ""),
					     STR("") };
	}
	if (d)
		closedir(d);
}

static void complete_command(struct ctx *ctx, struct arena *a, struct str prefix,
			     struct completions *ret)
{
	size_t n;
	const struct command *const *all = command_list(&n);

	for (size_t i = 0; i < n; i++)
		if (!(all[i]->flags & COMMAND_HIDDEN) &&
		    str_starts(str_of(all[i]->name), prefix))
			*ARENA_PUSH(a, ret) =
				(struct completion){ str_of(all[i]->name),
						     str_of(all[i]->summary) };
}

const struct argtype argtype_text = { "text", NULL, NULL };
const struct argtype argtype_int = { "int", parse_int, NULL };
const struct argtype argtype_size = { "size", parse_size, NULL };
const struct argtype argtype_duration = { "duration", parse_duration, NULL };
const struct argtype argtype_path = { "path", NULL, complete_path };
const struct argtype argtype_command = { "command", NULL, complete_command };

const struct argtype *argtype_find(struct str name)
{
	static const struct argtype *const all[] = {
		&argtype_text, &argtype_int,     &argtype_size, &argtype_duration,
		&argtype_path, &argtype_command, &argtype_pid,  &argtype_tid,
		&argtype_note, &argtype_tag,
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (str_eq(name, str_of(all[i]->name)))
			return all[i];
	return NULL;
}
