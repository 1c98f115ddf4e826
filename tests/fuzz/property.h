/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every fuzz target includes. A target feeds bytes to one door of the program and
 * states a property of what comes out; PROPERTY aborts where it does not hold.
 */
#ifndef TESTS_FUZZ_PROPERTY_H
#define TESTS_FUZZ_PROPERTY_H

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/strbuf.h"

#define PROPERTY(holds)                                                                  \
	do {                                                                             \
		if (!(holds)) {                                                          \
			fprintf(stderr, "%s:%d: property does not hold: %s\n", __FILE__, \
				__LINE__, #holds);                                       \
			abort();                                                         \
		}                                                                        \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static inline struct str fuzz_input(const uint8_t *data, size_t n)
{
	return str_n((const char *)data, n);
}

#endif
