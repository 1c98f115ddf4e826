/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readline behind app/line.h. Its input is a byte queue (rl_getc_function), its display a
 * no-op: the owner draws. The pointers below are the bridge to readline's callbacks,
 * which carry no argument; they are set while a line is open.
 */
#include <stdio.h>
#include <stdlib.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "app/line.h"
#include "base/file.h"

enum { QUEUE_MAX = 1 << 16, HISTORY_MAX = 1000, HISTORY_SAVED = 500 };

struct line_input {
	struct line_ops ops;
	struct arena *arena; /* of the completions */
	struct strbuf queue;
	size_t taken; /* bytes of the queue that readline has read */
	struct completions found;
	size_t from;
	const char *history; /* file name, or NULL */
	bool ended, accepted, offer;
	char *text;
};

static struct line_input *current;

static int next_byte(FILE *unused)
{
	if (!current || current->taken >= current->queue.n)
		return EOF;
	return (unsigned char)current->queue.p[current->taken++];
}

static int input_waits(void)
{
	return current && current->taken < current->queue.n;
}

static void draw_nothing(void)
{
}

static void prepare_nothing(int meta)
{
}

static void on_line(char *text)
{
	if (!current)
		return;
	current->ended = true;
	current->accepted = text != NULL;
	current->text = text;
	rl_callback_handler_remove();
}

static int on_leave(int count, int key)
{
	if (current) {
		current->ended = true;
		rl_callback_handler_remove();
	}
	return 0;
}

static char *next_match(const char *word, int state)
{
	static size_t at;

	if (!state)
		at = 0;
	if (!current || at >= current->found.n)
		return NULL;
	at++;
	return strndup(current->found.v[at - 1].text.p, current->found.v[at - 1].text.n);
}

static char **find_matches(const char *word, int start, int end)
{
	struct str before = str_n(rl_line_buffer, (size_t)end);

	rl_attempted_completion_over = 1;
	if (!current || !current->ops.complete)
		return NULL;
	arena_reset(current->arena);
	current->found = (struct completions){ 0 };
	current->ops.complete(current->ops.arg, current->arena, before, &current->from,
			      &current->found);
	if (current->found.n == 1)
		rl_completion_append_character =
			current->found.v[0].text.n &&
					current->found.v[0]
							.text
							.p[current->found.v[0].text.n -
							   1] == '/'
				? '\0'
				: ' ';
	return rl_completion_matches(word, next_match);
}

/* Several matches: they stay in line_choices() for the owner to show. */
static void keep_matches(char **matches, int n, int longest)
{
}

static void set_up_once(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	rl_readline_name = "kcrib";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_deprep_term_function = draw_nothing;
	rl_prep_term_function = prepare_nothing;
	rl_getc_function = next_byte;
	rl_input_available_hook = input_waits;
	rl_redisplay_function = draw_nothing;
	rl_attempted_completion_function = find_matches;
	rl_completion_display_matches_hook = keep_matches;
	rl_completer_word_break_characters = (char *)(uintptr_t) " \t\n";
	rl_completer_quote_characters = "";
	rl_initialize();
	rl_bind_key(3, on_leave); /* C-c */
	rl_bind_key(7, on_leave); /* C-g */
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("enable-bracketed-paste", "off");
	stifle_history(HISTORY_MAX);
}

static void load_history(struct line_input *in, const char *name)
{
	struct err err;

	clear_history();
	if (!name)
		return;
	if (!file_xdg(in->arena, "XDG_STATE_HOME", ".local/state",
		      arena_printf(in->arena, "history-%s", name), &in->history, &err)) {
		in->history = NULL;
		return;
	}
	in->history = strdup(in->history); /* outlives the arena's resets */
	read_history(in->history);
}

static void save_history(struct line_input *in, const char *text)
{
	struct err err;
	char *slash;

	if (!in->history || !*text)
		return;
	add_history(text);
	slash = strrchr(in->history, '/');
	if (slash) {
		char *dir = strndup(in->history, (size_t)(slash - in->history));

		/* a state folder that cannot be made costs the history, nothing else */
		if (dir && file_mkdirs(dir, &err))
			write_history(in->history);
		free(dir);
	}
}

struct line_input *line_open(const struct line_ops *ops, const char *history,
			     struct str preset)
{
	struct line_input *in = calloc(1, sizeof(*in));

	if (!in)
		abort();
	in->ops = *ops;
	in->arena = arena_new();
	in->queue = (struct strbuf)STRBUF(QUEUE_MAX);
	set_up_once();
	load_history(in, history);
	current = in;
	rl_callback_handler_install("", on_line);
	for (size_t i = 0; i < preset.n; i++) {
		char one[2] = { preset.p[i], '\0' };

		rl_insert_text(one);
	}
	return in;
}

void line_close(struct line_input *in)
{
	if (!in)
		return;
	if (!in->ended)
		rl_callback_handler_remove();
	current = NULL;
	rl_line_buffer[0] = '\0';
	rl_point = rl_end = 0;
	arena_free(in->arena);
	strbuf_free(&in->queue);
	free((char *)(uintptr_t)in->history);
	free(in->text);
	free(in);
}

static void finish(struct line_input *in)
{
	struct line_ops ops = in->ops;
	bool accepted = in->accepted;
	char *text = in->text;

	if (accepted)
		save_history(in, text);
	in->text = NULL;
	line_close(in);
	if (accepted)
		ops.accept(ops.arg, str_of(text));
	else
		ops.leave(ops.arg);
	free(text);
}

void line_offer(struct line_input *in)
{
	in->offer = rl_end > 0;
}

bool line_is_offer(const struct line_input *in)
{
	return in->offer;
}

void line_clear(struct line_input *in)
{
	rl_replace_line("", 1);
	in->offer = false;
}

void line_feed(struct line_input *in, struct str bytes)
{
	if (in->offer && bytes.n && (unsigned char)bytes.p[0] >= ' ' &&
	    bytes.p[0] != 0x7f)
		line_clear(in);
	in->offer = in->offer && !bytes.n;
	/* a lone Esc leaves; in vi mode it belongs to the editor */
	if (bytes.n == 1 && bytes.p[0] == 27 && rl_editing_mode == 1)
		in->ended = true;
	if (in->ended) {
		rl_callback_handler_remove();
		finish(in);
		return;
	}
	in->found = (struct completions){ 0 };
	strbuf_add(&in->queue, bytes);
	while (!in->ended && input_waits())
		rl_callback_read_char();
	if (in->ended) {
		finish(in);
	} else {
		strbuf_clear(&in->queue);
		in->taken = 0;
	}
}

struct str line_text(const struct line_input *in)
{
	return str_n(rl_line_buffer, (size_t)rl_end);
}

size_t line_cursor(const struct line_input *in)
{
	return (size_t)rl_point;
}

const struct completions *line_choices(const struct line_input *in)
{
	return &in->found;
}
