#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""study.py [--homes N] [--seed S] [--no-pandas] [--ten]: what the study costs.

Simulates a fleet, reports on it, and prints time and peak memory, once with
the flows' sums that a fleet has from its making and once without them; then
makes the same tables in pandas (study_pandas.py) from a full release, demands
that they are equal, and prints the ratio; the same once more of a release that
withholds contacts, whose report has bounds; then, with --ten, the same fleet
ten times as large, without pandas. The engine's time is that of the whole
report: standardising, validating and the random draws of the scores are in it.
Of a machine that others use, processor time says more than the clock;
the engine has a thread a processor, pandas has one."""

import argparse
import collections
import csv
import ctypes
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STUDY = HERE.parent / "build/bench/iot-study"
ENGINE = HERE.parent / "build/duckdb/libduckdb.so"
# Drawn at random, so that no other program has the same.
DRAWN = {"false_positive_low", "false_positive_high", "false_negative_low",
         "false_negative_high"}
# What is no table, but says which are not there.
NO_TABLES = {"missing.csv", "withheld.csv"}


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


def ask(fleet, query):
    """The first number of what the query gives."""
    engine = ctypes.CDLL(str(ENGINE))
    database, connection = ctypes.c_void_p(), ctypes.c_void_p()
    result = (ctypes.c_uint64 * 64)()
    engine.duckdb_value_int64.restype = ctypes.c_int64
    if engine.duckdb_open(str(fleet).encode(), ctypes.byref(database)) or \
            engine.duckdb_connect(database, ctypes.byref(connection)) or \
            engine.duckdb_query(connection, query.encode(), result):
        sys.exit("study.py: %s: \"%s\" failed" % (fleet.name, query))
    number = engine.duckdb_value_int64(result, ctypes.c_uint64(0),
                                       ctypes.c_uint64(0))
    engine.duckdb_destroy_result(result)
    engine.duckdb_disconnect(ctypes.byref(connection))
    engine.duckdb_close(ctypes.byref(database))
    return number


def is_equal(a, b):
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-6, abs_tol=1e-6)
    except ValueError:
        return a == b


def table(path, left_out):
    with open(path, newline="") as file:
        return [{name: cell for name, cell in row.items()
                 if name not in left_out} for row in csv.DictReader(file)]


def compare(ours, theirs):
    """How many tables both made, which is all of them, and how many of them
    have no rows; ends when one differs."""
    empty = 0
    names = [{path.name for path in folder.glob("*.csv")} - NO_TABLES
             for folder in (ours, theirs)]
    if names[0] != names[1]:
        sys.exit("study.py: not made by both: %s" % (names[0] ^ names[1]))
    for name in sorted(names[0]):
        mine, its = table(ours / name, DRAWN), table(theirs / name, ())
        empty += not mine
        if len(mine) != len(its):
            sys.exit("study.py: %s has %d rows, by pandas %d"
                     % (name, len(mine), len(its)))
        for number, (a, b) in enumerate(zip(mine, its)):
            if list(a) != list(b) or not all(map(is_equal, a.values(),
                                                 b.values())):
                sys.exit("study.py: %s, row %d: %s, by pandas %s"
                         % (name, number, a, b))
    return len(names[0]), empty


def write_lists(fleet, out):
    """The program's own lists, as a report left them in the fleet."""
    out.mkdir()
    for name in ("weak_suite", "platform"):
        ask(fleet, "COPY %s TO '%s'" % (name, out / (name + ".csv")))


def by_pandas(study, fleet, here, *options):
    """The tables of a release of the fleet, by both. Of a release, because
    that is what others get: names that look personal are not in it."""
    again, files = here / "again.fleet", here / "release"
    measured(study, "release", fleet, "--full", *options, "--out", files)
    cost = measured(study, "import", files, again)
    print("its full release imported: %s" % told(cost), flush=True)
    ours = measured(study, "report", again, "--out", here / "ours")
    write_lists(again, here / "lists")
    theirs = measured("/usr/bin/python3", HERE / "study_pandas.py", files,
                      here / "lists", here / "theirs")
    count, empty = compare(here / "ours", here / "theirs")
    print("of its full release, read again: %s" % told(ours))
    print("pandas, %d equal tables, %d of them empty: %s"
          % (count, empty, told(theirs)))
    print("that is %.1f x the processor, %.1f x the clock, %.1f x the memory"
          % tuple(t / o for t, o in zip(theirs, ours)))
    print("with the import, which pandas does at each run, it is %.1f x the"
          " processor, %.1f x the clock"
          % tuple(t / (o + i) for t, o, i in zip(theirs[:2], ours, cost)),
          flush=True)


def by_study(study, homes, seed, fleet):
    """How many flows that many homes have, and what their report costs: with
    the sums that the fleet has, and of its rows alone."""
    out = fleet.parent / "ours"
    cost = measured(study, "simulate", "--homes", homes, "--seed", seed, fleet)
    flows = ask(fleet, "SELECT count(*) FROM flows")
    print("%d homes simulated, %d flows (%.0f MiB): %s"
          % (homes, flows, fleet.stat().st_size / 2**20, told(cost)),
          flush=True)
    summed = measured(study, "report", fleet, "--out", out)
    print("standardised, validated, reported: %s" % told(summed), flush=True)
    ask(fleet, "DELETE FROM meta WHERE key = 'flows summed'"
        " OR key LIKE 'labels standardised%'")
    whole = measured(study, "report", fleet, "--out", out)
    print("the same, and the flows summed up: %s" % told(whole), flush=True)
    return flows, summed, whole


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
            for options in ((), ("--k", 5)):
                with tempfile.TemporaryDirectory(dir=here) as again:
                    by_pandas(a.study, here / "a.fleet", Path(again), *options)
    if a.ten:
        with tempfile.TemporaryDirectory(prefix="study.") as folder:
            ten = by_study(a.study, 10 * a.homes, a.seed,
                           Path(folder) / "a.fleet")
        print("ten times the homes: %.1f x the flows" % (ten[0] / one[0]))
        for what, t, o in zip(("reported", "summed up and reported"),
                              ten[1:], one[1:]):
            print("%s: %.1f x the processor, %.1f x the clock, %.1f x the"
                  " memory" % (what, *(a / b for a, b in zip(t, o))))


if __name__ == "__main__":
    main()
