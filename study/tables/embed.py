#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py OUT ORDER TERMS FILE...: the tables' SQL as C.

ORDER names the tables, one a line, as a report shows them. TERMS says what words
of theirs mean, "term: meaning" a line. A table's file
begins with comments "-- Key: value", each going on in lines that begin with
"--   "; the rest is its query. Files that are not in ORDER are scripts."""

import re
import sys
from pathlib import Path

KEYS = {"Title", "About", "Needs", "Shares", "Lists", "Withheld", "Only"}


def c_text(text):
    lines = text.splitlines(keepends=True) or [""]
    return "\n".join('\t"%s"' % line.replace("\\", "\\\\").replace('"', '\\"')
                     .replace("\n", "\\n").replace("\t", "\\t")
                     for line in lines)


def parse(path):
    """(what its comments say, its query)."""
    said, key, lines = {}, None, path.read_text().splitlines()
    while lines and lines[0].startswith("--"):
        line = lines.pop(0)
        found = re.fullmatch(r"-- (\w+): (.+)", line)
        if found:
            key = found[1]
            if key not in KEYS or key in said:
                sys.exit("embed.py: %s: what is %s?" % (path, key))
            said[key] = found[2]
        elif key and line.startswith("--   "):
            said[key] += " " + line[5:]
        else:
            sys.exit("embed.py: %s: what is \"%s\"?" % (path, line))
    if not {"Title", "About", "Needs"} <= said.keys():
        sys.exit("embed.py: %s lacks a title, what it is or needs" % path)
    return said, "\n".join(lines).strip().rstrip(";") + "\n"


def main():
    out, order = Path(sys.argv[1]), Path(sys.argv[2]).read_text().split()
    terms = [line.split(": ", 1)
             for line in Path(sys.argv[3]).read_text().splitlines()]
    files = {path.stem: path for path in map(Path, sys.argv[4:])}
    rows, scripts = [], []
    for name in order:
        said, query = parse(files.pop(name))
        texts = [said["Title"], said["About"], said["Needs"]] + [
            said.get(key, "") for key in ("Shares", "Lists", "Withheld", "Only")]
        rows.append("{ \"%s\",\n%s },"
                    % (name, ",\n".join(map(c_text, texts + [query]))))
    for name, path in sorted(files.items()):
        scripts.append("const char sheet_%s_sql[] =\n%s;\n"
                       % (name, c_text(path.read_text())))
    out.write_text('#include "study/sheet.h"\n\n'
                   "const struct sheet sheets[] = {\n%s\n};\n"
                   "const size_t sheet_count = %d;\n\n"
                   "const struct sheet_term sheet_terms[] = {\n%s\n};\n"
                   "const size_t sheet_term_count = %d;\n\n%s"
                   % ("\n".join(rows), len(rows),
                      "\n".join("{\n%s,\n%s },"
                                % (c_text(term), c_text(meaning))
                                for term, meaning in terms), len(terms),
                      "\n".join(scripts)))


if __name__ == "__main__":
    main()
