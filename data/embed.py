#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn text files into one C table.

embed.py schema OUT FILE...            schema_files[]: the numbered SQL files
embed.py notes OUT DEPFILE DIR         builtin_notes[]: DIR/*.md, name without ".md"
embed.py text OUT NAME FILE            NAME[] and NAME_n: one file
"""
import hashlib
import os
import sys

ESCAPES = {0x22: '\\"', 0x5c: '\\\\', 0x0a: '\\n', 0x09: '\\t', 0x0d: '\\r', 0x3f: '\\?'}


def literal(data):
    """C string literals, one a line of the text; octal never swallows what follows."""
    lines = data.splitlines(keepends=True) or [b'']
    return '\n'.join('\t"%s"' % ''.join(
        ESCAPES.get(b) or (chr(b) if 0x20 <= b < 0x7f else '\\%03o' % b) for b in line)
        for line in lines)


def write(path, text):
    with open(path, 'w', encoding='ascii') as f:
        f.write(text)


def schema(out, files):
    text = '/* Made by data/embed.py. */\n#include "schema.h"\n\n'
    text += 'const char *const schema_files[] = {\n'
    for path in files:
        with open(path, 'rb') as f:
            text += literal(f.read()) + ',\n'
    text += '};\nconst int schema_version = %d;\n' % len(files)
    write(out, text)


def notes(out, depfile, folder):
    names = sorted(n for n in os.listdir(folder) if n.endswith('.md')) \
        if os.path.isdir(folder) else []
    digest = hashlib.sha256()
    text = '/* Made by data/embed.py. */\n#include "store/builtins.h"\n\n'
    rows = ''
    for i, name in enumerate(names):
        with open(os.path.join(folder, name), 'rb') as f:
            data = f.read()
        digest.update(name.encode() + b'\0' + data + b'\0')
        text += 'static const char note_%d[] =\n%s;\n' % (i, literal(data))
        rows += '\t{ "%s", note_%d, sizeof(note_%d) - 1 },\n' % (name[:-3], i, i)
    text += '\nconst struct builtin builtin_notes[] = {\n%s\t{ 0 },\n};\n' % rows
    text += 'const size_t builtin_note_count = %d;\n' % len(names)
    version = int.from_bytes(digest.digest()[:8], 'big') >> 1
    text += 'const int64_t builtin_notes_version = %d;\n' % version
    write(out, text)
    with open(depfile, 'w', encoding='utf-8') as f:
        f.write('%s: %s\n' % (out, ' '.join(
            [folder] + [os.path.join(folder, n) for n in names])))


def text(out, name, path):
    with open(path, 'rb') as f:
        data = f.read()
    write(out, '/* Made by data/embed.py. */\n#include "%s.h"\n\n'
          'const char %s[] =\n%s;\nconst size_t %s_n = %d;\n'
          % (name, name, literal(data), name, len(data)))


if sys.argv[1] == 'schema':
    schema(sys.argv[2], sys.argv[3:])
elif sys.argv[1] == 'text':
    text(*sys.argv[2:5])
else:
    notes(*sys.argv[2:5])
