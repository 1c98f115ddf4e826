/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which paths a patch may name: see patch/paths.h. Every component is looked at once.
 */
#include "patch/paths.h"

#include "base/arena.h"

/* What Linux takes: NAME_MAX, and PATH_MAX without the NUL. */
enum { MAX_COMPONENT = 255, MAX_PATH = 4095 };

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Code points HFS+ ignores when it compares names: ZWNJ, ZWJ, LRM, RLM (U+200C..F), the
 * bidi controls U+202A..E, U+206A..F and the byte order mark; all are three bytes. */
static bool hfs_ignores(struct str s)
{
	unsigned char a, b, c;

	if (s.n < 3)
		return false;
	a = (unsigned char)s.p[0];
	b = (unsigned char)s.p[1];
	c = (unsigned char)s.p[2];
	if (a == 0xef)
		return b == 0xbb && c == 0xbf;
	if (a != 0xe2)
		return false;
	return (b == 0x80 && ((c >= 0x8c && c <= 0x8f) || (c >= 0xaa && c <= 0xae))) ||
	       (b == 0x81 && c >= 0xaa && c <= 0xaf);
}

static bool hfs_equal(struct str s, const char *name)
{
	while (s.n) {
		if (hfs_ignores(s)) {
			s = str_from(s, 3);
			continue;
		}
		if (!*name || fold(s.p[0]) != fold(*name))
			return false;
		s = str_from(s, 1);
		name++;
	}
	return !*name;
}

/* NTFS drops blanks and dots at the end of a name, and what follows a colon is a stream
 * of the same file. */
static struct str ntfs_plain(struct str s)
{
	ptrdiff_t colon = str_chr(s, ':');

	if (colon >= 0)
		s.n = (size_t)colon;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '.'))
		s.n--;
	return s;
}

bool path_component_is_dotgit(struct str component)
{
	struct str plain = ntfs_plain(component);

	return str_caseeq(plain, STR(".git")) || str_caseeq(plain, STR("git~1")) ||
	       hfs_equal(component, ".git");
}

/* The files git reads rules from must not be symlinks; the short names NTFS makes. */
static bool special_symlink(struct str component)
{
	static const struct {
		const char *name, *stem;
	} files[] = {
		{ ".gitmodules", "gitmod~" },
		{ ".gitattributes", "gitatt~" },
		{ ".gitignore", "gitign~" },
		{ ".mailmap", "mailma~" },
	};
	struct str plain = ntfs_plain(component);

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (str_caseeq(plain, str_of(files[i].name)) ||
		    hfs_equal(component, files[i].name))
			return true;
		if (plain.n == 8 && str_casestarts(plain, str_of(files[i].stem)) &&
		    plain.p[7] >= '1' && plain.p[7] <= '4')
			return true;
	}
	return false;
}

static bool refuse(struct err *err, struct str path, const char *why)
{
	return err_set(err, ERR_DENIED, "invalid path '" STR_FMT "': %s",
		       (int)(path.n < 200 ? path.n : 200), path.p, why);
}

/* A backslash is an ordinary byte here, but separates on NTFS: each piece counts. */
static bool reaches_dotgit(struct str part)
{
	struct str piece;

	while (str_cut(&part, '\\', &piece))
		if (path_component_is_dotgit(piece))
			return true;
	return false;
}

static bool check_component(struct str part, unsigned mode, struct str path,
			    struct err *err)
{
	if (!part.n)
		return refuse(err, path, "an empty component");
	if (part.n > MAX_COMPONENT)
		return refuse(err, path, "a component of more than 255 bytes");
	if (str_eq(part, STR(".")) || str_eq(part, STR("..")))
		return refuse(err, path, "it climbs by '.' or '..'");
	if (reaches_dotgit(part))
		return refuse(err, path, "it reaches into .git");
	if (mode == 0120000 && special_symlink(part))
		return refuse(err, path, "git reads this file; it may not be a symlink");
	return true;
}

bool path_check(struct str path, unsigned mode, struct err *err)
{
	struct str part, rest = path;

	if (!path.n)
		return refuse(err, path, "it is empty");
	if (path.n > MAX_PATH)
		return refuse(err, path, "more than 4095 bytes");
	if (path.p[0] == '/')
		return refuse(err, path, "it is absolute");
	if (str_chr(path, '\0') >= 0)
		return refuse(err, path, "a NUL byte");
	while (str_cut(&rest, '/', &part))
		if (!check_component(part, mode, path, err))
			return false;
	return true;
}
