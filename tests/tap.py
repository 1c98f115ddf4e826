#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a cmocka program and makes its TAP readable for meson.

tap.py PROGRAM [ARG...]

cmocka 1.1 says "not ok N # SKIP name" for a test that skipped itself, which by TAP is a
failure, and mixes messages into the stream. Here a skip is a skip and a message a comment.
"""
import re
import subprocess
import sys

VERDICT = r'(?:not )?ok \d+ (?:- |# SKIP)'


def lines_of(line):
    """A message may end without a line end, right before a verdict."""
    m = None if re.match(VERDICT, line) else re.match('(.+?)(%s.*)' % VERDICT, line)
    return m.groups() if m else (line,)


def main(*command):
    sys.stdout.reconfigure(encoding='utf-8', line_buffering=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding='utf-8',
                          errors='replace') as run:
        for raw in run.stdout:
            for line in lines_of(raw.rstrip('\n')):
                if re.match(r'not ok \d+ # SKIP', line):
                    print(line[len('not '):])
                elif re.match(VERDICT, line) or re.match(r'1\.\.\d+$|#', line):
                    print(line)
                else:
                    print('# ' + line)
    return run.returncode if run.returncode >= 0 else 128 - run.returncode


sys.exit(main(*sys.argv[1:]))
