/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The error value: see base/err.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const char *const names[] = {
	[ERR_NONE] = "none",           [ERR_IO] = "io",
	[ERR_PARSE] = "parse",         [ERR_USAGE] = "usage",
	[ERR_NOTFOUND] = "notfound",   [ERR_AMBIGUOUS] = "ambiguous",
	[ERR_CONFLICT] = "conflict",   [ERR_BUSY] = "busy",
	[ERR_LIMIT] = "limit",         [ERR_DENIED] = "denied",
	[ERR_CANCELLED] = "cancelled", [ERR_INTERNAL] = "internal",
};

const char *err_code_name(enum err_code code)
{
	return names[code];
}

bool err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return false;
	err->code = code;
	err->sys = 0;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return false;
}

static enum err_code code_of(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
	case ESRCH:
	case ENODEV:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case EAGAIN:
	case EBUSY:
	case ETXTBSY:
		return ERR_BUSY;
	case EFBIG:
	case ENAMETOOLONG:
		return ERR_LIMIT;
	case EEXIST:
	case ENOTEMPTY:
		return ERR_CONFLICT;
	default:
		return ERR_IO;
	}
}

bool err_sys(struct err *err, int errnum, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	if (!err)
		return false;
	err->code = code_of(errnum);
	err->sys = errnum;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", strerror(errnum));
	return false;
}

bool err_wrap(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	size_t n;

	if (!err)
		return false;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", old);
	return false;
}

bool err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return false;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return false;
}
