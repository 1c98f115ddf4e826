/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line of a text that shows best why it was found.
 */
#ifndef STORE_SNIPPET_H
#define STORE_SNIPPET_H

#include "rank.h"
#include "store/search.h"

/** One line of `body`, shortened around its matches; `*ret_marks` are places in it. */
struct str snippet(const struct name_words *w, struct arena *a, const struct query *q,
		   struct str body, struct search_marks *ret_marks);

#endif
