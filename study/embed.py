#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py NAME FILE OUT: a file as the C function NAME() that gives its
bytes."""

import sys

CODE = """// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/slice.h"

struct slice %(name)s(void);

static const uint8_t bytes[] = {
%(bytes)s
};

struct slice %(name)s(void)
{
	return slice_of(bytes, sizeof(bytes));
}
"""


def main(name, path, out):
    with open(path, "rb") as file:
        data = file.read()
    lines = [data[i:i + 16] for i in range(0, len(data), 16)]
    text = "\n".join("\t" + " ".join("%d," % b for b in line)
                     for line in lines)
    with open(out, "w", encoding="ascii") as file:
        file.write(CODE % {"name": name, "bytes": text})


main(*sys.argv[1:])
