/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The load of the thread benchmark: N threads of which B run a little each 100 ms and the
 * rest sleep. Prints "ready" when all of them are there; ends with its standard input, so
 * that nothing is left behind when its parent dies.
 *
 * usage: load_threads N [B]
 */
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/str.h"

static void *sleeper(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void *busy(void *arg)
{
	volatile unsigned sum = 0;

	for (;;) {
		for (unsigned i = 0; i < 20000; i++)
			sum = sum + i;
		usleep(100000);
	}
	return arg;
}

static bool start(uint64_t n, void *(*fn)(void *))
{
	pthread_attr_t attr;
	pthread_t thread;
	bool ok = true;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	while (ok && n--)
		ok = pthread_create(&thread, &attr, fn, NULL) == 0;
	pthread_attr_destroy(&attr);
	return ok;
}

int main(int argc, char **argv)
{
	uint64_t n, b = 0;
	char c;

	if (argc < 2 || !str_to_u64(str_of(argv[1]), &n) ||
	    (argc > 2 && !str_to_u64(str_of(argv[2]), &b)) || b > n || n > 1000000) {
		fputs("usage: load_threads N [BUSY]\n", stderr);
		return 2;
	}
	prctl(PR_SET_NAME, "load_threads");
	if (!start(b, busy) || !start(n - b, sleeper)) {
		fputs("load_threads: the system does not give that many threads\n",
		      stderr);
		return 3;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
