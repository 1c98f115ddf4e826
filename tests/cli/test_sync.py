#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two stores share their notes through a bare repository: edits, conflicts, deletions, a
kill -9 at any moment, a clock that runs backwards. Prints TAP."""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

KCRIB = os.path.abspath(sys.argv[1])
FAULT = os.path.abspath(sys.argv[2])  # tests/cli/fault.c
random.seed(4)


class Person:
    """One user with a store and a folder of their own."""

    def __init__(self, top, name, remote):
        self.home = os.path.join(top, name)
        os.makedirs(self.home)
        self.remote = remote
        self.folder = os.path.join(self.home, 'shared')
        self.env = dict(os.environ, HOME=self.home, LC_ALL='C.UTF-8',
                        XDG_DATA_HOME=self.home + '/data', XDG_STATE_HOME=self.home + '/state',
                        XDG_CONFIG_HOME=self.home + '/config', GIT_CONFIG_NOSYSTEM='1')

    def run(self, *args, text=None, codes=(0,), prefix=()):
        done = subprocess.run([*prefix, KCRIB, *args], env=self.env, input=text,
                              capture_output=True, text=True, timeout=120)
        if codes and done.returncode not in codes:
            raise AssertionError('%s: exit %d: %s%s' % (args, done.returncode, done.stdout,
                                                        done.stderr))
        return done.stdout

    def write(self, slug, text):
        path = os.path.join(self.home, slug + '.md')
        with open(path, 'w') as f:
            f.write(text)
        if slug + '\n' in self.slugs():
            self.run('edit', slug, prefix=('env', 'EDITOR=cp %s' % path, 'VISUAL='))
        else:
            self.run('new', path)

    def slugs(self):
        import json
        return ''.join(n['slug'] + '\n' for n in json.loads(self.run('list', '--json', codes=(0, 1))))

    def read(self, slug):
        return self.run('show', slug, '--raw')

    def sync(self, codes=(0,), prefix=()):
        return self.run('sync', self.folder, '--remote', self.remote, codes=codes, prefix=prefix)


def note(title, *lines):
    return '---\ntitle: %s\n---\n%s\n' % (title, '\n'.join(lines))


def equal(got, want, what):
    if got != want:
        raise AssertionError('%s: got %r, want %r' % (what, got, want))


def notes_travel(a, b):
    a.write('alpha', note('Alpha', 'one', 'two', 'three', 'four', 'five'))
    a.sync()
    b.sync()
    equal(b.read('alpha'), a.read('alpha'), 'alpha')


def a_sync_without_changes_makes_no_commit(a, b):
    before = subprocess.run(['git', '-C', a.remote, 'rev-parse', 'main'], capture_output=True,
                            text=True, check=True).stdout
    a.sync()
    b.sync()
    after = subprocess.run(['git', '-C', a.remote, 'rev-parse', 'main'], capture_output=True,
                           text=True, check=True).stdout
    equal(after, before, 'the remote')


def edits_of_different_lines_merge(a, b):
    a.write('alpha', note('Alpha', 'ONE', 'two', 'three', 'four', 'five'))
    b.write('alpha', note('Alpha', 'one', 'two', 'three', 'four', 'FIVE'))
    a.sync()
    b.sync()
    a.sync()
    want = note('Alpha', 'ONE', 'two', 'three', 'four', 'FIVE')
    equal(a.read('alpha'), want, 'at a')
    equal(b.read('alpha'), want, 'at b')


def edits_of_the_same_line_keep_both(a, b):
    a.write('alpha', note('Alpha', 'from a', 'two'))
    b.write('alpha', note('Alpha', 'from b', 'two'))
    a.sync()
    out = b.sync(codes=(1,))
    if '-from b' not in out or '+from a' not in out:
        raise AssertionError('no diff: ' + out)
    a.sync()
    for who in (a, b):
        equal(who.read('alpha'), note('Alpha', 'from b', 'two'), 'the note')
        equal(who.read('alpha.conflict'), note('Alpha', 'from a', 'two'), 'the other one')
    b.sync()
    equal(b.slugs().count('alpha.conflict'), 1, 'conflict notes')


def what_came_from_others_does_not_run(a, b):
    a.write('cmd', note('Cmd', '```sh', 'echo hello', '```'))
    a.sync()
    b.sync()
    done = subprocess.run([KCRIB, 'run', 'cmd#1'], env=b.env, capture_output=True, text=True)
    equal(done.returncode, 3, 'exit code')
    if 'imported' not in done.stderr:
        raise AssertionError(done.stderr)


def a_deletion_travels_and_loses_against_an_edit(a, b):
    a.write('gone', note('Gone', 'x'))
    a.write('stays', note('Stays', 'x'))
    a.sync()
    b.sync()
    a.run('rm', 'gone')
    a.run('rm', 'stays')
    b.write('stays', note('Stays', 'edited'))
    a.sync()
    b.sync(codes=(0, 1))
    a.sync()
    for who in (a, b):
        if 'gone\n' in who.slugs():
            raise AssertionError('gone is still there')
        equal(who.read('stays'), note('Stays', 'edited'), 'stays')


def files_edited_by_hand_come_in(a, b):
    with open(os.path.join(a.folder, 'hand.md'), 'w') as f:
        f.write(note('Hand', 'written with vim'))
    a.sync()
    b.sync()
    equal(b.read('hand'), note('Hand', 'written with vim'), 'hand')


def a_clock_that_runs_backwards_changes_nothing(a, b):
    b.write('early', note('Early', 'by the clock of long ago'))
    old = ('faketime', '2001-01-01') if subprocess.run(
        ['sh', '-c', 'command -v faketime'], capture_output=True).returncode == 0 else ()
    if not old:
        # no faketime: push the parents into the future instead
        env = dict(a.env, GIT_COMMITTER_DATE='4070908800 +0000',
                   GIT_AUTHOR_DATE='4070908800 +0000')
        a.sync()
        git = ['git', '-C', a.folder, '-c', 'user.name=x', '-c', 'user.email=x@y']
        subprocess.run(git + ['commit', '-q', '--allow-empty', '-m', 'future'], env=env, check=True)
        subprocess.run(git + ['push', '-q', 'origin', 'HEAD:main'], env=env, check=True)
    b.sync(prefix=old)
    a.sync()
    equal(a.read('early'), b.read('early'), 'early')
    dates = subprocess.run(['git', '-C', a.remote, 'log', '--format=%ct %P', 'main'],
                           capture_output=True, text=True, check=True).stdout.split('\n')
    first = int(dates[0].split()[0])
    if first < max(int(d.split()[0]) for d in dates if d):
        raise AssertionError('a commit is older than its parents')


def remove_locks(*people):
    """A killed git of any kind leaves its lock files; they are for people to remove."""
    for who in people:
        subprocess.run(['find', who.folder, who.remote, '-name', '*.lock', '-delete'], check=True)


def broken_off(who, at):
    """A sync killed at its change number `at` of the file system: did it get so far?"""
    env = dict(who.env, LD_PRELOAD=FAULT, FAULT_AT=str(at), FAULT_DO='kill',
               ASAN_OPTIONS='verify_asan_link_order=0')
    return subprocess.run([KCRIB, 'sync', who.folder], env=env, check=False,
                          capture_output=True).returncode == -9


class Rounds:
    """What b sends in some rounds; a's home and the remote can be put back to any."""

    def __init__(self, a, b, rounds):
        self.a, self.kept = a, a.home + '.kept'
        b.write('theirs', note('Theirs', 'round 0'))
        b.sync()
        a.sync()
        shutil.copytree(a.home, os.path.join(self.kept, 'a'), symlinks=True)
        for i in range(1, rounds + 1):
            b.write('theirs', note('Theirs', 'round %d' % i))
            if i % 2:
                b.write('fresh', note('Fresh', 'round %d' % i))
            else:
                b.run('rm', 'fresh')
            b.sync()
            shutil.copytree(a.remote, os.path.join(self.kept, 'round %d' % i))

    def put_back(self, folder, name):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(self.kept, name), folder, symlinks=True)

    def start(self):
        self.put_back(self.a.home, 'a')

    def broken_off(self, number, at):
        """A sync of that round's remote, killed at change `at`: did it get so far?"""
        self.put_back(self.a.remote, 'round %d' % number)
        killed = broken_off(self.a, at)
        remove_locks(self.a)
        return killed

    def ends_with(self, number, said):
        """The last round comes in whole, and so does a file made by hand."""
        self.put_back(self.a.remote, 'round %d' % number)
        with open(os.path.join(self.a.folder, 'by-hand.md'), 'w') as f:
            f.write(note('By hand', 'while it was broken'))
        self.a.sync()  # no conflict: exit code 0
        slugs = self.a.slugs().split()
        equal(self.a.read('theirs'), note('Theirs', 'round %d' % number), 'theirs, ' + said)
        for slug in ('fresh', 'fresh.conflict', 'theirs.conflict'):
            if slug in slugs:
                raise AssertionError('%s: %s is there' % (said, slug))
        if 'by-hand' not in slugs:
            raise AssertionError('%s: the file made by hand is lost' % said)


def what_a_broken_run_took_over_is_no_edit(a, b):
    """Neither what the store took nor what was written into the folder counts as ours."""
    rounds = Rounds(a, b, 4)
    at, took = 1, 0
    while rounds.broken_off(1, at):
        if not took and a.read('theirs') == note('Theirs', 'round 1'):
            took = at
        rounds.ends_with(2, 'killed at %d' % at)
        rounds.start()
        at += 5
    if not 30 < took < at:
        raise AssertionError('%d changes seen, %d before the store took it' % (at, took))
    rounds.start()
    # and the next one too, wherever it breaks off
    at = 1
    while rounds.broken_off(1, took + 5) and rounds.broken_off(3, at):
        rounds.ends_with(4, 'killed at %d, then at %d' % (took + 5, at))
        rounds.start()
        at += 5
    if at < took:
        raise AssertionError('only %d changes seen of the next' % at)
    rounds.start()


def a_kill_at_any_moment_loses_nothing(a, b):
    for i in range(25):
        a.write('k%d' % i, note('K%d' % i, 'a'))
        b.write('alpha', note('Alpha', 'round %d' % i, 'two'))
        for who in (a, b):
            p = subprocess.Popen([KCRIB, 'sync', who.folder], env=who.env,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                p.wait(timeout=random.uniform(0.001, 0.08))
            except subprocess.TimeoutExpired:
                p.kill()
            p.wait()
    remove_locks(a, b)
    for _ in range(2):
        a.sync(codes=(0, 1))
        b.sync(codes=(0, 1))
    a.sync(codes=(0, 1))
    for i in range(25):
        equal(b.read('k%d' % i), note('K%d' % i, 'a'), 'k%d' % i)
    equal(a.read('alpha'), note('Alpha', 'round 24', 'two'), 'alpha')
    equal(b.read('alpha'), note('Alpha', 'round 24', 'two'), 'alpha')
    equal(sorted(a.slugs().split()), sorted(b.slugs().split()), 'the notes')


def main():
    tests = [notes_travel, a_sync_without_changes_makes_no_commit, edits_of_different_lines_merge,
             edits_of_the_same_line_keep_both, what_came_from_others_does_not_run,
             a_deletion_travels_and_loses_against_an_edit, files_edited_by_hand_come_in,
             what_a_broken_run_took_over_is_no_edit, a_clock_that_runs_backwards_changes_nothing,
             a_kill_at_any_moment_loses_nothing]
    failed = 0
    print('1..%d' % len(tests))
    with tempfile.TemporaryDirectory() as top:
        remote = os.path.join(top, 'shared.git')
        subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', remote], check=True)
        a, b = Person(top, 'a', remote), Person(top, 'b', remote)
        for number, test in enumerate(tests, 1):
            started = time.monotonic()
            try:
                test(a, b)
                print('ok %d - %s # %.1f s' % (number, test.__name__, time.monotonic() - started))
            except (AssertionError, subprocess.SubprocessError) as e:
                failed = 1
                print('not ok %d - %s\n# %s' % (number, test.__name__, str(e).replace('\n', '\n# ')))
            sys.stdout.flush()
    return failed


sys.exit(main())
