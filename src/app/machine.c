/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The door of probes: see app/machine.h. Everything is read through the root handle; what
 * only the running machine can say (programs, ioctls) is refused on a recorded one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/machine.h"
#include "base/file.h"
#include "base/spawn.h"

enum {
	READ_MAX = 64 * 1024,
	CONFIG_MAX = 4 << 20,
	VERSION_MAX = 16 * 1024,
	VERSION_MS = 2000,
};

struct machine {
	struct probe_door door;
	struct ctx *ctx;
	struct root *root;
	bool trusted;
	bool config_read;
	struct str config; /* empty: there is none */
};

/* Looked at before it is opened for reading: opening a device may already do something,
 * and a pipe would wait. */
static int open_regular(const struct root *root, const char *path, struct err *err)
{
	int fd = root_openat(root, path, O_PATH, err), readable;
	struct stat st;
	char self[64];

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		err_set(err, ERR_DENIED, "reading %s: not an ordinary file", path);
		return -1;
	}
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	readable = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (readable < 0)
		err_sys(err, errno, "reading %s", path);
	close(fd);
	return readable;
}

/* Reading these takes something away from whoever waits for it. */
static bool is_stream(struct str path)
{
	struct str name = str_from(path, (size_t)(str_rchr(path, '/') + 1));

	return str_eq(name, STR("kmsg")) || str_ends(name, STR("_pipe")) ||
	       str_ends(name, STR("_pipe_raw"));
}

static bool read_some(int fd, struct str path, size_t max, struct strbuf *b,
		      struct err *err)
{
	ssize_t n = 1;

	while (b->n < max && n > 0) {
		char *room = strbuf_reserve(b, max - b->n);

		n = room ? read(fd, room, max - b->n) : 0;
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			strbuf_wrote(b, (size_t)n);
	}
	return n >= 0 || err_sys(err, errno, "reading " STR_FMT, STR_ARG(path));
}

bool machine_read(struct ctx *ctx, struct arena *a, struct str path, size_t max,
		  struct str *ret, struct err *err)
{
	struct root *root = ctx_root(ctx, err);
	STRBUF_AUTO(b, max + 1);
	bool ok;
	int fd;

	if (!root)
		return false;
	if (is_stream(path))
		return err_set(err, ERR_DENIED,
			       "reading " STR_FMT
			       ": it would take lines away from others",
			       STR_ARG(path));
	fd = open_regular(root, arena_cstr(a, path), err);
	if (fd < 0)
		return false;
	ok = read_some(fd, path, max, &b, err);
	close(fd);
	if (ok)
		*ret = arena_str(a, strbuf_str(&b));
	return ok;
}

static bool door_read(void *arg, struct arena *a, struct str path, struct str *ret,
		      struct err *err)
{
	const struct machine *m = arg;

	return machine_read(m->ctx, a, path, READ_MAX, ret, err);
}

static bool door_exists(void *arg, struct str path, struct err *err)
{
	const struct machine *m = arg;
	char name[1024];
	int fd;

	if (path.n >= sizeof(name))
		return err_set(err, ERR_LIMIT, "the path is too long");
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	fd = root_openat(m->root, name, O_PATH, err);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool door_kernel(void *arg, struct arena *a, struct str *ret, struct err *err)
{
	const struct machine *m = arg;

	return root_read_line(m->root, a, "proc/sys/kernel/osrelease", ret, err);
}

/* ---- the kernel's configuration ---------------------------------------------- */

static bool read_config_gz(struct machine *m, struct arena *a)
{
	STRBUF_AUTO(text, CONFIG_MAX);
	struct str gz;
	struct err err;

	if (!machine_read(m->ctx, a, STR("/proc/config.gz"), CONFIG_MAX, &gz, &err) ||
	    !file_gunzip(gz, &text, "/proc/config.gz", &err))
		return false;
	m->config = arena_str(a, strbuf_str(&text));
	return true;
}

static void read_config(struct machine *m, struct arena *a)
{
	static const char *const places[] = { "/boot/config-" STR_FMT,
					      "/lib/modules/" STR_FMT "/config",
					      "/lib/modules/" STR_FMT "/build/.config" };
	struct str release;
	struct err err;

	if (m->config_read)
		return;
	m->config_read = true;
	if (read_config_gz(m, a) || !door_kernel(m, a, &release, &err) ||
	    str_chr(release, '/') >= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(places) && !m->config.n; i++) {
		struct str p = str_of(places[i]), path;
		ptrdiff_t at = str_find(p, STR(STR_FMT));

		path = arena_strf(a, STR_FMT STR_FMT STR_FMT,
				  STR_ARG(str_n(p.p, (size_t)at)), STR_ARG(release),
				  STR_ARG(str_from(p, (size_t)at + sizeof(STR_FMT) - 1)));
		if (!machine_read(m->ctx, a, path, CONFIG_MAX, &m->config, &err))
			m->config = STR("");
	}
}

static bool door_config(void *arg, struct arena *a, struct str name, struct str *ret,
			struct err *err)
{
	struct machine *m = arg;

	read_config(m, a);
	if (!m->config.n)
		return err_set(err, ERR_DENIED,
			       "no /proc/config.gz and no config-<version> in /boot");
	STR_EACH_LINE (line, m->config) {
		struct str rest = line;

		if (str_skip(&rest, name) && str_skip(&rest, STR("="))) {
			*ret = rest;
			return true;
		}
	}
	*ret = STR("n");
	return true;
}

/* ---- programs and ioctls ----------------------------------------------------- */

static bool is_live(const struct machine *m, struct err *err)
{
	return root_is_live(m->root) ||
	       err_set(err, ERR_DENIED, "a recorded machine cannot be asked this");
}

static bool door_command(void *arg, struct str name, struct err *err)
{
	const struct machine *m = arg;
	char text[256];

	if (!is_live(m, err))
		return false;
	if (name.n >= sizeof(text))
		return err_set(err, ERR_LIMIT, "the name is too long");
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return spawn_find(text) ||
	       err_set(err, ERR_NOTFOUND, "%s is not installed", text);
}

/* A note is drawn again and again; a program is asked once a session. */
struct versions {
	struct version {
		struct str program, text;
	} * v;
	size_t n, cap;
};

static const struct version *said_before(struct ctx *ctx, struct str program)
{
	if (!ctx->versions_)
		ctx->versions_ = arena_new_of(ctx->keep, struct versions);
	for (size_t i = 0; i < ctx->versions_->n; i++)
		if (str_eq(ctx->versions_->v[i].program, program))
			return &ctx->versions_->v[i];
	return NULL;
}

static bool door_version(void *arg, struct arena *a, struct str name, struct str *ret,
			 struct err *err)
{
	const struct machine *m = arg;
	const char *program = arena_cstr(a, name);
	const char *argv[] = { program, "--version", NULL };
	STRBUF_AUTO(out, VERSION_MAX);
	STRBUF_AUTO(errout, VERSION_MAX);
	struct spawn what = {
		.argv = argv, .out = &out, .errout = &errout, .timeout_ms = VERSION_MS
	};
	const struct version *known;
	int status;

	if (!is_live(m, err))
		return false;
	if (!m->trusted)
		return err_set(err, ERR_DENIED,
			       "the note is not trusted, so %s is not asked", program);
	known = said_before(m->ctx, name);
	if (known) {
		*ret = known->text;
		return true;
	}
	if (!spawn_run(&what, &status, err))
		return false;
	*ret = arena_str(m->ctx->keep, strbuf_str(out.n ? &out : &errout));
	*ARENA_PUSH(m->ctx->keep, m->ctx->versions_) =
		(struct version){ arena_str(m->ctx->keep, name), *ret };
	return true;
}

static bool door_kvm_cap(void *arg, int64_t number, int64_t *ret, struct err *err)
{
	const struct machine *m = arg;
	int fd, answer;

	if (!is_live(m, err))
		return false;
	fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "opening /dev/kvm");
	answer = ioctl(fd, KVM_CHECK_EXTENSION, (unsigned long)number);
	if (answer < 0)
		err_sys(err, errno, "asking /dev/kvm");
	close(fd);
	*ret = answer;
	return answer >= 0;
}

const struct probe_door *machine_door(struct ctx *ctx, struct arena *a, bool trusted)
{
	struct machine *m = arena_new_of(a, struct machine);
	struct err err;

	m->ctx = ctx;
	m->trusted = trusted;
	m->root = ctx_root(ctx, &err);
	if (!m->root)
		return NULL;
	m->door = (struct probe_door){ .read = door_read,
				       .exists = door_exists,
				       .kernel = door_kernel,
				       .config = door_config,
				       .command = door_command,
				       .version = door_version,
				       .kvm_cap = door_kvm_cap,
				       .arg = m };
	return &m->door;
}
