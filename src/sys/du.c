/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disk usage: the workers. They share one stack of folders; last in, first out keeps few
 * folders open at a time. The scan is over when the stack is empty and nobody reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "du_scan.h"

enum { WAKE_MS = 100 };

/* ---- the stack ---- */

static void push_locked(struct du *du, struct du_task task)
{
	if (du->n_stack == du->cap_stack) {
		du->cap_stack = du->cap_stack ? du->cap_stack * 2 : 1024;
		du->stack = realloc(du->stack, du->cap_stack * sizeof(du->stack[0]));
		if (!du->stack)
			abort();
	}
	du->stack[du->n_stack++] = task;
}

void du_push(struct du *du, const uint32_t *folders, size_t n, struct du_handle *handle)
{
	/* all above wait for them, before any of them can be finished */
	for (uint32_t up = du_dir_at(du, folders[0])->parent; up != DU_NONE;
	     up = du_dir_at(du, up)->parent)
		atomic_fetch_add(&du_dir_at(du, up)->pending, (uint32_t)n);
	pthread_mutex_lock(&du->lock);
	for (size_t i = 0; i < n; i++)
		push_locked(du, (struct du_task){ folders[i], handle });
	pthread_cond_broadcast(&du->changed);
	pthread_mutex_unlock(&du->lock);
}

void du_handle_put(struct du *du, struct du_handle *handle)
{
	if (handle->refs && atomic_fetch_sub(&handle->refs, 1) > 1)
		return;
	if (handle->fd >= 0)
		close(handle->fd);
	atomic_fetch_sub(&du->open_handles, 1);
	free(handle);
}

/* Take a folder; false when there will be none any more. */
static bool take(struct du *du, struct du_task *ret)
{
	bool found;

	pthread_mutex_lock(&du->lock);
	while (!du->n_stack && du->busy)
		pthread_cond_wait(&du->changed, &du->lock);
	found = du->n_stack > 0;
	if (found) {
		*ret = du->stack[--du->n_stack];
		du->busy++;
	}
	pthread_mutex_unlock(&du->lock);
	return found;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void ring(struct du *du, bool last)
{
	uint64_t now = now_ms(), before = atomic_load(&du->last_wake_ms);

	if (!du->opt.wake || (!last && now - before < WAKE_MS))
		return;
	if (last || atomic_compare_exchange_strong(&du->last_wake_ms, &before, now))
		du->opt.wake(du->opt.wake_arg);
}

static void release(struct du *du)
{
	bool last;

	pthread_mutex_lock(&du->lock);
	last = !--du->busy && !du->n_stack;
	if (last) {
		clock_gettime(CLOCK_MONOTONIC, &du->ended);
		pthread_cond_broadcast(&du->changed);
	}
	pthread_mutex_unlock(&du->lock);
	ring(du, last);
}

static void check_limit(struct du *du)
{
	if (atomic_load(&du_dir_at(du, DU_ROOT)->items) <= du->opt.max_entries)
		return;
	atomic_store(&du->limited, true);
	atomic_store(&du->cancelled, true);
}

static void *work(void *arg)
{
	struct du_worker w = { .du = arg };
	struct du_task task;

	while (take(w.du, &task)) {
		if (!atomic_load(&w.du->cancelled))
			du_scan_folder(&w, task);
		else if (task.parent)
			du_handle_put(w.du, task.parent);
		check_limit(w.du);
		release(w.du);
	}
	du_worker_free(&w);
	return NULL;
}

/* ---- errors ---- */

void du_note_error(struct du *du, uint32_t folder, struct str name, int sys)
{
	struct arena *a = arena_new();
	struct str path = du_path(du, a, folder, name);
	char *copy = strndup(path.p, path.n);

	if (!copy)
		abort();
	atomic_fetch_add(&du->error_count, 1);
	du_charge_error(du, folder);
	pthread_mutex_lock(&du->lock);
	if (du->n_errors < DU_MAX_ERRORS)
		du->errors[du->n_errors++] =
			(struct du_error){ str_n(copy, path.n), sys };
	else
		free(copy);
	pthread_mutex_unlock(&du->lock);
	arena_free(a);
}

size_t du_errors(const struct du *cdu, struct arena *a, struct du_error **ret)
{
	struct du *du = (struct du *)(uintptr_t)cdu;
	size_t n;

	pthread_mutex_lock(&du->lock);
	n = du->n_errors;
	*ret = arena_array(a, struct du_error, n);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = (struct du_error){ arena_str(a, du->errors[i].path),
					       du->errors[i].sys };
	pthread_mutex_unlock(&du->lock);
	return n;
}

/* ---- start and end ---- */

static unsigned worker_count(unsigned wanted)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = wanted ? wanted : cpus > 0 ? (unsigned)cpus * 2 : 2;

	return n < 2 ? 2 : n > DU_WORKERS ? DU_WORKERS : n;
}

static bool start_workers(struct du *du, struct err *err)
{
	unsigned n = worker_count(du->opt.workers);

	atomic_store(&du->cancelled, false);
	clock_gettime(CLOCK_MONOTONIC, &du->begun);
	du->ended = du->begun;
	for (; du->n_threads < n; du->n_threads++) {
		int why = pthread_create(&du->threads[du->n_threads], NULL, work, du);

		if (why && !du->n_threads)
			return err_sys(err, why, "scanning %s: starting a worker",
				       du->path);
		if (why)
			break;
	}
	return true;
}

static void join_workers(struct du *du)
{
	while (du->n_threads)
		pthread_join(du->threads[--du->n_threads], NULL);
}

static bool open_start(struct du *du, struct err *err)
{
	du->fd = open(du->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (du->fd >= 0) {
		if (fstat(du->fd, &du->start) < 0)
			return err_sys(err, errno, "scanning %s", du->path);
		return true;
	}
	if (errno != ENOTDIR)
		return err_sys(err, errno, "scanning %s", du->path);
	if (stat(du->path, &du->start) < 0)
		return err_sys(err, errno, "scanning %s", du->path);
	return true;
}

static void make_root(struct du *du)
{
	struct du_dir *root = du_dir_at(du, du_new_dir(du));

	root->parent = DU_NONE;
	root->dev = major(du->start.st_dev) << 20 | minor(du->start.st_dev);
	root->ino = du->start.st_ino;
	atomic_store(&root->disk, (uint64_t)du->start.st_blocks * 512);
	atomic_store(&root->apparent, (uint64_t)du->start.st_size);
	atomic_store(&root->items, 1);
	if (!S_ISDIR(du->start.st_mode))
		return;
	atomic_store(&root->pending, 1);
	push_locked(du, (struct du_task){ DU_ROOT, NULL });
}

bool du_start(const char *path, const struct du_options *opt, struct du **ret,
	      struct err *err)
{
	struct du *du = calloc(1, sizeof(*du));

	if (!du)
		abort();
	du->opt = *opt;
	if (!du->opt.max_entries)
		du->opt.max_entries = DU_MAX_ENTRIES;
	du->path = strdup(path);
	du->blocks = calloc(DU_BLOCKS, sizeof(du->blocks[0]));
	du->errors = calloc(DU_MAX_ERRORS, sizeof(du->errors[0]));
	if (!du->path || !du->blocks || !du->errors)
		abort();
	du->links = du_links_new();
	du->free_dirs = DU_NONE;
	pthread_mutex_init(&du->lock, NULL);
	pthread_cond_init(&du->changed, NULL);
	if (!open_start(du, err)) {
		du_free(du);
		return false;
	}
	make_root(du);
	if (!start_workers(du, err)) {
		du_free(du);
		return false;
	}
	*ret = du;
	return true;
}

bool du_running(const struct du *cdu)
{
	struct du *du = (struct du *)(uintptr_t)cdu;
	bool running;

	pthread_mutex_lock(&du->lock);
	running = du->n_stack || du->busy;
	pthread_mutex_unlock(&du->lock);
	return running;
}

bool du_wait(struct du *du, struct err *err)
{
	join_workers(du);
	if (atomic_load(&du->limited)) {
		err_set(err, ERR_LIMIT, "scanning %s: more than %llu entries", du->path,
			(unsigned long long)du->opt.max_entries);
		return err_hint(err, "scan a folder below it");
	}
	if (atomic_load(&du->cancelled))
		return err_set(err, ERR_CANCELLED, "scanning %s: cancelled", du->path);
	return true;
}

void du_cancel(struct du *du)
{
	atomic_store(&du->cancelled, true);
}

void du_free(struct du *du)
{
	if (!du)
		return;
	du_cancel(du);
	join_workers(du);
	for (uint32_t i = 0; i < du->n_dirs; i++)
		free(du_entries(du_dir_at(du, i)));
	for (size_t i = 0; i < DU_BLOCKS && du->blocks[i]; i++)
		free(du->blocks[i]);
	for (size_t i = 0; i < du->n_errors; i++)
		free((char *)(uintptr_t)du->errors[i].path.p);
	du_links_free(du->links);
	du_past_free(du->past);
	pthread_mutex_destroy(&du->lock);
	pthread_cond_destroy(&du->changed);
	if (du->fd > 0)
		close(du->fd);
	free(du->errors);
	free(du->blocks);
	free(du->stack);
	free(du->path);
	free(du);
}

/* ---- progress ---- */

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) +
	       (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

void du_progress(const struct du *cdu, struct du_progress *ret)
{
	struct du *du = (struct du *)(uintptr_t)cdu;
	const struct du_dir *root = du_dir_at(du, DU_ROOT);
	struct du_progress p = { 0 };
	struct timespec now;

	/* whether it runs comes first: the figures of a scan that is over are final */
	pthread_mutex_lock(&du->lock);
	p.running = du->n_stack || du->busy;
	now = du->ended;
	pthread_mutex_unlock(&du->lock);
	if (p.running)
		clock_gettime(CLOCK_MONOTONIC, &now);
	p.entries = atomic_load(&root->items);
	p.disk = atomic_load(&root->disk);
	p.apparent = atomic_load(&root->apparent);
	p.folders_left = atomic_load(&root->pending);
	p.errors = atomic_load(&du->error_count);
	p.cancelled = atomic_load(&du->cancelled);
	p.limited = atomic_load(&du->limited);
	p.seconds = seconds_between(&du->begun, &now);
	p.rate = p.seconds > 0 ? (double)p.entries / p.seconds : 0;
	*ret = p;
}

/* ---- once more ---- */

static bool stat_folder(struct du *du, uint32_t folder, struct stat *ret, struct err *err)
{
	int fd = du_open_folder(du, folder);
	struct arena *a;

	if (fd >= 0 && fstat(fd, ret) == 0) {
		close(fd);
		return true;
	}
	a = arena_new();
	err_sys(err, errno, "scanning %s again", du_path(du, a, folder, STR_NONE).p);
	arena_free(a);
	if (fd >= 0)
		close(fd);
	return false;
}

bool du_rescan(struct du *du, uint32_t folder, struct err *err)
{
	struct du_dir *dir = du_dir_at(du, folder);
	struct stat st;

	if (du_running(du))
		return err_set(err, ERR_BUSY, "scanning %s again: a scan is running",
			       du->path);
	if (!stat_folder(du, folder, &st, err))
		return false;
	join_workers(du);
	du_drop(du, folder);
	dir->ino = st.st_ino;
	du_charge(du, folder, (uint64_t)st.st_blocks * 512, (uint64_t)st.st_size, 1);
	for (uint32_t up = folder; up != DU_NONE; up = du_dir_at(du, up)->parent)
		atomic_fetch_add(&du_dir_at(du, up)->pending, 1);
	pthread_mutex_lock(&du->lock);
	push_locked(du, (struct du_task){ folder, NULL });
	pthread_mutex_unlock(&du->lock);
	return start_workers(du, err);
}
