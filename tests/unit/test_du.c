/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk usage: du(1) is the oracle for totals; the rest is checked against trees that the
 * tests make below a temporary folder and take away again.
 */
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

#include "base/file.h"
#include "base/spawn.h"
#include "sys/du.h"

/* ---- trees ---- */

struct tree {
	char dir[64];
	int fd;
};

static int setup(void **state)
{
	static struct tree t;
	const char *tmp = getenv("TMPDIR");

	snprintf(t.dir, sizeof(t.dir), "%.40s/kcrib-du.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(t.dir))
		return -1;
	t.fd = open(t.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &t;
	return t.fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct tree *t = *state;
	const char *argv[] = { "rm", "-rf", t->dir, NULL };
	struct spawn what = { .argv = argv };
	int status;

	close(t->fd);
	assert_ok(spawn_run(&what, &status, &err));
	return 0;
}

static void make_dir(const struct tree *t, const char *name)
{
	assert_int_equal(mkdirat(t->fd, name, 0755), 0);
}

static void make_file(const struct tree *t, const char *name, size_t size)
{
	int fd = openat(t->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char *bytes = calloc(1, size + 1);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, memset(bytes, 'x', size), size), size);
	free(bytes);
	close(fd);
}

static void make_sparse(const struct tree *t, const char *name, off_t size)
{
	make_file(t, name, 1);
	int fd = openat(t->fd, name, O_WRONLY | O_CLOEXEC);

	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void make_link(const struct tree *t, const char *from, const char *to)
{
	assert_int_equal(linkat(t->fd, from, t->fd, to, 0), 0);
}

/* Everything that makes totals hard. */
static void make_nasty(const struct tree *t)
{
	char name[64];

	make_dir(t, "a");
	make_dir(t, "b");
	make_dir(t, "b/empty");
	make_dir(t, "b/with \n line \x1b[31m");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "a/file%d.c", i);
		make_file(t, name, (size_t)(i * 37));
	}
	make_file(t, "b/one.o", 100000);
	make_link(t, "b/one.o", "a/two.o");
	make_link(t, "b/one.o", "b/three.o");
	make_sparse(t, "b/sparse.img", 1 << 30);
	make_file(t, "b/with \n line \x1b[31m/\xff\xfe.txt", 5000);
	assert_int_equal(symlinkat("..", t->fd, "b/up"), 0);
	assert_int_equal(symlinkat("/nowhere", t->fd, "a/dangling"), 0);
	assert_int_equal(mkfifoat(t->fd, "a/fifo", 0600), 0);
}

static struct du *scan(const char *path, unsigned workers)
{
	struct du_options opt = { .workers = workers };
	struct du *du = NULL;

	assert_ok(du_start(path, &opt, &du, &err));
	assert_ok(du_wait(du, &err));
	return du;
}

/* ---- the oracle ---- */

static bool ask_du(const char *option, const char *path, uint64_t *ret)
{
	const char *argv[] = { "du", "-sB1", option, path, NULL };
	STRBUF_AUTO(out, 4096);
	struct spawn what = { .argv = argv, .out = &out };
	struct str text;
	int status;

	if (!spawn_find("du"))
		return false;
	assert_ok(spawn_run(&what, &status, &err));
	text = strbuf_str(&out);
	return str_eat_u64(&text, 10, ret);
}

/* du(1) counts the size of folders themselves up to coreutils 9.1 and no more from 9.2.
 */
static uint64_t folder_sizes(const struct du *du, struct arena *a, uint32_t folder)
{
	struct du_query query = { 0 };
	struct du_row row;
	struct du_rows rows;
	uint64_t sum;

	du_folder(du, folder, &row);
	du_list(du, a, folder, &query, &rows);
	sum = row.apparent;
	for (size_t i = 0; i < rows.n; i++) {
		sum -= rows.v[i].apparent;
		if (rows.v[i].folder != DU_NONE)
			sum += folder_sizes(du, a, rows.v[i].folder);
	}
	return sum;
}

static void totals_equal_du_to_the_byte(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	uint64_t disk, apparent;
	struct du_progress p;
	char empty[100];

	make_nasty(t);
	if (!ask_du("-s", t->dir, &disk)) {
		print_message("# no du(1) to compare with\n");
		arena_free(a);
		return;
	}
	for (unsigned workers = 2; workers <= 16; workers += 7) {
		AUTO(du) du = scan(t->dir, workers);

		assert_true(ask_du("-s", t->dir, &disk));
		assert_true(ask_du("--apparent-size", t->dir, &apparent));
		du_progress(du, &p);
		assert_int_equal(p.disk, disk);
		snprintf(empty, sizeof(empty), "%s/b/empty", t->dir);
		assert_true(ask_du("--apparent-size", empty, &disk));
		if (!disk)
			apparent += folder_sizes(du, a, DU_ROOT);
		assert_int_equal(p.apparent, apparent);
		assert_int_equal(p.errors, 0);
		assert_false(p.running);
	}
	arena_free(a);
}

static void totals_of_the_system_equal_du(void **state)
{
	static const char *const PLACES[] = { "/usr/include", "/usr/share/doc" };
	uint64_t before, after;
	struct du_progress p;

	for (size_t i = 0; i < ARRAY_SIZE(PLACES); i++) {
		if (access(PLACES[i], R_OK | X_OK) || !ask_du("-s", PLACES[i], &before))
			continue;
		AUTO(du) du = scan(PLACES[i], 0);

		du_progress(du, &p);
		/* somebody may be installing something right now */
		if (!p.errors && ask_du("-s", PLACES[i], &after) && before == after)
			assert_int_equal(p.disk, after);
	}
}

/* ---- reading ---- */

static struct du_row row_of(const struct du *du, struct arena *a, uint32_t folder,
			    const char *name)
{
	struct du_query query = { .sort = DU_BY_NAME };
	struct du_rows rows;

	du_list(du, a, folder, &query, &rows);
	for (size_t i = 0; i < rows.n; i++)
		if (str_eq(rows.v[i].name, str_of(name)))
			return rows.v[i];
	fail_msg("no row \"%s\"", name);
	return (struct du_row){ 0 };
}

static void a_file_with_several_names_is_charged_at_the_same_one_each_time(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	char name[64], link[64];
	uint64_t first[8] = { 0 };

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		make_dir(t, name);
	}
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "d%d/f%d", i % 8, i);
		make_file(t, name, (size_t)i * 100);
		for (int k = 1; k < 5; k++) {
			snprintf(link, sizeof(link), "d%d/l%d-%d", (i + k * 3) % 8, i, k);
			make_link(t, name, link);
		}
	}
	for (int round = 0; round < 8; round++) {
		AUTO(du) du = scan(t->dir, 16);

		for (int i = 0; i < 8; i++) {
			snprintf(name, sizeof(name), "d%d", i);
			uint64_t disk = row_of(du, a, DU_ROOT, name).disk;

			if (round)
				assert_int_equal(disk, first[i]);
			first[i] = disk;
		}
	}
	arena_free(a);
}

static void rows_sort_filter_and_tell_what_they_are(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_rows rows;
	uint32_t b;

	make_nasty(t);
	AUTO(du) du = scan(t->dir, 4);

	b = du_find(du, STR("b"));
	assert_true(b != DU_NONE);
	du_list(du, a, b, &(struct du_query){ .sort = DU_BY_APPARENT }, &rows);
	assert_str(rows.v[0].name, "sparse.img");
	assert_true(rows.v[0].flags & DU_SPARSE);
	assert_true(rows.v[0].disk < 100000);
	du_list(du, a, b, &(struct du_query){ .sort = DU_BY_NAME, .glob = STR("*.o") },
		&rows);
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.hidden, 4);
	assert_str(rows.v[0].name, "one.o");
	assert_true(rows.v[0].flags & DU_NAMES);
	du_list(du, a, b,
		&(struct du_query){ .sort = DU_BY_NAME, .limit = 2, .reverse = true },
		&rows);
	assert_int_equal(rows.n, 2);
	assert_str(rows.v[0].name, "with \n line \x1b[31m");
	assert_int_equal(row_of(du, a, b, "up").type, DU_LINK);
	assert_int_equal(row_of(du, a, b, "empty").entries, 1);
	assert_int_equal(du_find(du, STR("b/nothing")), DU_NONE);
	assert_int_equal(du_find(du, STR("b/up")), DU_NONE);
	assert_true(str_ends(du_path(du, a, b, STR("one.o")), STR("/b/one.o")));
	arena_free(a);
}

static void reports_find_the_largest_the_types_and_the_ages(void **state)
{
	struct timespec old[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_large *large;
	struct du_group *types, *ages;
	uint64_t files = 0, disk = 0;
	size_t n;

	make_nasty(t);
	assert_int_equal(utimensat(t->fd, "a/file9.c", old, 0), 0);
	AUTO(du) du = scan(t->dir, 4);

	n = du_largest(du, a, DU_ROOT, 5, &large);
	assert_int_equal(n, 5);
	assert_true(str_ends(large[0].path, STR(".o")));
	for (size_t i = 1; i < n; i++)
		assert_true(large[i - 1].row.disk >= large[i].row.disk);
	n = du_by_type(du, a, DU_ROOT, 2, &types);
	assert_int_equal(n, 3);
	assert_str(types[0].name, ".c");
	assert_int_equal(types[0].files, 100);
	assert_str(types[2].name, "(other)");
	n = du_by_age(du, a, DU_ROOT, (int64_t)time(NULL), &ages);
	for (size_t i = 0; i < n; i++) {
		files += ages[i].files;
		disk += ages[i].disk;
	}
	assert_int_equal(files, 100 + 1 + 1 + 1 + 2 + 1);
	assert_int_equal(ages[n - 1].files, 1);
	assert_true(disk > 0);
	arena_free(a);
}

/* ---- hard trees ---- */

enum { NOBODY = 65534 };

static void a_path_longer_than_any_system_call_takes_is_scanned(void **state)
{
	const struct tree *t = *state;
	struct du_progress p;
	char name[64];
	int at = dup(t->fd);

	memset(name, 'd', 50);
	name[50] = '\0';
	for (int i = 0; i < 400; i++) {
		int next;

		assert_int_equal(mkdirat(at, name, 0755), 0);
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	AUTO(du) du = scan(t->dir, 4);

	du_progress(du, &p);
	assert_int_equal(p.entries, 401);
	assert_int_equal(p.errors, 0);
	assert_int_equal(p.folders_left, 0);
}

static void many_folders_need_few_descriptors(void **state)
{
	const struct tree *t = *state;
	struct du_progress p;
	char name[64];

	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%d", i);
		make_dir(t, name);
		for (int k = 0; k < 40; k++) {
			snprintf(name, sizeof(name), "%d/%d", i, k);
			make_dir(t, name);
			snprintf(name, sizeof(name), "%d/%d/leaf", i, k);
			make_dir(t, name);
		}
	}
	AUTO(du) du = scan(t->dir, 16);

	du_progress(du, &p);
	assert_int_equal(p.entries, 1 + 40 + 2 * 1600);
	assert_int_equal(p.errors, 0);
}

static void unreadable_folders_are_counted_and_named(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_error *errors;
	struct du_progress p;

	make_dir(t, "closed");
	assert_int_equal(fchmodat(t->fd, "closed", 0, 0), 0);
	/* root reads every folder: be nobody for a while */
	if (geteuid() == 0) {
		assert_int_equal(fchown(t->fd, NOBODY, NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	AUTO(du) du = scan(t->dir, 2);

	du_progress(du, &p);
	assert_int_equal(p.errors, 1);
	assert_int_equal(du_errors(du, a, &errors), 1);
	assert_true(str_ends(errors[0].path, STR("/closed")));
	assert_true(row_of(du, a, DU_ROOT, "closed").flags & DU_UNREAD);
	assert_true(row_of(du, a, DU_ROOT, "closed").disk > 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	arena_free(a);
}

static void more_entries_than_allowed_end_the_scan(void **state)
{
	struct du_options opt = { .workers = 2, .max_entries = 50 };
	const struct tree *t = *state;
	struct du_progress p;
	struct du *du = NULL;

	make_nasty(t);
	assert_ok(du_start(t->dir, &opt, &du, &err));
	assert_err(du_wait(du, &err), ERR_LIMIT);
	du_progress(du, &p);
	assert_true(p.limited);
	du_free(du);
}

static void a_start_that_is_a_file_is_its_own_total(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_rows rows;
	struct du_row row;
	char path[100];

	make_file(t, "one", 12345);
	snprintf(path, sizeof(path), "%s/one", t->dir);
	AUTO(du) du = scan(path, 2);

	du_folder(du, DU_ROOT, &row);
	assert_int_equal(row.apparent, 12345);
	assert_int_equal(row.type, DU_FILE);
	du_list(du, a, DU_ROOT, &(struct du_query){ 0 }, &rows);
	assert_int_equal(rows.n, 0);
	arena_free(a);
}

static void a_start_that_is_not_there_is_an_error(void **state)
{
	struct du_options opt = { 0 };
	struct du *du = NULL;

	assert_err(du_start("/no/such/place", &opt, &du, &err), ERR_NOTFOUND);
}

/* ---- while it scans ---- */

static void make_wide(const struct tree *t)
{
	char name[64];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "%d", i);
		make_dir(t, name);
		for (int k = 0; k < 30; k++) {
			snprintf(name, sizeof(name), "%d/%d", i, k);
			make_dir(t, name);
			snprintf(name, sizeof(name), "%d/%d/x", i, k);
			make_file(t, name, 100);
		}
	}
}

static void figures_grow_and_never_lie_while_it_scans(void **state)
{
	struct du_options opt = { .workers = 4 };
	struct du_progress now, before = { 0 };
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du *du = NULL;

	make_wide(t);
	assert_ok(du_start(t->dir, &opt, &du, &err));
	do {
		struct du_rows rows;
		uint64_t sum = 0;

		du_list(du, a, DU_ROOT, &(struct du_query){ 0 }, &rows);
		for (size_t i = 0; i < rows.n; i++)
			sum += rows.v[i].entries;
		du_progress(du, &now);
		assert_true(now.entries >= before.entries);
		/* the rows were read before the total */
		assert_true(sum <= now.entries);
		before = now;
		arena_reset(a);
	} while (now.running);
	assert_ok(du_wait(du, &err));
	assert_int_equal(now.folders_left, 0);
	du_free(du);
	arena_free(a);
}

static void a_cancelled_scan_ends_and_stays_readable(void **state)
{
	struct du_options opt = { .workers = 4 };
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_progress p;
	struct du_rows rows;
	struct du *du = NULL;

	make_wide(t);
	assert_ok(du_start(t->dir, &opt, &du, &err));
	do
		du_progress(du, &p);
	while (p.running && p.entries < 100);
	du_cancel(du);
	assert_err(du_wait(du, &err), ERR_CANCELLED);
	du_progress(du, &p);
	assert_true(p.cancelled);
	du_list(du, a, DU_ROOT, &(struct du_query){ 0 }, &rows);
	assert_true(rows.n > 0);
	du_free(du);
	arena_free(a);
}

/* ---- again ---- */

static void assert_same_as_fresh(const struct du *du, const char *path)
{
	struct du_progress got, want;
	AUTO(du) fresh = scan(path, 4);

	du_progress(du, &got);
	du_progress(fresh, &want);
	assert_int_equal(got.disk, want.disk);
	assert_int_equal(got.apparent, want.apparent);
	assert_int_equal(got.entries, want.entries);
	assert_int_equal(got.folders_left, 0);
}

static void a_folder_scanned_again_shows_what_changed(void **state)
{
	const struct tree *t = *state;

	make_nasty(t);
	AUTO(du) du = scan(t->dir, 4);

	/* the name that was charged goes, another folder pays now */
	for (int round = 0; round < 2; round++) {
		const char *names[2][2] = { { "b/one.o", "b/three.o" },
					    { "a/two.o", "a/fifo" } };
		const char *folder = round ? "a" : "b";

		assert_int_equal(unlinkat(t->fd, names[round][0], 0), 0);
		assert_int_equal(unlinkat(t->fd, names[round][1], 0), 0);
		make_file(t, round ? "a/new" : "b/new", 77777);
		assert_ok(du_rescan(du, du_find(du, str_of(folder)), &err));
		assert_ok(du_wait(du, &err));
		assert_same_as_fresh(du, t->dir);
	}
	assert_ok(du_rescan(du, DU_ROOT, &err));
	assert_ok(du_wait(du, &err));
	assert_same_as_fresh(du, t->dir);
}

static void growth_is_the_difference_to_the_last_scan(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	const char *file;
	char xdg[100];
	int64_t when;
	struct du_row row;

	make_nasty(t);
	snprintf(xdg, sizeof(xdg), "%s/b/empty", t->dir);
	setenv("XDG_STATE_HOME", xdg, 1);
	AUTO(du) before = scan(t->dir, 4);

	assert_ok(du_past_file(before, a, &file, &err));
	assert_err(du_compare(before, file, &when, &err), ERR_NOTFOUND);
	assert_ok(du_save(before, file, 12345, &err));
	make_file(t, "a/grown", 1000000);
	make_dir(t, "a/new");
	make_file(t, "a/new/x", 5000);
	assert_int_equal(unlinkat(t->fd, "b/with \n line \x1b[31m/\xff\xfe.txt", 0), 0);
	AUTO(du) after = scan(t->dir, 4);

	assert_false(row_of(after, a, DU_ROOT, "a").has_growth);
	assert_ok(du_compare(after, file, &when, &err));
	assert_int_equal(when, 12345);
	row = row_of(after, a, DU_ROOT, "a");
	assert_true(row.has_growth && row.growth >= 1005000);
	assert_int_equal(row_of(after, a, du_find(after, STR("a")), "new").growth,
			 row_of(after, a, du_find(after, STR("a")), "new").disk);
	row = row_of(after, a, du_find(after, STR("b")), "with \n line \x1b[31m");
	assert_true(row.growth < 0);
	/* damaged: told, not believed */
	assert_int_equal(truncate(file, 40), 0);
	assert_err(du_compare(after, file, &when, &err), ERR_PARSE);
	unsetenv("XDG_STATE_HOME");
	arena_free(a);
}

/* ---- delete ---- */

static void delete_takes_what_was_confirmed_and_its_size(void **state)
{
	const struct tree *t = *state;
	struct stat st;
	uint32_t b;

	make_nasty(t);
	make_dir(t, "b/deep");
	make_dir(t, "b/deep/er");
	make_file(t, "b/deep/er/x", 10000);
	assert_int_equal(symlinkat("../../../a", t->fd, "b/deep/er/link"), 0);
	AUTO(du) du = scan(t->dir, 4);

	b = du_find(du, STR("b"));
	assert_err(du_delete(du, b, STR("deep"), STR("y"), &err), ERR_USAGE);
	assert_err(du_delete(du, b, STR("nothing"), STR("nothing"), &err), ERR_NOTFOUND);
	assert_ok(du_delete(du, b, STR("deep"), STR("deep"), &err));
	assert_int_equal(fstatat(t->fd, "b/deep", &st, 0), -1);
	/* a link was removed, not followed */
	assert_int_equal(fstatat(t->fd, "a/file1.c", &st, 0), 0);
	assert_same_as_fresh(du, t->dir);
	/* one name of three */
	assert_ok(du_delete(du, b, STR("one.o"), STR("one.o"), &err));
	assert_same_as_fresh(du, t->dir);
	assert_ok(du_delete(du, DU_ROOT, STR("a"), STR("a"), &err));
	assert_same_as_fresh(du, t->dir);
	assert_err(du_delete(du, DU_ROOT, STR("a"), STR("a"), &err), ERR_NOTFOUND);
}

static void delete_leaves_what_changed_or_became_a_link(void **state)
{
	const struct tree *t = *state;
	struct stat st;
	uint32_t b;

	make_nasty(t);
	AUTO(du) du = scan(t->dir, 4);

	b = du_find(du, STR("b"));
	assert_int_equal(unlinkat(t->fd, "b/one.o", 0), 0);
	make_file(t, "b/one.o", 5);
	assert_err(du_delete(du, b, STR("one.o"), STR("one.o"), &err), ERR_CONFLICT);
	/* the shown folder is swapped for a link to elsewhere */
	assert_int_equal(renameat(t->fd, "b", t->fd, "was-b"), 0);
	assert_int_equal(symlinkat("a", t->fd, "b"), 0);
	assert_false(du_delete(du, b, STR("three.o"), STR("three.o"), NULL));
	assert_int_equal(fstatat(t->fd, "was-b/three.o", &st, 0), 0);
	assert_int_equal(fstatat(t->fd, "a/file1.c", &st, 0), 0);
	assert_err(du_delete(du, DU_ROOT, STR("b"), STR("b"), &err), ERR_CONFLICT);
}

/* ---- df ---- */

static void a_deleted_file_that_is_open_is_found(void **state)
{
	const struct tree *t = *state;
	struct arena *a = arena_new();
	struct du_deleted_list deleted;
	struct root *root = NULL;
	size_t ours = 0;
	struct du_df df;
	int fd;

	make_file(t, "secret", 70000);
	fd = openat(t->fd, "secret", O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlinkat(t->fd, "secret", 0), 0);
	AUTO(du) du = scan(t->dir, 2);

	assert_ok(root_open("/", &root, &err));
	assert_ok(du_deleted(du, root, a, &deleted, &err));
	for (size_t i = 0; i < deleted.n; i++)
		if (deleted.v[i].pid == getpid() && deleted.v[i].fd == (uint64_t)fd) {
			ours++;
			assert_int_equal(deleted.v[i].apparent, 70000);
			assert_true(str_ends(deleted.v[i].path, STR("/secret")));
		}
	assert_int_equal(ours, 1);
	assert_ok(du_df(du, &df, &err));
	assert_true(df.used <= df.total);
	assert_false(df.whole);
	close(fd);
	root_free(root);
	arena_free(a);
}

/* ---- memory ---- */

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void memory_stays_within_what_the_header_says(void **state)
{
	const struct tree *t = *state;
	size_t start, before, after, names = 0, folders = 20, files = 20 * 100;
	struct du_progress p;
	double each;
	char name[64];

	for (size_t i = 0; i < folders; i++) {
		snprintf(name, sizeof(name), "folder%02zu", i);
		make_dir(t, name);
		names += strlen(name);
		for (size_t k = 0; k < files / folders; k++) {
			snprintf(name, sizeof(name), "folder%02zu/file-%04zu.txt", i, k);
			make_file(t, name, 0);
			names += strlen(name) - strlen("folder00/");
		}
	}
	start = heap();
	AUTO(du) small = scan("/dev/null", 2); /* what a scan needs whatever its size */

	before = heap();
	AUTO(du) du = scan(t->dir, 2);

	after = heap();
	du_progress(small, &p);
	assert_int_equal(p.entries, 1);
	du_progress(du, &p);
	assert_int_equal(p.entries, 1 + folders + files);
	if (after == start || SANITIZED) {
		print_message("# this malloc does not tell what it gave out\n");
		return;
	}
	each = (double)(after - before - (before - start) - names) /
	       (double)(folders + files);
	print_message("# %.1f bytes an entry beside its name\n", each);
	assert_true(each > 0 && each <= 64);
}

#define DU_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DU_TEST(totals_equal_du_to_the_byte),
		TEST(totals_of_the_system_equal_du),
		DU_TEST(a_file_with_several_names_is_charged_at_the_same_one_each_time),
		DU_TEST(rows_sort_filter_and_tell_what_they_are),
		DU_TEST(reports_find_the_largest_the_types_and_the_ages),
		DU_TEST(a_path_longer_than_any_system_call_takes_is_scanned),
		DU_TEST(many_folders_need_few_descriptors),
		DU_TEST(unreadable_folders_are_counted_and_named),
		DU_TEST(more_entries_than_allowed_end_the_scan),
		DU_TEST(a_start_that_is_a_file_is_its_own_total),
		TEST(a_start_that_is_not_there_is_an_error),
		DU_TEST(figures_grow_and_never_lie_while_it_scans),
		DU_TEST(a_cancelled_scan_ends_and_stays_readable),
		DU_TEST(a_folder_scanned_again_shows_what_changed),
		DU_TEST(growth_is_the_difference_to_the_last_scan),
		DU_TEST(delete_takes_what_was_confirmed_and_its_size),
		DU_TEST(delete_leaves_what_changed_or_became_a_link),
		DU_TEST(a_deleted_file_that_is_open_is_found),
		DU_TEST(memory_stays_within_what_the_header_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
