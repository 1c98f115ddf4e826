#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Start to first paint: exec of a program on a pty until its screen stands, the median of
N runs, kcrib and its peers in turn in one run.

usage: start.py KCRIB [--runs 20] [--db FILE]

Painted means: the program has written a screenful and then fallen silent for 30 ms; the
time is that of the last byte before the silence. CPU is user + system of the process.
"""
import argparse
import os
import resource
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from on_pty import start


def one(argv, env, cwd):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    pid, master = start(argv, env, 40, 120, cwd)
    last, seen = None, 0
    while True:
        ready, _, _ = select.select([master], [], [], 0.03 if seen > 200 else 2)
        if not ready:
            break
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        seen += len(data)
        last = time.perf_counter()
    os.kill(pid, signal.SIGTERM)
    deadline = time.time() + 2
    while time.time() < deadline:
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        select.select([master], [], [], 0.01)
        try:
            os.read(master, 65536)
        except OSError:
            pass
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    os.close(master)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return (last - begin) * 1000 if last else float('nan'), cpu * 1000


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('kcrib')
    ap.add_argument('--runs', type=int, default=20)
    ap.add_argument('--db')
    opt = ap.parse_args()
    home = tempfile.mkdtemp(prefix='kcrib-start-')
    try:
        env = dict(os.environ, HOME=home, TERM='xterm-256color', LC_ALL='C.UTF-8')
        for name in ('XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'TMUX'):
            env.pop(name, None)
        lines = os.path.join(home, 'lines')
        with open(lines, 'w', encoding='utf-8') as f:
            f.writelines('line %d of a text that is only here to be shown\n' % i
                         for i in range(6000))
        repo = os.path.join(home, 'repo')
        subprocess.run(['git', 'init', '-q', repo], check=True)
        for i in range(20):
            subprocess.run(['git', '-C', repo, '-c', 'user.name=a', '-c', 'user.email=a@b',
                            'commit', '-q', '--allow-empty', '-m', 'commit %d' % i],
                           check=True)
        kcrib = [os.path.abspath(opt.kcrib)] + (['--db', opt.db] if opt.db else [])
        peers = {'kcrib': (kcrib, home), 'less': (['less', lines], home),
                 'fzf': (['sh', '-c', 'exec fzf < ' + lines], home), 'tig': (['tig'], repo)}
        peers = {n: p for n, p in peers.items() if n == 'kcrib' or shutil.which(n)}
        for argv, cwd in peers.values():
            one(argv, env, cwd)  # the first start makes files and warms the cache
        rows = {n: [] for n in peers}
        for _ in range(opt.runs):
            for n, (argv, cwd) in peers.items():
                rows[n].append(one(argv, env, cwd))
        print('start to first paint, median of %d (ms)' % opt.runs)
        print('%-8s %8s %8s %8s %8s' % ('', 'median', 'min', 'max', 'CPU'))
        for n, v in rows.items():
            wall = [w for w, _ in v]
            print('%-8s %8.1f %8.1f %8.1f %8.1f' % (
                n, statistics.median(wall), min(wall), max(wall),
                statistics.median(c for _, c in v)))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
