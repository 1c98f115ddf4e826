/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that are not used in this tree, turned into compile errors. Each has a
 * bounded or checked counterpart: strbuf and snprintf for text, str_to_i64() and
 * str_to_u64() for numbers, str_cut() for splitting, spawn.h for children.
 *
 * The build includes this file before every source file (-include), so it first
 * pulls in the system headers that declare the names.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) sorry_##name##_is_banned

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef strtok_r
#undef gets
#undef atoi
#undef atol
#undef atof
#undef strtol
#undef strtoul
#undef strtoll
#undef strtoull
#undef system
#undef popen
#undef alloca
#undef localtime
#undef gmtime
#undef ctime
#undef asctime
#undef tmpnam
#undef mktemp
#define strcpy(d, s)      BANNED(strcpy)
#define strcat(d, s)      BANNED(strcat)
#define strncpy(d, s, n)  BANNED(strncpy)
#define strncat(d, s, n)  BANNED(strncat)
#define sprintf(...)      BANNED(sprintf)
#define vsprintf(...)     BANNED(vsprintf)
#define strtok(s, d)      BANNED(strtok)
#define strtok_r(s, d, p) BANNED(strtok_r)
#define gets(s)           BANNED(gets)
#define atoi(s)           BANNED(atoi)
#define atol(s)           BANNED(atol)
#define atof(s)           BANNED(atof)
#define strtol(s, e, b)   BANNED(strtol)
#define strtoul(s, e, b)  BANNED(strtoul)
#define strtoll(s, e, b)  BANNED(strtoll)
#define strtoull(s, e, b) BANNED(strtoull)
#define system(s)         BANNED(system)
#define popen(c, m)       BANNED(popen)
#define alloca(n)         BANNED(alloca)
#define localtime(t)      BANNED(localtime)
#define gmtime(t)         BANNED(gmtime)
#define ctime(t)          BANNED(ctime)
#define asctime(t)        BANNED(asctime)
#define tmpnam(s)         BANNED(tmpnam)
#define mktemp(s)         BANNED(mktemp)

#endif
