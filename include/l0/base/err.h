/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The error value. It lives in the caller, usually on the stack, so that raising one
 * needs no heap and no clearing. A function that can fail takes `struct err *` last
 * and returns bool: true is success. Lower layers fill it, the outermost one prints it.
 *
 * The message reads "what failed: object: reason"; the hint says what to do now.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK           __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, va) __attribute__((format(printf, fmt, va)))

enum err_code {
	ERR_NONE,
	ERR_IO,        /* the system said no for a reason of its own */
	ERR_PARSE,     /* input is not what it claims to be */
	ERR_USAGE,     /* the command line is wrong */
	ERR_NOTFOUND,  /* the named object does not exist */
	ERR_AMBIGUOUS, /* several objects fit the name */
	ERR_CONFLICT,  /* the object is not in the state this needs */
	ERR_BUSY,      /* somebody else holds it; later may work */
	ERR_LIMIT,     /* larger than this program is willing to handle */
	ERR_DENIED,    /* no permission */
	ERR_CANCELLED, /* the user stopped it */
	ERR_INTERNAL,  /* a fault of this program */
};

struct err {
	enum err_code code;
	int sys; /* errno where the system caused it, else 0 */
	char msg[512];
	char hint[384];
};

/** Raise an error. Always returns false, so `return err_set(...)` reads well.
 *  `err` may be NULL when the caller does not care why. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Raise an error from an errno value; ": <strerror>" is added to the message and the
 *  code follows from it (ENOENT is NOTFOUND, EACCES and EPERM are DENIED, ...). */
bool err_sys(struct err *err, int errnum, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** Put "context: " in front of the message on its way up. Always returns false. */
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Replace the hint. Always returns false. */
bool err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** The name of a code as it stands in JSON errors and tests: "notfound", "io", ... */
const char *err_code_name(enum err_code code);

#endif
