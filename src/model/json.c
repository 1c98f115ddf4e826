/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results as JSON. The field names are the column keys; units stand in them (_bytes,
 * _pages, _s, _pct). An absent cell is null, and its reason goes to "unavailable".
 */
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/utf8.h"
#include "model/render.h"

static json_t *cell_value(const struct cell *cell);

/* JSON text must be UTF-8: malformed bytes become U+FFFD. */
static json_t *text_value(struct str s)
{
	STRBUF_AUTO(b, 64 << 20);
	uint32_t cp;

	if (utf8_valid(s))
		return json_stringn(s.n ? s.p : "", s.n);
	while (utf8_next(&s, &cp))
		utf8_put(&b, cp);
	return json_stringn(strbuf_z(&b), b.n);
}

static json_t *real_value(double v, double per_unit)
{
	return isfinite(v) ? json_real(round(v * per_unit) / per_unit) : json_null();
}

static void note_absence(json_t **why, const char *key, const struct cell *cell)
{
	if (cell->type != CELL_NONE || !cell->why.n)
		return;
	if (!*why)
		*why = json_object();
	json_object_set_new(*why, key, text_value(cell->why));
}

static json_t *row_value(const struct table *t, const struct row *row)
{
	json_t *object = json_object(), *why = NULL;

	for (size_t i = 0; i < t->ncols; i++) {
		struct cell cell;

		if (t->cols[i].flags & COLUMN_NOJSON)
			continue;
		cell = row_cell(t, row, i);
		json_object_set_new(object, t->cols[i].key, cell_value(&cell));
		note_absence(&why, t->cols[i].key, &cell);
	}
	if (why)
		json_object_set_new(object, "unavailable", why);
	return object;
}

static json_t *table_value(const struct table *t)
{
	json_t *array = json_array();

	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(array, row_value(t, &t->v[i]));
	return array;
}

static json_t *record_value(const struct record *r)
{
	json_t *object = json_object(), *why = NULL;

	for (size_t i = 0; i < r->n; i++) {
		if (!r->v[i].key)
			continue;
		json_object_set_new(object, r->v[i].key, cell_value(&r->v[i].cell));
		note_absence(&why, r->v[i].key, &r->v[i].cell);
	}
	if (why)
		json_object_set_new(object, "unavailable", why);
	return object;
}

static json_t *list_value(const struct cells *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, cell_value(&list->v[i]));
	return array;
}

static json_t *cell_value(const struct cell *cell)
{
	switch (cell->type) {
	case CELL_TEXT:
		return text_value(cell->text);
	case CELL_INT:
	case CELL_BYTES:
	case CELL_PAGES:
		return json_integer(cell->i);
	case CELL_BOOL:
		return json_boolean(cell->i);
	case CELL_REAL:
	case CELL_SECONDS:
		return real_value(cell->real, 1e6);
	case CELL_PERCENT:
	case CELL_RATE:
		return real_value(cell->real, 1e3);
	case CELL_SPARK:
	case CELL_LIST:
		return list_value(cell->list);
	case CELL_TABLE:
		return table_value(cell->table);
	case CELL_RECORD:
		return record_value(cell->record);
	case CELL_NONE:
		break;
	}
	return json_null();
}

static int emit(const char *bytes, size_t n, void *arg)
{
	strbuf_add(arg, str_n(bytes, n));
	return 0;
}

static void dump(struct strbuf *b, json_t *value)
{
	json_dump_callback(value, emit, b, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(value);
}

void table_json(struct strbuf *b, const struct table *t)
{
	dump(b, table_value(t));
}

void record_json(struct strbuf *b, const struct record *r)
{
	dump(b, record_value(r));
}

void doc_json(struct strbuf *b, const struct doc *d)
{
	STRBUF_AUTO(text, 64 << 20);
	json_t *object = json_object();

	doc_text(&text, d, (struct text_style){ 0 });
	json_object_set_new(object, "text", text_value(strbuf_str(&text)));
	dump(b, object);
}
