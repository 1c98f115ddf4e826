#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long things may be.

budgets.py ROOT [--all]

A .c file 800 lines (data tables not counted), a public header 250; a function 60 lines
and a complexity of 15, or 100 and 25 under a comment "/* long: reason */" just above it;
nesting 4, parameters 6. Complexity is 1 + branches + loops + cases + && + || + ?:.
The tree is formatted by clang-format, which is what lets this be read line by line: a
body begins with "{" and ends with "}" in column 0. --all prints every function's figures.
"""
import re
import sys

import tree

FILE_LINES, HEADER_LINES = 800, 250
PLAIN, LONG = (60, 15), (100, 25)
NESTING, PARAMETERS = 4, 6

BRANCH = re.compile(r'\b(?:if|for|while|case|[A-Z]+_EACH\w*)\b|&&|\|\||\?')
CONTROL = re.compile(r'^(\t+)(?:\} )?(?:if|for|while|do|switch|[A-Z]+_EACH\w*)\b')
TABLE = re.compile(r'=\s*\{\s*$')


def functions(lines):
    """(first line, last line, signature) of each definition, as indexes."""
    at = 0
    while at < len(lines):
        if lines[at].rstrip() != '{':
            at += 1
            continue
        first = at
        while first > 0 and lines[first - 1].strip() and \
                not lines[first - 1].rstrip().endswith((';', '}')) and \
                not lines[first - 1].startswith('#'):
            first -= 1
        last = at
        while last + 1 < len(lines) and not lines[last].startswith('}'):
            last += 1
        yield first, last, ' '.join(s.strip() for s in lines[first:at])
        at = last + 1


def parameters(signature):
    """How many; function pointers among them count as one."""
    start = signature.find('(')
    if start < 0:
        return 0
    depth, count = 0, 1
    for c in signature[start:]:
        depth += {'(': 1, ')': -1}.get(c, 0)
        count += c == ',' and depth == 1
        if depth == 0:
            break
    inside = signature[start + 1:]
    return 0 if inside.startswith((')', 'void)')) else count


def name_of(signature):
    m = re.search(r'(\w+)\s*\(', signature)
    return m.group(1) if m else signature


def lines_without_tables(lines):
    """Lines of the file outside of file-scope "= { ... };"."""
    count, inside = 0, False
    for line in lines:
        if not inside and not line.startswith(('\t', ' ')) and TABLE.search(line):
            inside = True
        count += not inside
        if inside and line.startswith('}'):
            inside = False
    return count


def check_function(path, raw, lines, span, show):
    first, last, signature = span
    code = '\n'.join(lines[first:last + 1])
    length = last - first + 1
    cc = 1 + len(BRANCH.findall(code))
    depth = max([len(m.group(1)) for m in map(CONTROL.match, lines[first:last]) if m] or [0])
    above = raw[first - 1] if first else ''
    long = 'long:' in above or any('long:' in l for l in raw[max(0, first - 6):first]
                                   if above.rstrip().endswith('*/'))
    max_lines, max_cc = LONG if long else PLAIN
    where = '%s:%d: %s()' % (path, first + 1, name_of(signature))
    if show:
        print('%s %d lines, complexity %d, nesting %d' % (where, length, cc, depth))
    if length > max_lines:
        yield '%s is %d lines long, not %d' % (where, length, max_lines)
    if cc > max_cc:
        yield '%s has complexity %d, not %d' % (where, cc, max_cc)
    if depth > NESTING:
        yield '%s nests %d deep, not %d' % (where, depth, NESTING)
    if parameters(signature) > PARAMETERS:
        yield '%s has %d parameters, not %d' % (where, parameters(signature), PARAMETERS)


def check_file(root, path, show):
    text = tree.read(root, path)
    raw, lines = text.split('\n'), tree.code_only(text).split('\n')
    if path.endswith('.h'):
        if path.startswith('include/') and len(raw) - 1 > HEADER_LINES:
            yield '%s is %d lines long, not %d' % (path, len(raw) - 1, HEADER_LINES)
    elif lines_without_tables(lines) - 1 > FILE_LINES:
        yield '%s is %d lines long, not %d' % (path, lines_without_tables(lines) - 1,
                                              FILE_LINES)
    for span in functions(lines):
        yield from check_function(path, raw, lines, span, show)


def main(root, *options):
    faults = []
    for path in tree.files(root):
        faults += check_file(root, path, '--all' in options)
    tree.finish(faults)


main(*sys.argv[1:])
