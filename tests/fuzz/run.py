#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every fuzz target for some seconds, one after the other.

run.py BUILD SECONDS [TARGET...]

The targets and their seeds are those of the suite "fuzz". What libFuzzer learns is kept in
BUILD/corpus, what a target finds in BUILD/findings.
"""
import json
import os
import re
import subprocess
import sys


def targets(build):
    """(name, program, seeds) of each."""
    shown = subprocess.run(['meson', 'introspect', '--tests', build], check=True,
                           capture_output=True, text=True).stdout
    for test in json.loads(shown):
        if any(suite.split(':')[-1] == 'fuzz' for suite in test['suite']):
            program, *args = test['cmd']
            seeds = [os.path.join(build, a) for a in args if not a.startswith('-')]
            name = os.path.splitext(os.path.basename(program))[0][len('fuzz_'):]
            yield name, program, seeds


def is_libfuzzer(program):
    shown = subprocess.run([program, '-help=1'], capture_output=True, text=True, check=False)
    return 'max_total_time' in shown.stderr


def command(build, name, program, seeds, seconds):
    if not is_libfuzzer(program):
        return [program, '-max_total_time=%d' % seconds] + seeds
    corpus = os.path.join(build, 'corpus', name)
    os.makedirs(corpus, exist_ok=True)
    return [program, '-max_total_time=%d' % seconds, '-timeout=10', '-rss_limit_mb=2048',
            '-max_len=65536', '-print_final_stats=1', '-seed_inputs=' + ','.join(seeds),
            '-artifact_prefix=' + os.path.join(build, 'findings', name + '-'), corpus]


def main(build, seconds, *only):
    build = os.path.abspath(build)
    findings = os.path.join(build, 'findings')
    os.makedirs(findings, exist_ok=True)
    bad = ran = 0
    for name, program, seeds in targets(build):
        if only and name not in only:
            continue
        run = subprocess.run(command(build, name, program, seeds, int(seconds)), text=True,
                             cwd=findings, capture_output=True, errors='replace', check=False)
        words = run.stdout + run.stderr
        count = re.search(r'number_of_executed_units: (\d+)|(\d+) mutations', words)
        ran += 1
        if run.returncode == 77 and not is_libfuzzer(program):
            print('%-16s skipped: %s' % (name, words.strip()), flush=True)
        elif run.returncode == 0:
            print('%-16s %s s, %s inputs, no finding' % (
                name, seconds, count and (count.group(1) or count.group(2))), flush=True)
        else:
            bad += 1
            print('%-16s FOUND something, see %s\n%s' % (
                name, findings, '\n'.join(words.splitlines()[-25:])), flush=True)
    return 1 if bad or not ran else 0


sys.exit(main(*sys.argv[1:]))
