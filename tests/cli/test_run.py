#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kcrib run on a terminal: it asks for the values, shows the whole command, runs it only
after a yes, asks twice where something would be destroyed. Prints TAP."""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from test_widget import KCRIB, Terminal

NOTE = '''---
title: Say
params:
  first: text
  second: choice a b = b
---
```sh
printf '%s-%s\\n' <first> <second>; exit 5
```
```sh
rm <first>
```
'''


def asks_shows_and_runs(env, home):
    t = Terminal([KCRIB, 'run', 'say#1'], env)
    t.expect('first: ')
    t.send("it's $(id)\r")
    t.expect(r'second \(a, b\) \[b\]: ')
    t.send('\r')
    t.expect(r"printf '%s-%s\\n' 'it'\\''s \$\(id\)' b; exit 5")
    t.expect(r'Run it\? \[y/N\] ')
    t.send('y\r')
    t.expect(r"[\r\n]it's \$\(id\)-b")
    return os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == 5


def goes_back_one_field(env, home):
    t = Terminal([KCRIB, 'run', 'say#1'], env)
    t.expect('first.*: ')
    t.send('wrong\r')
    t.expect(r'second.*: ')
    t.send('<\r')
    t.expect(r'first.* \[wrong\]: ')
    t.send('right\r')
    t.expect(r'second.*: ')
    t.send('c\r')                       # none of its choices: asked again
    t.expect(r'second.*: ')
    t.send('a\r')
    t.expect(r"printf '%s-%s\\n' right a")
    t.expect('Run it')
    t.send('n\r')
    return os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == 3


def asks_twice_where_something_would_be_lost(env, home):
    victim = os.path.join(home, 'victim')
    for answers, left in ((('n',), True), (('y', 'n'), True), (('y', 'y'), False)):
        with open(victim, 'w') as f:
            f.write('x')
        t = Terminal([KCRIB, 'run', 'say#2', 'first=' + victim], env)
        t.expect('careful: rm deletes files')
        for question, answer in zip(('Run it', 'Really'), answers):
            t.expect(question + r'.*\[y/N\] ')
            t.send(answer + '\r')
        os.waitpid(t.pid, 0)
        if os.path.exists(victim) != left:
            return False
    return True


def main():
    tests = [asks_shows_and_runs, goes_back_one_field, asks_twice_where_something_would_be_lost]
    failed = 0
    print('1..%d' % len(tests))
    with tempfile.TemporaryDirectory() as home:
        env = {'HOME': home, 'PATH': os.environ['PATH'], 'TERM': 'xterm-256color',
               'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': home + '/data',
               'XDG_STATE_HOME': home + '/state', 'XDG_CONFIG_HOME': home + '/config'}
        subprocess.run([KCRIB, 'new', '-'], input=NOTE, text=True, env=env, check=True,
                       stdout=subprocess.DEVNULL)
        for number, test in enumerate(tests, 1):
            try:
                good, why = test(env, home), 'wrong end'
            except AssertionError as e:
                good, why = False, str(e).replace('\n', '\n# ')
            print('%sok %d - %s%s' % ('' if good else 'not ', number, test.__name__,
                                      '' if good else '\n# ' + why))
            failed |= not good
    return failed


sys.exit(main())
