#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What README, ARCHITECTURE and HACKING speak of is there.

docs.py ROOT

Paths of the tree (a name in capitals stands for anything), functions written as name(),
links to other files, and the marks that the picture of the screen stands between.
"""
import glob
import os
import re
import sys

import tree

PAGES = ('README.md', 'ARCHITECTURE.md', 'HACKING.md', 'NEWS.md')
PATH = re.compile(r'(?<![\w/$~.])(?:src|include|tests|data|man|\.ci)/[\w./*-]*\w')
CALL = re.compile(r'`(\w+)(?:\(\))`')
LINK = re.compile(r'\]\(([^)#:]+)\)')


def known_words(root):
    return set(re.findall(r'\w+', '\n'.join(tree.read(root, p) for p in tree.files(root))))


def faults_of(root, page, words):
    text = tree.read(root, page)
    for path in sorted(set(PATH.findall(text) + LINK.findall(text))):
        if not glob.glob(os.path.join(root, re.sub(r'(?<=/)[A-Z]+\b', '*', path))):
            yield '%s speaks of %s, which is not there' % (page, path)
    for name in sorted(set(CALL.findall(text)) - words):
        yield '%s speaks of %s(), which is not there' % (page, name)
    if page == 'README.md' and not re.search(r'<!-- screen -->.+<!-- /screen -->', text, re.S):
        yield '%s has lost the picture of the screen' % page


def main(root):
    words = known_words(root)
    faults = []
    for page in PAGES:
        if os.path.exists(os.path.join(root, page)):
            faults += faults_of(root, page, words)
        else:
            faults.append('%s is missing' % page)
    tree.finish(faults)


main(sys.argv[1])
