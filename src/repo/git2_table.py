#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn the list of libgit2's functions that are used here into a table filled on first use.

git2_table.py LIST HEADER SOURCE
"""
import sys

names = [l.strip() for l in open(sys.argv[1], encoding='ascii') if l.strip()]
with open(sys.argv[2], 'w', encoding='ascii') as f:
    f.write('/* Made by src/repo/git2_table.py from git2_functions.txt. */\n'
            'extern void *git2_table[%d];\n' % len(names))
    for i, n in enumerate(names):
        f.write('#define %s ((__typeof__(&%s))git2_table[%d])\n' % (n, n, i))
with open(sys.argv[3], 'w', encoding='ascii') as f:
    f.write('/* Made by src/repo/git2_table.py from git2_functions.txt. */\n'
            '#include "git2_names.h"\n\n'
            'extern void *git2_table[];\n'
            'const char *const git2_names[] = {\n%s};\n'
            'const int git2_count = %d;\nvoid *git2_table[%d];\n'
            % (''.join('\t"%s",\n' % n for n in names), len(names), len(names)))
