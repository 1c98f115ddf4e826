/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command may do: see note/placeholder.h. The first word of each command in the
 * line is looked up in one table; a word behind sudo, xargs and their like counts as a
 * first word, too. Redirections to /sys, /proc and devices are seen as well.
 */
#include "note/placeholder.h"
#include "shell.h"

/* `option` must stand in a later word of the same command; NULL: always. */
static const struct rule {
	const char *program, *option;
	enum danger_level level;
	const char *why;
} rules[] = {
	{ "sudo", NULL, DANGER_ROOT, "sudo asks for root" },
	{ "su", NULL, DANGER_ROOT, "su becomes another user" },
	{ "doas", NULL, DANGER_ROOT, "doas asks for root" },
	{ "pkexec", NULL, DANGER_ROOT, "pkexec asks for root" },
	{ "mount", NULL, DANGER_ROOT, "mount needs root" },
	{ "umount", NULL, DANGER_ROOT, "umount needs root" },
	{ "modprobe", NULL, DANGER_ROOT, "modprobe changes the running kernel" },
	{ "insmod", NULL, DANGER_ROOT, "insmod changes the running kernel" },
	{ "rmmod", NULL, DANGER_ROOT, "rmmod changes the running kernel" },
	{ "sysctl", "-w", DANGER_ROOT, "sysctl -w changes a setting of the kernel" },
	{ "chroot", NULL, DANGER_ROOT, "chroot needs root" },
	{ "bpftrace", NULL, DANGER_ROOT, "bpftrace needs root" },
	{ "trace-cmd", NULL, DANGER_ROOT, "trace-cmd needs root" },
	{ "reboot", NULL, DANGER_DESTROYS, "reboot ends every program" },
	{ "shutdown", NULL, DANGER_DESTROYS, "shutdown ends every program" },
	{ "poweroff", NULL, DANGER_DESTROYS, "poweroff ends every program" },
	{ "halt", NULL, DANGER_DESTROYS, "halt ends every program" },
	{ "kexec", NULL, DANGER_DESTROYS, "kexec starts another kernel" },
	{ "rm", NULL, DANGER_DESTROYS, "rm deletes files" },
	{ "rmdir", NULL, DANGER_DESTROYS, "rmdir deletes folders" },
	{ "unlink", NULL, DANGER_DESTROYS, "unlink deletes a file" },
	{ "shred", NULL, DANGER_DESTROYS, "shred overwrites files" },
	{ "truncate", NULL, DANGER_DESTROYS, "truncate cuts files" },
	{ "dd", "of=", DANGER_DESTROYS, "dd overwrites what of= names" },
	{ "wipefs", NULL, DANGER_DESTROYS, "wipefs erases signatures" },
	{ "fdisk", NULL, DANGER_DESTROYS, "fdisk changes partitions" },
	{ "parted", NULL, DANGER_DESTROYS, "parted changes partitions" },
	{ "sgdisk", NULL, DANGER_DESTROYS, "sgdisk changes partitions" },
	{ "mkswap", NULL, DANGER_DESTROYS, "mkswap overwrites a device" },
	{ "kill", NULL, DANGER_DESTROYS, "kill ends programs" },
	{ "killall", NULL, DANGER_DESTROYS, "killall ends programs" },
	{ "pkill", NULL, DANGER_DESTROYS, "pkill ends programs" },
	{ "find", "-delete", DANGER_DESTROYS, "find -delete deletes files" },
	{ "rsync", "--delete", DANGER_DESTROYS, "rsync --delete deletes files" },
	{ "chmod", "-R", DANGER_DESTROYS, "chmod -R changes many files" },
	{ "chown", "-R", DANGER_DESTROYS, "chown -R changes many files" },
	{ "git", "reset", DANGER_DESTROYS, "git reset --hard throws changes away" },
	{ "git", "clean", DANGER_DESTROYS, "git clean deletes files" },
	{ "git", "checkout", DANGER_DESTROYS, "git checkout may throw changes away" },
	{ "git", "restore", DANGER_DESTROYS, "git restore throws changes away" },
	{ "git", "push", DANGER_DESTROYS, "git push changes another repository" },
	{ "git", "send-email", DANGER_DESTROYS, "git send-email sends mail" },
	{ "git", "branch", DANGER_DESTROYS, "git branch -D deletes branches" },
	{ "git", "filter-branch", DANGER_DESTROYS, "git filter-branch rewrites history" },
	{ "b4", "send", DANGER_DESTROYS, "b4 send sends mail" },
	{ "perl", "-i", DANGER_DESTROYS, "perl -i rewrites files" },
	{ "sed", "-i", DANGER_DESTROYS, "sed -i rewrites files" },
	{ "mv", NULL, DANGER_DESTROYS, "mv may replace files" },
	{ "curl", "|sh", DANGER_DESTROYS, "a shell runs what the network sends" },
	{ "wget", "|sh", DANGER_DESTROYS, "a shell runs what the network sends" },
	{ "eval", NULL, DANGER_DESTROYS, "eval runs text that cannot be seen here" },
};

/* Rules that hold only together with a further word. */
static const struct {
	const char *option, *with, *with_too;
} refine[] = {
	{ "reset", "--hard", NULL },
	{ "clean", "-f", "--force" },
	{ "branch", "-D", "--delete" },
	{ "checkout", "--", "-f" },
};

/* Programs whose next plain word is a command of its own. */
static const char *const wrappers[] = { "sudo",    "doas",    "pkexec",  "env",
					"nice",    "nohup",   "time",    "xargs",
					"chrt",    "taskset", "watch",   "setsid",
					"ionice",  "exec",    "command", "stdbuf",
					"timeout", "numactl", "builtin" };

enum { WORDS_MAX = 64 };

struct line_words {
	struct str v[WORDS_MAX]; /* of the present command */
	size_t n;
	struct danger worst;
	bool network; /* the command before the pipe was curl or wget */
};

static bool is_one_of(struct str word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(word, str_of(list[i])))
			return true;
	return false;
}

static struct str base_name(struct str word)
{
	ptrdiff_t slash = str_rchr(word, '/');

	return str_from(word, (size_t)(slash + 1));
}

/* "-f" also in "-xdf", "of=" also before a value, words such as "reset" only whole. */
static bool word_is(struct str word, struct str option)
{
	bool letter = option.n == 2 && option.p[0] == '-' && option.p[1] != '-';

	if (str_eq(word, option))
		return true;
	if (str_ends(option, STR("=")) || (option.n > 2 && option.p[0] == '-'))
		return str_starts(word, option);
	return letter && word.n > 1 && word.p[0] == '-' && word.p[1] != '-' &&
	       str_chr(word, option.p[1]) > 0;
}

static bool has_word(const struct line_words *w, size_t from, struct str option)
{
	for (size_t i = from; i < w->n; i++)
		if (word_is(w->v[i], option))
			return true;
	return false;
}

static void raise(struct line_words *w, enum danger_level level, const char *why)
{
	if (level > w->worst.level)
		w->worst = (struct danger){ level, str_of(why) };
}

static bool refined(const struct line_words *w, size_t from, const struct rule *rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(refine); i++)
		if (rule->option && !strcmp(rule->option, refine[i].option))
			return has_word(w, from, str_of(refine[i].with)) ||
			       (refine[i].with_too &&
				has_word(w, from, str_of(refine[i].with_too)));
	return true;
}

static void judge_from(struct line_words *w, size_t at)
{
	struct str program = base_name(w->v[at]);

	if (w->network && (str_eq(program, STR("sh")) || str_eq(program, STR("bash"))))
		raise(w, DANGER_DESTROYS, "a shell runs what the network sends");
	if (str_starts(program, STR("mkfs")))
		raise(w, DANGER_DESTROYS, "mkfs erases a device");
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];

		if (!str_eq(program, str_of(r->program)) ||
		    (r->option &&
		     (r->option[0] == '|' || !has_word(w, at + 1, str_of(r->option)))))
			continue;
		if (refined(w, at + 1, r))
			raise(w, r->level, r->why);
	}
}

/* The command that the words make, and those that it starts in its turn. */
static void judge(struct line_words *w)
{
	size_t at = 0;

	while (at < w->n && shell_opens_command(w->v[at]))
		at++;
	while (at < w->n) {
		struct str program = base_name(w->v[at]);
		bool wraps = is_one_of(program, wrappers, ARRAY_SIZE(wrappers));

		judge_from(w, at);
		if (!wraps)
			break;
		/* any later word may be the command: options with values are not known */
		for (at++;
		     at < w->n && (w->v[at].p[0] == '-' || str_chr(w->v[at], '=') > 0);)
			at++;
	}
	for (size_t i = 1; i < w->n; i++)
		if (str_eq(w->v[i], STR("-exec")) || str_eq(w->v[i], STR("-execdir")))
			if (i + 1 < w->n)
				judge_from(w, i + 1);
	w->network = w->n && (str_eq(base_name(w->v[0]), STR("curl")) ||
			      str_eq(base_name(w->v[0]), STR("wget")));
	w->n = 0;
}

static void judge_redirection(struct line_words *w, struct str target)
{
	if (str_starts(target, STR("/sys/")) || str_starts(target, STR("/proc/")))
		raise(w, DANGER_ROOT, "it writes a setting of the kernel");
	if (str_starts(target, STR("/dev/")) && !str_starts(target, STR("/dev/null")) &&
	    !str_starts(target, STR("/dev/std")) && !str_starts(target, STR("/dev/fd")) &&
	    !str_starts(target, STR("/dev/tty")))
		raise(w, DANGER_DESTROYS, "it writes to a device");
}

enum redirect { REDIRECT_NONE, REDIRECT_READ, REDIRECT_WRITE };

static enum redirect redirect_of(struct str op)
{
	if (str_chr(op, '>') >= 0)
		return REDIRECT_WRITE;
	return op.p[0] == '<' ? REDIRECT_READ : REDIRECT_NONE;
}

static void end_word(struct line_words *w, struct str text, size_t from, size_t to,
		     enum redirect redirected)
{
	struct str word = str_sub(text, from, to - from);

	if (from >= to)
		return;
	if (word.n > 1 && word.p[0] == '\\')
		word = str_from(word, 1); /* \rm is rm */
	if (word.n >= 2 && (word.p[0] == '\'' || word.p[0] == '"') &&
	    word.p[word.n - 1] == word.p[0])
		word = str_sub(word, 1, word.n - 2);
	if (!word.n)
		return;
	if (redirected == REDIRECT_WRITE)
		judge_redirection(w, word);
	else if (redirected == REDIRECT_NONE && w->n < WORDS_MAX)
		w->v[w->n++] = word;
}

/* Is the atom part of a word of code, or of something quoted? */
static bool inside_word(const struct shell_atom *atom, struct str s, bool opens)
{
	if (opens)
		return false;
	return atom->in != SHELL_BARE || atom->kind == SHELL_TEXT ||
	       atom->kind == SHELL_SLOT || atom->kind == SHELL_EXPANSION ||
	       (atom->kind == SHELL_MARK && s.p[0] != ')');
}

static bool ends_command(const struct shell_atom *atom, enum redirect redirected)
{
	return atom->kind == SHELL_MARK || atom->kind == SHELL_NEWLINE ||
	       (atom->kind == SHELL_OPERATOR && !redirected);
}

struct danger command_danger(struct str text)
{
	struct line_words w = { 0 };
	struct shell sh = { 0 };
	struct shell_atom atom;
	size_t from = 0;
	enum redirect redirected = REDIRECT_NONE;

	shell_start(&sh, text);
	while (shell_next(&sh, &atom)) {
		struct str s = str_sub(text, atom.at, atom.n);
		bool opens =
			atom.kind == SHELL_MARK && (s.p[s.n - 1] == '(' || s.p[0] == '`');

		if (inside_word(&atom, s, opens))
			continue;
		end_word(&w, text, from, atom.at, redirected);
		/* the blank between > and its target changes nothing */
		if (atom.kind != SHELL_BLANK || from < atom.at)
			redirected = atom.kind == SHELL_OPERATOR ? redirect_of(s)
								 : REDIRECT_NONE;
		if (ends_command(&atom, redirected))
			judge(&w);
		from = atom.at + atom.n;
	}
	end_word(&w, text, from, text.n, redirected);
	judge(&w);
	return w.worst;
}
