/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taskstats over raw generic netlink: see taskstats.h. A request is a netlink header, a
 * generic header and one attribute; 64 of them travel in one datagram, each with its
 * index as sequence number, so that answers find their question whatever the order. A
 * thread that has ended is answered with an error message of the same number.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "taskstats.h"

enum { ANSWERS = 64 * 1024, RCVBUF = 1 << 20, TIMEOUT_MS = 500 };

struct taskstats_link {
	int fd;
	uint16_t family;
	uint32_t round; /* upper part of the sequence numbers: old answers are told apart
			 */
	char *buf;
};

struct request {
	struct nlmsghdr head;
	struct genlmsghdr gen;
	struct nlattr attr;
	union {
		uint32_t tid;
		char name[GENL_NAMSIZ];
	};
};

static uint32_t request_tid(struct request *r, uint16_t family, pid_t tid, uint32_t seq)
{
	const uint32_t size = NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN + sizeof(uint32_t);

	*r = (struct request){
		.head = { .nlmsg_len = size,
			  .nlmsg_type = family,
			  .nlmsg_flags = NLM_F_REQUEST,
			  .nlmsg_seq = seq },
		.gen = { .cmd = TASKSTATS_CMD_GET, .version = TASKSTATS_GENL_VERSION },
		.attr = { .nla_len = NLA_HDRLEN + sizeof(uint32_t),
			  .nla_type = TASKSTATS_CMD_ATTR_PID },
		.tid = (uint32_t)tid,
	};
	return NLMSG_ALIGN(size);
}

static bool send_all(const struct taskstats_link *link, const void *p, size_t n,
		     struct err *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	do
		sent = sendto(link->fd, p, n, 0, (const struct sockaddr *)&kernel,
			      sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	if (sent != (ssize_t)n)
		return err_sys(err, sent < 0 ? errno : EIO, "asking taskstats");
	return true;
}

/* One datagram of answers; its length, or 0 with `err`. */
static size_t receive(const struct taskstats_link *link, struct err *err)
{
	ssize_t got;

	do
		got = recv(link->fd, link->buf, ANSWERS, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		return (size_t)got;
	err_sys(err, got < 0 ? errno : EIO, "hearing taskstats");
	return 0;
}

/* The attribute `type` in [p, p + n): its payload. */
static bool find_attr(const char *p, size_t n, uint16_t type, const char **ret,
		      size_t *ret_n)
{
	while (n >= NLA_HDRLEN) {
		struct nlattr a;

		memcpy(&a, p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > n)
			return false;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*ret = p + NLA_HDRLEN;
			*ret_n = a.nla_len - (size_t)NLA_HDRLEN;
			return true;
		}
		if ((size_t)NLA_ALIGN(a.nla_len) >= n)
			return false;
		p += NLA_ALIGN(a.nla_len);
		n -= (size_t)NLA_ALIGN(a.nla_len);
	}
	return false;
}

static bool find_family(struct taskstats_link *link, struct err *err)
{
	struct request r = {
		.head = { .nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_HDRLEN +
				       sizeof(TASKSTATS_GENL_NAME),
			  .nlmsg_type = GENL_ID_CTRL,
			  .nlmsg_flags = NLM_F_REQUEST },
		.gen = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + sizeof(TASKSTATS_GENL_NAME),
			  .nla_type = CTRL_ATTR_FAMILY_NAME },
		.name = TASKSTATS_GENL_NAME,
	};
	const struct nlmsghdr *head = (const void *)link->buf;
	const char *id;
	size_t got, n;

	if (!send_all(link, &r, NLMSG_ALIGN(r.head.nlmsg_len), err))
		return false;
	got = receive(link, err);
	if (!got)
		return false;
	if (got < NLMSG_LENGTH(GENL_HDRLEN) || head->nlmsg_type == NLMSG_ERROR ||
	    !find_attr(link->buf + NLMSG_LENGTH(GENL_HDRLEN),
		       got - NLMSG_LENGTH(GENL_HDRLEN), CTRL_ATTR_FAMILY_ID, &id, &n) ||
	    n < sizeof(link->family))
		return err_set(err, ERR_NOTFOUND,
			       "asking taskstats: this kernel has none");
	memcpy(&link->family, id, sizeof(link->family));
	return true;
}

void taskstats_close(struct taskstats_link *link)
{
	if (!link)
		return;
	close(link->fd);
	free(link->buf);
	free(link);
}

static bool link_prove(struct taskstats_link *link, struct err *err)
{
	struct taskstats_answer self = { .tid = gettid() };

	if (!taskstats_ask(link, &self, 1, err))
		return false;
	if (!self.found)
		return err_set(err, ERR_DENIED, "asking taskstats: needs CAP_NET_ADMIN");
	if (!self.cpu.cpu_ns && !self.cpu.runs)
		return err_set(err, ERR_NOTFOUND,
			       "asking taskstats: this kernel counts no CPU time there");
	return true;
}

bool taskstats_open(struct taskstats_link **ret, struct err *err)
{
	struct taskstats_link *link;
	struct timeval limit = { .tv_usec = TIMEOUT_MS * 1000 };
	int size = RCVBUF;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0)
		return err_sys(err, errno, "opening generic netlink");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	link = calloc(1, sizeof(*link));
	if (!link)
		abort();
	link->fd = fd;
	link->buf = malloc(ANSWERS);
	if (!link->buf)
		abort();
	if (!find_family(link, err) || !link_prove(link, err)) {
		taskstats_close(link);
		return false;
	}
	*ret = link;
	return true;
}

static void take_stats(const char *p, size_t n, struct taskstats_answer *ret)
{
	struct taskstats st = { 0 };
	const char *aggr, *stats;
	size_t aggr_n, stats_n;

	if (!find_attr(p, n, TASKSTATS_TYPE_AGGR_PID, &aggr, &aggr_n) ||
	    !find_attr(aggr, aggr_n, TASKSTATS_TYPE_STATS, &stats, &stats_n))
		return;
	memcpy(&st, stats, stats_n < sizeof(st) ? stats_n : sizeof(st));
	ret->cpu = (struct proc_schedstat){ st.cpu_run_virtual_total, st.cpu_delay_total,
					    st.cpu_count };
	ret->found = true;
}

/* The messages of one datagram; returns how many of this round's questions it answers. */
static size_t take_answers(const struct taskstats_link *link, size_t got, uint32_t base,
			   struct taskstats_answer *v, size_t n)
{
	const char *p = link->buf;
	size_t answered = 0;

	while (got >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr head;
		uint32_t index;

		memcpy(&head, p, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > got)
			break;
		index = head.nlmsg_seq - base;
		if (index < n) {
			answered++;
			if (head.nlmsg_type == link->family &&
			    head.nlmsg_len >= NLMSG_LENGTH(GENL_HDRLEN))
				take_stats(p + NLMSG_LENGTH(GENL_HDRLEN),
					   head.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN),
					   &v[index]);
		}
		if (NLMSG_ALIGN(head.nlmsg_len) >= got)
			break;
		p += NLMSG_ALIGN(head.nlmsg_len);
		got -= NLMSG_ALIGN(head.nlmsg_len);
	}
	return answered;
}

bool taskstats_ask(struct taskstats_link *link, struct taskstats_answer *v, size_t n,
		   struct err *err)
{
	char out[TASKSTATS_BATCH * sizeof(struct request)] = { 0 };
	uint32_t base = ++link->round * TASKSTATS_BATCH;
	size_t used = 0, answered = 0;

	if (n > TASKSTATS_BATCH)
		return err_set(err, ERR_LIMIT, "asking taskstats: more than %d at once",
			       TASKSTATS_BATCH);
	for (size_t i = 0; i < n; i++) {
		struct request r;
		uint32_t size =
			request_tid(&r, link->family, v[i].tid, base + (uint32_t)i);

		v[i].found = false;
		memcpy(out + used, &r, size);
		used += size;
	}
	if (!send_all(link, out, used, err))
		return false;
	while (answered < n) {
		size_t got = receive(link, err);

		if (!got)
			return false;
		answered += take_answers(link, got, base, v, n);
	}
	return true;
}
