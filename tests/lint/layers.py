#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads each #include: nothing goes up, nothing goes sideways, every foreign library is
known by the one folder that owns it, and no two headers need each other.

layers.py ROOT
"""
import os
import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

# A header of a foreign library: who may know it.
OWNERS = (
    (r'(n?curses|ncursesw?/.*|term)\.h', r'src/ui/'),
    (r'sqlite3(ext)?\.h', r'src/store/'),
    (r'git2(\.h|/.*)', r'src/repo/'),
    (r'readline/.*', r'src/app/line\.c'),
    (r'jansson\.h', r'src/(model|virt)/'),
    (r'md4c(-html)?\.h', r'src/note/'),
    (r'utf8proc\.h', r'src/base/utf8\.c'),
    (r'pthread\.h|threads\.h', r'src/(app/job|sys/du\w*)\.[ch]'),
    (r'lzma\.h|zlib\.h', r'src/(base/file\w*|patch/\w+)\.c'),
    (r'cmocka\.h', r'tests/'),
)
# Modules of one layer that may nevertheless know the model: the others return structs.
KNOW_MODEL = ('note', 'repo', 'virt')


def check_library(path, name):
    for header, owner in OWNERS:
        if re.fullmatch(header, name) and not re.match(owner, path):
            return '%s: <%s> belongs to %s' % (path, name, owner.replace('\\', ''))
    return None


def check_own(root, path, name, layers):
    """A quoted include: of a module below, of the same module, or beside the file."""
    module = tree.module_of(path)
    if '/' not in name:
        beside = os.path.join(root, os.path.dirname(path), name)
        # a table made by the build has its maker beside it
        made = beside[:-2] + '.py'
        if not os.path.exists(beside) and not os.path.exists(made):
            return '%s: "%s" is not beside it' % (path, name)
        return None
    target = name.split('/')[0]
    if target not in layers:
        return '%s: "%s": no such module' % (path, name)
    if layers[target] > layers[module]:
        return '%s: "%s" goes up from %s to %s' % (path, name, module, target)
    if layers[target] == layers[module] and target != module:
        return '%s: "%s" goes sideways from %s to %s' % (path, name, module, target)
    if target == 'model' and layers[module] == 2 and module not in KNOW_MODEL:
        return '%s: "%s": %s returns plain structs, app makes the model of them' % (
            path, name, module)
    return None


def circles(graph):
    """Headers that include each other, over any number of steps."""
    done, faults = set(), []

    def walk(node, trail):
        if node in trail:
            faults.append('circle: ' + ' -> '.join(trail[trail.index(node):] + [node]))
            return
        if node not in done:
            done.add(node)
            for nxt in graph.get(node, ()):
                walk(nxt, trail + [node])

    for node in sorted(graph):
        walk(node, [])
    return faults


def main(root):
    layers = tree.modules(root)
    faults, graph = [], {}
    paths = tree.files(root)
    for path in paths:
        if tree.module_of(path) not in layers:
            faults.append('%s: its module has no folder in include/lN' % path)
            continue
        for kind, name in INCLUDE.findall(tree.read(root, path)):
            if name.endswith('.c'):
                faults.append('%s: includes "%s", a source file' % (path, name))
            fault = check_library(path, name) if kind == '<' else \
                check_own(root, path, name, layers)
            if fault:
                faults.append(fault)
            if path.endswith('.h') and kind == '"':
                key = '/'.join(path.split('/')[2:]) if path[0] == 'i' else path
                graph.setdefault(key, set()).add(name)
    if not paths:
        faults.append('no source file found below ' + root)
    tree.finish(faults + circles(graph))


main(sys.argv[1])
