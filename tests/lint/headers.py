#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each header compiles alone, with the include folders of its layer and those below.

headers.py ROOT BUILD COMPILER...

Public ones stand below include/, private ones beside their sources; those find what the
build generates in BUILD.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import tree


def command(root, build, compiler, path, layers):
    top = min(layers.get(tree.module_of(path), len(tree.LAYERS)), len(tree.LAYERS) - 1)
    dirs = [os.path.join(root, 'include', l) for l in tree.LAYERS[:top + 1]]
    if path.startswith('src/'):
        dirs += [os.path.dirname(os.path.join(root, path)),
                 os.path.join(build, os.path.dirname(path))]
    flags = subprocess.run(['pkg-config', '--cflags', 'libgit2', 'ncursesw', 'sqlite3'],
                           capture_output=True, text=True, check=False).stdout.split()
    return compiler + ['-std=gnu17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror',
                       '-Wno-unused-parameter', '-Wno-unused-function', '-fsyntax-only',
                       '-include', os.path.join(root, 'include/l0/base/banned.h'),
                       '-x', 'c'] + ['-I' + d for d in dirs] + flags + \
        [os.path.join(root, path)]


def check(root, build, compiler, path, layers):
    faults = []
    text = tree.read(root, path)
    if not re.search(r'^#ifndef (\w+_H)\n#define \1$', text, re.M):
        faults.append('%s: no include guard' % path)
    # through a file that includes it: "#pragma once in main file" and its like stay quiet
    run = subprocess.run(command(root, build, compiler, path, layers), capture_output=True,
                         text=True, check=False)
    if run.returncode:
        faults.append('%s does not compile alone:\n%s' % (path, run.stderr))
    return faults


def main(root, build, *compiler):
    layers = tree.modules(root)
    paths = tree.files(root, ends=('.h',))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = pool.map(lambda p: check(root, build, list(compiler), p, layers), paths)
    tree.finish([fault for faults in found for fault in faults] or
                ([] if paths else ['no header found']))


main(*sys.argv[1:])
