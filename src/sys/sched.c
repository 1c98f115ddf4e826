/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Actions on threads: see sys/sched.h. A thread is named by TID and start time. Between
 * the check and the call the number could be given away only if the thread ends and
 * pid_max others are born; for whole processes a pidfd closes even that gap.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/cpulist.h"
#include "sys/sched.h"

static const struct {
	int policy;
	const char *name;
	bool real_time;
} policies[] = {
	{ 0, "other", false }, { 1, "fifo", true },  { 2, "rr", true },
	{ 3, "batch", false }, { 5, "idle", false }, { 6, "deadline", true },
	{ 7, "ext", false },
};

const char *sched_policy_name(int policy)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (policies[i].policy == policy)
			return policies[i].name;
	return NULL;
}

bool sched_policy_parse(struct str text, int *ret, struct err *err)
{
	(void)str_skip(&text, STR("SCHED_"));
	if (str_caseeq(text, STR("normal")))
		text = STR("other");
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (str_caseeq(text, str_of(policies[i].name)) &&
		    policies[i].policy != 6) {
			*ret = policies[i].policy;
			return true;
		}
	err_set(err, ERR_PARSE, "\"" STR_FMT "\" is not a policy that can be set",
		STR_ARG(text));
	return err_hint(err, "one of: other, batch, idle, fifo, rr, ext");
}

static bool is_real_time(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

const char *sched_signal_name(struct arena *a, int signal)
{
	const char *name = sigabbrev_np(signal);

	if (name)
		return name;
	if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		return arena_printf(a, "RTMIN+%d", signal - SIGRTMIN);
	return arena_printf(a, "%d", signal);
}

bool sched_signal_parse(struct str text, int *ret, struct err *err)
{
	struct str name = text;
	uint64_t n;

	if (str_to_u64(text, &n) && n >= 1 && n <= (uint64_t)SIGRTMAX) {
		*ret = (int)n;
		return true;
	}
	if (str_casestarts(name, STR("SIG")))
		name = str_from(name, 3);
	for (int i = 1; i < SIGRTMIN; i++)
		if (sigabbrev_np(i) && str_caseeq(name, str_of(sigabbrev_np(i)))) {
			*ret = i;
			return true;
		}
	if (str_casestarts(name, STR("RTMIN+")) && str_to_u64(str_from(name, 6), &n) &&
	    n <= (uint64_t)(SIGRTMAX - SIGRTMIN)) {
		*ret = SIGRTMIN + (int)n;
		return true;
	}
	err_set(err, ERR_PARSE, "\"" STR_FMT "\" is not a signal", STR_ARG(text));
	return err_hint(err, "a name such as TERM or a number; kill -l lists them");
}

static bool read_stat(const struct root *root, pid_t pid, pid_t tid, struct strbuf *buf,
		      struct proc_stat *ret, struct err *err)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d/task/%d/stat", (int)pid, (int)tid);
	strbuf_clear(buf);
	if (!root_read(root, path, buf, NULL))
		return err_set(err, ERR_NOTFOUND, "looking for thread %d: it has ended",
			       (int)tid);
	return proc_stat_parse(strbuf_str(buf), ret, err);
}

bool sched_target(const struct root *root, struct sched_action *action, struct err *err)
{
	STRBUF_AUTO(buf, 8192);
	struct proc_stat st;

	if (!root_is_live(root))
		return err_set(err, ERR_DENIED,
			       "acting on thread %d: this is a recorded machine",
			       (int)action->tid);
	if (!read_stat(root, action->pid, action->tid, &buf, &st, err))
		return false;
	action->start = st.start;
	return true;
}

/* Is the thread still the one that was meant? */
static bool same_thread(const struct root *root, const struct sched_action *action,
			struct strbuf *buf, struct proc_stat *ret, struct err *err)
{
	if (!root_is_live(root))
		return err_set(err, ERR_DENIED,
			       "acting on thread %d: this is a recorded machine",
			       (int)action->tid);
	if (!read_stat(root, action->pid, action->tid, buf, ret, err))
		return false;
	if (ret->start != action->start)
		return err_set(err, ERR_CONFLICT,
			       "acting on thread %d: the number belongs to another now",
			       (int)action->tid);
	return true;
}

/* ---- reading the value ------------------------------------------------------- */

static bool get_cpus(struct arena *a, pid_t tid, struct cpulist *ret, struct err *err)
{
	unsigned long bits[CPULIST_MAX / (8 * sizeof(unsigned long))] = { 0 };
	const size_t per = 8 * sizeof(unsigned long);
	long n = syscall(SYS_sched_getaffinity, tid, sizeof(bits), bits);
	struct cpulist list = { 0 };

	if (n < 0)
		return err_sys(err, errno, "reading the CPUs of thread %d", (int)tid);
	for (unsigned i = 0; i < (unsigned)n * 8; i++)
		if (bits[i / per] >> i % per & 1)
			*ARENA_PUSH(a, &list) = i;
	*ret = list;
	return true;
}

static struct str words_nice(struct arena *a, const struct proc_stat *st)
{
	return arena_strf(a, "nice %d", (int)st->nice);
}

static struct str words_policy(struct arena *a, int policy, unsigned rt_priority)
{
	const char *name = sched_policy_name(policy);

	if (!name)
		return arena_strf(a, "policy %d", policy);
	return rt_priority ? arena_strf(a, "%s, priority %u", name, rt_priority)
			   : str_of(name);
}

/* The value as it is now, in the words of previews and read-backs. */
static bool words_now(const struct root *root, struct arena *a,
		      const struct sched_action *action, const struct proc_stat *st,
		      struct str *ret, struct err *err)
{
	struct cpulist cpus;

	switch (action->kind) {
	case SCHED_DO_NICE:
		*ret = words_nice(a, st);
		return true;
	case SCHED_DO_POLICY:
		*ret = words_policy(a, st->policy, st->rt_priority);
		return true;
	case SCHED_DO_AFFINITY:
		if (!get_cpus(a, action->tid, &cpus, err))
			return false;
		*ret = arena_strf(a, "CPUs " STR_FMT, STR_ARG(cpulist_print(a, &cpus)));
		return true;
	case SCHED_DO_SIGNAL:
		break;
	}
	*ret = arena_strf(a, "state %c", st->state);
	return true;
}

/* ---- what is asked for ------------------------------------------------------- */

static bool check_cpus(const struct root *root, struct arena *a, struct str text,
		       struct err *err)
{
	struct cpulist asked, online;
	struct str there;

	if (!cpulist_parse(a, text, &asked, err))
		return false;
	if (!asked.n)
		return err_set(err, ERR_USAGE, "CPUs: a thread needs at least one");
	if (!root_read_line(root, a, "sys/devices/system/cpu/online", &there, err) ||
	    !cpulist_parse(a, there, &online, err))
		return false;
	for (size_t i = 0; i < asked.n; i++)
		if (cpulist_has(&online, asked.v[i]))
			return true;
	err_set(err, ERR_USAGE, "CPUs " STR_FMT ": none of them is on line",
		STR_ARG(text));
	return err_hint(err, "on line are " STR_FMT, STR_ARG(there));
}

static bool check_policy(int policy, int priority, struct err *err)
{
	if (is_real_time(policy) ? priority >= 1 && priority <= 99 : !priority)
		return true;
	return err_set(err, ERR_USAGE,
		       "%s with priority %d: fifo and rr take 1 to 99, the others none",
		       sched_policy_name(policy), priority);
}

/* Can it be at all? */
static bool check(const struct root *root, struct arena *a,
		  const struct sched_action *action, struct err *err)
{
	switch (action->kind) {
	case SCHED_DO_NICE:
		if (action->nice < -20 || action->nice > 19)
			return err_set(err, ERR_USAGE, "nice %d: it goes from -20 to 19",
				       action->nice);
		return true;
	case SCHED_DO_POLICY:
		return check_policy(action->policy, action->rt_priority, err);
	case SCHED_DO_AFFINITY:
		return check_cpus(root, a, action->cpus, err);
	case SCHED_DO_SIGNAL:
		break;
	}
	return true;
}

static const char *signal_means(int signal, bool process)
{
	static const struct {
		int signal;
		const char *means;
	} table[] = {
		{ SIGKILL, "the whole process ends at once and cannot clean up" },
		{ SIGTERM,
		  "asks the whole process to end, unless it handles the signal" },
		{ SIGINT, "as Ctrl-C: the whole process ends unless it handles it" },
		{ SIGHUP, "the whole process ends, or reads its settings anew" },
		{ SIGQUIT, "the whole process ends and leaves a core dump" },
		{ SIGSTOP, "all threads of the process stop until CONT" },
		{ SIGTSTP, "all threads of the process stop until CONT" },
		{ SIGCONT, "all threads of the process go on" },
		{ SIGUSR1, "means what the program makes of it; unhandled it ends it" },
		{ SIGUSR2, "means what the program makes of it; unhandled it ends it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].signal == signal)
			return table[i].means;
	return process ? "" : "an unhandled signal acts on the whole process";
}

static void preview_signal(struct arena *a, const struct sched_action *action,
			   struct sched_preview *p)
{
	const char *name = sched_signal_name(a, action->signal);

	p->means = str_of(signal_means(action->signal, action->process));
	p->after = arena_strf(a, "%s sent", name);
	if (action->process) /* no shell command names a single thread */
		p->shell = arena_strf(a, "kill -%s %d", name, (int)action->pid);
	if (action->signal == SIGSTOP || action->signal == SIGTSTP)
		p->undo = arena_strf(a, "kill -CONT %d", (int)action->pid);
}

static void preview_nice(struct arena *a, const struct sched_action *action,
			 const struct proc_stat *st, struct sched_preview *p)
{
	p->after = arena_strf(a, "nice %d", action->nice);
	p->means =
		action->nice > st->nice
			? STR("it gets less of a busy CPU; raising it again needs root "
			      "or RLIMIT_NICE")
			: STR("it gets more of a busy CPU");
	p->shell = arena_strf(a, "renice -n %d -p %d", action->nice, (int)action->tid);
	p->undo = arena_strf(a, "renice -n %d -p %d", (int)st->nice, (int)action->tid);
}

static bool preview_affinity(struct arena *a, const struct sched_action *action,
			     struct sched_preview *p, struct err *err)
{
	struct cpulist now, asked;

	if (!get_cpus(a, action->tid, &now, err) ||
	    !cpulist_parse(a, action->cpus, &asked, err))
		return false;
	p->after = arena_strf(a, "CPUs " STR_FMT, STR_ARG(cpulist_print(a, &asked)));
	p->means = STR("the scheduler keeps it on these CPUs; a cpuset may narrow them");
	p->shell = arena_strf(a, "taskset -cp " STR_FMT " %d",
			      STR_ARG(cpulist_print(a, &asked)), (int)action->tid);
	p->undo = arena_strf(a, "taskset -cp " STR_FMT " %d",
			     STR_ARG(cpulist_print(a, &now)), (int)action->tid);
	return true;
}

static struct str chrt_line(struct arena *a, int policy, unsigned priority, pid_t tid)
{
	const char *name = sched_policy_name(policy);

	return arena_strf(a, "chrt --%s -p %u %d", name ? name : "other", priority,
			  (int)tid);
}

static void preview_policy(struct arena *a, const struct sched_action *action,
			   const struct proc_stat *st, struct sched_preview *p)
{
	p->after = words_policy(a, action->policy, (unsigned)action->rt_priority);
	p->means = is_real_time(action->policy)
			   ? STR("it runs before all ordinary threads for as long as it "
				 "likes: a loop in it can take a whole CPU")
		   : action->policy == SCHED_IDLE
			   ? STR("it runs only when a CPU has nothing else to do")
			   : STR("an ordinary thread, shared by nice value");
	p->shell =
		chrt_line(a, action->policy, (unsigned)action->rt_priority, action->tid);
	p->undo = chrt_line(a, st->policy, st->rt_priority, action->tid);
}

static struct str what_of(struct arena *a, const struct sched_action *action,
			  struct str comm)
{
	static const char *const verbs[] = {
		[SCHED_DO_SIGNAL] = "signal",
		[SCHED_DO_NICE] = "change the nice value of",
		[SCHED_DO_AFFINITY] = "change the CPUs of",
		[SCHED_DO_POLICY] = "change the scheduling policy of",
	};
	struct str who =
		action->process
			? arena_strf(a, "process %d (" STR_FMT ")", (int)action->pid,
				     STR_ARG(comm))
			: arena_strf(a, "thread %d (" STR_FMT ") of process %d",
				     (int)action->tid, STR_ARG(comm), (int)action->pid);

	if (action->kind == SCHED_DO_SIGNAL)
		return arena_strf(a, "send %s to " STR_FMT,
				  sched_signal_name(a, action->signal), STR_ARG(who));
	return arena_strf(a, "%s " STR_FMT, verbs[action->kind], STR_ARG(who));
}

bool sched_preview(const struct root *root, struct arena *a,
		   const struct sched_action *action, struct sched_preview *ret,
		   struct err *err)
{
	STRBUF_AUTO(buf, 8192);
	struct sched_preview p = { 0 };
	struct proc_stat st;

	if (!same_thread(root, action, &buf, &st, err) || !check(root, a, action, err) ||
	    !words_now(root, a, action, &st, &p.before, err))
		return false;
	p.what = what_of(a, action, st.comm);
	switch (action->kind) {
	case SCHED_DO_SIGNAL:
		preview_signal(a, action, &p);
		break;
	case SCHED_DO_NICE:
		preview_nice(a, action, &st, &p);
		break;
	case SCHED_DO_POLICY:
		preview_policy(a, action, &st, &p);
		break;
	case SCHED_DO_AFFINITY:
		if (!preview_affinity(a, action, &p, err))
			return false;
		break;
	}
	p.no_change = str_eq(p.before, p.after);
	*ret = p;
	return true;
}

/* ---- doing it ---------------------------------------------------------------- */

static bool send_signal(const struct sched_action *action)
{
	long fd;
	int saved;
	bool ok;

	if (!action->process)
		return syscall(SYS_tgkill, action->pid, action->tid, action->signal) == 0;
	fd = syscall(SYS_pidfd_open, action->pid, 0);
	if (fd < 0)
		return errno == ENOSYS && kill(action->pid, action->signal) == 0;
	ok = syscall(SYS_pidfd_send_signal, fd, action->signal, NULL, 0) == 0;
	saved = errno;
	close((int)fd);
	errno = saved;
	return ok;
}

static bool set_cpus(struct arena *a, const struct sched_action *action)
{
	unsigned long bits[CPULIST_MAX / (8 * sizeof(unsigned long))] = { 0 };
	const size_t per = 8 * sizeof(unsigned long);
	struct cpulist cpus;

	if (!cpulist_parse(a, action->cpus, &cpus, NULL)) {
		errno = EINVAL;
		return false;
	}
	for (size_t i = 0; i < cpus.n; i++)
		bits[cpus.v[i] / per] |= 1ul << cpus.v[i] % per;
	return syscall(SYS_sched_setaffinity, action->tid, sizeof(bits), bits) == 0;
}

static bool call_kernel(struct arena *a, const struct sched_action *action)
{
	struct sched_param param = { .sched_priority = action->rt_priority };

	switch (action->kind) {
	case SCHED_DO_NICE:
		return setpriority(PRIO_PROCESS, (id_t)action->tid, action->nice) == 0;
	case SCHED_DO_AFFINITY:
		return set_cpus(a, action);
	case SCHED_DO_POLICY:
		return sched_setscheduler(action->tid, action->policy, &param) == 0;
	case SCHED_DO_SIGNAL:
		break;
	}
	return send_signal(action);
}

/* Does the state show what the signal does? Others have no effect to be seen. */
static bool settled(int signal, char state)
{
	switch (signal) {
	case SIGSTOP:
		return state == 'T' || state == 't';
	case SIGCONT:
		return state != 'T';
	case SIGKILL:
		return state == 'Z' || state == 'X';
	default:
		return true;
	}
}

/* A signal acts when its target next runs: look for up to a fifth of a second. */
static struct str after_signal(const struct root *root, struct arena *a,
			       const struct sched_action *action)
{
	enum { LOOKS = 40, STEP_NS = 5000000 };
	const struct timespec step = { .tv_nsec = STEP_NS };
	STRBUF_AUTO(buf, 8192);
	struct proc_stat st = { 0 };

	for (int i = 0; i < LOOKS; i++) {
		if (!read_stat(root, action->pid, action->tid, &buf, &st, NULL) ||
		    st.start != action->start)
			return STR("ended");
		if (settled(action->signal, st.state))
			break;
		nanosleep(&step, NULL);
	}
	return arena_strf(a, "state %c", st.state);
}

bool sched_do(const struct root *root, struct arena *a, const struct sched_action *action,
	      struct str *ret_now, struct err *err)
{
	STRBUF_AUTO(buf, 8192);
	struct sched_preview p;
	struct proc_stat st;
	struct str now;

	if (!sched_preview(root, a, action, &p, err))
		return false;
	if (!call_kernel(a, action)) {
		err_sys(err, errno, STR_FMT, STR_ARG(p.what));
		if (p.shell.n)
			err_hint(err, "with the rights for it: sudo " STR_FMT,
				 STR_ARG(p.shell));
		return false;
	}
	if (action->kind == SCHED_DO_SIGNAL) {
		*ret_now = after_signal(root, a, action);
		return true;
	}
	if (!same_thread(root, action, &buf, &st, err) ||
	    !words_now(root, a, action, &st, &now, err))
		return false;
	*ret_now = now;
	if (!str_eq(now, p.after))
		return err_set(err, ERR_CONFLICT,
			       STR_FMT ": asked for " STR_FMT ", got " STR_FMT,
			       STR_ARG(p.what), STR_ARG(p.after), STR_ARG(now));
	return true;
}
