#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Notes made from text that is found on this machine, for the search benchmark.

corpus.py N [--tldr GITDIR] writes N notes to standard output as
    name US title US lang US text RS
First whole documents (tldr pages, kernel documentation, manual pages; those that are
nearest to the subjects of the built-in notes first), then their sections, then
paragraphs of different documents put together. The same N gives the same notes.
"""
import glob
import gzip
import io
import os
import random
import re
import subprocess
import sys
import tarfile

US, RS = '\x1f', '\x1e'
NEAR = re.compile(r'git|hugetlb|transhuge|huge|thp|kvm|qemu|page|khugepaged|folio|patch'
                  r'|submitting|checkpatch|maintainer|/mm/|/virt/|sched|perf|trace'
                  r'|\bps\b|/ps\.|top\.|/top|/du\.|gettid|thread|mmap|b4|send-email', re.I)


def clean(text):
    return text.replace(US, ' ').replace(RS, ' ').replace('\0', ' ')


def tldr(gitdir):
    data = subprocess.run(['git', '-C', gitdir, 'archive', 'HEAD', 'pages', 'pages.zh'],
                          stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for m in tar.getmembers():
            if m.isfile() and m.name.endswith('.md'):
                text = tar.extractfile(m).read().decode('utf-8', 'replace')
                title = text.split('\n', 1)[0].lstrip('# ')
                lang = 'zh' if m.name.startswith('pages.zh') else 'en'
                yield 'tldr/' + m.name, title, lang, text


def read(path):
    opener = gzip.open if path.endswith('.gz') else open
    try:
        with opener(path, 'rb') as f:
            return f.read(400000).decode('utf-8', 'replace')
    except OSError:
        return ''


def kernel():
    found = glob.glob('/usr/share/doc/linux-doc*/Documentation/**/*.rst*', recursive=True)
    for path in sorted({os.path.realpath(p) for p in found}):
        text = read(path)
        lines = [l.strip() for l in text.split('\n')]
        title = next((a for a, b in zip(lines, lines[1:])
                      if a and re.fullmatch(r'([=\-*~#^])\1{2,}', b)), '')
        lang = 'zh' if '/zh_' in path else 'en'
        if title:
            yield path, title, lang, text


MACRO = re.compile(r"^[.'](\\\"|TH|SH|SS|B|I|BR|IR|RB|RI|BI|IB|SM|nf|fi)?\b ?")
ESCAPE = re.compile(r'\\f.|\\\(..|\\&|\\[|%:~0 ]|\\s[+-]?\d|\\m\[[^]]*\]|\\\[..\]')


def man():
    for path in sorted(glob.glob('/usr/share/man/man[1-9]/*.gz')):
        text = read(path)
        if text.startswith('.so '):
            continue
        out = []
        for line in text.split('\n'):
            if line.startswith(('.\\"', "'\\\"", '.TH', '.ds', '.de', '.if', '.ie')):
                continue
            if line.startswith(('.SH', '.SS')):
                line = '\n## ' + line[3:].strip(' "')
            out.append(ESCAPE.sub('', MACRO.sub('', line)).replace('\\-', '-'))
        name = re.sub(r'\.(\w+)\.gz$', r'(\1)', os.path.basename(path))
        yield path, name, 'en', '\n'.join(out)


def doc():
    for path in sorted(glob.glob('/usr/share/doc/*/*')):
        if re.search(r'(README|NEWS|FAQ|TODO|HACKING|AUTHORS|changelog)[^/]*$', path) and \
                os.path.isfile(path):
            text = read(path)
            title = path.split('/')[-2] + ' ' + path.split('/')[-1]
            yield path, title, 'en', text[:60000]


def sections(docs):
    for name, title, lang, text in docs:
        parts = re.split(r'\n(?=\S[^\n]{3,70}\n[=\-~^*]{4,}\n|## )', text)
        for i, part in enumerate(parts):
            if len(part) > 120:
                head = part.strip().split('\n', 1)[0].lstrip('# ')[:70]
                yield '%s#%d' % (name, i), '%s: %s' % (title, head), lang, part[:4000]


def recombined(docs, rng):
    paragraphs = [(t, l, p) for _, t, l, text in docs
                  for p in text.split('\n\n') if 80 < len(p) < 900]
    i = 0
    while True:
        a, b = rng.choice(paragraphs), rng.choice(paragraphs)
        words = re.findall(r'\w{4,}', b[2])[:40]
        title = ' '.join(rng.sample(words, min(5, len(words)))) or a[0]
        yield 'mix/%d' % i, title, a[1], a[2] + '\n\n' + b[2][:400]
        i += 1


def notes(gitdir):
    docs = (list(tldr(gitdir)) if gitdir else []) + list(kernel()) + list(man())
    rng = random.Random(7)
    rng.shuffle(docs)
    docs.sort(key=lambda d: not NEAR.search(d[0].replace('pages', '')))
    # nobody's note is a manual of a hundred pages: the beginning of each
    yield from ((n, t, l, text[:6000]) for n, t, l, text in docs)
    docs += list(doc())
    rest = list(sections(docs))
    rng.shuffle(rest)
    yield from rest
    yield from recombined(docs, rng)


def main():
    want = int(sys.argv[1])
    gitdir = sys.argv[3] if len(sys.argv) > 3 else None
    out = open(1, 'w', encoding='utf-8', errors='replace', closefd=False)
    for i, fields in enumerate(notes(gitdir)):
        if i >= want:
            break
        out.write(US.join(clean(f) for f in fields) + RS)
    out.flush()


main()
