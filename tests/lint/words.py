#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Words and marks that the tree must not or must hold.

words.py ROOT

Nothing unfinished in the sources (no mark that says "later"), a licence line on top of
each source file, no blank at a line's end, and no mutable variable at file scope outside of
the three files where the system or a library leaves no other way.
"""
import re
import sys

import tree

UNFINISHED = re.compile(r'\b(?:TODO|FIXME|XXX|HACK)\b|(?i:not (?:yet )?implemented|unimplemented)')
# a quoted line of an Org file, where the word is part of the format
ORG_HEADLINE = re.compile(r'\*\s+\*+ TODO ')
# signal handlers; curses; readline, which knows one line at a time
KEEP_STATE = ('src/base/loop.c', 'src/ui/terminal.c', 'src/app/line.c')
LICENCE = 'SPDX-License-Identifier: GPL-2.0-or-later'
VARIABLE = re.compile(r'^(?:static )?(?!const\b|typedef\b|extern\b|struct \w+;|enum\b|return\b)'
                      r'[a-z_][\w ]*[ *]+(\w+)(?:\[[^\]]*\])*( = [^;(]*)?[;{]\s*$')
CONST = re.compile(r'\bconst \w+\[|\bconst\b[^*]*$|\*\s*const\b')


def globals_of(path, code):
    for number, line in enumerate(code, 1):
        m = VARIABLE.match(line)
        if m and '(' not in line and not CONST.search(line):
            yield '%s:%d: mutable at file scope: %s' % (path, number, m.group(1))


def main(root):
    faults = []
    for path in tree.files(root, ('src', 'include', 'tests'), ('.c', '.h', '.py', '.sh')):
        text = tree.read(root, path)
        raw = text.split('\n')
        if not any(LICENCE in line for line in raw[:4]):
            faults.append('%s: no licence line on top' % path)
        if not path.endswith(tree.SOURCES) or path.startswith('tests/'):
            continue
        for number, line in enumerate(raw, 1):
            if UNFINISHED.search(line) and not ORG_HEADLINE.search(line):
                faults.append('%s:%d: unfinished: %s' % (path, number, line.strip()))
            if line != line.rstrip():
                faults.append('%s:%d: a blank at the end' % (path, number))
        if path.endswith('.c') and path not in KEEP_STATE:
            faults += globals_of(path, tree.code_only(text).split('\n'))
    tree.finish(faults)


main(sys.argv[1])
