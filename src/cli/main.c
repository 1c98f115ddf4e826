/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * argv -> command -> text or JSON. Options that every command has may stand before or
 * after the command's name; what a command calls its own comes first.
 *
 * Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 it failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/source.h"
#include "base/file.h"
#include "base/utf8.h"
#include "globals.h"
#include "model/render.h"
#include "ui/workbench.h"

enum { EXIT_USAGE = 2, EXIT_FAILED = 3, OUTPUT_MAX = 1 << 30 };

static void to_stream(FILE *f, const char *before, struct str line)
{
	STRBUF_AUTO(b, 1 << 20);

	strbuf_addz(&b, before);
	utf8_add_safe(&b, line, true);
	strbuf_addc(&b, '\n');
	fwrite(b.p, 1, b.n, f);
	fflush(f);
}

static void say(void *arg, struct str line)
{
	const struct ctx *ctx = arg;

	/* --json: one value and nothing else on standard output */
	to_stream(ctx->json ? stderr : stdout, "", line);
}

static void warn(void *arg, struct str line)
{
	to_stream(stderr, "kcrib: ", line);
}

static void raw(void *arg, bool to_stderr, struct str text)
{
	FILE *f = to_stderr ? stderr : stdout;
	STRBUF_AUTO(b, 64 << 20);

	if (isatty(to_stderr ? STDERR_FILENO : STDOUT_FILENO))
		utf8_add_safe(&b, text, true);
	else
		strbuf_add(&b, text);
	fwrite(strbuf_z(&b), 1, b.n, f);
	fflush(f);
}

static bool read_answer(char *answer, size_t size)
{
	size_t n;

	fflush(stdout);
	if (!fgets(answer, (int)size, stdin))
		return false;
	n = strcspn(answer, "\n");
	answer[n] = '\0';
	return true;
}

static bool confirm(void *arg, const char *question)
{
	char answer[16];

	if (!((const struct ctx *)arg)->interactive)
		return false;
	fprintf(stderr, "%s [y/N] ", question);
	return read_answer(answer, sizeof(answer)) &&
	       (answer[0] == 'y' || answer[0] == 'Y');
}

static bool ask(void *arg, const char *question, struct str preset, struct arena *a,
		struct str *ret)
{
	char answer[4096];

	if (!((const struct ctx *)arg)->interactive)
		return false;
	fprintf(stderr, "%s", question);
	if (preset.n)
		fprintf(stderr, " [" STR_FMT "]", STR_ARG(preset));
	fprintf(stderr, ": ");
	if (!read_answer(answer, sizeof(answer)))
		return false;
	*ret = answer[0] ? arena_str(a, str_of(answer)) : preset;
	return true;
}

static int print_error(const struct err *err)
{
	to_stream(stderr, "kcrib: ", str_of(err->msg));
	if (err->hint[0])
		to_stream(stderr, "hint: ", str_of(err->hint));
	return err->code == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* ---- results ----------------------------------------------------------------- */

static size_t terminal_width(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col)
		return ws.ws_col;
	return 80;
}

static void render_json(struct strbuf *b, const struct result *r)
{
	switch (r->kind) {
	case RESULT_TABLE:
		table_json(b, r->table);
		break;
	case RESULT_RECORD:
		record_json(b, r->record);
		break;
	case RESULT_DOC:
		doc_json(b, r->doc);
		break;
	case RESULT_BYTES: {
		AUTO(arena) a = arena_new();
		struct record *text = record_new(a);

		record_set(text, "text", NULL, cell_text(r->bytes));
		record_json(b, text);
		break;
	}
	case RESULT_NONE:
		strbuf_addz(b, "{}");
		break;
	}
	strbuf_addc(b, '\n');
}

static void render_text(struct strbuf *b, const struct result *r, bool color)
{
	bool tty = isatty(STDOUT_FILENO);
	struct text_style style = { color, tty ? terminal_width() : 0 };

	switch (r->kind) {
	case RESULT_TABLE:
		table_text(b, r->table, style);
		break;
	case RESULT_RECORD:
		record_text(b, r->record, style);
		break;
	case RESULT_DOC:
		doc_text(b, r->doc, style);
		break;
	case RESULT_BYTES:
		if (tty)
			utf8_add_safe(b, r->bytes, true);
		else
			strbuf_add(b, r->bytes);
		break;
	case RESULT_NONE:
		break;
	}
}

static bool print_result(const struct ctx *ctx, const struct result *r, struct err *err)
{
	STRBUF_AUTO(b, OUTPUT_MAX);

	if (ctx->json)
		render_json(&b, r);
	else
		render_text(&b, r, ctx->color);
	return strbuf_ok(&b, "output", err) &&
	       file_write_fd(STDOUT_FILENO, strbuf_str(&b), "standard output", err);
}

static bool want_color(enum color color)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static int short_help(FILE *to)
{
	fputs("usage: kcrib [--json] [--root DIR] [--db FILE] [-C DIR] COMMAND [ARGS]\n"
	      "       kcrib                    open the workbench (on a terminal)\n"
	      "       kcrib help [COMMAND]     what there is\n",
	      to);
	return to == stdout ? 0 : EXIT_USAGE;
}

/* Live data again and again: one sample each period, until interrupted or, for a pipe,
 * until nobody reads. */
static bool watch(struct ctx *ctx, const struct args *args, double period_s,
		  struct err *err)
{
	const struct source_ops *ops = args->command->source;
	void *self = arena_alloc(ctx->keep, ops->size);
	bool ok, tty = isatty(STDOUT_FILENO);

	if (!ops->open(self, ctx, args, err))
		return false;
	for (bool first = true;; first = false) {
		AUTO(arena) a = arena_new();
		struct result r = { .kind = RESULT_RECORD };
		struct record *record = NULL;

		ok = ops->sample(self, a, &record, err);
		if (!ok)
			break;
		r.record = record;
		if (!(first && ops->warm_up)) {
			if (tty && !ctx->json)
				fputs("\033[H\033[J", stdout);
			fflush(stdout);
			ok = print_result(ctx, &r, err);
			if (!ok)
				break;
		}
		usleep((useconds_t)(period_s * 1e6));
	}
	ops->close(self);
	return ok;
}

static bool open_workbench(struct ctx *ctx, struct str view, struct err *err)
{
	struct workbench_options opt = { .mouse = true };
	struct workbench *wb = NULL;
	bool ok;

	ctx->workbench = NULL;
	ok = workbench_new(ctx, &opt, &wb, err) && workbench_goto(wb, view, err) &&
	     workbench_run(wb, err);
	workbench_free(wb);
	return ok;
}

/* Standard output waits for the command, so the screen goes to the terminal by its name.
 */
static bool choose(struct ctx *ctx, struct str words, enum shell_dialect dialect,
		   struct str *ret, struct err *err)
{
	struct workbench_options opt = { .mouse = true,
					 .for_prompt = true,
					 .dialect = dialect };
	struct str view = arena_strf(ctx->arena, "notes " STR_FMT, STR_ARG(words));
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct workbench *wb = NULL;
	bool ok = out >= 0 && tty >= 0 && fflush(stdout) == 0 &&
		  dup2(tty, STDOUT_FILENO) >= 0;

	if (!ok)
		err_set(err, ERR_DENIED, "pick: it needs a terminal");
	ok = ok && workbench_new(ctx, &opt, &wb, err) && workbench_goto(wb, view, err) &&
	     workbench_run(wb, err);
	if (ok && !workbench_chosen(wb, ctx->keep, ret))
		ok = err_set(err, ERR_CANCELLED, "left");
	workbench_free(wb);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	close(out);
	close(tty);
	return ok;
}

static int run_command(struct ctx *ctx, const struct command *cmd,
		       const struct str *words, size_t n)
{
	struct result result;
	struct args args;
	struct err err;

	const struct value *period;

	if (!command_bind(ctx, cmd, words, n, &args, &err))
		return print_error(&err);
	period = cmd->source ? args_get(&args, "watch") : NULL;
	if (period)
		return watch(ctx, &args, period->real, &err) ? 0 : print_error(&err);
	if (!command_run(ctx, &args, &result, &err) || !print_result(ctx, &result, &err))
		return print_error(&err);
	return result.exit_code;
}

static int run(struct ctx *ctx, struct globals *g, const struct str *words, size_t n)
{
	const struct command *cmd;
	struct err err;
	size_t used;

	if (g->version) {
		printf("kcrib %s\n", KCRIB_VERSION);
		return 0;
	}
	if (ctx->dir && chdir(ctx->dir) < 0) {
		err_sys(&err, errno, "changing to %s", ctx->dir);
		return print_error(&err);
	}
	ctx->dir = NULL; /* we stand there */
	if (!n && !g->help && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return open_workbench(ctx, STR(""), &err) ? 0 : print_error(&err);
	if (!n)
		return short_help(g->help ? stdout : stderr);
	cmd = command_find(words, n, &used);
	if (!cmd) {
		command_unknown(words[0], &err);
		return print_error(&err);
	}
	if (g->help) {
		struct result help = { .kind = RESULT_DOC,
				       .doc = command_help(ctx->arena, cmd) };

		return print_result(ctx, &help, &err) ? 0 : print_error(&err);
	}
	return run_command(ctx, cmd, words + used, n - used);
}

int main(int argc, char **argv)
{
	struct ctx ctx;
	struct globals g = { .ctx = &ctx };
	struct err err;
	struct str *words;
	size_t n = 0;
	int code;

	/* what characters are; numbers and texts are the same everywhere */
	setlocale(LC_CTYPE, "");
	ctx_init(&ctx);
	ctx.ui = (struct ctx_ui){ say, warn, confirm, ask, NULL, &ctx, raw };
	ctx.workbench = open_workbench;
	ctx.choose = choose;
	ctx.interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	words = arena_array(ctx.arena, struct str, (size_t)argc + 1);
	if (globals_read(&g, argc, argv, words, &n, &err)) {
		ctx.color = want_color(g.color);
		code = run(&ctx, &g, words, n);
	} else {
		code = print_error(&err);
	}
	ctx_close(&ctx);
	return code;
}
