/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mail in: from the bytes of a mailbox to author, message and patch. The three steps
 * are unpack (gzip, xz), split (one mailbox, many mails) and parse (one mail). Splitting
 * gives the bytes that git-mailsplit(1) writes, parsing the fields and texts of
 * git-mailinfo(1), so that the commits made from them are git's own.
 *
 * Everything is pure: bytes in, views and arena copies out, no file and no global. Views
 * point into the input or the arena; both must outlive the result. All of it is linear
 * in the input. Formats: RFC 5322 headers, 2045 and 2047 encodings, 3676 flowed text.
 */
#ifndef PATCH_MAIL_H
#define PATCH_MAIL_H

#include "base/arena.h"
#include "base/strbuf.h"

/* What is refused with ERR_LIMIT, in bytes and pieces. */
#define MAIL_MAX_INPUT   ((size_t)1 << 30)   /* one mailbox, unpacked */
#define MAIL_MAX_BYTES   ((size_t)256 << 20) /* one mail */
#define MAIL_MAX_HEADERS ((size_t)1 << 20)   /* the header block of a mail or a part */
#define MAIL_MAX_MAILS   100000
#define MAIL_MAX_PARTS   10000

/* ---- unpack ---- */

/** Do the bytes begin as gzip (RFC 1952) or xz data does? */
bool mail_is_packed(struct str bytes);
/** Append the unpacked bytes, at most out->max (ERR_LIMIT); ERR_PARSE on damaged data,
 *  which includes a cut end. `name` is for the message. */
bool mail_unpack(struct str bytes, const char *name, struct strbuf *out, struct err *err)
	MUST_CHECK;

/* ---- split ---- */

/* The names are those of `git am --patch-format`. */
enum mail_format {
	MAIL_FORMAT_UNKNOWN, /* as an option: find out */
	MAIL_FORMAT_MBOX,    /* mboxo, one bare mail, format-patch output, b4's .mbx */
	MAIL_FORMAT_MBOXRD,  /* ">From " lines lose one '>' */
	MAIL_FORMAT_STGIT,
	MAIL_FORMAT_STGIT_SERIES, /* a list of StGit patch files */
	MAIL_FORMAT_HG,
};

struct mailbox_mail {
	struct str bytes; /* what mailsplit would write: for mail_parse() */
	struct str raw;   /* the same piece as it stands in the mailbox */
	size_t offset;    /* of `raw` in the mailbox */
	size_t line;      /* its first line in the mailbox, from 1 */
};

struct mailbox {
	enum mail_format format;
	struct mailbox_mail *v;
	size_t n, cap;
};

struct mailbox_options {
	enum mail_format format;
	bool keep_cr;  /* CR LF line ends stay; otherwise they become LF */
	bool as_stdin; /* standard input and folders: taken for MBOX, may be empty */
};

/** "mbox", "mboxrd", "stgit", "stgit-series", "hg" and back; UNKNOWN for other words. */
const char *mail_format_name(enum mail_format format);
enum mail_format mail_format_of(struct str name);
/** Look at the first lines only. UNKNOWN when nothing fits, a bare diff included. */
enum mail_format mail_format_detect(struct str bytes);

/** Cut a mailbox into mails. StGit and hg patches are one mail each and are turned into
 *  RFC 5322 form. ERR_PARSE when the format is unknown or the mailbox is empty; a
 *  STGIT_SERIES is refused with ERR_USAGE: see mail_series_files(). Does one file of a
 *  Maildir too: there, an mbox "From " line inside the text does not split a mail. */
bool mailbox_split(struct arena *a, struct str bytes, const struct mailbox_options *opt,
		   struct mailbox *ret, struct err *err) MUST_CHECK;

struct mail_names {
	struct str *v;
	size_t n, cap;
};
/** The files that a StGit series names, relative to the folder of the series file. Each
 *  is then a mailbox of format STGIT. */
bool mail_series_files(struct arena *a, struct str bytes, struct mail_names *ret,
		       struct err *err) MUST_CHECK;
/** Order of "cur/..." and "new/..." names in a Maildir: digits count as numbers. */
int mail_maildir_cmp(struct str a, struct str b);

/* ---- parse ---- */

enum mail_keep {
	MAIL_KEEP_NOTHING,  /* "Re:" and all leading [...] go */
	MAIL_KEEP_NONPATCH, /* -b: of the brackets only those with PATCH go */
	MAIL_KEEP_SUBJECT,  /* -k: as it is */
};

enum mail_quoted_cr { MAIL_CR_WARN, MAIL_CR_NOWARN, MAIL_CR_STRIP };

struct mail_options {
	enum mail_keep keep;
	enum mail_quoted_cr quoted_cr;
	bool scissors;        /* drop what stands above a "-- >8 --" line */
	bool message_id;      /* add "Message-Id: <...>" to the message */
	bool no_inbody;       /* From:, Subject:, Date: in the text are text */
	bool no_recode;       /* -n: leave bytes in their charset */
	const char *encoding; /* target charset; NULL is UTF-8 */
};

/* "[PATCH v3 07/12] ..." taken apart; a number that is not there is 0. */
struct mail_tag {
	struct str
		prefix; /* the words that are no number: "PATCH", "RFC PATCH net-next" */
	unsigned version; /* 1 when a prefix names none, 0 without any prefix */
	unsigned part;    /* 7; has_part tells "0/12" from none */
	unsigned total;   /* 12 */
	bool has_part;
	bool reply; /* begins with "Re:" */
};

struct mail_trailer {
	struct str name, value; /* "Signed-off-by", "A U Thor <author@example.org>" */
};

struct mail {
	/* Exactly the values of mailinfo's "Author:", "Email:", "Subject:" and "Date:";
	 * p is NULL where it prints no such line. */
	struct str author, email, subject, date;
	struct str body; /* mailinfo's msg file: the message without the subject */
	struct str
		patch; /* mailinfo's patch file: from its first line to the mail's end */

	size_t patch_line; /* line of the mail on which the patch begins, from 1; 0: none
			    */
	size_t patch_offset;   /* and its byte there */
	struct mail_run *runs; /* see mail_line() */
	size_t n_runs;

	struct str message_id;  /* with its angle brackets, whatever opt->message_id */
	struct str in_reply_to; /* likewise */
	struct str raw_subject; /* decoded, before cleaning, as it stands in the header */
	struct str base_commit; /* hex of a "base-commit:" line */
	struct str patch_id;    /* hex of a "prerequisite-patch-id:" line, the last one */
	struct mail_tag tag;
	struct mail_trailer *trailers; /* of the last paragraph above the patch */
	size_t n_trailers;
	bool has_diff;  /* `patch` holds changes, not only what follows a "---" */
	bool flowed;    /* was format=flowed: blanks at line ends may be lost */
	bool quoted_cr; /* CR LF hidden in base64 or quoted-printable */
	bool html;      /* a text/html part, and no text/plain one */
	bool internal;  /* pine's folder data, no mail: git-am skips it */
};

/** Parse one mail. ERR_PARSE where git-mailinfo fails too (empty, an unknown charset, a
 *  broken encoded word, NUL in a header, boundaries too deep), ERR_LIMIT as above. A
 *  mail without a patch is no error: patch.n is 0. */
bool mail_parse(struct arena *a, struct str bytes, const struct mail_options *opt,
		struct mail *ret, struct err *err) MUST_CHECK;
/** The info text as git-mailinfo prints it, for .git/rebase-apply/info. */
void mail_print_info(const struct mail *mail, struct strbuf *out);
/** The commit message as git-am makes it: subject, blank line, body; blank lines
 * squeezed, blanks at line ends cut. */
void mail_print_message(const struct mail *mail, struct strbuf *out);
/** The line of the mail (from 1) on which line `n` of the patch (from 1) stands. Inside
 *  base64 it is the encoded line that ends it. */
size_t mail_line(const struct mail *mail, size_t n);
/** Take a subject's prefix apart. */
struct mail_tag mail_tag_of(struct arena *a, struct str subject);

/* ---- damage ---- */

enum mail_damage_kind {
	MAIL_DAMAGE_WRAPPED,  /* a long line was broken in two */
	MAIL_DAMAGE_STRIPPED, /* the blank of an empty context line is gone */
	MAIL_DAMAGE_TABS,     /* tabs became blanks */
	MAIL_DAMAGE_NBSP,     /* blanks became no-break spaces */
	MAIL_DAMAGE_CUT,      /* the end is missing */
	MAIL_DAMAGE_HTML,     /* sent as HTML */
	MAIL_DAMAGE_QUOTED,   /* a reply: "> " before each line */
	MAIL_DAMAGE_FLOWED,   /* format=flowed ate blanks */
	MAIL_DAMAGE_COUNT,    /* a hunk header whose counts lie */
};

struct mail_damage {
	enum mail_damage_kind kind;
	size_t line;     /* of the mail, from 1 */
	struct str text; /* "line 57: a long line was wrapped by the mailer" */
	bool repaired;   /* in mail_report.patch; otherwise it is only told */
};

struct mail_report {
	struct mail_damage *v;
	size_t n, cap;
	bool repaired;    /* something was: use body and patch from here */
	struct str body;  /* repaired, or the mail's own */
	struct str patch; /* likewise */
};

/** Look for what mailers do to patches, name it, and repair it where only one original is
 *  possible: the repaired hunks then fulfil their own headers. An undamaged mail gives
 *  n == 0. At most 100 damages are listed. */
bool mail_damage(struct arena *a, struct str bytes, const struct mail *mail,
		 struct mail_report *ret, struct err *err) MUST_CHECK;

#endif
