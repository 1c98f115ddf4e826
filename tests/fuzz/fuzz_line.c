/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line typed at the prompt. Splitting it gives words that, quoted, split into the same
 * words; completing it never reads outside of it and says where the word begins.
 */
#include "app/command.h"
#include "property.h"

static void quote(struct strbuf *b, struct str word)
{
	strbuf_addc(b, '\'');
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\'')
			strbuf_addz(b, "'\\''");
		else
			strbuf_addc(b, word.p[i]);
	}
	strbuf_addz(b, "' ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str line = fuzz_input(data, n), *words, *again;
	struct completions found;
	STRBUF_AUTO(quoted, 1 << 22);
	size_t count, count_again, from, used;
	struct ctx ctx;
	struct err err = { 0 };
	struct args args;

	ctx_init(&ctx);
	ctx.root_dir = ctx.db = "/dev/null/nothing"; /* this machine is no input */
	if (command_split(ctx.arena, line, &words, &count, &err)) {
		const struct command *cmd = command_find(words, count, &used);

		for (size_t i = 0; i < count; i++)
			quote(&quoted, words[i]);
		PROPERTY(command_split(ctx.arena, strbuf_str(&quoted), &again,
				       &count_again, &err));
		PROPERTY(count == count_again);
		for (size_t i = 0; i < count; i++)
			PROPERTY(str_eq(words[i], again[i]));
		if (cmd &&
		    !command_bind(&ctx, cmd, words + used, count - used, &args, &err))
			PROPERTY(err.code != ERR_NONE && err.msg[0]);
	} else {
		PROPERTY(err.code == ERR_USAGE || err.code == ERR_LIMIT);
	}
	/* of commands only: what they take would be looked up on this machine */
	if (str_chr(line, ' ') < 0) {
		command_complete(&ctx, ctx.arena, line, &from, &found);
		PROPERTY(from <= line.n);
	}
	ctx_close(&ctx);
	return 0;
}
