/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates: see patch/date.h. A date is read word by word: names give month and zone, a
 * number gives what its shape and what is still missing say. Nothing has to stand at a
 * certain place, so that the dates of thirty years of mailers are understood. One pass
 * over the text, no allocation.
 */
#include <ctype.h>
#include <strings.h>

#include "base/arena.h"
#include "patch/date.h"

enum { NONE = -1, NO_ZONE = 1 << 20, SECONDS_MIN = 100000000 };

struct reading {
	int year, month, day; /* year whole, month from 0, day from 1; NONE: not seen */
	int hour, min, sec;
	int zone; /* minutes east, or NO_ZONE */
	bool utc;
	int64_t seconds; /* since 1970, when stated as such */
	bool has_seconds;
};

static const char *const months[] = { "January",   "February", "March",    "April",
				      "May",       "June",     "July",     "August",
				      "September", "October",  "November", "December" };

/* RFC 2822 section 4.3 and the zones that old mailers write; hours east, daylight saving
 * adds one. */
static const struct {
	const char *name;
	int hours, dst;
} zones[] = {
	{ "IDLW", -12, 0 }, { "NT", -11, 0 },  { "CAT", -10, 0 }, { "HST", -10, 0 },
	{ "HDT", -10, 1 },  { "YST", -9, 0 },  { "YDT", -9, 1 },  { "PST", -8, 0 },
	{ "PDT", -8, 1 },   { "MST", -7, 0 },  { "MDT", -7, 1 },  { "CST", -6, 0 },
	{ "CDT", -6, 1 },   { "EST", -5, 0 },  { "EDT", -5, 1 },  { "AST", -3, 0 },
	{ "ADT", -3, 1 },   { "WAT", -1, 0 },  { "GMT", 0, 0 },   { "UTC", 0, 0 },
	{ "Z", 0, 0 },      { "WET", 0, 0 },   { "BST", 0, 1 },   { "CET", 1, 0 },
	{ "MET", 1, 0 },    { "MEWT", 1, 0 },  { "MEST", 1, 1 },  { "CEST", 1, 1 },
	{ "MESZ", 1, 1 },   { "FWT", 1, 0 },   { "FST", 1, 1 },   { "EET", 2, 0 },
	{ "EEST", 2, 1 },   { "WAST", 7, 0 },  { "WADT", 7, 1 },  { "CCT", 8, 0 },
	{ "JST", 9, 0 },    { "EAST", 10, 0 }, { "EADT", 10, 1 }, { "GST", 10, 0 },
	{ "NZT", 12, 0 },   { "NZST", 12, 0 }, { "NZDT", 12, 1 }, { "IDLE", 12, 0 },
};

static size_t alpha_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && isalpha((unsigned char)s.p[n]))
		n++;
	return n;
}

static size_t digit_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && isdigit((unsigned char)s.p[n]))
		n++;
	return n;
}

static bool is_digit_at(struct str s, size_t i)
{
	return i < s.n && isdigit((unsigned char)s.p[i]);
}

static bool has_date(const struct reading *r)
{
	return r->day != NONE && r->month != NONE && r->year != NONE;
}

static void read_meridiem(struct reading *r, char letter)
{
	if (r->hour < 0 || r->hour > 12)
		return;
	r->hour = r->hour % 12 + (toupper((unsigned char)letter) == 'P' ? 12 : 0);
}

/* A word of letters; returns the bytes it used. */
static size_t read_word(struct reading *r, struct str s)
{
	size_t n = alpha_run(s);

	if (s.p[0] == 'T' && is_digit_at(s, 1) && r->hour == NONE) {
		r->min = r->sec = 0;
		return 1;
	}
	for (size_t i = 0; n >= 3 && i < ARRAY_SIZE(months); i++) {
		if (n <= strlen(months[i]) && !strncasecmp(s.p, months[i], n)) {
			r->month = (int)i;
			return n;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++) {
		if (n == strlen(zones[i].name) && !strncasecmp(s.p, zones[i].name, n)) {
			if (r->zone == NO_ZONE)
				r->zone = (zones[i].hours + zones[i].dst) * 60;
			return n;
		}
	}
	if (n == 2 && toupper((unsigned char)s.p[1]) == 'M' && strchr("aApP", s.p[0]))
		read_meridiem(r, s.p[0]);
	return n;
}

static bool set_time(struct reading *r, int64_t hour, int64_t min, int64_t sec)
{
	if (hour < 0 || hour > 24 || min < 0 || min >= 60 || sec < 0 || sec > 60)
		return false;
	r->hour = (int)hour;
	r->min = (int)min;
	r->sec = (int)sec;
	return true;
}

/* A year as people write it: 2005, 05, 99. */
static int whole_year(int64_t year)
{
	if (year >= 1970 && year < 2100)
		return (int)year;
	if (year > 69 && year < 100)
		return (int)year + 1900;
	if (year >= 0 && year < 38)
		return (int)year + 2000;
	return NONE;
}

static bool set_date(struct reading *r, int64_t year, int64_t month, int64_t day)
{
	int y = year < 0 ? NONE : whole_year(year);

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	if (year >= 0 && y == NONE)
		return false;
	if (y != NONE)
		r->year = y;
	r->month = (int)month - 1;
	r->day = (int)day;
	return true;
}

/* a-b-c, a/b/c, a.b.c; c is NONE when it is not there. */
static bool read_ymd(struct reading *r, char sep, int64_t a, int64_t b, int64_t c)
{
	if (a > 70 && c != NONE && (set_date(r, a, b, c) || set_date(r, a, c, b)))
		return true;
	if (sep != '.' && set_date(r, c, a, b))
		return true;
	return set_date(r, c, b, a) || (sep == '.' && set_date(r, c, a, b));
}

static bool starts_number(struct str s, char sep)
{
	return is_digit_at(s, 1) && s.p[0] == sep;
}

/* Numbers with a separator between them: a time or a date. */
static size_t read_numbers(struct reading *r, struct str s, int64_t first, size_t used)
{
	char sep = s.p[used];
	struct str rest = str_from(s, used + 1);
	uint64_t second = 0, third = 0;
	bool has_third = false;

	if (!str_eat_u64(&rest, 10, &second))
		return 0;
	if (starts_number(rest, sep)) {
		rest = str_from(rest, 1);
		has_third = str_eat_u64(&rest, 10, &third);
	}
	if (second > 9999 || third > 9999)
		return 0;
	if (sep != ':') {
		int64_t c = has_third ? (int64_t)third : NONE;

		return read_ymd(r, sep, first, (int64_t)second, c) ? s.n - rest.n : 0;
	}
	if (!set_time(r, first, (int64_t)second, (int64_t)third))
		return 0;
	/* After a whole date a point begins parts of a second; else it may be a date. */
	if (has_date(r) && starts_number(rest, '.'))
		rest = str_from(rest, 1 + digit_run(str_from(rest, 1)));
	return s.n - rest.n;
}

/* 20050407 or 221315, as ISO 8601 writes them without separators. */
static size_t read_compact(struct reading *r, struct str s, int64_t num, size_t n)
{
	int64_t a = num / 10000, b = num / 100 % 100, c = num % 100;

	if (n == 8)
		set_date(r, a, b, c);
	else if (set_time(r, a, b, c) && n + 1 < s.n && s.p[n] == '.')
		n += 1 + digit_run(str_from(s, n + 1));
	return n;
}

/* Four digits: a zone without its sign, or a year. */
static void read_four(struct reading *r, int64_t num)
{
	if (num <= 1400 && r->zone == NO_ZONE)
		r->zone = (int)(num / 100 * 60 + num % 100);
	else if (num > 1900 && num < 2100)
		r->year = (int)num;
}

/* One or two digits: a day, a year or a month, the first that is missing and fits. */
static void read_small(struct reading *r, int64_t num, size_t n)
{
	if (num > 0 && num < 32 && r->day == NONE)
		r->day = (int)num;
	else if (n == 2 && r->year == NONE && (num >= 70 || (num < 10 && r->day != NONE)))
		r->year = (int)num + (num >= 70 ? 1900 : 2000);
	else if (num > 0 && num < 13 && r->month == NONE)
		r->month = (int)num - 1;
}

/* Too large for anything else, and nothing of a date stands before it. */
static bool is_seconds(const struct reading *r, uint64_t num, size_t n)
{
	return num >= SECONDS_MIN && n != 8 && r->year == NONE && r->month == NONE &&
	       r->day == NONE;
}

static size_t read_digits(struct reading *r, struct str s)
{
	size_t n = digit_run(s), used;
	struct str rest = s;
	uint64_t num;

	if (!str_eat_u64(&rest, 10, &num) || num > INT64_MAX / 2)
		return n;
	if (is_seconds(r, num, n)) {
		r->seconds = (int64_t)num;
		r->has_seconds = r->utc = true;
		return n;
	}
	if (n < s.n && strchr(":./-", s.p[n]) && is_digit_at(s, n + 1)) {
		used = read_numbers(r, s, (int64_t)num, n);
		if (used)
			return used;
	}
	if (n == 8 || n == 6)
		return read_compact(r, s, (int64_t)num, n);
	if (n == 4)
		read_four(r, (int64_t)num);
	else if (n <= 2)
		read_small(r, (int64_t)num, n);
	return n;
}

/* "+0200", "-07:00", "+5". */
static size_t read_zone(struct reading *r, struct str s)
{
	size_t n = digit_run(str_from(s, 1)), used = n + 1;
	struct str rest = str_from(s, 1);
	uint64_t num = 0, min = 0;

	if (!str_eat_u64(&rest, 10, &num) || n > 4)
		return used;
	if (n <= 2 && rest.n > 1 && rest.p[0] == ':' && is_digit_at(rest, 1)) {
		rest = str_from(rest, 1);
		if (!str_eat_u64(&rest, 10, &min))
			return used;
		used = s.n - rest.n;
	} else if (n > 2) {
		min = num % 100;
		num /= 100;
	}
	if (min >= 60 || num >= 24)
		return used;
	r->zone = (int)(num * 60 + min) * (s.p[0] == '-' ? -1 : 1);
	return used;
}

/* Days since 1970-01-01 of a Gregorian date. */
static int64_t days_of(int year, int month, int day)
{
	static const int before[] = { 0,   31,  59,  90,  120, 151,
				      181, 212, 243, 273, 304, 334 };
	int64_t y = year - (month < 2);

	return (int64_t)(year - 1970) * 365 + (y / 4 - y / 100 + y / 400) - 477 +
	       before[month] + day - 1;
}

static int local_offset(int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

/* "1112911993 -0700" with nothing else, any number of digits; "@" stands before it. */
static bool read_raw(struct str s, struct date *ret)
{
	uint64_t when, hhmm;
	bool minus;

	if (!str_eat_u64(&s, 10, &when) || when > INT64_MAX || s.n < 6 || s.p[0] != ' ' ||
	    (s.p[1] != '+' && s.p[1] != '-') || digit_run(str_from(s, 2)) != 4)
		return false;
	minus = s.p[1] == '-';
	s = str_from(s, 2);
	if (!str_eat_u64(&s, 10, &hhmm) || str_trim(s).n)
		return false;
	*ret = (struct date){ (int64_t)when, (int)(hhmm / 100 * 60 + hhmm % 100) };
	if (minus)
		ret->offset = -ret->offset;
	return true;
}

static void read_all(struct reading *r, struct str s)
{
	while (s.n && s.p[0] != '\n' && s.p[0] != '\0') {
		unsigned char c = (unsigned char)s.p[0];
		size_t used = 1;

		if (isalpha(c))
			used = read_word(r, s);
		else if (isdigit(c))
			used = read_digits(r, s);
		else if ((c == '-' || c == '+') && is_digit_at(s, 1) &&
			 (r->hour != NONE || r->has_seconds))
			used = read_zone(r, s);
		s = str_from(s, used ? used : 1);
	}
}

bool date_parse(struct str text, struct date *ret, struct err *err)
{
	struct reading r = { NONE, NONE, NONE, NONE, NONE, NONE, NO_ZONE };
	struct str at = text;
	int64_t when;

	if (str_skip(&at, STR("@")) && read_raw(at, ret))
		return true;
	read_all(&r, text);
	if (!r.has_seconds && (!has_date(&r) || r.hour == NONE))
		return err_set(err, ERR_PARSE, "invalid date format: " STR_FMT,
			       STR_ARG(text));
	when = r.has_seconds ? r.seconds
			     : days_of(r.year, r.month, r.day) * 86400 + r.hour * 3600 +
				       (r.min == NONE ? 0 : r.min) * 60 +
				       (r.sec == NONE ? 0 : r.sec);
	if (r.zone == NO_ZONE) {
		r.zone = local_offset(when);
		if (!r.utc)
			r.zone = local_offset(when - (int64_t)r.zone * 60);
	}
	if (!r.utc)
		when -= (int64_t)r.zone * 60;
	if (when < 0)
		return err_set(err, ERR_PARSE, "invalid date format: " STR_FMT,
			       STR_ARG(text));
	*ret = (struct date){ when, r.zone };
	return true;
}

struct date date_now(void)
{
	int64_t now = (int64_t)time(NULL);

	return (struct date){ now, local_offset(now) };
}

void date_print(struct date d, char buf[48])
{
	int a = d.offset < 0 ? -d.offset : d.offset;

	snprintf(buf, 48, "%lld %c%02d%02d", (long long)d.when, d.offset < 0 ? '-' : '+',
		 a / 60, a % 60);
}
