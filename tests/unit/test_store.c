/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: notes, their history, and that nothing is lost whatever happens to the file.
 * The codec of these tests is simpler than the real one: the first line is the title, a
 * word after "->" is a link, a word after "#" a tag.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "faulty_vfs.h"

#include "base/file.h"
#include "store/note_store.h"
#include "store/search.h"

/* ---- a codec ----------------------------------------------------------------------- */

static void parse(void *arg, struct arena *a, struct str slug, struct str bytes,
		  struct note_text *ret)
{
	struct str rest = bytes, line, word;

	*ret = (struct note_text){ .title = slug, .lang = STR("en"), .body = bytes };
	if (str_line(&rest, &line) && str_chomp(line).n)
		ret->title = str_chomp(line);
	ret->body = rest;
	STR_EACH_LINE (each, bytes) {
		while (str_word(&each, &word)) {
			if (str_skip(&word, STR("->")))
				*ARENA_PUSH(a, &ret->links) = word;
			else if (str_skip(&word, STR("#")))
				*ARENA_PUSH(a, &ret->tags) = word;
		}
	}
}

static bool relink(void *arg, struct arena *a, struct str bytes, struct str from,
		   struct str to, struct str *ret_bytes)
{
	struct str link = arena_strf(a, "->" STR_FMT, STR_ARG(from));
	ptrdiff_t at = str_find(bytes, link);

	if (at < 0)
		return false;
	*ret_bytes =
		arena_strf(a, STR_FMT "->" STR_FMT STR_FMT, (int)at, bytes.p, STR_ARG(to),
			   STR_ARG(str_from(bytes, (size_t)at + link.n)));
	return true;
}

static const struct note_codec codec = { .version = 1, .parse = parse, .relink = relink };

/* ---- a folder for each test -------------------------------------------------------- */

struct fixture {
	struct arena *a;
	const char *dir, *db, *state;
	struct store *s;
};

static int64_t test_time = 1000000;

static int64_t test_now(void)
{
	return test_time;
}

static bool try_open(struct fixture *f, const char *vfs, struct store **ret,
		     struct err *err)
{
	struct store_options opt = { .path = f->db,
				     .state = f->state,
				     .codec = &codec,
				     .now = test_now,
				     .vfs = vfs };

	return store_open(&opt, ret, err);
}

static void reopen(struct fixture *f)
{
	store_free(f->s);
	f->s = NULL;
	assert_ok(try_open(f, NULL, &f->s, &err));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");

	f->a = arena_new();
	f->dir = arena_printf(f->a, "%s/kcrib-store-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp((char *)(uintptr_t)f->dir));
	f->db = arena_printf(f->a, "%s/home/notes.db", f->dir);
	f->state = arena_printf(f->a, "%s/state", f->dir);
	*state = f;
	reopen(f);
	return 0;
}

static void remove_folder(struct arena *a, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *path = arena_printf(a, "%s/%s", dir, e->d_name);

		if (e->d_name[0] != '.' && unlink(path) < 0)
			remove_folder(a, path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_free(f->s);
	remove_folder(f->a, f->dir);
	arena_free(f->a);
	free(f);
	return 0;
}

static void save(struct fixture *f, const char *slug, const char *text)
{
	assert_ok(note_save(f->s, str_of(slug), str_of(text), &err));
}

static struct str text_of(struct fixture *f, const char *slug)
{
	struct note n;

	return note_get(f->s, f->a, str_of(slug), &n, NULL) ? n.bytes : STR("(none)");
}

/* All notes as one text: "slug=bytes;..." */
static const char *dump(struct store *s, struct arena *a)
{
	struct note_filter all = { 0 };
	struct note_list list;
	const char *out = "";

	assert_ok(note_list(s, a, &all, &list, &err));
	for (size_t i = 0; i < list.n; i++) {
		struct note n;

		assert_ok(note_get(s, a, list.v[i].slug, &n, &err));
		out = arena_printf(a, "%s" STR_FMT "=" STR_FMT ";", out, STR_ARG(n.slug),
				   STR_ARG(n.bytes));
	}
	return out;
}

static size_t hits(struct store *s, const char *words)
{
	AUTO(arena) a = arena_new();
	AUTO(searcher) q = NULL;
	struct search_query query = { .text = str_of(words), .whole_words = true };
	struct search_result r = { 0 };

	assert_ok(searcher_open(s, &q, &err));
	assert_ok(search_full(q, a, &query, &r, &err));
	return r.how == SEARCH_ALL ? r.n : 0;
}

/* ---- notes ------------------------------------------------------------------- */

static void a_note_comes_back_byte_for_byte(void **state)
{
	struct fixture *f = *state;
	static const char odd[] = "Title\r\n\0\xff\xfe no newline";
	struct str bytes = str_n(odd, sizeof(odd) - 1);
	struct note n;

	assert_ok(note_save(f->s, STR("odd"), bytes, &err));
	reopen(f);
	assert_ok(note_get(f->s, f->a, STR("odd"), &n, &err));
	assert_true(str_eq(n.bytes, bytes));
	assert_int_equal(store_count(f->s), 1);
	assert_err(note_get(f->s, f->a, STR("none"), &n, &err), ERR_NOTFOUND);
}

static void the_same_bytes_again_are_no_revision(void **state)
{
	struct fixture *f = *state;
	struct revision_list list;

	save(f, "a", "one");
	save(f, "a", "one");
	save(f, "a", "two");
	assert_ok(note_history(f->s, f->a, STR("a"), &list, &err));
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].kind, REVISION_EDIT);
	assert_int_equal(list.v[1].kind, REVISION_NEW);
}

static void every_revision_keeps_its_text(void **state)
{
	struct fixture *f = *state;
	struct revision_list list;
	const char *want[] = { "", "three", "two", "one" };
	struct str text;

	save(f, "a", "one");
	save(f, "a", "two");
	save(f, "a", "three");
	assert_ok(note_delete(f->s, STR("a"), &err));
	assert_ok(note_history(f->s, f->a, STR("a"), &list, &err));
	assert_int_equal(list.n, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_ok(note_revision(f->s, f->a, list.v[i].id, &text, &err));
		assert_str(text, want[i]);
		assert_int_equal(list.v[i].bytes, strlen(want[i]));
	}
	assert_ok(note_revision_before(f->s, f->a, list.v[0].id, &text, &err));
	assert_str(text, "three");
}

static void undo_takes_back_and_redo_does_again(void **state)
{
	struct fixture *f = *state;
	const char *states[6];
	struct str what;
	int n = 0;

	states[n++] = dump(f->s, f->a);
	save(f, "a", "A ->b");
	states[n++] = dump(f->s, f->a);
	save(f, "b", "B");
	states[n++] = dump(f->s, f->a);
	assert_ok(note_rename(f->s, STR("b"), STR("c"), NULL, &err));
	states[n++] = dump(f->s, f->a);
	assert_ok(note_delete(f->s, STR("a"), &err));
	states[n++] = dump(f->s, f->a);
	for (int i = n - 2; i >= 0; i--) {
		assert_ok(note_undo(f->s, f->a, &what, &err));
		assert_string_equal(dump(f->s, f->a), states[i]);
	}
	assert_err(note_undo(f->s, f->a, &what, &err), ERR_NOTFOUND);
	for (int i = 1; i < n; i++) {
		assert_ok(note_redo(f->s, f->a, &what, &err));
		assert_string_equal(dump(f->s, f->a), states[i]);
	}
	assert_str(what, "deletion of a");
	/* a new change ends redoing */
	assert_ok(note_undo(f->s, f->a, &what, &err));
	save(f, "d", "D");
	assert_err(note_redo(f->s, f->a, &what, &err), ERR_NOTFOUND);
	assert_ok(store_check(f->s, &err));
}

static void links_follow_a_rename_and_one_undo_brings_all_back(void **state)
{
	struct fixture *f = *state;
	struct note_list list;
	struct str what;
	size_t n = 0;

	save(f, "target", "T");
	save(f, "one", "One ->target here");
	save(f, "two", "Two ->target");
	assert_ok(note_rename(f->s, STR("target"), STR("new-name"), &n, &err));
	assert_int_equal(n, 2);
	assert_str(text_of(f, "one"), "One ->new-name here");
	assert_ok(note_backlinks(f->s, f->a, STR("new-name"), &list, &err));
	assert_int_equal(list.n, 2);
	assert_err(note_rename(f->s, STR("one"), STR("two"), NULL, &err), ERR_CONFLICT);
	assert_ok(note_undo(f->s, f->a, &what, &err));
	assert_str(text_of(f, "one"), "One ->target here");
	assert_str(text_of(f, "target"), "T");
}

static void several_changes_are_one_operation_or_none(void **state)
{
	struct fixture *f = *state;
	struct str what;

	assert_ok(store_begin(f->s, "import", &err));
	save(f, "a", "A");
	save(f, "b", "B");
	assert_ok(store_commit(f->s, &err));
	assert_ok(store_begin(f->s, "half", &err));
	save(f, "c", "C");
	store_rollback(f->s);
	assert_string_equal(dump(f->s, f->a), "a=A;b=B;");
	assert_int_equal(hits(f->s, "C"), 0);
	assert_ok(note_undo(f->s, f->a, &what, &err));
	assert_str(what, "import");
	assert_string_equal(dump(f->s, f->a), "");
}

static void the_index_follows_every_change(void **state)
{
	struct fixture *f = *state;
	struct str what;

	save(f, "a", "Hugepages\nkhugepaged collapses\n");
	assert_int_equal(hits(f->s, "khugepaged"), 1);
	save(f, "a", "Hugepages\nnothing more\n");
	assert_int_equal(hits(f->s, "khugepaged"), 0);
	assert_int_equal(hits(f->s, "hugepages"), 1);
	assert_ok(note_undo(f->s, f->a, &what, &err));
	assert_int_equal(hits(f->s, "khugepaged"), 1);
	assert_ok(note_delete(f->s, STR("a"), &err));
	assert_int_equal(hits(f->s, "hugepages"), 0);
	assert_ok(store_check(f->s, &err));
}

static void an_edit_over_a_changed_note_is_refused(void **state)
{
	struct fixture *f = *state;

	save(f, "a", "old");
	save(f, "a", "theirs");
	assert_err(note_save_over(f->s, STR("a"), STR("old"), STR("mine"), &err),
		   ERR_CONFLICT);
	assert_str(text_of(f, "a"), "theirs");
	assert_ok(note_save_over(f->s, STR("a"), STR("theirs"), STR("mine"), &err));
}

static void a_note_is_found_by_what_a_person_writes(void **state)
{
	struct fixture *f = *state;
	struct note n;

	save(f, "thp", "Transparent huge pages\n");
	save(f, "thp-sizes", "Sizes\n");
	save(f, "numa", "NUMA\n");
	assert_ok(note_find(f->s, f->a, STR("thp"), &n, &err));
	assert_str(n.slug, "thp");
	assert_ok(note_find(f->s, f->a, STR("TRANSPARENT huge pages"), &n, &err));
	assert_str(n.slug, "thp");
	assert_ok(note_find(f->s, f->a, STR("nu"), &n, &err));
	assert_str(n.slug, "numa");
	assert_err(note_find(f->s, f->a, STR("th"), &n, &err), ERR_AMBIGUOUS);
	assert_err(note_find(f->s, f->a, STR("x\"y"), &n, &err), ERR_NOTFOUND);
}

static void use_lifts_and_fades(void **state)
{
	struct fixture *f = *state;
	struct note n;

	save(f, "a", "A");
	note_used(f->s, STR("a"), NOTE_RUN);
	assert_ok(note_get(f->s, f->a, STR("a"), &n, &err));
	assert_true(n.use > 2.99 && n.use < 3.01);
	test_time += 14 * 24 * 3600;
	assert_ok(note_get(f->s, f->a, STR("a"), &n, &err));
	assert_true(n.use > 1.49 && n.use < 1.51);
}

/* ---- what ships -------------------------------------------------------------- */

static void open_with(struct fixture *f, const struct builtin *v, size_t n,
		      int64_t version)
{
	struct store_options opt = { .path = f->db,
				     .codec = &codec,
				     .now = test_now,
				     .builtins = v,
				     .builtin_count = n,
				     .builtin_version = version };

	store_free(f->s);
	f->s = NULL;
	assert_ok(store_open(&opt, &f->s, &err));
}

static void an_upgrade_never_overwrites_an_edit(void **state)
{
	struct fixture *f = *state;
	const struct builtin v1[] = { { "a", "a1", 2 },
				      { "b", "b1", 2 },
				      { "c", "c1", 2 },
				      { "d", "d1", 2 },
				      { "e", "e1", 2 } };
	const struct builtin v2[] = { { "a", "a2", 2 }, { "b", "b2", 2 },
				      { "c", "c2", 2 }, { "d", "d2", 2 },
				      { "e", "e2", 2 }, { "n", "n2", 2 } };
	struct conflict_list list;
	struct note n;

	save(f, "e", "mine first");
	open_with(f, v1, 5, 1);
	save(f, "b", "b mine");
	assert_ok(note_delete(f->s, STR("c"), &err));
	assert_ok(note_rename(f->s, STR("d"), STR("d-mine"), NULL, &err));
	open_with(f, v2, 6, 2);
	assert_string_equal(dump(f->s, f->a),
			    "a=a2;b=b mine;d-mine=d2;e=mine first;n=n2;");
	assert_ok(note_get(f->s, f->a, STR("a"), &n, &err));
	assert_int_equal(n.origin, NOTE_BUILTIN);
	assert_ok(note_conflicts(f->s, f->a, &list, &err));
	assert_int_equal(list.n, 2);
	assert_str(list.v[0].slug, "b");
	assert_str(list.v[0].base, "b1");
	assert_str(list.v[0].theirs, "b2");
	assert_ok(note_resolve(f->s, STR("b"), CONFLICT_KEEP_BOTH, &err));
	assert_ok(note_resolve(f->s, STR("e"), CONFLICT_TAKE_NEW, &err));
	assert_string_equal(dump(f->s, f->a),
			    "a=a2;b=b mine;b.new=b2;d-mine=d2;e=e2;n=n2;");
	assert_ok(note_conflicts(f->s, f->a, &list, &err));
	assert_int_equal(list.n, 0);
	/* asked once: the same version again says nothing */
	open_with(f, v2, 6, 2);
	assert_ok(note_conflicts(f->s, f->a, &list, &err));
	assert_int_equal(list.n, 0);
}

/* ---- the second corpus ------------------------------------------------------- */

/* One word that fills pages makes a step of the merge long. */
static void long_lists_of_one_word_are_merged(void **state)
{
	struct fixture *f = *state;
	STRBUF_AUTO(text, STORE_NOTE_MAX);

	while (text.n < 800000)
		strbuf_addz(&text, "a ");
	for (int i = 0; i < 5; i++) {
		strbuf_addz(&text, "b ");
		save(f, arena_printf(f->a, "long-%d", i), strbuf_z(&text));
	}
	while (store_tidy(f->s, 100))
		;
	assert_int_equal(hits(f->s, "b"), 5);
	assert_ok(store_check(f->s, &err));
}

static void what_was_put_off_is_done_once_and_aside(void **state)
{
	struct fixture *f = *state;

	assert_false(store_tidy_begin(f->s));
	save(f, "a", "A\nquokkaberry\n");
	assert_true(store_tidy_begin(f->s));
	assert_false(store_tidy_begin(f->s)); /* it has begun */
	store_tidy_work(f->s);
	store_tidy_end(f->s);
	assert_false(store_tidy_begin(f->s));
	assert_int_equal(hits(f->s, "quokkaberry"), 1);
	assert_ok(store_check(f->s, &err));
}

static void what_gave_way_to_a_save_is_done_later(void **state)
{
	struct fixture *f = *state;

	save(f, "a", "A\nquokkaberry\n");
	assert_true(store_tidy_begin(f->s));
	save(f, "b", "B\nwombat\n");
	store_tidy_work(f->s);
	store_tidy_end(f->s);
	assert_true(store_tidy_begin(f->s));
	store_tidy_work(f->s);
	store_tidy_end(f->s);
	assert_false(store_tidy_begin(f->s));
}

static void *work_aside(void *s)
{
	store_tidy_work(s);
	return NULL;
}

/* Whatever the worker is doing at that moment: the save comes through, and nothing of
 * either is lost. */
static void saves_come_through_while_a_worker_tidies(void **state)
{
	struct fixture *f = *state;
	pthread_t worker;

	for (int i = 0; i < 200; i++) {
		if (i % 10 == 5) {
			assert_true(store_tidy_begin(f->s));
			assert_int_equal(pthread_create(&worker, NULL, work_aside, f->s),
					 0);
		}
		save(f, arena_printf(f->a, "n-%d", i),
		     arena_printf(f->a, "N %d\nquokkaberry word%d\n", i, i));
		if (i % 10 == 9) {
			pthread_join(worker, NULL);
			store_tidy_end(f->s);
		}
	}
	while (store_tidy(f->s, 100))
		;
	assert_int_equal(store_count(f->s), 200);
	assert_int_equal(hits(f->s, "word77"), 1);
	assert_ok(store_check(f->s, &err));
	reopen(f);
	assert_int_equal(store_count(f->s), 200);
}

static void references_stay_apart_from_notes(void **state)
{
	struct fixture *f = *state;
	AUTO(searcher) q = NULL;
	struct search_query query = { .text = STR("mmap"), .reference = true };
	struct search_result r;
	size_t n;

	save(f, "a", "Mine\nabout mmap\n");
	assert_ok(reference_save(f->s, STR("man:mmap(2)"), STR("mmap(2)"),
				 STR("mmap maps files"), &err));
	assert_ok(reference_save(f->s, STR("man:mmap(2)"), STR("mmap(2)"),
				 STR("mmap, munmap map files"), &err));
	assert_int_equal(reference_count(f->s), 1);
	assert_int_equal(hits(f->s, "mmap"), 1);
	assert_ok(searcher_open(f->s, &q, &err));
	assert_ok(search_full(q, f->a, &query, &r, &err));
	assert_int_equal(r.n, 1);
	assert_str(r.v[0].slug, "man:mmap(2)");
	assert_ok(reference_drop(f->s, STR("man:"), &n, &err));
	assert_int_equal(n, 1);
	assert_ok(search_full(q, f->a, &query, &r, &err));
	assert_int_equal(r.n, 0);
}

/* ---- faults ------------------------------------------------------------------ */

/* The changes that are made while the file fails. Each is one operation. */
static bool change(struct store *s, int i, struct err *err)
{
	struct str what;
	AUTO(arena) a = arena_new();

	switch (i) {
	case 0:
		return note_save(s, STR("new"), STR("New ->base #t\nwith a body\n"), err);
	case 1:
		return note_save(s, STR("base"), STR("Base, edited\n"), err);
	case 2:
		return note_rename(s, STR("base"), STR("other"), NULL, err);
	case 3:
		return note_delete(s, STR("new"), err);
	default:
		return note_undo(s, a, &what, err);
	}
}

enum { CHANGES = 5 };

/* What the store holds before each change and after the last. */
static void expected(struct fixture *f, const char **ret)
{
	for (int i = 0; i < CHANGES; i++) {
		ret[i] = dump(f->s, f->a);
		assert_ok(change(f->s, i, &err));
	}
	ret[CHANGES] = dump(f->s, f->a);
	/* back to the beginning for the runs that follow */
	store_free(f->s);
	f->s = NULL;
	unlink(f->db);
	reopen(f);
	save(f, "base", "Base\n");
	store_free(f->s);
	f->s = NULL;
}

static void copy_file(struct fixture *f, const char *from, const char *to)
{
	STRBUF_AUTO(b, 64 << 20);

	assert_ok(file_read(from, &b, &err));
	assert_ok(file_write_atomic(to, strbuf_str(&b), 0600, &err));
	(void)f;
}

static void remove_db(struct fixture *f)
{
	unlink(f->db);
	unlink(arena_printf(f->a, "%s-wal", f->db));
	unlink(arena_printf(f->a, "%s-shm", f->db));
}

/* In a child: make the changes, one byte into the pipe for each that returned true. */
static void run_and_die(struct fixture *f, int at, int report)
{
	struct store *s;

	faulty_vfs_set(FAULT_KILL, at);
	if (!try_open(f, "faulty", &s, NULL))
		_exit(1);
	for (int i = 0; i < CHANGES; i++)
		if (!change(s, i, NULL) || write(report, "x", 1) != 1)
			_exit(1);
	store_free(s);
	_exit(0);
}

static void a_kill_at_any_write_loses_nothing(void **state)
{
	struct fixture *f = *state;
	const char *states[CHANGES + 1], *clean = arena_printf(f->a, "%s/clean", f->dir);
	int at = 1, status = -1;

	faulty_vfs_register();
	save(f, "base", "Base\n");
	expected(f, states);
	copy_file(f, f->db, clean);
	for (; status != 0; at++) {
		int report[2], done = 0;
		char byte;
		pid_t pid;
		const char *now;

		remove_db(f);
		copy_file(f, clean, f->db);
		assert_int_equal(pipe(report), 0);
		pid = fork();
		if (!pid)
			run_and_die(f, at, report[1]);
		close(report[1]);
		while (read(report[0], &byte, 1) == 1)
			done++;
		close(report[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 ||
						  WEXITSTATUS(status) == FAULTY_EXIT));
		reopen(f);
		assert_string_equal(store_notice(f->s), "");
		now = dump(f->s, f->a);
		/* what was reported is there; what was under way is whole or not at all
		 */
		if (strcmp(now, states[done]) != 0 &&
		    (done == CHANGES || strcmp(now, states[done + 1]) != 0))
			fail_msg("killed at write %d after %d changes: %s", at, done,
				 now);
		assert_ok(store_check(f->s, &err));
		store_free(f->s);
		f->s = NULL;
	}
	assert_true(at > 20);
}

static void a_disk_that_fails_at_any_write(struct fixture *f, enum fault fault)
{
	const char *states[CHANGES + 1], *clean = arena_printf(f->a, "%s/clean", f->dir);
	bool failed = true;

	faulty_vfs_register();
	save(f, "base", "Base\n");
	expected(f, states);
	copy_file(f, f->db, clean);
	for (int at = 1; failed; at++) {
		struct err why = { 0 };
		int done = 0;

		remove_db(f);
		copy_file(f, clean, f->db);
		faulty_vfs_set(FAULT_NONE, 0);
		assert_ok(try_open(f, "faulty", &f->s, &err));
		faulty_vfs_set(fault, at);
		while (done < CHANGES && change(f->s, done, &why))
			done++;
		failed = faulty_vfs_failed();
		if (done < CHANGES)
			assert_true(failed && why.code == ERR_IO);
		/* there is room again: the same handle goes on where it was */
		faulty_vfs_set(FAULT_NONE, 0);
		assert_string_equal(dump(f->s, f->a), states[done]);
		for (; done < CHANGES; done++)
			assert_ok(change(f->s, done, &err));
		assert_string_equal(dump(f->s, f->a), states[CHANGES]);
		assert_ok(store_check(f->s, &err));
		store_free(f->s);
		f->s = NULL;
	}
}

static void a_full_disk_refuses_and_keeps_all(void **state)
{
	a_disk_that_fails_at_any_write(*state, FAULT_FULL);
}

static void an_input_output_error_refuses_and_keeps_all(void **state)
{
	a_disk_that_fails_at_any_write(*state, FAULT_IO);
}

static void two_processes_save_at_once(void **state)
{
	struct fixture *f = *state;
	enum { EACH = 40 };
	char slug[20];
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct store *s;

		if (!try_open(f, NULL, &s, NULL))
			_exit(1);
		for (int i = 0; i < EACH; i++) {
			snprintf(slug, sizeof(slug), "child-%d", i);
			if (!note_save(s, str_of(slug), STR("child\n"), NULL))
				_exit(2);
		}
		store_free(s);
		_exit(0);
	}
	for (int i = 0; i < EACH; i++) {
		snprintf(slug, sizeof(slug), "parent-%d", i);
		save(f, slug, "parent\n");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(store_changed(f->s));
	assert_false(store_changed(f->s));
	assert_int_equal(store_count(f->s), 2 * EACH);
	assert_ok(store_check(f->s, &err));
}

static void a_newer_schema_is_refused_and_not_touched(void **state)
{
	struct fixture *f = *state;
	STRBUF_AUTO(before, 8 << 20);
	STRBUF_AUTO(after, 8 << 20);
	struct store *s = NULL;
	sqlite3 *db;

	save(f, "a", "A");
	store_free(f->s);
	f->s = NULL;
	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", 0, 0, 0),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_ok(file_read(f->db, &before, &err));
	assert_err(try_open(f, NULL, &s, &err), ERR_CONFLICT);
	assert_ok(file_read(f->db, &after, &err));
	assert_true(str_eq(strbuf_str(&before), strbuf_str(&after)));
}

static void damage(struct fixture *f, off_t from, size_t n)
{
	char junk[512];
	int fd = open(f->db, O_WRONLY | O_CLOEXEC);

	memset(junk, 0xa5, sizeof(junk));
	for (size_t i = 0; i < n; i += sizeof(junk))
		assert_int_equal(pwrite(fd, junk, sizeof(junk), from + (off_t)i),
				 (ssize_t)sizeof(junk));
	close(fd);
}

static void a_broken_file_is_kept_and_the_copy_takes_its_place(void **state)
{
	struct fixture *f = *state;
	AUTO(arena) a = arena_new();
	DIR *d;
	struct dirent *e;
	int kept = 0;

	save(f, "a", "in the copy");
	assert_ok(store_copy(f->s, 0, &err));
	test_time += 100;
	save(f, "b", "later");
	store_free(f->s);
	f->s = NULL;
	damage(f, 0, 4096);
	reopen(f);
	assert_true(str_find(str_of(store_notice(f->s)), STR("damaged")) >= 0);
	assert_string_equal(dump(f->s, a), "a=in the copy;");
	d = opendir(arena_printf(a, "%s/home", f->dir));
	while ((e = readdir(d)))
		kept += str_find(str_of(e->d_name), STR(".broken-")) >= 0;
	closedir(d);
	assert_true(kept > 0);
	save(f, "c", "goes on");
	reopen(f);
	assert_string_equal(store_notice(f->s), "");
	assert_string_equal(dump(f->s, a), "a=in the copy;c=goes on;");
}

static void a_broken_page_is_found_and_mended_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	char slug[20];

	for (int i = 0; i < 60; i++) {
		snprintf(slug, sizeof(slug), "n%d", i);
		save(f, slug, "Some note\nwith words that fill a line or two\n");
	}
	assert_ok(store_copy(f->s, 0, &err));
	store_free(f->s);
	f->s = NULL;
	/* pages that no opening reads: those of the revisions */
	damage(f, 12 * 4096, 6 * 4096);
	assert_ok(try_open(f, NULL, &f->s, &err));
	assert_string_equal(store_notice(f->s), "");
	assert_err(store_check(f->s, &err), ERR_PARSE);
	reopen(f);
	assert_true(str_find(str_of(store_notice(f->s)), STR("damaged")) >= 0);
	assert_int_equal(store_count(f->s), 60);
	assert_ok(store_check(f->s, &err));
}

static void good_copies_are_few_and_not_made_too_often(void **state)
{
	struct fixture *f = *state;
	AUTO(arena) a = arena_new();
	DIR *d;
	struct dirent *e;
	int copies = 0;

	for (int i = 0; i < 6; i++) {
		test_time += 1000;
		assert_ok(store_copy(f->s, 500, &err));
		assert_ok(store_copy(f->s, 500, &err));
	}
	d = opendir(f->state);
	while ((e = readdir(d)))
		copies += e->d_name[0] != '.';
	closedir(d);
	assert_int_equal(copies, STORE_COPIES);
}

/* Root may write everywhere: become somebody who may not. */
static void lose_rights(void)
{
	if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		_exit(10);
}

static int in_child(struct fixture *f, int (*fn)(struct fixture *f))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		lose_rights();
		_exit(fn(f));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int read_only_child(struct fixture *f)
{
	struct store *s = NULL;
	struct err err = { 0 };
	struct note n;
	AUTO(arena) a = arena_new();

	if (!try_open(f, NULL, &s, &err))
		return 1;
	if (store_mode(s) != STORE_READONLY || !*store_notice(s))
		return 2;
	if (!note_get(s, a, STR("a"), &n, &err) || !str_eq(n.bytes, STR("A words")))
		return 3;
	if (note_save(s, STR("b"), STR("B"), &err) || err.code != ERR_DENIED)
		return 4;
	if (hits(s, "words") != 1)
		return 5;
	store_free(s);
	return 0;
}

static int no_home_child(struct fixture *f)
{
	struct store *s = NULL;
	struct err err = { 0 };

	f->db = arena_printf(f->a, "%s/home/deeper/notes.db", f->dir);
	if (!try_open(f, NULL, &s, &err))
		return 1;
	if (store_mode(s) != STORE_MEMORY || !*store_notice(s))
		return 2;
	if (!note_save(s, STR("b"), STR("B words"), &err) || hits(s, "words") != 1)
		return 3;
	store_free(s);
	return 0;
}

static void a_read_only_home_still_shows_the_notes(void **state)
{
	struct fixture *f = *state;
	const char *home = arena_printf(f->a, "%s/home", f->dir);

	save(f, "a", "A words");
	store_free(f->s);
	f->s = NULL;
	assert_int_equal(chmod(f->dir, 0755), 0);
	assert_int_equal(chmod(f->db, 0444), 0);
	assert_int_equal(chmod(home, 0555), 0);
	assert_int_equal(in_child(f, read_only_child), 0);
	assert_int_equal(in_child(f, no_home_child), 0);
	assert_int_equal(chmod(home, 0755), 0);
}

int main(void)
{
#define IN_FOLDER(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_note_comes_back_byte_for_byte),
		IN_FOLDER(the_same_bytes_again_are_no_revision),
		IN_FOLDER(every_revision_keeps_its_text),
		IN_FOLDER(undo_takes_back_and_redo_does_again),
		IN_FOLDER(links_follow_a_rename_and_one_undo_brings_all_back),
		IN_FOLDER(several_changes_are_one_operation_or_none),
		IN_FOLDER(the_index_follows_every_change),
		IN_FOLDER(an_edit_over_a_changed_note_is_refused),
		IN_FOLDER(a_note_is_found_by_what_a_person_writes),
		IN_FOLDER(use_lifts_and_fades),
		IN_FOLDER(an_upgrade_never_overwrites_an_edit),
		IN_FOLDER(long_lists_of_one_word_are_merged),
		IN_FOLDER(what_was_put_off_is_done_once_and_aside),
		IN_FOLDER(what_gave_way_to_a_save_is_done_later),
		IN_FOLDER(saves_come_through_while_a_worker_tidies),
		IN_FOLDER(references_stay_apart_from_notes),
		IN_FOLDER(a_kill_at_any_write_loses_nothing),
		IN_FOLDER(a_full_disk_refuses_and_keeps_all),
		IN_FOLDER(an_input_output_error_refuses_and_keeps_all),
		IN_FOLDER(two_processes_save_at_once),
		IN_FOLDER(a_newer_schema_is_refused_and_not_touched),
		IN_FOLDER(a_broken_file_is_kept_and_the_copy_takes_its_place),
		IN_FOLDER(a_broken_page_is_found_and_mended_at_the_next_start),
		IN_FOLDER(good_copies_are_few_and_not_made_too_often),
		IN_FOLDER(a_read_only_home_still_shows_the_notes),
	};
#undef IN_FOLDER
	return cmocka_run_group_tests(tests, NULL, NULL);
}
