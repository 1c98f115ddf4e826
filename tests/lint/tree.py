# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks share: the files of the tree, their layers, and C without its comments."""
import os
import re
import sys

LAYERS = ('l0', 'l1', 'l2', 'l3', 'l4', 'l5')
SOURCES = ('.c', '.h')


def files(root, folders=('src', 'include'), ends=SOURCES):
    """Paths relative to the root, sorted."""
    found = []
    for folder in folders:
        for where, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(where, n), root)
                      for n in names if n.endswith(ends)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8', errors='replace') as f:
        return f.read()


def modules(root):
    """{module: number of its layer}, from the folders below include/; cli is on top."""
    found = {'cli': len(LAYERS)}
    for number, layer in enumerate(LAYERS):
        folder = os.path.join(root, 'include', layer)
        if os.path.isdir(folder):
            found.update((m, number) for m in os.listdir(folder))
    return found


def module_of(path):
    parts = path.split('/')
    return parts[2] if parts[0] == 'include' else parts[1]


def _blank(match):
    text = match.group(0)
    return re.sub(r'[^\n]', ' ', text) if text[0] == '/' else '"' + ' ' * (len(text) - 2) + '"'


TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code_only(text):
    """The text with comments and literals blanked: the same lines and columns."""
    return TOKENS.sub(_blank, text)


def finish(faults):
    """Print the list and leave as a test does."""
    for fault in faults:
        print(fault)
    print('%d found' % len(faults) if faults else 'nothing found')
    sys.exit(1 if faults else 0)
