/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data/schema/NNN.sql, compiled in.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

extern const char *const schema_files[];
extern const int schema_version; /* how many there are */

#endif
