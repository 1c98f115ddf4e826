#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The last line of ./dev test: "N passed, N failed, N skipped".

summary.py TESTLOG.JSON EXIT-CODE-OF-MESON

A program that speaks TAP counts with each of its cases, any other test as one. What failed
is named before it, with what was said about it: who reads the end of a log of another
machine has nothing else. Fails when something failed, when meson itself failed, and when
nothing ran.
"""
import json
import re
import sys

LINES_MAX = 40  # of each failed test
CASE = re.compile(r'^(not )?ok\b(?:\s+\d+)?(.*)$')


def cases(test):
    """(passed, failed, skipped) of one line of the log."""
    passed = failed = skipped = 0
    for line in (test.get('stdout') or '').splitlines():
        m = CASE.match(line)
        if not m:
            continue
        if re.search(r'#\s*(SKIP|TODO)\b', m.group(2), re.I):
            skipped += 1
        elif m.group(1):
            failed += 1
        else:
            passed += 1
    result = test['result']
    if result == 'SKIP':
        return (passed, failed, max(skipped, 1))
    if result in ('OK', 'EXPECTEDFAIL'):
        return (max(passed, 0 if skipped else 1), failed, skipped)
    return (passed, max(failed, 1), skipped)  # a crash or a timeout has no "not ok"


def said(test):
    """The failed cases with the comments beside them, or the end of what was printed."""
    lines = (test.get('stdout') or '').splitlines()
    words = set()
    for at in (i for i, line in enumerate(lines) if line.startswith('not ok')):
        first = last = at
        while first and lines[first - 1].startswith('#'):
            first -= 1
        while last + 1 < len(lines) and lines[last + 1].startswith('#'):
            last += 1
        words.update(range(first, last + 1))
    told = [lines[i] for i in sorted(words)] or lines
    return told[-LINES_MAX:] + (test.get('stderr') or '').splitlines()[-LINES_MAX:]


def main(log, code):
    total = [0, 0, 0]
    failed = []
    try:
        with open(log, encoding='utf-8') as f:
            tests = [json.loads(line) for line in f if line.strip()]
    except OSError:
        tests = []
    for test in tests:
        found = cases(test)
        total = [a + b for a, b in zip(total, found)]
        if found[1]:
            failed.append(test)
    for test in failed:
        print('failed: %s (%s)' % (test['name'], test['result'].lower()))
        for line in said(test):
            print('    ' + line)
    if not tests:
        print('no test ran')
    print('%d passed, %d failed, %d skipped' % tuple(total))
    return 1 if total[1] or not total[0] or int(code) else 0


sys.exit(main(*sys.argv[1:3]))
