# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference captures and truth tables, which are not part of the tree:
where they are, and the tables' rows. See docs/reading.md."""

import csv
import gzip
import os
import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("IOT_INSPECTOR",
                             TREE / "build/release/iot-inspector")).resolve()
SHARED = Path(os.environ.get("IOT_REFERENCE", TREE.parent / "shared"))
CAPTURES = SHARED / "captures/captures"
TRUTH = SHARED / "captures/truth"
SCORE = SHARED / "tools/score.py"

needed = pytest.mark.skipif(
    not (CAPTURES.is_dir() and TRUTH.is_dir()),
    reason="the reference captures are not beside the tree (../shared)")

csv.field_size_limit(1 << 30)


def table(name):
    """The rows of a truth table."""
    path = TRUTH / (name + ".tsv")
    if path.exists():
        file = open(path, encoding="utf-8", newline="")
    else:
        file = gzip.open(str(path) + ".gz", "rt", encoding="utf-8", newline="")
    with file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def run(*arguments, where=None, timeout=60, **how):
    """Runs `iot-inspector read`."""
    return subprocess.run([BINARY, "read", *map(str, arguments)], cwd=where,
                          capture_output=True, timeout=timeout, check=False,
                          **how)
