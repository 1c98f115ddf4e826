#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whitespace in patches: git apply and kcrib apply on the same random file and patch.

fuzz_whitespace.py [-runs=N | -max_total_time=SECONDS] [-first=N] KCRIB

A case is a file with blanks of every bad kind, a patch made on a form of it that had other
blanks, a rule (core.whitespace, or the attribute) and an action. Both programs must say
yes or no alike, leave the same bytes and count the same faults. Cases follow from their
number alone; one that fails is shown whole, and -first=N -runs=1 repeats it.
"""
import difflib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

INDENTS = [b'', b'', b'\t', b' ', b'    ', b'        ', b' \t', b'\t ', b'         \t',
           b'\t        ', b'  \t  \t']
WORDS = [b'a', b'b', b'c', b'd e', b'd  e', b'd\te', b'']
TAILS = [b'', b'', b'', b' ', b'\t', b' \t ']
RULES = ['trailing-space', 'space-before-tab', 'indent-with-non-tab', 'tab-in-indent',
         'blank-at-eol', 'blank-at-eof', 'cr-at-eol', 'tabwidth=4', 'tabwidth=3', 'no-rule']
ACTIONS = ['nowarn', 'warn', 'error', 'error-all', 'fix', 'fix', 'fix', 'strip']


class Dice(random.Random):
    """Made of random() alone, which is the same in every Python."""

    def below(self, n):
        return int(self.random() * n)

    def one(self, of):
        return of[self.below(len(of))]

    def chance(self, share):
        return self.random() < share


def some_line(dice, end):
    return dice.one(INDENTS) + dice.one(WORDS) + dice.one(TAILS) + end


def some_file(dice):
    end = b'\r\n' if dice.chance(.15) else b'\n'
    lines = [some_line(dice, end) for _ in range(dice.below(14))]
    lines += [dice.one([b'', b'', b' ']) + end for _ in range(dice.below(3))]
    return lines


def ended(dice, lines, share=.1):
    """Perhaps without a final newline."""
    if lines and dice.chance(share):
        lines[-1] = lines[-1].rstrip(b'\r\n')
    # git counts lines once more after mending: one that goes whole is one too few
    return [line for line in lines if line.strip() or line.endswith(b'\n')]


def edited(dice, lines, end):
    new = [line if line.endswith(b'\n') else line + b'\n' for line in lines]
    for _ in range(1 + dice.below(3)):
        at = dice.below(len(new) + 1)
        gone = dice.below(3)
        new[at:at + gone] = [some_line(dice, end) for _ in range(dice.below(3))]
    if dice.chance(.3):
        new += [dice.one([b'', b' ', b'\t']) + end] * (1 + dice.below(2))
    return new


def other_blanks(dice, line):
    body = line.rstrip(b'\r\n')
    end = line[len(body):]
    kind = dice.below(5)
    if kind == 0:
        body = body.rstrip()
    elif kind == 1:
        body += dice.one(TAILS)
    elif kind == 2:
        body = dice.one(INDENTS) + body.lstrip()
    elif kind == 3:
        body = re.sub(rb'\s+', dice.one([b' ', b'\t', b'  ']), body)
    else:
        end = dice.one([b'\n', b'\n', b'\r\n'])
    return body + end


def drifted(dice, lines):
    """The file as it is where the patch arrives."""
    share = dice.one([0, 0, .1, .4])
    lines = [other_blanks(dice, line) if dice.chance(share) else line for line in lines]
    if dice.chance(.3):
        lines[:0] = [some_line(dice, b'\n') for _ in range(dice.below(4))]
    if dice.chance(.3):
        while lines and not lines[-1].strip() and dice.chance(.8):
            lines.pop()
    if dice.chance(.1):
        lines.append(b'\n')
    return lines


def ranged(start, n):
    return b'%d,%d' % (start + 1 if n else start, n)


def patch_of(old, new, context):
    out = [b'diff --git a/f b/f\n', b'--- a/f\n', b'+++ b/f\n']
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)

    def put(sign, lines):
        for line in lines:
            out.append(sign + line.rstrip(b'\n') + b'\n')
            if not line.endswith(b'\n'):
                out.append(b'\\ No newline at end of file\n')

    for group in matcher.get_grouped_opcodes(context):
        first, last = group[0], group[-1]
        out.append(b'@@ -' + ranged(first[1], last[2] - first[1]) + b' +' +
                   ranged(first[3], last[4] - first[3]) + b' @@\n')
        for tag, i, i_end, k, k_end in group:
            if tag == 'equal':
                put(b' ', old[i:i_end])
                continue
            put(b'-', old[i:i_end])
            put(b'+', new[k:k_end])
    return b''.join(out) if len(out) > 3 else None


def some_rule(dice):
    words = [('-' if dice.chance(.3) else '') + dice.one(RULES) for _ in range(dice.below(4))]
    return ','.join(words)


class Case:
    def __init__(self, number):
        dice = Dice(number)
        context = dice.one([3, 3, 3, 2, 1, 0])
        reduced = dice.chance(.15)
        loose = dice.chance(.2)
        # Where line ends do not count git joins lines to one that has no newline, and takes
        # one for the begin of another; kcrib does neither.
        unended = 0 if reduced or loose or not context else .1
        old = ended(dice, some_file(dice), unended)
        end = b'\r\n' if old and old[0].endswith(b'\r\n') else b'\n'
        new = ended(dice, edited(dice, old, end), unended)
        if dice.chance(.1):
            old, new = new, old
        back = dice.chance(.1)
        self.patch = patch_of(new, old, context) if back else patch_of(old, new, context)
        self.action = dice.one(ACTIONS)
        self.rule = some_rule(dice)
        self.attribute = dice.one([None, None, None, 'f whitespace', 'f -whitespace',
                                   'f !whitespace', 'f whitespace=blank-at-eol,' +
                                   some_rule(dice)])
        # Hunks without context that find their lines elsewhere are a lottery; and where
        # mended context is longer, git overwrites the lines behind it.
        longer = 'tab-in-indent' in self.rule + str(self.attribute) and \
            self.action in ('fix', 'strip')
        here = drifted(dice, old) if context and not longer else old
        self.file = b''.join(ended(dice, here, unended))
        self.options = ['--whitespace=' + self.action]
        if back:
            self.options.append('-R')
        if not context:
            self.options.append('--unidiff-zero')
        # The nearer to the first line, the further down git begins its search.
        if reduced and not re.search(rb'^@@ -\d+,\d+ \+[0-3],', self.patch or b'', re.M):
            self.options.append(dice.one(['-C0', '-C1', '-C2']))
        if loose:
            self.options.append(dice.one(['--ignore-space-change', '--ignore-whitespace']))

    def show(self):
        return '\n'.join(['options %s  rule %r  attribute %r' % (
            ' '.join(self.options), self.rule, self.attribute), 'file %r' % self.file] +
            ['  %r' % line for line in self.patch.splitlines(True)])


COUNTED = re.compile(r'^(\S+:\d+: [\w ,]+\.|warning: .*|error: \d+ lines? adds? whitespace.*)$')


def run(case, command, env):
    with open('f', 'wb') as f:
        f.write(case.file)
    env = dict(env, GIT_CONFIG_VALUE_0=case.rule)
    done = subprocess.run(command + case.options, input=case.patch, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    words = done.stderr.decode('latin-1').split('\n')
    notes = sorted(w for w in words if COUNTED.match(w)) if done.returncode == 0 else None
    with open('f', 'rb') as f:
        return done.returncode == 0, f.read(), notes, done.stderr


def same(case, kcrib, env):
    if case.attribute:
        with open('.gitattributes', 'w', encoding='ascii') as f:
            f.write(case.attribute + '\n')
    elif os.path.exists('.gitattributes'):
        os.remove('.gitattributes')
    git = run(case, ['git', 'apply'], env)
    ours = run(case, [kcrib, 'apply'], env)
    # git itself broke: it miscounts where mending makes lines longer
    if git[:3] == ours[:3] or b'Assertion' in git[3] or b'BUG:' in git[3]:
        return True
    print(case.show())
    for name, (yes, data, notes, words) in [('git', git), ('kcrib', ours)]:
        print('%s: %s %r\n  %s\n  %r' % (name, 'yes' if yes else 'no', data, notes, words))
    return False


def main(args):
    runs, seconds, first, kcrib = 400, None, 0, None
    for arg in args:
        name, _, value = arg.partition('=')
        if name == '-runs':
            runs = int(value)
        elif name == '-max_total_time':
            seconds = int(value)
        elif name == '-first':
            first = int(value)
        elif not arg.startswith('-'):
            kcrib = os.path.abspath(arg)
    if not kcrib or not shutil.which('git'):
        print('nothing to compare with' if kcrib else __doc__)
        return 77 if kcrib else 2
    end = time.monotonic() + (seconds or 0)
    bad = tried = 0
    with tempfile.TemporaryDirectory(prefix='kcrib-ws.') as top:
        os.chdir(top)
        env = dict(os.environ, HOME=top, XDG_CONFIG_HOME=top, XDG_DATA_HOME=top,
                   XDG_STATE_HOME=top, GIT_CONFIG_NOSYSTEM='1', LC_ALL='C',
                   GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='core.whitespace')
        subprocess.run(['git', 'init', '-q', '.'], env=dict(env, GIT_CONFIG_COUNT='0'),
                       check=True)
        number = first
        while time.monotonic() < end if seconds else number < first + runs:
            case = Case(number)
            if case.patch:
                tried += 1
                if not same(case, kcrib, env):
                    bad += 1
                    print('-- case %d\n' % number, flush=True)
                    if bad >= 10:
                        break
            number += 1
        os.chdir('/')
    print('%d mutations, %d differ' % (tried, bad))
    return 1 if bad else 0


sys.exit(main(sys.argv[1:]))
