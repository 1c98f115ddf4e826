#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""From a key to its answer while the Threads panel refreshes: a load of its own of so many
threads, kcrib in a pty of 200 x 50, and keys at times that fall anywhere in a refresh.

usage: keys.py LOAD_THREADS KCRIB [--threads 30000] [--keys 400] [--filter WORD]
               [--limit 16]

A key is a character typed at the `:` prompt that no panel shows, so that its answer cannot
be mistaken for a refresh. Printed, of all keys and of those that fell into a refresh (the
process burnt 2 ms of CPU before it answered): milliseconds until the character stands on
the screen; CPU time of the thread that draws in that time, which is what the program itself
costs; and how long that thread was ready but had no CPU, which is the machine's other work.
Exits with 1 when a key cost more CPU than the limit.
"""
import argparse
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time

from on_pty import start

MARKS = [c.encode() for c in '§¤¶¬¦þðøæß']


def until(master, what, seconds):
    """Read until the bytes were seen; when that was, or None."""
    seen, end = b'', time.perf_counter() + seconds
    while time.perf_counter() < end:
        if select.select([master], [], [], end - time.perf_counter())[0]:
            seen = seen[-64:] + os.read(master, 65536)
            if what in seen:
                return time.perf_counter()
    return None


def drain(master, seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if select.select([master], [], [], max(0, end - time.perf_counter()))[0]:
            os.read(master, 65536)


def drawing(pid):
    """Nanoseconds that the thread that draws has run, and has waited for a CPU."""
    with open('/proc/%d/task/%d/schedstat' % (pid, pid), encoding='ascii') as f:
        return [int(x) for x in f.read().split()[:2]]


def measure(pid, master, keys):
    whole = (~pid << 3) | 2     # the CPU clock of the process, see clock_getcpuclockid(3)
    result = []
    for i in range(keys):
        mark = MARKS[i % len(MARKS)]
        drain(master, random.uniform(0.01, 0.09))
        cpu, wait = drawing(pid)
        all_cpu = time.clock_gettime(whole)
        sent = time.perf_counter()
        os.write(master, mark)
        seen = until(master, mark, 5)
        if seen is None:
            sys.exit('keys.py: no answer to a key in 5 s')
        after = drawing(pid)
        all_cpu = time.clock_gettime(whole) - all_cpu
        own = (after[0] - cpu) / 1e6
        result.append(((seen - sent) * 1000, own, (after[1] - wait) / 1e6,
                       all_cpu > 0.002))
        os.write(master, b'\x7f')
    return result


def show(name, rows):
    print('%s: %d' % (name, len(rows)))
    for label, column in (('to the answer', 0), ('CPU of the drawing thread', 1),
                          ('it waited for a CPU', 2)):
        v = sorted(r[column] for r in rows)
        if v:
            print('  %-28s p50 %6.2f   p99 %6.2f   max %6.2f ms' % (
                label, v[len(v) // 2], v[min(len(v) - 1, len(v) * 99 // 100)], v[-1]))


def main():
    p = argparse.ArgumentParser()
    p.add_argument('load')
    p.add_argument('kcrib')
    p.add_argument('--threads', type=int, default=30000)
    p.add_argument('--keys', type=int, default=400)
    p.add_argument('--filter', default='')
    p.add_argument('--limit', type=float, default=16)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as home:
        load = subprocess.Popen([o.load, str(o.threads), str(o.threads // 100)],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if b'ready' not in load.stdout.readline():
            print('keys.py: so many threads cannot be started here')
            load.kill()
            return 77
        env = dict(os.environ, TERM='xterm-256color', LC_ALL='C.UTF-8', XDG_CONFIG_HOME=home,
                   XDG_DATA_HOME=home, XDG_STATE_HOME=home)
        pid, master = start([o.kcrib, 'ui', 'threads', str(load.pid)], env, 50, 200)
        try:
            if until(master, b'so what', 30) is None:
                sys.exit('keys.py: the panel showed nothing in 30 s')
            drain(master, 3)
            if o.filter:
                os.write(master, b'/' + o.filter.encode() + b'\r')
                drain(master, 0.5)
            os.write(master, b':')
            drain(master, 0.5)
            rows = measure(pid, master, o.keys)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            load.stdin.close()
            load.kill()
            load.wait()
    print('%d threads, from a key to its answer:' % o.threads)
    show('all keys', rows)
    show('keys during a refresh', [r for r in rows if r[3]])
    return int(max(r[1] for r in rows) > o.limit)


if __name__ == '__main__':
    sys.exit(main())
