#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""study.py [--homes N] [--seed S] [--no-pandas] [--ten]: what the study costs.

Simulates a fleet, reports on it, and prints time and peak memory; then makes
the same tables in pandas (study_pandas.py) from a full release, demands that
they are equal, and prints the ratio; then, with --ten, the same fleet ten times
as large, without pandas. The engine's time is that of the whole report:
standardising, validating, scores and the tables that pandas does not make are
in it. Of a machine that others use, processor time says more than the clock;
the engine has a thread a processor, pandas has one."""

import argparse
import collections
import csv
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STUDY = HERE.parent / "build/bench/iot-study"


Cost = collections.namedtuple("Cost", "processor clock mib")


def told(cost):
    return "%.1f s of processor, %.1f s of clock, at most %.0f MiB" % cost


def shown(word):
    """A word of a command, without the folders of this machine."""
    return word.name if isinstance(word, Path) else str(word)


def measured(*command):
    """Seconds of processor and of clock, and peak MiB, of a command, which is
    printed."""
    print("$ " + " ".join(shown(word) for word in command), flush=True)
    before = time.monotonic()
    with subprocess.Popen([str(word) for word in command]) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
    if status:
        sys.exit("study.py: %s failed" % command[0])
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - before,
                used.ru_maxrss / 1024)


def is_equal(a, b):
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-6, abs_tol=1e-6)
    except ValueError:
        return a == b


def compare(ours, theirs):
    """How many tables both made; ends when one differs."""
    count = 0
    for path in sorted(theirs.glob("*.csv")):
        with open(ours / path.name, newline="") as one, \
                open(path, newline="") as other:
            mine, its = list(csv.reader(one)), list(csv.reader(other))
        if len(mine) != len(its):
            sys.exit("study.py: %s has %d rows, by pandas %d"
                     % (path.name, len(mine), len(its)))
        for row, (a, b) in enumerate(zip(mine, its)):
            if len(a) != len(b) or not all(map(is_equal, a, b)):
                sys.exit("study.py: %s, row %d: %s, by pandas %s"
                         % (path.name, row, a, b))
        count += 1
    return count


def by_pandas(study, fleet, here):
    """The tables of a release of the fleet, by both. Of a release, because
    that is what others get: names that look personal are not in it."""
    again = here / "again.fleet"
    measured(study, "release", fleet, "--full", "--out", here / "first")
    cost = measured(study, "import", here / "first", again)
    print("its full release imported: %s" % told(cost), flush=True)
    ours = measured(study, "report", again, "--out", here / "again")
    measured(study, "release", again, "--full", "--out", here / "release")
    theirs = measured("/usr/bin/python3", HERE / "study_pandas.py",
                      here / "release", here / "theirs")
    count = compare(here / "again", here / "theirs")
    print("of its full release, read again: %s" % told(ours))
    print("pandas, %d equal tables: %s" % (count, told(theirs)))
    print("that is %.1f x the processor, %.1f x the clock, %.1f x the memory"
          % tuple(t / o for t, o in zip(theirs, ours)))
    print("with the import, which pandas does at each run, it is %.1f x the"
          " processor, %.1f x the clock"
          % tuple(t / (o + i) for t, o, i in zip(theirs[:2], ours, cost)))


def by_study(study, homes, seed, fleet):
    """What the report of that many homes costs."""
    cost = measured(study, "simulate", "--homes", homes, "--seed", seed, fleet)
    print("%d homes simulated (%.0f MiB): %s"
          % (homes, fleet.stat().st_size / 2**20, told(cost)), flush=True)
    cost = measured(study, "report", fleet, "--out", fleet.parent / "ours")
    print("standardised, validated, reported: %s" % told(cost), flush=True)
    return cost


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--homes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-pandas", action="store_true")
    parser.add_argument("--ten", action="store_true")
    parser.add_argument("--study", type=Path, default=STUDY)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study.") as folder:
        here = Path(folder)
        one = by_study(a.study, a.homes, a.seed, here / "a.fleet")
        if not a.no_pandas:
            by_pandas(a.study, here / "a.fleet", here)
    if a.ten:
        with tempfile.TemporaryDirectory(prefix="study.") as folder:
            ten = by_study(a.study, 10 * a.homes, a.seed,
                           Path(folder) / "a.fleet")
        print("ten times the homes: %.1f x the processor, %.1f x the clock,"
              " %.1f x the memory" % tuple(t / o for t, o in zip(ten, one)))


if __name__ == "__main__":
    main()
