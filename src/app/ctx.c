/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command may reach: see app/ctx.h.
 */
#include <stdarg.h>
#include <string.h>

#include "app/config.h"
#include "app/ctx.h"
#include "app/note_codec.h"
#include "base/file.h"
#include "store/builtins.h"
#include "store/store.h"

void ctx_init(struct ctx *ctx)
{
	*ctx = (struct ctx){ .arena = arena_new(), .keep = arena_new(), .root_dir = "/" };
}

void ctx_close(struct ctx *ctx)
{
	store_free(ctx->store_);
	root_free(ctx->root_);
	arena_free(ctx->arena);
	arena_free(ctx->keep);
	memset(ctx, 0, sizeof(*ctx));
}

struct root *ctx_root(struct ctx *ctx, struct err *err)
{
	if (!ctx->root_ && !root_open(ctx->root_dir, &ctx->root_, err))
		return NULL;
	return ctx->root_;
}

bool ctx_store_options(struct ctx *ctx, struct store_options *ret, struct err *err)
{
	struct store_options opt = { .path = ctx->db,
				     .codec = &note_codec,
				     .builtins = builtin_notes,
				     .builtin_count = builtin_note_count,
				     .builtin_version = builtin_notes_version };

	if (!opt.path && !file_xdg(ctx->keep, "XDG_DATA_HOME", ".local/share", "notes.db",
				   &opt.path, err))
		return false;
	/* without a state folder there are no good copies, and everything else works */
	if (!file_xdg(ctx->keep, "XDG_STATE_HOME", ".local/state", "copies", &opt.state,
		      NULL))
		opt.state = NULL;
	*ret = opt;
	return true;
}

struct store *ctx_store(struct ctx *ctx, struct err *err)
{
	struct store_options opt;

	if (!ctx->store_ &&
	    (!ctx_store_options(ctx, &opt, err) || !store_open(&opt, &ctx->store_, err)))
		return NULL;
	return ctx->store_;
}

void ctx_store_give(struct ctx *ctx, struct store *store)
{
	if (ctx->store_)
		store_free(store);
	else
		ctx->store_ = store;
}

/* No file is no settings. A file that cannot be understood must not stop a program that
 * may be needed to mend it. */
const struct config *ctx_config(struct ctx *ctx)
{
	STRBUF_AUTO(b, 1 << 20);
	const char *path;
	struct err err;

	if (ctx->config_)
		return ctx->config_;
	if (file_xdg(ctx->keep, "XDG_CONFIG_HOME", ".config", "config", &path, &err) &&
	    file_exists(path) &&
	    (!file_read(path, &b, &err) ||
	     !config_parse(ctx->keep, strbuf_str(&b), path, &ctx->config_, &err)))
		ctx_warn(ctx, "%s", err.msg);
	if (!ctx->config_ && !config_parse(ctx->keep, STR(""), "", &ctx->config_, &err))
		return NULL;
	return ctx->config_;
}

static PRINTF_LIKE(3, 0) void tell(void (*fn)(void *, struct str), void *arg,
				   const char *fmt, va_list ap)
{
	STRBUF_AUTO(b, 1 << 16);

	if (!fn)
		return;
	strbuf_vaddf(&b, fmt, ap);
	fn(arg, strbuf_str(&b));
}

void ctx_say(struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	if (ctx->quiet)
		return;
	va_start(ap, fmt);
	tell(ctx->ui.say, ctx->ui.arg, fmt, ap);
	va_end(ap);
}

void ctx_warn(struct ctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(ctx->ui.warn, ctx->ui.arg, fmt, ap);
	va_end(ap);
}

bool ctx_confirm(struct ctx *ctx, const char *fmt, ...)
{
	STRBUF_AUTO(b, 1 << 16);
	va_list ap;

	if (!ctx->ui.confirm)
		return false;
	va_start(ap, fmt);
	strbuf_vaddf(&b, fmt, ap);
	va_end(ap);
	return ctx->ui.confirm(ctx->ui.arg, strbuf_z(&b));
}

bool ctx_cancelled(struct ctx *ctx)
{
	return ctx->ui.cancelled && ctx->ui.cancelled(ctx->ui.arg);
}

void ctx_progress(struct ctx *ctx, uint64_t so_far, uint64_t total)
{
	if (ctx->ui.progress)
		ctx->ui.progress(ctx->ui.arg, so_far, total);
}

void ctx_terminal(struct ctx *ctx, enum ctx_terminal whose)
{
	if (ctx->ui.terminal)
		ctx->ui.terminal(ctx->ui.arg, whose);
}

void ctx_raw(struct ctx *ctx, bool to_stderr, struct str text)
{
	struct str line;

	if (ctx->ui.raw) {
		ctx->ui.raw(ctx->ui.arg, to_stderr, text);
		return;
	}
	while (str_line(&text, &line)) {
		if (to_stderr && ctx->ui.warn)
			ctx->ui.warn(ctx->ui.arg, str_chomp(line));
		else if (!to_stderr && ctx->ui.say)
			ctx->ui.say(ctx->ui.arg, str_chomp(line));
	}
}
