/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells, rows, tables and records: see model/table.h. Column keys are looked up by a
 * linear walk: a table has two dozen columns, and keys are compared by pointer first.
 */
#include <assert.h>
#include <stdlib.h>

#include "model/table.h"

struct cell cell_none(const char *why)
{
	return (struct cell){ .type = CELL_NONE, .why = str_of(why) };
}

struct cell cell_text(struct str s)
{
	return (struct cell){ .type = CELL_TEXT, .text = s };
}

struct cell cell_int(int64_t v)
{
	return (struct cell){ .type = CELL_INT, .i = v };
}

struct cell cell_real(double v)
{
	return (struct cell){ .type = CELL_REAL, .real = v };
}

struct cell cell_bool(bool v)
{
	return (struct cell){ .type = CELL_BOOL, .i = v };
}

struct cell cell_bytes(uint64_t v)
{
	return (struct cell){ .type = CELL_BYTES, .i = (int64_t)v };
}

struct cell cell_pages(uint64_t v)
{
	return (struct cell){ .type = CELL_PAGES, .i = (int64_t)v };
}

struct cell cell_percent(double v)
{
	return (struct cell){ .type = CELL_PERCENT, .real = v };
}

struct cell cell_seconds(double v)
{
	return (struct cell){ .type = CELL_SECONDS, .real = v };
}

struct cell cell_rate(double v)
{
	return (struct cell){ .type = CELL_RATE, .real = v };
}

struct cell cell_list(const struct cells *list)
{
	return (struct cell){ .type = CELL_LIST, .list = list };
}

struct cell cell_table(const struct table *t)
{
	return (struct cell){ .type = CELL_TABLE, .table = t };
}

struct cell cell_record(const struct record *r)
{
	return (struct cell){ .type = CELL_RECORD, .record = r };
}

struct table *table_new(struct arena *a, const struct column *cols, size_t ncols)
{
	struct table *t = arena_new_of(a, struct table);

	t->arena = a;
	t->cols = cols;
	t->ncols = ncols;
	return t;
}

struct row *table_add(struct table *t)
{
	struct row *row = ARENA_PUSH(t->arena, t);

	*row = (struct row){ .cells = arena_array(t->arena, struct cell, t->ncols) };
	return row;
}

ptrdiff_t table_column(const struct table *t, struct str key)
{
	for (size_t i = 0; i < t->ncols; i++)
		if (t->cols[i].key == key.p || str_eq(str_of(t->cols[i].key), key))
			return (ptrdiff_t)i;
	return -1;
}

void row_set(const struct table *t, struct row *row, const char *key, struct cell cell)
{
	ptrdiff_t i = table_column(t, str_of(key));

	assert(i >= 0);
	row->cells[i] = cell;
}

static int number_cmp(double a, double b)
{
	return (a > b) - (a < b);
}

/* long: one case for each type of cell */
int cell_cmp(const struct cell *a, const struct cell *b)
{
	if (a->type == CELL_NONE || b->type == CELL_NONE)
		return (a->type == CELL_NONE) - (b->type == CELL_NONE);
	switch (a->type) {
	case CELL_TEXT:
		return b->type == CELL_TEXT ? str_cmp(a->text, b->text) : -1;
	case CELL_INT:
	case CELL_BYTES:
	case CELL_PAGES:
	case CELL_BOOL:
		return (a->i > b->i) - (a->i < b->i);
	case CELL_REAL:
	case CELL_PERCENT:
	case CELL_SECONDS:
	case CELL_RATE:
		return number_cmp(a->real, b->real);
	case CELL_SPARK:
	case CELL_LIST:
	case CELL_TABLE:
	case CELL_RECORD:
	case CELL_NONE:
		break;
	}
	return 0;
}

struct sort_key {
	size_t column;
	bool descending;
};

static bool in_order(const struct row *a, const struct row *b, const struct sort_key *key)
{
	const struct cell *x = &a->cells[key->column], *y = &b->cells[key->column];

	if (x->type == CELL_NONE || y->type == CELL_NONE)
		return y->type == CELL_NONE;
	return key->descending ? cell_cmp(x, y) >= 0 : cell_cmp(x, y) <= 0;
}

/* Merge sort: stable, n log n, with one scratch array. */
static void merge_sort(struct row *v, struct row *scratch, size_t n,
		       const struct sort_key *key)
{
	size_t half = n / 2, i = 0, j = half;

	if (n < 2)
		return;
	merge_sort(v, scratch, half, key);
	merge_sort(v + half, scratch, n - half, key);
	memcpy(scratch, v, n * sizeof(*v));
	for (size_t out = 0; out < n; out++) {
		bool left =
			j >= n || (i < half && in_order(&scratch[i], &scratch[j], key));

		v[out] = left ? scratch[i++] : scratch[j++];
	}
}

void table_sort(struct table *t, size_t column, bool descending)
{
	struct sort_key key = { column, descending };
	struct row *scratch;

	if (t->n < 2)
		return;
	scratch = calloc(t->n, sizeof(*scratch));
	if (!scratch)
		abort();
	merge_sort(t->v, scratch, t->n, &key);
	free(scratch);
}

struct record *record_new(struct arena *a)
{
	struct record *r = arena_new_of(a, struct record);

	r->arena = a;
	return r;
}

void record_set(struct record *r, const char *key, const char *title, struct cell cell)
{
	*ARENA_PUSH(r->arena, r) = (struct field){ key, title, cell, 0 };
}

const struct field *record_get(const struct record *r, struct str key)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].key && str_eq(str_of(r->v[i].key), key))
			return &r->v[i];
	return NULL;
}
