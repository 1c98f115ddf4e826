/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.conf: see app/keymap.h. Look-up is a linear walk over some two hundred bindings,
 * once per key press.
 */
#include "app/keymap.h"
#include "base/utf8.h"

enum { BINDINGS_MAX = 4096 };

static const char *const named[] = {
	"Space", "Enter", "Esc",  "Tab", "Backspace", "Delete", "Insert", "Up",  "Down",
	"Left",  "Right", "Home", "End", "PgUp",      "PgDn",   "F1",     "F2",  "F3",
	"F4",    "F5",    "F6",   "F7",  "F8",        "F9",     "F10",    "F11", "F12"
};

bool keymap_is_key(struct str name)
{
	struct str rest = name;
	uint32_t cp;

	while (str_skip(&rest, STR("C-")) || str_skip(&rest, STR("M-")) ||
	       str_skip(&rest, STR("S-")))
		if (!rest.n)
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (str_eq(rest, str_of(named[i])))
			return true;
	/* a line that begins with "#" is a comment, so "#" alone names no key */
	return utf8_next(&rest, &cp) && !rest.n && cp > ' ' && cp != UTF8_BAD &&
	       !str_eq(name, STR("#"));
}

/* Take the text up to the next gap of two blanks (or a tab). */
static struct str take_cell(struct str *rest)
{
	struct str s = str_trim(*rest);
	size_t n = 0;

	while (n < s.n && s.p[n] != '\t' &&
	       !(s.p[n] == ' ' && n + 1 < s.n && s.p[n + 1] == ' '))
		n++;
	*rest = str_trim(str_from(s, n));
	return str_rtrim(str_n(s.p, n));
}

static struct key_binding *slot(struct keymap *map, struct str section, struct str key)
{
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->v[i].key, key) && str_eq(map->v[i].section, section))
			return &map->v[i];
	return ARENA_PUSH(map->arena, map);
}

/* "j  Down     down        move down" */
static bool parse_binding(struct keymap *map, struct str section, struct str line)
{
	struct str rest = line, cells[32], help = STR("");
	size_t n = 0, keys;

	while (rest.n && n < ARRAY_SIZE(cells))
		cells[n++] = take_cell(&rest);
	for (keys = 0; keys < n && keymap_is_key(cells[keys]); keys++)
		;
	/* the command may itself look like a key: one cell is always left for it */
	if (keys == n && keys > 1)
		keys--;
	if (!keys || keys == n || !section.n || map->n + keys > BINDINGS_MAX)
		return false;
	if (keys + 1 < n)
		help = str_n(cells[keys + 1].p,
			     (size_t)(line.p + line.n - cells[keys + 1].p));
	for (size_t i = 0; i < keys; i++)
		*slot(map, section, cells[i]) =
			(struct key_binding){ section, arena_str(map->arena, cells[i]),
					      arena_str(map->arena, cells[keys]),
					      arena_str(map->arena, help) };
	return true;
}

/* "[name]"; "[  previous  go to [1]" is a binding of the key "[". */
static bool is_section(struct str line)
{
	return line.n > 2 && str_starts(line, STR("[")) && str_ends(line, STR("]")) &&
	       str_find(line, STR("  ")) < 0 && str_chr(line, '\t') < 0;
}

bool keymap_parse(struct keymap *map, struct str text, const char *name, struct err *err)
{
	struct str section = STR("");
	size_t number = 0;

	STR_EACH_LINE (raw, text) {
		struct str line = str_trim(raw);
		bool ok = utf8_is_safe(line, true);

		number++;
		if (!line.n || str_eq(line, STR("#")) || str_starts(line, STR("# ")))
			continue;
		if (ok && is_section(line))
			section = arena_str(map->arena,
					    str_trim(str_sub(line, 1, line.n - 2)));
		else
			ok = ok && parse_binding(map, section, line);
		if (!ok) {
			err_set(err, ERR_PARSE,
				"reading keys: %s line %zu: \"" STR_FMT "\"", name,
				number, STR_ARG(line));
			return err_hint(err, "a line is: KEY, two blanks, COMMAND; "
					     "see kcrib-keys(5)");
		}
	}
	return true;
}

void keymap_add(struct keymap *map, const char *section, const char *key,
		const char *command, const char *help)
{
	struct key_binding *b = slot(map, str_of(section), str_of(key));

	if (!b->key.n)
		*b = (struct key_binding){ arena_str(map->arena, str_of(section)),
					   arena_str(map->arena, str_of(key)),
					   arena_str(map->arena, str_of(command)),
					   arena_str(map->arena, str_of(help)) };
}

const struct key_binding *keymap_find(const struct keymap *map,
				      const char *const *sections, struct str key)
{
	for (; *sections; sections++) {
		for (size_t i = 0; i < map->n; i++) {
			const struct key_binding *b = &map->v[i];

			if (str_eq(b->key, key) && str_eq(b->section, str_of(*sections)))
				return str_eq(b->command, STR("-")) ? NULL : b;
		}
	}
	return NULL;
}

void keymap_print(struct strbuf *b, const struct keymap *map)
{
	struct str section = STR("");

	for (size_t i = 0; i < map->n; i++) {
		const struct key_binding *k = &map->v[i];

		if (!str_eq(k->section, section))
			strbuf_addf(b, "[" STR_FMT "]\n", STR_ARG(k->section));
		section = k->section;
		strbuf_addf(b, STR_FMT "  " STR_FMT "  " STR_FMT "\n", STR_ARG(k->key),
			    STR_ARG(k->command), STR_ARG(k->help));
	}
}
