#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The widget in real bash, zsh and fish, through a pseudo-terminal: Ctrl-G opens kcrib over
the prompt, a command is chosen and filled in, it stands on the prompt line, can be edited,
runs when Enter is pressed, and is in the shell's own history. A terminal that shows no
screen is asked in lines. Prints TAP."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

KCRIB = os.path.abspath(sys.argv[1])
NOTE = '''---
title: Say something loudly
params:
  words: text
---
```sh
echo said <words>
```
'''
SHELLS = {
    'bash': (['bash', '--norc', '--noprofile', '-i'], 'eval "$(kcrib widget bash)"',
             'HISTFILE=/dev/null; history'),
    'zsh': (['zsh', '-f', '-i'], 'eval "$(kcrib widget zsh)"', 'fc -l 1'),
    'fish': (['fish', '--no-config', '-i'], 'kcrib widget fish | source', 'history'),
}


class Terminal:
    """A shell on a pseudo-terminal; waits for what it expects and never sleeps."""

    def __init__(self, argv, env):
        self.seen = ''
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execvpe(argv[0], argv, env)

    def send(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.seen):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError('no %r in %r' % (pattern, self.seen[-800:]))
            try:
                new = os.read(self.fd, 65536)
            except OSError:
                new = b''
            if not new:
                raise AssertionError('the shell ended: %r' % self.seen[-800:])
            # fish asks its terminal where it is and what it can
            if b'\x1b[c' in new or b'\x1b[0c' in new:
                os.write(self.fd, b'\x1b[?62;c')
            if b'\x1b[6n' in new:
                os.write(self.fd, b'\x1b[1;1R')
            self.seen += new.decode(errors='replace')
        at = re.search(pattern, self.seen).end()
        before, self.seen = self.seen[:at], self.seen[at:]
        return before

    def close(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def by_screen(t):
    t.expect(r'Say something loudly')
    t.send('\r')                            # into the note
    t.expect(r'1-9')
    t.send('1')
    t.expect(r'words .text')


def by_lines(t):
    t.expect(r'note \[1\]: ')
    t.send('1\r')
    t.expect(r'words.*: ')


def try_widget(shell, env, choose):
    argv, install, _ = SHELLS[shell]
    t = Terminal(argv, env)
    try:
        t.send(install + '\r')
        t.send('echo ready$((1+1))\r' if shell != 'fish' else 'echo ready(math 1+1)\r')
        t.expect('ready2')
        t.send('say loudly\x07')            # Ctrl-G with words already typed
        choose(t)
        t.send("it's $(hostname)\r")
        t.expect(r'echo said ')             # on the prompt line, not run yet
        t.send(' edited\r')
        t.expect(r"[\r\n]said it's \$\(hostname\) edited")
        t.send('\x1b[A')                    # the arrow key: the shell's own history
        t.expect(r'echo said .*edited')
    finally:
        t.close()


CASES = [(shell, by_screen, {}) for shell in SHELLS] + [('bash', by_lines, {'TERM': 'dumb'})]


def main():
    failed = 0
    print('1..%d' % len(CASES))
    with tempfile.TemporaryDirectory() as home:
        env = {'HOME': home, 'PATH': home + '/bin:' + os.environ['PATH'], 'TERM': 'xterm-256color',
               'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': home + '/data',
               'XDG_STATE_HOME': home + '/state', 'XDG_CONFIG_HOME': home + '/config',
               'PS1': '> ', 'COLUMNS': '120', 'LINES': '40'}
        os.mkdir(home + '/bin')
        os.symlink(KCRIB, home + '/bin/kcrib')
        subprocess.run([KCRIB, 'new', '-'], input=NOTE, text=True, env=env, check=True,
                       stdout=subprocess.DEVNULL)
        for number, (shell, choose, more) in enumerate(CASES, 1):
            name = '%d - a command chosen %s comes to the prompt line of %s' % (
                number, choose.__name__.replace('_', ' '), shell)
            if not shutil.which(shell):
                print('ok %s # SKIP no %s here' % (name, shell))
                continue
            try:
                try_widget(shell, {**env, **more}, choose)
                print('ok ' + name)
            except AssertionError as e:
                failed = 1
                print('not ok %s\n# %s' % (name, str(e).replace('\n', '\n# ')))
            sys.stdout.flush()
    return failed


if __name__ == '__main__':
    sys.exit(main())
