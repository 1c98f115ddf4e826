/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tokenizer. Tokens are bounded, lie inside the text and never run backwards; a query
 * has one token a position; and every token of the text read as a query, looked for word
 * by word, is a word that the same text has in the index.
 */
#include "property.h"
#include "store/tokenizer.h"

struct seen {
	struct str text;
	enum token_mode mode;
	size_t n, at;
};

static bool look(void *arg, const struct token *t)
{
	struct seen *s = arg;

	PROPERTY(t->word.n > 0 && t->word.n <= TOKEN_MAX);
	PROPERTY(t->at < t->end && t->end <= s->text.n);
	PROPERTY(!t->same || (s->n > 0 && s->mode == TOKEN_TEXT));
	PROPERTY(t->same || t->at >= s->at);
	if (!t->same)
		s->at = t->at;
	s->n++;
	return true;
}

struct wanted {
	struct str word;
	bool found;
};

static bool find(void *arg, const struct token *t)
{
	struct wanted *w = arg;

	w->found |= str_eq(w->word, t->word);
	return !w->found;
}

static bool is_indexed(void *arg, const struct token *t)
{
	struct str *text = arg;
	struct wanted w = { t->word, false };

	tokenize(*text, TOKEN_TEXT, find, &w);
	PROPERTY(w.found);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str text = str_sub(fuzz_input(data, n), 0, 2000);
	struct seen s = { .text = text, .mode = TOKEN_TEXT };

	tokenize(text, TOKEN_TEXT, look, &s);
	s = (struct seen){ .text = text, .mode = TOKEN_QUERY };
	tokenize(text, TOKEN_QUERY, look, &s);
	tokenize(text, TOKEN_QUERY, is_indexed, &text);
	return 0;
}
