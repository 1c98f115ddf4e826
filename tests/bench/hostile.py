#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile and huge patches cost: seconds and peak memory of every door on each.

hostile.py KCRIB [SCALE [CASE...]]

The inputs are made here, below TMPDIR, and go with it. SCALE divides their numbers (1: the
whole, 100: a trial). A run is good when it ends by itself, not by a signal, within its
bounds, and where it says no the tree is as it was. `rejects` means: *.rej lying about,
listed by `rej`, then shown by the Patches view on a terminal of 80x24 until it is drawn.
"""
import base64
import fcntl
import gzip
import lzma
import os
import pty
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

KCRIB = os.path.abspath(sys.argv[1])
SCALE = int(sys.argv[2]) if len(sys.argv) > 2 else 1
ONLY = sys.argv[3:]
SECONDS = 120
MILLION = 1000000 // SCALE
MEGA = 1 << 20
QUIT = b'\x11'

ENV = {**os.environ, 'GIT_CONFIG_NOSYSTEM': '1', 'TZ': 'UTC', 'LC_ALL': 'C.UTF-8',
       'TERM': 'xterm-256color',
       'GIT_AUTHOR_NAME': 'A', 'GIT_AUTHOR_EMAIL': 'a@example.org',
       'GIT_COMMITTER_NAME': 'C', 'GIT_COMMITTER_EMAIL': 'c@example.org',
       'GIT_AUTHOR_DATE': '1700000000 +0000', 'GIT_COMMITTER_DATE': '1700000000 +0000'}

HEAD = ('From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n'
        'From: A U Thor <a@example.org>\nDate: Tue, 14 Nov 2023 22:13:20 +0000\n'
        'Subject: [PATCH] hostile\n\nwords\n---\n\n')


# ---- the inputs: each writes a mail, and may prepare the tree ------------------------------

def header(path):
    return 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n' % (path, path, path, path)


def huge(out, size):
    """One new file of `size` bytes."""
    line = 'x' * 98
    n = size // 100
    out.write(HEAD + 'diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n'
              '@@ -0,0 +1,%d @@\n' % n)
    block = ('+' + line + '\n') * 1000
    for _ in range(n // 1000):
        out.write(block)
    out.write(('+' + line + '\n') * (n % 1000))


def hunks(out, n, path='many', gap=4, known=True):
    """`n` hunks in one file; with known=False no line of them is there."""
    out.write(HEAD + header(path))
    word = 'line' if known else 'else'
    for i in range(n):
        at = i * gap + 1
        out.write('@@ -%d,3 +%d,3 @@\n %s %d\n-%s %d\n+changed %d\n %s %d\n'
                  % (at, at, word, at, word, at + 1, at + 1, word, at + 2))


def many_lines(top, n):
    with open(top + '/many', 'w', encoding='utf-8') as f:
        for i in range(1, n * 4 + 1):
            f.write('line %d\n' % i)


def same_lines(top, n):
    with open(top + '/many', 'w', encoding='utf-8') as f:
        for _ in range(n):
            f.write('same\n')


def same_hunks(out, n):
    """Every hunk fits everywhere."""
    out.write(HEAD + header('many'))
    for i in range(n):
        out.write('@@ -%d,3 +%d,4 @@\n same\n+new\n same\n same\n' % (i + 1, i * 2 + 1))


def files(out, n, kind):
    out.write(HEAD)
    for i in range(n):
        path = 'd%d/f%d' % (i // 1000, i)
        if kind == 'new':
            out.write('diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n'
                      '@@ -0,0 +1 @@\n+x\n' % (path, path, path))
        elif kind == 'rename':
            out.write('diff --git a/%s b/r/%s\nsimilarity index 100%%\nrename from %s\n'
                      'rename to r/%s\n' % (path, path, path, path))
        else:
            out.write(header(path) + '@@ -1 +1 @@\n-x\n+y\n')


def long_line(out, size):
    out.write(HEAD + header('many') + '@@ -1,2 +1,3 @@\n line 1\n+')
    out.write('y' * size)
    out.write('\n line 2\n')


def nul_bytes(out):
    out.write(HEAD + header('many') + '@@ -1,2 +1,3 @@\n line 1\n+a\0b\n line 2\n')


def nul_header(out):
    out.write(HEAD + 'diff --git a/ma\0ny b/ma\0ny\n--- a/ma\0ny\n+++ b/ma\0ny\n'
              '@@ -1,2 +1,3 @@\n line 1\n+a\n line 2\n')


def endless_headers(out, size):
    out.write('From: a@example.org\nSubject: x\n')
    for i in range(size // 64):
        out.write('X-Header-%08d: %s\n' % (i, 'v' * 44))


def endless_fold(out, size):
    out.write('From: a@example.org\nSubject: x\n')
    for _ in range(size // 64):
        out.write(' ' + 'v' * 62 + '\n')


def diff_headers(out, size):
    out.write(HEAD + 'diff --git a/many b/many\n')
    for _ in range(size // 16):
        out.write('old mode 100644\n')


def lying(out, old, new):
    out.write(HEAD + header('many') + '@@ -%s +%s @@\n line 1\n+a\n line 2\n' % (old, new))


def nested(out, depth):
    out.write('From: a@example.org\nSubject: x\nMIME-Version: 1.0\n'
              'Content-Type: multipart/mixed; boundary="b0"\n\n')
    for i in range(depth):
        out.write('--b%d\nContent-Type: multipart/mixed; boundary="b%d"\n\n' % (i, i + 1))


def parts(out, n):
    out.write('From: a@example.org\nSubject: x\nMIME-Version: 1.0\n'
              'Content-Type: multipart/mixed; boundary="b"\n\n')
    for _ in range(n):
        out.write('--b\n\nx\n')


def mails(out, n):
    for _ in range(n):
        out.write(HEAD + header('many') + '@@ -1,2 +1,3 @@\n line 1\n+a\n line 2\n')


def binary(out, size):
    """A literal that says more than it holds."""
    data = base64.b85encode(b'\0' * 52).decode()
    out.write(HEAD + 'diff --git a/bin b/bin\nnew file mode 100644\nindex 0000000..1234567\n'
              'GIT binary patch\nliteral %d\nz%s\n\n' % (size, data))


def pack(path, kind):
    """`size` bytes of a patch that repeats itself: a thousandth of it when packed."""
    opener = gzip.open if kind == 'gz' else lzma.open
    with open(path, 'rb') as src, opener(path + '.' + kind, 'wb') as dst:
        shutil.copyfileobj(src, dst, MEGA)
    os.rename(path + '.' + kind, path)


def bomb(path, kind, size):
    opener = gzip.open if kind == 'gz' else lzma.open
    level = {'compresslevel': 6} if kind == 'gz' else {'preset': 0}
    with opener(path, 'wb', **level) as f:
        f.write((HEAD + header('many')).encode())
        for _ in range(size // MEGA):
            f.write(b'\0' * MEGA)


BIG = 1000 * MILLION
CASES = [
    # name, writer of the mail, lines of the tree's file (x4), doors
    ('1 GB, one new file', lambda o: huge(o, BIG), 1, 'am apply'),
    ('1.2 GB', lambda o: huge(o, BIG // 5 * 6), 1, 'am apply'),
    ('200 MB, one new file', lambda o: huge(o, BIG // 5), 1, 'am apply'),
    ('10^6 hunks that fit', lambda o: hunks(o, MILLION), MILLION, 'am apply'),
    ('10^6 hunks, none fits', lambda o: hunks(o, MILLION, known=False), MILLION,
     'am apply am-reject'),
    ('10^6+1 hunks', lambda o: hunks(o, 1000001), 1, 'apply'),
    ('10^6 hunks that fit anywhere', lambda o: same_hunks(o, MILLION), -MILLION,
     'am apply am-reject'),
    ('10^6 new files', lambda o: files(o, MILLION, 'new'), 1, 'apply-check am-dry'),
    ('10^5 new files', lambda o: files(o, MILLION // 10, 'new'), 1, 'am apply'),
    ('10^6 files that are missing', lambda o: files(o, MILLION, 'change'), 1, 'am apply'),
    ('10^5 files that are missing', lambda o: files(o, MILLION // 10, 'change'), 1,
     'am-reject'),
    ('10^6 renames of missing files', lambda o: files(o, MILLION, 'rename'), 1, 'am apply'),
    ('a line of 10 MB', lambda o: long_line(o, 10 * MEGA - 2), 1, 'am apply'),
    ('a line of 100 MB', lambda o: long_line(o, 100 * MEGA), 1, 'am apply'),
    ('NUL bytes in a line', nul_bytes, 1, 'am apply'),
    ('NUL bytes in a name', nul_header, 1, 'am apply'),
    ('endless headers', lambda o: endless_headers(o, 100 * MEGA // SCALE), 1, 'am'),
    ('an endless folded header', lambda o: endless_fold(o, 100 * MEGA // SCALE), 1, 'am'),
    ('endless diff headers', lambda o: diff_headers(o, 100 * MEGA // SCALE), 1, 'am apply'),
    ('counts that are too large', lambda o: lying(o, '1,999999999', '1,3'), 1, 'am apply'),
    ('counts past 2^64', lambda o: lying(o, '1,99999999999999999999', '1,3'), 1, 'am apply'),
    ('a start of 2^63', lambda o: lying(o, '9223372036854775807,2', '1,3'), 1, 'am apply'),
    ('counts that are too small', lambda o: lying(o, '1,1', '1,1'), 1, 'am apply'),
    ('parts, 10^5 deep', lambda o: nested(o, MILLION // 10), 1, 'am'),
    ('10^6 parts', lambda o: parts(o, MILLION), 1, 'am'),
    ('10^6 mails', lambda o: mails(o, MILLION), 1, 'am'),
    ('a literal that says 1 GB', lambda o: binary(o, 1 << 30), 1, 'am apply'),
    ('gzip of 4 GB', ('gz', 4096 * MEGA // SCALE), 1, 'am apply'),
    ('xz of 4 GB', ('xz', 4096 * MEGA // SCALE), 1, 'am apply'),
    ('gzip, 10^5 hunks', ('gz', lambda o: hunks(o, MILLION // 10)), MILLION // 10, 'am'),
    ('.rej of 10^5 hunks', lambda o: hunks(o, MILLION // 10, known=False), MILLION // 10,
     'rejects'),
    ('.rej of 10^6 hunks', lambda o: hunks(o, MILLION, known=False), MILLION, 'rejects'),
    ('.rej of 1 GB', lambda o: huge(o, BIG), 1, 'rejects'),
    ('.rej with a line of 10 MB', lambda o: long_line(o, 10 * MEGA - 2), 1, 'rejects'),
    ('.rej with lying counts', lambda o: lying(o, '1,999999999', '1,3'), 1, 'rejects'),
    ('10^5 .rej files', None, 1, 'rejects'),
]

DOORS = {
    'am': ('am', ['am', '-q']),
    'am-reject': ('am --reject', ['am', '-q', '--reject']),
    'am-dry': ('am -n', ['am', '-q', '--dry-run']),
    'apply': ('apply', ['apply']),
    'apply-check': ('apply --check', ['apply', '--check']),
}


# ---- running ---------------------------------------------------------------------------------

def git(top, *args):
    return subprocess.run(('git',) + args, cwd=top, env=ENV, check=True,
                          capture_output=True).stdout


def make_tree(top, lines):
    shutil.rmtree(top, ignore_errors=True)
    os.makedirs(top)
    git(top, 'init', '-q')
    (many_lines if lines > 0 else same_lines)(top, abs(lines))
    git(top, 'add', '.')
    git(top, 'commit', '-q', '-m', 'base')


def picture(top):
    return git(top, 'rev-parse', 'HEAD') + git(top, 'status', '--porcelain', '-uall')


class Run:
    """One call, and what it cost."""

    def __init__(self, top, args, screen=False):
        self.words = tempfile.TemporaryFile()
        start = time.monotonic()
        if screen:
            self.pid, fd = pty.fork()
        else:
            self.pid = os.fork()
        if not self.pid:
            os.chdir(top)
            if screen:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('4H', 24, 80, 0, 0))
            else:
                os.dup2(os.open('/dev/null', os.O_RDWR), 0)
                os.dup2(self.words.fileno(), 1)
                os.dup2(self.words.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
            os.execve(KCRIB, [KCRIB] + args, ENV)
        if screen:
            self.look(fd)
        _, status, usage = os.wait4(self.pid, 0)
        self.seconds = time.monotonic() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.code = -self.signal if self.signal else os.WEXITSTATUS(status)

    def look(self, fd):
        """Quit when the screen has been still for a second, until the view is gone."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            ready, _, _ = select.select([fd], [], [], 1)
            try:
                if not ready:
                    os.write(fd, QUIT)
                elif not os.read(fd, 65536):
                    break
            except OSError:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
        os.close(fd)

    def said(self):
        self.words.seek(0)
        text = self.words.read(65536).decode(errors='replace')
        lines = [x for x in text.splitlines() if re.match(r'(error|fatal|kcrib):', x)]
        return (lines or text.splitlines() or [''])[0][:70]


def line(name, door, run, verdict, said):
    print('%-30s %-13s %5d %8.2f %8.2f %7.0f  %-9s %s' % (
        name, door, run.code, run.seconds, run.cpu, run.megabytes, verdict, said), flush=True)


def write_mail(path, how):
    if how is None:
        return
    if isinstance(how, tuple):
        kind, what = how
        if isinstance(what, int):
            bomb(path, kind, what)
            return
        with open(path, 'w', encoding='utf-8') as out:
            what(out)
        pack(path, kind)
        return
    with open(path, 'w', encoding='utf-8') as out:
        how(out)


def many_rej_files(top):
    for i in range(MILLION // 10):
        d = '%s/d%d' % (top, i // 1000)
        os.makedirs(d, exist_ok=True)
        with open('%s/f%d.rej' % (d, i), 'w', encoding='utf-8') as f:
            f.write(header('d%d/f%d' % (i // 1000, i)) + '@@ -1 +1 @@\n-x\n+y\n')


def rejects(name, top, mail):
    if os.path.exists(mail):
        shutil.copy(mail, top + '/many.rej')
    else:
        many_rej_files(top)
    before = picture(top)
    good = True
    for door, args, screen in (('rej', ['rej'], False), ('view', ['ui', 'patches'], True)):
        run = Run(top, args, screen)
        verdict = 'ok' if not run.signal and picture(top) == before else 'BAD'
        good = good and verdict == 'ok'
        line(name, door, run, verdict, '' if screen else run.said())
    return good


def one(name, how, lines, doors, top):
    tree, mail = top + '/tree', top + '/mail'
    good = True
    if os.path.exists(mail):
        os.unlink(mail)
    write_mail(mail, how)
    for door in doors.split():
        make_tree(tree, lines)
        if door == 'rejects':
            good = rejects(name, tree, mail) and good
            continue
        shown, args = DOORS[door]
        before = picture(tree)
        run = Run(tree, args + [mail])
        verdict = 'ok'
        if run.signal:
            verdict = 'KILLED'
        elif run.code and os.path.exists(tree + '/.git/rebase-apply'):
            back = Run(tree, ['am', '--abort'])
            line(name, 'am --abort', back, 'ok' if not back.code else 'BAD', '')
            if picture(tree) != before:
                verdict = 'CHANGED'
        elif run.code and picture(tree) != before:
            verdict = 'CHANGED'
        good = good and verdict == 'ok'
        line(name, shown, run, verdict, run.said() if run.code else '')
    return good


def main():
    top = tempfile.mkdtemp(prefix='kcrib-hostile.')
    ENV['HOME'] = ENV['XDG_CONFIG_HOME'] = ENV['XDG_DATA_HOME'] = top
    ENV['XDG_STATE_HOME'] = top
    good = True
    print('%-30s %-13s %5s %8s %8s %7s' % ('input', 'door', 'exit', 's', 'cpu s', 'MB'))
    try:
        for name, how, lines, doors in CASES:
            if not ONLY or any(word in name for word in ONLY):
                good = one(name, how, lines, doors, top) and good
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return 0 if good else 1


sys.exit(main())
