/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding notes while the query is being typed. All words must be there, the last one
 * may be unfinished; when that finds too little, misspelt words are repaired, and then
 * any of the words will do. Ranking: title, then aliases and tags, then body; words that
 * are rare count more; what is used is lifted; the reader's language is preferred.
 *
 * A searcher is one read connection. The screen's own thread asks search_quick(), which
 * keeps to a budget of time; a worker with a second searcher asks search_full(), and the
 * next key stops it with searcher_interrupt().
 */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/store.h"

struct searcher;

enum { SEARCH_TEXT_MAX = 1000 /* bytes of a query; the rest is not looked at */ };

struct search_query {
	struct str text;
	struct str lang;  /* "zh", "en": preferred; empty: by the script of the query */
	struct str tag;   /* only notes with this tag; empty: all */
	size_t limit;     /* hits wanted; 0: 20 */
	bool reference;   /* search the second corpus, not the notes */
	bool whole_words; /* the last word is finished: no prefix */
	bool snippets;    /* with a line of each hit where the words stand */
};

/* Bytes of a text that the query matched. */
struct search_mark {
	size_t at, n;
};
struct search_marks {
	struct search_mark *v;
	size_t n, cap;
};

struct search_hit {
	int64_t id;
	struct str slug, title, lang;
	struct str_list tags;
	double score;
	struct str snippet; /* where the words stand; not made safe. Only if wanted */
	struct search_marks title_marks, snippet_marks;
};

enum search_how {
	SEARCH_ALL,      /* every word is in every hit */
	SEARCH_REPAIRED, /* after correcting the spelling: see `shown` */
	SEARCH_ANY,      /* some of the words */
};

struct search_result {
	struct search_hit *v;
	size_t n, cap;
	enum search_how how;
	struct str shown; /* the query that was answered, when it is another one */
	size_t total;     /* matching notes seen, at least n */
	bool complete;    /* false: search_full() may find better or more */
	double ms;        /* wall time it took */
};

/** A read connection to the same file as `s`; `s` stays open at least as long. It may be
 *  used on another thread than `s`. */
bool searcher_open(const struct store *s, struct searcher **ret, struct err *err)
	MUST_CHECK;
void searcher_free(struct searcher *q);
DEFINE_FREEP(searcher)

/** The first answer: of many notes one screen of hits that were found in the time a key
 *  may take, 16 ms at a million. An empty query gives the notes most
 *  used and newest. */
bool search_quick(struct searcher *q, struct arena *a, const struct search_query *query,
		  struct search_result *ret, struct err *err) MUST_CHECK;
/** The whole answer. ERR_CANCELLED after searcher_interrupt(). */
bool search_full(struct searcher *q, struct arena *a, const struct search_query *query,
		 struct search_result *ret, struct err *err) MUST_CHECK;
/** Read the words for the spelling repair now instead of at the first misspelt word: a
 *  tenth of a second for 100,000 notes. For idle moments. */
bool searcher_warm(struct searcher *q, struct err *err) MUST_CHECK;
/** Stop the query that runs now on another thread; returns at once. Nothing happens when
 *  none runs. */
void searcher_interrupt(struct searcher *q);

/** What a screen writes: "12 notes", "showing results for hugepage", ... */
const char *search_how_name(enum search_how how);

#endif
