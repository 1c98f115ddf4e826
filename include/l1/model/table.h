/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a result is, before anybody shows it: cells with a type, rows of cells, tables of
 * rows, and records (named facts, some of which are tables). The same value becomes text
 * for a pipe, JSON for a script and a live view on the screen.
 *
 * Values cross this border once: numbers stay numbers, with their unit in the type.
 * Everything lives in the arena that the table or record was made with.
 */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/arena.h"

enum cell_type {
	CELL_NONE, /* absent; `why` says for what reason. JSON null */
	CELL_TEXT,
	CELL_INT,
	CELL_REAL, /* plain figure, two decimals in text */
	CELL_BOOL,
	CELL_BYTES, /* 1,048,576 -> "1.0 MiB" */
	CELL_PAGES,
	CELL_PERCENT, /* one decimal in text */
	CELL_SECONDS,
	CELL_RATE,   /* per second */
	CELL_SPARK,  /* history: `list` of reals, drawn as a line of blocks */
	CELL_LIST,   /* `list`: cells */
	CELL_TABLE,  /* `table`: array of objects */
	CELL_RECORD, /* `record`: one object */
};

/* Which object a row, a cell or a link is about: the subject of the next command. */
enum ref_kind {
	REF_NONE,
	REF_NOTE,
	REF_PID,
	REF_TID,
	REF_PATH,
	REF_HUNK,
	REF_PATCH,
	REF_COMMIT,
	REF_VM,
	REF_KNOB,
	REF_TAG,
	REF_URL,
	REF_COMMAND,
	REF_SOURCE
};
struct ref {
	enum ref_kind kind;
	struct str id; /* as the argument of a command would name it: "4242", "thp" */
};

struct table;
struct record;
struct cells;

struct cell {
	enum cell_type type;
	union {
		struct str text;
		int64_t i;   /* INT, BYTES, PAGES, BOOL */
		double real; /* REAL, PERCENT, SECONDS, RATE */
		const struct cells *list;
		const struct table *table;
		const struct record *record;
		struct str why; /* NONE */
	};
};

struct cells {
	struct cell *v;
	size_t n, cap;
};

enum column_flags {
	COLUMN_HIDDEN = 1,   /* in JSON and on demand, not in the default table */
	COLUMN_FLEX = 2,     /* takes the width that is left */
	COLUMN_LEFT = 4,     /* a figure that reads better to the left */
	COLUMN_NOJSON = 8,   /* only for people */
	COLUMN_NOTABLE = 16, /* only for scripts */
};

struct column {
	const char *key;   /* JSON field, sort key: "cpu_pct" */
	const char *title; /* heading: "CPU %" */
	enum cell_type type;
	unsigned flags;
	unsigned min, max; /* columns of text; 0: as wide as the content */
	const char *help;  /* what it is, its unit, and where it comes from */
};

/* Why a row stands out. */
enum row_mark {
	MARK_NONE,
	MARK_NEW,
	MARK_GONE,
	MARK_GOOD,
	MARK_WARN,
	MARK_BAD,
	MARK_DIM
};

struct row {
	struct cell *
		cells; /* ncols of them; NULL: they are made from `item` when asked for */
	const void *item;
	struct ref ref;
	enum row_mark mark;
	int depth; /* indentation in a tree */
};

/* Makes cells that are asked for. Of ten thousand rows a screen shows fifty, and sorting
 * wants one column of the others. */
struct cell_maker {
	struct cell (*cell)(const struct cell_maker *self, const void *item,
			    const struct column *column);
};

struct table {
	struct arena *arena;
	const struct column *cols;
	size_t ncols;
	const struct cell_maker
		*maker; /* of rows with an item; lives as long as they do */
	struct row *v;
	size_t n, cap;
	const char *empty; /* what would be here and how to get it, for an empty table */
};

struct field {
	const char *key, *title;
	struct cell cell;
	unsigned flags; /* enum column_flags */
};

struct record {
	struct arena *arena;
	struct field *v;
	size_t n, cap;
	struct str headline; /* the few figures that matter, one line; may be empty */
	struct str so_what;  /* the sentence that says what it means; may be empty */
};

struct cell cell_none(const char *why);
struct cell cell_text(struct str s);
struct cell cell_int(int64_t v);
struct cell cell_real(double v);
struct cell cell_bool(bool v);
struct cell cell_bytes(uint64_t v);
struct cell cell_pages(uint64_t v);
struct cell cell_percent(double v);
struct cell cell_seconds(double v);
struct cell cell_rate(double v);
struct cell cell_list(const struct cells *list);
struct cell cell_table(const struct table *t);
struct cell cell_record(const struct record *r);

struct table *table_new(struct arena *a, const struct column *cols, size_t ncols);
/** A new last row, all cells absent. */
struct row *table_add(struct table *t);
/** A new last row whose cells the table's maker makes from `item`, which lives as long as
 *  the table does. */
struct row *table_add_item(struct table *t, const void *item);
/** Room for `n` rows in all, so that adding them copies nothing. */
void table_reserve(struct table *t, size_t n);
/** A cell of a row, made now if it has to be. */
struct cell row_cell(const struct table *t, const struct row *row, size_t column);
/** Set a cell by its column key; the key must exist (checked by assert). */
void row_set(const struct table *t, struct row *row, const char *key, struct cell cell);
/** Index of a column, or -1. */
ptrdiff_t table_column(const struct table *t, struct str key);
/** Stable sort by one column; absent cells come last in both directions. */
void table_sort(struct table *t, size_t column, bool descending);
/** Order of two cells as table_sort sees it. */
int cell_cmp(const struct cell *a, const struct cell *b);
/** The same to whoever reads them; cells that hold others never are. */
bool cell_same(const struct cell *a, const struct cell *b);

struct record *record_new(struct arena *a);
/** Add a fact. `key` NULL: only for people; `title` NULL: only for JSON. */
void record_set(struct record *r, const char *key, const char *title, struct cell cell);
const struct field *record_get(const struct record *r, struct str key);

#endif
