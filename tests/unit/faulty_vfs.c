/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The failing file system: a shim over SQLite's own (https://sqlite.org/vfs.html,
 * "VFS Shims"). A killed write leaves its first half behind, as a torn page would be.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty_vfs.h"

struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real;
};

static enum fault kind;
static int left;
static bool failed;
static sqlite3_vfs *under;

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

/* The next change happens; SQLITE_OK, or why it does not. */
static int next_change(void)
{
	if (kind == FAULT_NONE || left <= 0 || --left > 0)
		return SQLITE_OK;
	left = 1; /* all that follow fail too */
	failed = true;
	return kind == FAULT_IO ? SQLITE_IOERR_WRITE : SQLITE_FULL;
}

static int f_close(sqlite3_file *f)
{
	return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = next_change();

	if (rc == SQLITE_OK)
		return real(f)->pMethods->xWrite(real(f), p, n, at);
	if (kind == FAULT_KILL) {
		real(f)->pMethods->xWrite(real(f), p, n / 2, at);
		_exit(FAULTY_EXIT);
	}
	return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	int rc = next_change();

	if (rc != SQLITE_OK && kind == FAULT_KILL)
		_exit(FAULTY_EXIT);
	return rc == SQLITE_OK ? real(f)->pMethods->xTruncate(real(f), n) : rc;
}

static int f_sync(sqlite3_file *f, int flags)
{
	int rc = next_change();

	if (rc != SQLITE_OK && kind == FAULT_KILL)
		_exit(FAULTY_EXIT);
	return rc == SQLITE_OK ? real(f)->pMethods->xSync(real(f), flags) : rc;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}

static int f_lock(sqlite3_file *f, int l)
{
	return real(f)->pMethods->xLock(real(f), l);
}

static int f_unlock(sqlite3_file *f, int l)
{
	return real(f)->pMethods->xUnlock(real(f), l);
}

static int f_reserved(sqlite3_file *f, int *r)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), r);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int f_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **p)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, p);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int f_shm_unmap(sqlite3_file *f, int delete_it)
{
	return real(f)->pMethods->xShmUnmap(real(f), delete_it);
}

/* version 2: without xFetch every page is read and written through here */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_device,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags,
		  int *out)
{
	struct faulty_file *file = (struct faulty_file *)f;
	int rc;

	(void)v;
	file->real = (sqlite3_file *)&file[1];
	rc = under->xOpen(under, name, file->real, flags, out);
	f->pMethods = file->real->pMethods ? &methods : NULL;
	return rc;
}

void faulty_vfs_register(void)
{
	static sqlite3_vfs vfs;

	if (vfs.zName)
		return;
	under = sqlite3_vfs_find(NULL);
	vfs = *under;
	vfs.zName = "faulty";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct faulty_file) + under->szOsFile;
	vfs.xOpen = v_open;
	sqlite3_vfs_register(&vfs, 0);
}

void faulty_vfs_set(enum fault fault, int n)
{
	kind = fault;
	left = n;
	failed = false;
}

bool faulty_vfs_failed(void)
{
	return failed;
}
