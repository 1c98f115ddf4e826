/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notes that ship: every command of theirs is shell once it is filled in, those that
 * only read are run here, every probe and parameter can be read, every claim names a
 * probe that is there.
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#include "base/file.h"
#include "base/spawn.h"
#include "note/frontmatter.h"
#include "note/markdown.h"
#include "note/placeholder.h"

enum { LEAST_NOTES = 60, LEAST_COMMANDS = 300 };

struct shipped {
	struct arena *a;
	const char *name;
	struct str bytes;
	struct frontmatter fm;
	struct note_commands commands;
};

static size_t each_note(void (*fn)(struct shipped *note, size_t *count), size_t *count)
{
	const char *tests = getenv("KCRIB_TESTS");
	char dir[4096], path[8192];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	assert_non_null(tests);
	snprintf(dir, sizeof(dir), "%s/../data/notes", tests);
	d = opendir(dir);
	assert_non_null(d);
	while ((e = readdir(d))) {
		struct shipped note = { .a = arena_new(), .name = e->d_name };
		STRBUF_AUTO(b, 1 << 20);

		if (str_ends(str_of(e->d_name), STR(".md"))) {
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
			assert_ok(file_read(path, &b, &err));
			note.bytes = arena_str(note.a, strbuf_str(&b));
			assert_ok(frontmatter_parse(note.a, note.bytes, &note.fm, &err));
			note_commands(note.a, note.bytes, &note.commands);
			fn(&note, count);
			n++;
		}
		arena_free(note.a);
	}
	closedir(d);
	assert_true(n >= LEAST_NOTES);
	return n;
}

/* A value such as somebody might give. */
static struct str sample(struct arena *a, const struct blank *b)
{
	static const struct {
		const char *type, *value;
	} values[] = {
		{ "tid", "1" },       { "int", "3" },          { "size", "64M" },
		{ "duration", "1s" }, { "path", "a file" },    { "vm", "vm1" },
		{ "note", "thp" },    { "text", "some text" },
	};

	if (b->preset.n)
		return b->preset;
	if (b->choices.n)
		return b->choices.v[0];
	if (str_eq(b->type, STR("pid")))
		return arena_strf(a, "%d", (int)getpid());
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (str_eq(b->type, str_of(values[i].type)))
			return str_of(values[i].value);
	return STR("x");
}

static const char *fill(const struct shipped *note, struct str text)
{
	STRBUF_AUTO(b, 1 << 20);
	struct template t;
	struct str *values;

	template_parse(note->a, text, &note->fm.params, &t);
	values = arena_array(note->a, struct str, t.blanks.n);
	for (size_t i = 0; i < t.blanks.n; i++)
		values[i] = sample(note->a, &t.blanks.v[i]);
	assert_ok(template_fill(&t, values, DIALECT_SH, &b, &err));
	return arena_cstr(note->a, strbuf_str(&b));
}

static int shell(const char *flag, const char *command, struct strbuf *errout)
{
	const char *argv[] = { "sh", flag, "-c", command, NULL };
	const char *plain[] = { "sh", "-c", command, NULL };
	STRBUF_AUTO(out, 16 << 20);
	struct spawn what = { .argv = flag ? argv : plain,
			      .out = &out,
			      .errout = errout,
			      .timeout_ms = 20000 };
	int status;

	assert_ok(spawn_run(&what, &status, &err));
	return spawn_exit_code(status);
}

static void parse_commands(struct shipped *note, size_t *count)
{
	for (size_t i = 0; i < note->commands.n; i++) {
		const char *command = fill(note, note->commands.v[i].text);
		STRBUF_AUTO(errout, 1 << 16);

		if (shell("-n", command, &errout))
			fail_msg("%s:%zu: %s\n%s", note->name, note->commands.v[i].line,
				 command, strbuf_z(&errout));
		(*count)++;
	}
}

static void every_command_is_shell_once_it_is_filled_in(void **state)
{
	size_t commands = 0;

	each_note(parse_commands, &commands);
	print_message("# %zu commands\n", commands);
	assert_true(commands >= LEAST_COMMANDS);
}

/* Only programs that read, and nothing around them that writes or waits. */
static bool only_reads(struct str command)
{
	static const char *const readers[] = { "ps",      "grep",  "zgrep", "cat",
					       "getconf", "uname", "head" };
	static const char *const never[] = { ">",     "trace_pipe", "sudo",  "tee",
					     "perf",  "-f ",        "watch", "kmsg",
					     "/dev/", "`",          "$(" };
	struct str rest = command, word;

	if (command_danger(command).level != DANGER_NONE || !str_word(&rest, &word))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		if (str_find(command, str_of(never[i])) >= 0)
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (str_eq(word, str_of(readers[i])) && spawn_find(readers[i]))
			return true;
	return false;
}

static void run_readers(struct shipped *note, size_t *count)
{
	for (size_t i = 0; i < note->commands.n; i++) {
		const char *command = fill(note, note->commands.v[i].text);
		STRBUF_AUTO(errout, 1 << 20);
		int code;

		if (!only_reads(str_of(command)))
			continue;
		/* what it reads may be missing on this kernel; how it is asked may not be
		 * wrong */
		code = shell(NULL, command, &errout);
		if (code >= 126 || strstr(strbuf_z(&errout), "sage:") ||
		    strstr(strbuf_z(&errout), "option"))
			fail_msg("%s:%zu: exit code %d: %s\n%s", note->name,
				 note->commands.v[i].line, code, command,
				 strbuf_z(&errout));
		(*count)++;
	}
}

static void commands_that_only_read_run_here(void **state)
{
	size_t commands = 0;

	each_note(run_readers, &commands);
	print_message("# %zu commands were run\n", commands);
	assert_true(commands > 0);
}

static void read_front(struct shipped *note, size_t *count)
{
	for (size_t i = 0; i < note->fm.probes.n; i++) {
		struct probe p;

		if (!probe_parse(note->a, note->fm.probes.v[i].value, &p, NULL))
			fail_msg("%s: probe " STR_FMT, note->name,
				 STR_ARG(note->fm.probes.v[i].value));
		(*count)++;
	}
	for (size_t i = 0; i < note->fm.params.n; i++) {
		struct blank b;

		if (!blank_parse(note->a, note->fm.params.v[i].name,
				 note->fm.params.v[i].value, &b, NULL))
			fail_msg("%s: parameter " STR_FMT, note->name,
				 STR_ARG(note->fm.params.v[i].name));
	}
}

static void every_probe_and_parameter_can_be_read(void **state)
{
	size_t probes = 0;

	each_note(read_front, &probes);
	assert_true(probes >= 100);
}

/* Live parts of the note at hand: a claim must name a probe of its own front matter. */
static void known_probe(void *arg, struct arena *a, struct str name,
			struct probe_result *ret)
{
	const struct shipped *note = arg;

	for (size_t i = 0; i < note->fm.probes.n; i++)
		if (str_eq(note->fm.probes.v[i].name, name))
			return;
	fail_msg("%s: {?" STR_FMT "} has no probe", note->name, STR_ARG(name));
}

static void check_claims(struct shipped *note, size_t *count)
{
	struct note_live live = { .probe = known_probe, .arg = note };
	struct note_style style = { &live, 100 };

	*count += note_doc(note->a, note->bytes, &style)->n;
}

static void every_claim_names_a_probe_that_is_there(void **state)
{
	size_t lines = 0;

	each_note(check_claims, &lines);
	assert_true(lines > 1000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_command_is_shell_once_it_is_filled_in),
		TEST(commands_that_only_read_run_here),
		TEST(every_probe_and_parameter_can_be_read),
		TEST(every_claim_names_a_probe_that_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
