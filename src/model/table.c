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

struct row *table_add_item(struct table *t, const void *item)
{
	struct row *row = ARENA_PUSH(t->arena, t);

	assert(t->maker);
	*row = (struct row){ .item = item };
	return row;
}

void table_reserve(struct table *t, size_t n)
{
	struct row *v;

	if (n <= t->cap)
		return;
	v = arena_array(t->arena, struct row, n);
	if (t->n)
		memcpy(v, t->v, t->n * sizeof(*v));
	t->v = v;
	t->cap = n;
}

struct cell row_cell(const struct table *t, const struct row *row, size_t column)
{
	return row->cells ? row->cells[column]
			  : t->maker->cell(t->maker, row->item, &t->cols[column]);
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

bool cell_same(const struct cell *a, const struct cell *b)
{
	if (a->type != b->type || a->type >= CELL_SPARK)
		return false;
	if (a->type == CELL_NONE)
		return str_eq(a->why, b->why);
	return cell_cmp(a, b) == 0;
}

/* What is sorted: a row moves once, when its place is known. */
struct sorted {
	struct cell key;
	size_t row;
};

static bool in_order(const struct sorted *a, const struct sorted *b, bool descending)
{
	const struct cell *x = &a->key, *y = &b->key;

	if (x->type == CELL_NONE || y->type == CELL_NONE)
		return y->type == CELL_NONE;
	return descending ? cell_cmp(x, y) >= 0 : cell_cmp(x, y) <= 0;
}

/* Merge sort: stable, n log n, with one scratch array of half the size; halves that are
 * in order already, which is most of a column of zeros, cost one comparison. */
static void merge_sort(struct sorted *v, struct sorted *scratch, size_t n,
		       bool descending)
{
	size_t half = n / 2, i = 0, j = half;

	if (n < 2)
		return;
	merge_sort(v, scratch, half, descending);
	merge_sort(v + half, scratch, n - half, descending);
	if (in_order(&v[half - 1], &v[half], descending))
		return;
	memcpy(scratch, v, half * sizeof(*v));
	for (size_t out = 0; i < half; out++) {
		bool left = j >= n || in_order(&scratch[i], &v[j], descending);

		v[out] = left ? scratch[i++] : v[j++];
	}
}

void table_sort(struct table *t, size_t column, bool descending)
{
	struct sorted *v;
	struct row *rows;

	if (t->n < 2)
		return;
	v = calloc(t->n + t->n / 2, sizeof(*v));
	rows = malloc(t->n * sizeof(*rows));
	if (!v || !rows)
		abort();
	memcpy(rows, t->v, t->n * sizeof(*rows));
	for (size_t i = 0; i < t->n; i++)
		v[i] = (struct sorted){ row_cell(t, &rows[i], column), i };
	merge_sort(v, v + t->n, t->n, descending);
	for (size_t i = 0; i < t->n; i++)
		t->v[i] = rows[v[i].row];
	free(rows);
	free(v);
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
