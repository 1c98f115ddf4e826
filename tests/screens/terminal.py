#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real-terminal smoke tests: kcrib in a tmux of its own, keys sent, the screen captured.

A step waits for a marker on the screen, up to a limit; nothing here sleeps for a fixed
time. Prints TAP. usage: terminal.py KCRIB
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

LIMIT_S = 20
KCRIB = os.path.abspath(sys.argv[1])


class Terminal:
    """One tmux server with one shell in it, and a home of its own."""

    def __init__(self, width=80, height=24, term=None):
        self.home = tempfile.mkdtemp(prefix='kcrib-term-')
        self.socket = os.path.join(self.home, 'tmux')
        env = {k: v for k, v in os.environ.items()
               if not k.startswith('XDG_') and k not in ('TMUX', 'NO_COLOR', 'COLORTERM')}
        env.update(HOME=self.home, LC_ALL='C.UTF-8', PS1='$ ', ENV='', SHELL='/bin/sh',
                   TERM='xterm-256color')
        self.env = env
        with open(os.path.join(self.home, 'tmux.conf'), 'w', encoding='ascii') as f:
            f.write('set -g set-clipboard on\nset -g default-terminal tmux-256color\n'
                    'set -g default-command "/bin/sh -i"\nset -s escape-time 0\n')
        self.tmux('-f', os.path.join(self.home, 'tmux.conf'), 'new-session', '-d',
                  '-x', str(width), '-y', str(height), '-s', 't')
        self.wait(r'^\$\Z')
        if term:
            self.line('TERM=%s; export TERM' % term)

    def tmux(self, *args):
        return subprocess.run(['tmux', '-S', self.socket, *args], env=self.env, check=True,
                              capture_output=True, text=True).stdout

    def screen(self):
        return self.tmux('capture-pane', '-p', '-t', 't')

    def keys(self, *names):
        self.tmux('send-keys', '-t', 't', *names)

    def type(self, text):
        self.tmux('send-keys', '-t', 't', '-l', text)

    def mouse(self, *events):
        """(button, x, y) as the terminal reports them (X10), all at once: 0 the left one,
        32 moved, 3 released."""
        self.type(''.join('\033[M' + chr(32 + button) + chr(33 + x) + chr(33 + y)
                          for button, x, y in events))

    def line(self, text):
        self.type(text)
        self.keys('Enter')

    def wait(self, pattern, absent=False):
        """Until the screen (trailing blanks dropped) matches, or the limit."""
        end = time.monotonic() + LIMIT_S
        while True:
            text = '\n'.join(l.rstrip() for l in self.screen().rstrip().split('\n'))
            if bool(re.search(pattern, text, re.M)) != absent:
                return text
            if time.monotonic() > end:
                raise AssertionError('%r %s in:\n%s' % (
                    pattern, 'still' if absent else 'never', text))

    def start(self):
        self.line('exec_kcrib() { %s; }; clear; exec_kcrib' % KCRIB)
        return self.wait(r'^ Notes  Patches')

    def close(self):
        subprocess.run(['tmux', '-S', self.socket, 'kill-server'], env=self.env, check=False,
                       capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def pid(self):
        out = subprocess.run(['pgrep', '-f', '^%s$' % KCRIB], capture_output=True, text=True,
                             check=False).stdout.split()
        mine = [p for p in out if 'HOME=' + self.home in self.environ(p)]
        assert len(mine) == 1, out
        return int(mine[0])

    @staticmethod
    def environ(pid):
        try:
            with open('/proc/%s/environ' % pid, encoding='utf-8', errors='replace') as f:
                return f.read().split('\0')
        except OSError:
            return []


def finds_as_one_types_and_reads(t):
    t.start()
    t.type('huge')
    t.wait(r'HugeTLB')
    t.keys('Enter')
    t.wait(r'1-9')
    t.keys('q')
    t.wait(r'Enter read')


def leaves_the_terminal_as_it_was(t):
    t.line('stty -g > %s/before' % t.home)
    t.start()
    t.keys('Escape')
    t.wait(r'^\$\Z')
    t.line('stty -g > %s/after; echo do""ne' % t.home)
    t.wait(r'^done')
    with open(t.home + '/before') as a, open(t.home + '/after') as b:
        assert a.read() == b.read()


def restores_the_terminal_after_sigterm(t):
    t.line('stty -g > %s/before' % t.home)
    t.start()
    os.kill(t.pid(), 15)
    t.wait(r'^\$\Z')
    t.line('stty -g > %s/after; echo do""ne' % t.home)
    t.wait(r'^done')
    with open(t.home + '/before') as a, open(t.home + '/after') as b:
        assert a.read() == b.read()


def restores_the_terminal_after_a_crash(t):
    t.line('ulimit -c 0; stty -g > %s/before' % t.home)
    t.start()
    os.kill(t.pid(), 11)
    t.wait(r'^\$\Z')
    t.line('stty -g > %s/after; echo do""ne' % t.home)
    text = t.wait(r'^done')
    assert 'Notes  Patches' not in text
    with open(t.home + '/before') as a, open(t.home + '/after') as b:
        assert a.read() == b.read()


def follows_a_resize(t):
    t.start()
    t.tmux('resize-window', '-t', 't', '-x', '120', '-y', '35')
    t.wait(r'│')
    t.tmux('resize-window', '-t', 't', '-x', '40', '-y', '10')
    t.wait(r'│', absent=True)
    t.wait(r'^ Notes')


def suspends_and_comes_back(t):
    t.start()
    t.type('khugepaged')
    t.wait(r'> khugepaged')
    t.keys('C-z')
    t.wait(r'^\$\Z')
    t.line('fg')
    t.wait(r'> khugepaged')


def runs_in_forty_columns(t):
    t.tmux('resize-window', '-t', 't', '-x', '40', '-y', '10')
    t.start()
    t.type('thp')
    t.wait(r'> thp')
    t.keys('Enter')
    t.wait(r'1-9')


def refuses_a_dumb_terminal_politely(t):
    t.line('TERM=dumb %s; echo code $?' % KCRIB)
    text = t.wait(r'^code 3')
    assert 'dumb' in text and 'hint:' in text, text


def copies_through_tmux(t):
    t.start()
    t.type('ps threads')
    t.wait(r'> ps threads')
    t.keys('Enter')
    t.wait(r'1-9')
    t.type('y')
    t.wait(r'copied')
    end = time.monotonic() + LIMIT_S
    while 'title:' not in t.tmux('list-buffers'):
        if time.monotonic() > end:
            raise AssertionError('tmux has no buffer: ' + t.tmux('list-buffers'))


def prompt_completes_and_keeps_history(t):
    t.start()
    t.type(':')
    t.type('hel')
    t.keys('Tab')
    t.wait(r'^ :help')
    t.keys('Enter')
    t.wait(r'crib sheet and workbench')
    t.keys('q')
    t.wait(r'type to search')
    t.type(':')
    t.wait(r'^ :')
    t.keys('Up')
    t.wait(r'^ :help')
    t.keys('C-c')
    t.wait(r'Enter read')


def shows_no_escape_sequence_of_a_note(t):
    with open(t.home + '/evil.md', 'wb') as f:
        f.write(b'# zz evil \x1b]0;owned\x07\n\ntext \x1b[2J\x1b[31mred\x1b[0m \xc2\x9b5m end\n')
    t.line('%s new %s/evil.md' % (KCRIB, t.home))
    t.start()
    t.type('zz evil')
    text = t.wait(r'\^\[\[2J')
    assert '^[[31mred' in text, text
    t.keys('Enter')
    t.wait(r'1-9|Esc|q back')


def enters_a_reject(t, editor):
    """The first reject of a stopped am, with this as $EDITOR; its tree."""
    work = t.home + '/work'
    os.mkdir(work)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rejects.sh')
    subprocess.run(['sh', script], cwd=work, env=t.env, check=True, capture_output=True)
    t.line('cd %s; EDITOR="%s"; export EDITOR' % (work, editor))
    t.start()
    t.type('2')
    t.wait(r'! mm/khugepaged\.c:5 ')
    t.keys('Enter')
    t.wait(r'would become')
    return work


def resolves_the_rejects_of_a_stopped_am(t):
    work = enters_a_reject(t, 'true')
    t.keys('Enter')
    t.wait(r'taken; 1 open')
    t.type('e')
    t.wait(r'nothing was changed')
    t.wait(r'1 of 1 open')
    t.type('u')
    t.wait(r'undone: ')
    t.keys('Enter')
    t.wait(r'taken; 1 open')
    t.type('d')
    t.wait(r'dropped; nothing is open')
    t.type('C')
    t.wait(r'No am is in progress')
    out = subprocess.run(['git', 'log', '--format=%s', '-3'], cwd=work, env=t.env, check=True,
                         capture_output=True, text=True).stdout
    assert out.split('\n')[:2] == ['docs: mTHP', 'mm: let mTHP collapse'], out
    with open(work + '/mm/khugepaged.c', encoding='ascii') as f:
        text = f.read()
    assert 'scan_range(mm, addr, order)' in text and 'HPAGE_PMD_NR - 1' in text, text


def edits_what_a_reject_would_become(t):
    with open(t.home + '/add', 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\necho words of the editor\n'
                'test -t 0 && test -t 1 && echo "at line $1" >>"$2"\n')
    os.chmod(t.home + '/add', 0o755)
    work = enters_a_reject(t, t.home + '/add')
    t.type('e')
    text = t.wait(r'^ edited; 1 open')
    assert 'words of' not in text and text.startswith(' Notes  Patches 1!'), text
    with open(work + '/mm/khugepaged.c', encoding='ascii') as f:
        text = f.read()
    assert 'scan_range(mm, addr, order)' in text and text.endswith('at line +8\n'), text
    t.keys('C-q')
    text = t.wait(r'^.*\$\Z')
    assert 'the patch' not in text, text


def says_that_an_editor_failed(t):
    enters_a_reject(t, 'no-such-editor -x')
    t.type('e')
    text = t.wait(r'^ editing: no-such-editor -x ended with code 127')
    assert 'Patches 2!' in text and '1 of 2 open' in text, text


def edits_a_note_and_shows_what_changed(t):
    with open(t.home + '/add', 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\necho a line of my own >>"$1"\n')
    os.chmod(t.home + '/add', 0o755)
    t.line('EDITOR=%s/add; export EDITOR' % t.home)
    t.start()
    t.type('khugepaged')
    t.wait(r'> khugepaged')
    t.keys('Enter')
    t.wait(r'1-9')
    t.type('e')
    t.wait(r'saved khugepaged')
    t.type('h')
    t.wait(r'^ +\d+ +shipped')
    t.keys('Enter')
    t.wait(r'^ *\+a line of my own')
    t.type('q')
    t.wait(r'^ +\d+ +shipped')
    t.type('q')
    t.wait(r'1-9')
    t.type('b')
    t.wait(r'backlinks khugepaged')


def stays_where_one_reads_when_another_saves(t):
    t.start()
    t.type('khugepaged')
    t.wait(r'khugepaged')
    t.keys('Enter', 'G')
    end = t.wait(r'shrink_underused').rstrip().split('\n')[-2]
    subprocess.run([KCRIB, 'new', '-'], env=t.env, check=True, input='# khugepaged of another\n',
                   text=True, capture_output=True)
    assert end in t.wait(r'10 notes').split('\n'), t.screen()


def decides_about_a_shipped_note_that_changed_on_both_sides(t):
    t.line('%s list >/dev/null; echo do""ne' % KCRIB)
    t.wait(r'^done')
    with sqlite3.connect(t.home + '/.local/share/kcrib/notes.db') as db:
        db.execute('UPDATE shipped SET pending = CAST(? AS BLOB) WHERE note = '
                   '(SELECT id FROM note WHERE slug = ?)', ('# New words\n', 'khugepaged'))
    db.close()
    t.start()
    t.wait(r'^ 1 of your edited notes changed in kcrib too: M-u decides')
    t.keys('M-u')
    t.wait(r'^ \+\+\+ new')
    t.line('n')
    t.wait(r'^ decided')
    t.type('khugepaged')
    t.wait(r'New words')


def chooses_a_process_while_one_types(t):
    t.start()
    t.keys('F4')
    t.wait(r'so what')
    t.keys('P')
    t.wait(r'threads PID.*of \d')
    t.keys('Down', 'Up')
    t.type('%d' % t.pid())
    t.wait(r'^ *%d  .*kcrib' % t.pid())
    t.keys('Enter')
    t.wait(r'Threads of kcrib %d' % t.pid())


def drags_the_rule_between_the_panes(t):
    def rule(text):
        return [l.index('│') for l in text.split('\n') if '│' in l][0]
    t.tmux('resize-window', '-t', 't', '-x', '120', '-y', '30')
    before = rule(t.start() + '\n' + t.wait(r'│'))
    t.mouse((0, before, 10), (32, before - 8, 10))
    t.wait(r'^.{%d}│' % (before - 8))
    t.mouse((3, before + 9, 10))
    t.wait(r'^.{%d}│' % (before + 9))
    t.mouse((0, 10, 4), (3, 10, 4))
    t.wait(r'^.{%d}│' % (before + 9))


def opens_only_the_row_that_is_clicked_twice(t):
    os.makedirs(os.path.join(t.home, 'here', 'inner', 'deep'))
    t.line('cd ~/here')
    t.start()
    t.keys('5')
    t.wait(r'inner')

    def twice(row):
        t.mouse(*((button, 20, row) for button in (0, 3, 0, 3)))
    twice(20)  # far below the last row
    t.type('j')  # a key after it: the clicks are done when this is
    screen = t.screen()
    assert 'deep' not in screen, screen
    twice([i for i, l in enumerate(screen.split('\n')) if 'inner' in l][0])
    t.wait(r'deep')


TESTS = [finds_as_one_types_and_reads, leaves_the_terminal_as_it_was,
         restores_the_terminal_after_sigterm, restores_the_terminal_after_a_crash,
         follows_a_resize, suspends_and_comes_back, runs_in_forty_columns,
         refuses_a_dumb_terminal_politely, copies_through_tmux,
         prompt_completes_and_keeps_history, resolves_the_rejects_of_a_stopped_am,
         edits_what_a_reject_would_become, says_that_an_editor_failed,
         edits_a_note_and_shows_what_changed, drags_the_rule_between_the_panes,
         decides_about_a_shipped_note_that_changed_on_both_sides,
         stays_where_one_reads_when_another_saves,
         shows_no_escape_sequence_of_a_note, opens_only_the_row_that_is_clicked_twice,
         chooses_a_process_while_one_types]


def main():
    if not shutil.which('tmux'):
        print('1..0 # SKIP tmux is not installed')
        return 0
    print('1..%d' % len(TESTS))
    failed = 0
    for i, test in enumerate(TESTS, 1):
        t = Terminal()
        try:
            test(t)
            print('ok %d - %s' % (i, test.__name__))
        except (AssertionError, subprocess.CalledProcessError) as e:
            failed += 1
            print('not ok %d - %s' % (i, test.__name__))
            print('\n'.join('# ' + l for l in str(e).split('\n')))
        finally:
            t.close()
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
