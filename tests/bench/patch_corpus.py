#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The placement engine beside git am, git am -3, patch and wiggle on a corpus of real
conflicts, one table.

patch_corpus.py EVALTOOL CORPUS [--tool PLACE_TOOL | --kcrib KCRIB] [--split S] [-o OUT]

EVALTOOL is the script that runs a command over a corpus and judges the files it leaves;
neither it nor the corpus is part of this tree. Without --kcrib the engine is measured
alone, by tests/bench/place_tool. Peers that are not installed are left out.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

# Hunks of missing files leave no .rej: then git's own word decides.
WIGGLE = ("git am --reject {mbox} 2>said; lost=$(grep -cE 'does not exist|already exists' "
          "said); rm said; ok=0; for r in $(find . -name '*.rej'); do "
          "wiggle -r \"${r%.rej}\" \"$r\" && rm \"$r\" || ok=1; done; "
          "find . -name '*.porig' -delete; test $ok = 0 && test $lost = 0")
# Columns: name, program it needs, command, are the blobs of the patch's base at hand.
PEERS = [
    ('git am --reject', 'git', 'git am --reject {mbox}', 'none'),
    ('git am -3, blobs', 'git', 'git am -3 {mbox}', 'pre'),
    ('patch', 'patch', 'patch -p1 -s -f --no-backup-if-mismatch <{mbox}', 'none'),
    ('git am, then wiggle', 'wiggle', WIGGLE, 'none'),
]


def ours(args):
    if args.kcrib:
        command = os.path.abspath(args.kcrib) + ' am --reject {mbox}'
        return [('kcrib', 'sh', command, 'none'), ('kcrib, blobs', 'sh', command, 'pre')]
    tool = os.path.abspath(args.tool)
    return [('engine', 'sh', tool + ' {mbox}', 'none'),
            ('engine, blobs', 'sh', tool + ' -b {mbox}', 'pre')]


def measure(args, row, out):
    name, program, command, blobs = row
    if not shutil.which(program):
        print('%s: no %s here' % (name, program), file=sys.stderr)
        return
    subprocess.run([sys.executable, args.evaltool, args.corpus, '-n', name, '-c', command,
                    '--blobs', blobs, '--only', 'all', '--split', args.split, '-o', out],
                   check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('evaltool')
    parser.add_argument('corpus')
    parser.add_argument('--tool', default='build/tests/bench/place_tool')
    parser.add_argument('--kcrib')
    parser.add_argument('--split', default='all')
    parser.add_argument('--no-peers', action='store_true')
    parser.add_argument('-o', '--out')
    args = parser.parse_args()
    rows = ([] if args.no_peers else PEERS) + ours(args)
    with tempfile.TemporaryDirectory() as folder:
        out = args.out or folder
        for row in rows:
            measure(args, row, out)
        names = [row[0] for row in rows if shutil.which(row[1])]
        subprocess.run([sys.executable, args.evaltool, args.corpus, '--split', args.split,
                        '--table', out] + names, check=True)


if __name__ == '__main__':
    main()
