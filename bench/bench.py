#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU seconds of the engine, alone, with its store and as
`iot-inspector read` with its report, over made-up captures, as a multiple of
a bare libpcap loop over the same file, beside other programs that are
installed. Runs alternate, so that a slow minute of the machine hits all alike;
what is printed is the median, and the commands."""

import argparse
import collections
import contextlib
import json
import os
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab import packed  # noqa: E402

TOOLS = ROOT / "build/bench/bench"
DATA = ROOT / "build/bench/data"
READER = ROOT / "build/release/iot-inspector"

# Captures: name, how it is made, the most that ours should take of the bare
# loop's time.
CAPTURES = {
    "home": ([TOOLS / "gen_home", "-f", "2000000"],
             {"the engine": 2.0, "with SQLite": 2.4}),
    "small": ([TOOLS / "gen_small", "{}", "5000000", "20000"],
              {"the engine": 5.0}),
}
# what callgrind runs over, fifty times slower than the machine
SHORT = {
    "home": [TOOLS / "gen_home", "-f", "100000"],
    "small": [TOOLS / "gen_small", "{}", "250000", "20000"],
}

OWN_KIB = 2 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
BARE = "bare libpcap loop"
ENGINE = "the engine"
OURS = "iot-inspector read"
STORED = "with SQLite"
TSHARK_FIELDS = ["-e", "frame.time_epoch", "-e", "ip.src", "-e", "ip.dst",
                 "-e", "tcp.len", "-e", "dns.qry.name",
                 "-e", "tls.handshake.extensions_server_name"]


class Program:
    """A command line, its file name put in the place of {}."""

    def __init__(self, name, words, runs_once=False):
        self.name = name
        self.words = [str(word) for word in words]
        self.runs_once = runs_once

    def command(self, capture):
        return [word.replace("{}", str(capture)) for word in self.words]

    def is_there(self):
        return shutil.which(self.words[0]) is not None


PROGRAMS = [
    Program(BARE, [TOOLS / "count_pcap", "{}"]),
    Program(ENGINE, [TOOLS / "read_store", "{}"]),
    Program(OURS, [READER, "read", "{}"]),
    Program(STORED, [TOOLS / "read_store", "{}", "{}.db"]),
    Program("tcpdump -w", ["tcpdump", "-r", "{}", "-w", "/dev/null"]),
    Program("softflowd", ["softflowd", "-d", "-r", "{}",
                          "-n", "127.0.0.1:9995"]),
    Program("ndpiReader", ["ndpiReader", "-q", "-i", "{}"]),
    Program("tshark, fields", ["tshark", "-r", "{}", "-T", "fields"]
            + TSHARK_FIELDS, runs_once=True),
]


def cpu_seconds(command):
    """Of the process, and its most memory in KiB; it must end well."""
    with open(os.devnull, "r+b") as null:
        child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit("bench: %s ended with status %d"
                 % (" ".join(command), child.returncode))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def make(words, capture):
    if capture.exists():
        return
    capture.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in words]
    if "{}" not in words:
        words.append("{}")
    print("making", capture.relative_to(ROOT))
    part = capture.with_suffix(".part")
    subprocess.run([word.replace("{}", str(part)) for word in words],
                   check=True)
    part.rename(capture)


def measure(programs, capture, rounds):
    """Program -> (median of its CPU seconds, most memory in KiB)."""
    times = {program.name: [] for program in programs}
    memory = {program.name: 0 for program in programs}
    for number in range(rounds):
        for program in programs:
            if program.runs_once and number > 0:
                continue
            seconds, kib = cpu_seconds(program.command(capture))
            times[program.name].append(seconds)
            memory[program.name] = max(memory[program.name], kib)
    return {name: (statistics.median(seconds), memory[name])
            for name, seconds in times.items()}


def report(title, programs, results, limits):
    bare = results[BARE][0]
    print("\n%s: CPU seconds, multiple of the bare loop, memory" % title)
    for program in programs:
        seconds, kib = results[program.name]
        mark = ""
        if program.name in limits:
            mark = "   (at most %.1f wanted)" % limits[program.name]
        # what is less than this script's own cannot be told apart from it
        memory = "%8.1f MiB" % (kib / 1024) if kib > OWN_KIB else ""
        print("  %-20s %8.2f s %8.2f x %s%s"
              % (program.name, seconds, seconds / bare, memory, mark))
    for program in programs:
        words = program.command(Path("%s.pcap" % title))
        words[0] = Path(words[0]).name
        print("  $", " ".join(words))


def instructions(command):
    """What callgrind counts: the same on every machine and at every run."""
    done = subprocess.run(["valgrind", "--tool=callgrind",
                           "--callgrind-out-file=/dev/null"] + command,
                          capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if found else None


def short_capture(title):
    capture = DATA / ("%s-short.pcap" % title)
    make(SHORT[title], capture)
    return capture


def report_instructions(title, programs):
    capture = short_capture(title)
    frames = int(subprocess.run([str(TOOLS / "count_pcap"), str(capture)],
                                capture_output=True, text=True, check=True
                                ).stdout.split()[0])
    print("\n%s: instructions a frame, by callgrind over %d frames"
          % (title, frames))
    for program in programs:
        count = instructions(program.command(capture))
        if count:
            print("  %-20s %8.0f" % (program.name, count / frames))


def sums_read(capture):
    """Of all records: packets and bytes of flows, and how many of the rest."""
    sums = collections.Counter()
    done = subprocess.run([str(READER), "read", "--json", str(capture)],
                          capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        record = json.loads(line)
        for flow in record.get("flows", ()):
            sums["packets"] += flow["in_packets"] + flow["out_packets"]
            sums["bytes"] += flow["in_bytes"] + flow["out_bytes"]
        for name in ("hellos", "http", "questions", "services"):
            sums[name] += len(record.get(name, ()))
    return dict(sums)


def sums_stored(capture):
    subprocess.run([str(TOOLS / "read_store"), str(capture),
                    "%s.db" % capture], check=True, capture_output=True)
    with contextlib.closing(sqlite3.connect("%s.db" % capture)) as database:
        packed.unpack(database)
        return {name: database.execute("SELECT " + sql).fetchone()[0] or 0
                for name, sql in SUMS.items()}


SUMS = {
    "packets": "sum(in_packets + out_packets) FROM flow",
    "bytes": "sum(in_bytes + out_bytes) FROM flow",
    "hellos": "count(*) FROM hello",
    "http": "count(*) FROM http",
    "questions": "sum(times) FROM question",
    "services": "sum(times) FROM service",
}


def check_sums(capture):
    """What is stored must be what is read."""
    stored, read = sums_stored(capture), sums_read(capture)
    if stored != {name: read.get(name, 0) for name in SUMS}:
        sys.exit("bench: stored %s, but read %s" % (stored, read))
    print("  stored as read:", ", ".join("%d %s" % (count, name)
                                         for name, count in stored.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="three rounds instead of ten, and no tshark")
    parser.add_argument("--only", choices=sorted(CAPTURES),
                        help="this capture alone")
    args = parser.parse_args()
    programs = [program for program in PROGRAMS if program.is_there()
                and not (args.quick and program.runs_once)]
    for title, (words, limits) in CAPTURES.items():
        if args.only not in (None, title):
            continue
        capture = DATA / ("%s.pcap" % title)
        make(words, capture)
        cpu_seconds(programs[0].command(capture))  # into the page cache
        results = measure(programs, capture, 3 if args.quick else 10)
        report(title, programs, results, limits)
        if shutil.which("valgrind"):
            report_instructions(title, [program for program in programs
                                        if program.name in (BARE, ENGINE,
                                                            OURS, STORED)])
        check_sums(short_capture(title))
    return 0


if __name__ == "__main__":
    sys.exit(main())
