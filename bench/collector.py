#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collector takes: many inspectors over TLS on this machine, which
share it with the collector and its store; the same rows straight into a store
beside. Printed with the commands, and with the collector's processor time by
part, which a busy machine changes less than the clock."""

import argparse
import contextlib
import datetime
import http.client
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTOR = ROOT / "build/release/iot-collector"
TOOLS = ROOT / "build/bench/bench"
# what bench/load makes is no home's: its accounts send without a pause
NO_LIMITS = ["--uploads-per-minute", "100000000", "--bytes-per-day",
             str(1 << 40), "--accounts-per-hour", "100000000",
             "--accounts-per-place", "100000000"]
TARGETS = {"rows_per_s": 80000, "p99_ms": 1000, "kib_per_connection": 60,
           "base_mib": 128}


def show(words):
    print("$ " + " ".join(re.sub("^%s/" % ROOT, "", str(word))
                          for word in words), flush=True)


class Served:
    """A collector over a folder, and what it used."""

    def __init__(self, folder, plain=False):
        self.folder = folder
        text = folder / "consent.txt"
        # a store that has grown knows the texts of the runs before
        text.write_text("A bench of %f.\n" % time.time())
        said = subprocess.run(
            [COLLECTOR, "consent", "-d", folder / "store", text, "-a", "none",
             "-c", "none", "-r", "1"], capture_output=True, text=True,
            check=True).stdout
        self.consent = re.search("hash ([0-9a-f]{64})", said).group(1)
        words = [COLLECTOR, "serve", "-d", folder / "store",
                 "--http" if plain else "--listen", "127.0.0.1:0",
                 "--metrics", "127.0.0.1:0", *NO_LIMITS]
        show(words)
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE,
                                        text=True)
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("ready"):
                break
        self.port = re.search(r"ready: https?://127.0.0.1:(\d+)",
                              said).group(1)
        self.metrics_port = re.search(r"metrics: http://127.0.0.1:(\d+)",
                                      said).group(1)

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1",
                                                int(self.metrics_port))
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in re.findall(
            r"^iot_collector_(\w+?)(?:_total)? (\S+)$", text, re.MULTILINE)}

    def cpu_s(self):
        fields = Path("/proc/%d/stat" % self.process.pid).read_text().rsplit(
            ")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self):
        return int(re.search(r"VmHWM:\s+(\d+)", Path(
            "/proc/%d/status" % self.process.pid).read_text()).group(1))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(120) == 0
        self.process.stdout.close()
        return json.loads(subprocess.run(
            [COLLECTOR, "stats", "-d", self.folder / "store", "--json"],
            capture_output=True, text=True, check=True).stdout)


def kept(homes):
    """How many of them keep their connection: as many as a process may have
    open. The others make one for each upload."""
    return min(homes, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 400)


def load(served, homes, seconds, period_ms, flows, plain, first, alone):
    words = [TOOLS / "load", "-c", served.consent, "-p", served.port,
             "-n", homes, "-a", first, "-f", flows, "-r", period_ms, "-s", seconds,
             *(["-k", kept(homes)] if kept(homes) < homes else []),
             *(["-P"] if plain else []), *(["-F"] if alone else [])]
    words = [str(word) for word in words]
    show(words)
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True,
                                     check=True).stdout)


def parts(served, said, metrics, cpu_s):
    """Microseconds of processor an acknowledged upload, by part; and gives
    those of all parts. TLS is what two runs differ by."""
    uploads = metrics["uploads"]
    us = {"unpack": metrics["unpack_cpu_seconds"],
          "parse and validate, in one pass": metrics["parse_cpu_seconds"],
          "insert": metrics["insert_cpu_seconds"]}
    us["the rest: TLS, HTTP, commit"] = cpu_s - sum(us.values())
    print("  CPU of the collector: %.1f us an upload (%s); of the "
          "inspectors: %.1f us" % (
              cpu_s / uploads * 1e6,
              ", ".join("%s %.1f" % (name, value / uploads * 1e6)
                        for name, value in us.items()),
              said["cpu_s"] / uploads * 1e6))
    return cpu_s / uploads * 1e6


def run(what, homes, seconds, period_ms, flows=10, plain=False, store=None,
        first=1, alone=False):
    print("\n%s" % what, flush=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        folder = Path(scratch)
        if store:
            shutil.move(store, folder / "store")
        served = Served(folder, plain)
        held = json.loads(subprocess.run(
            [COLLECTOR, "stats", "-d", folder / "store", "--json"],
            capture_output=True, text=True, check=True).stdout)["segments"]
        try:
            # once after a start all is read for what homes are given back
            while not served.metrics()["crowd_made"]:
                time.sleep(0.2)
            before_s = served.cpu_s()
            said = load(served, homes, seconds, period_ms, flows, plain,
                        first, alone)
            metrics, cpu_s = served.metrics(), served.cpu_s() - before_s
            memory_kib = served.memory_kib()
        finally:
            stats = served.stop()
        if store:
            shutil.move(folder / "store", store)
    print("  rows/s by table: " + ", ".join(
        "%s %d" % table for table in said["by_table"].items()))
    print("  %(uploads_per_s)d uploads/s, %(rows_per_s)d rows/s acknowledged; "
          "p50 %(p50_ms).1f ms, p99 %(p99_ms).1f ms, slowest %(slowest_ms).0f "
          "ms; %(busy)d put off, %(refused)d refused, %(broken)d broken"
          % said)
    said["collector_us"] = parts(served, said, metrics, cpu_s)
    print("  memory: %.0f MiB for %d inspectors, %d of whom keep their "
          "connection" % (memory_kib / 1024, homes, kept(homes)))
    more = stats["segments"] - held - said["acknowledged"]
    assert 0 <= more <= said["unanswered"], (stats, said)
    print("  %d segments acknowledged, and held; %d held that were not "
          "answered" % (said["acknowledged"], more))
    return said


def fill(folder, rows):
    words = [TOOLS / "fill_collector", folder, str(rows)]
    show(words)
    for line in subprocess.run([str(word) for word in words],
                               capture_output=True, text=True,
                               check=True).stdout.splitlines():
        part = json.loads(line)
        print("  to %(rows)d rows: %(rows_per_s)d rows/s, "
              "%(cpu_us_per_row).2f us of processor a row" % part)


def end_day(store):
    """The day that is open is over, as when the next one begins."""
    paths = {path.name: path for path in store.glob("day-*.db*")}
    newest = max(name for name in paths if name.endswith(".db"))
    then = datetime.datetime.strptime(
        newest, "day-%Y%m%d.db") - datetime.timedelta(days=1)
    with contextlib.closing(sqlite3.connect(store / "collector.db")) as main:
        main.execute("ATTACH ? AS day", (str(paths[newest]),))
        main.execute("INSERT OR REPLACE INTO accepted SELECT account, ranges "
                     "FROM day.accepted")
        main.execute("UPDATE main.day SET day = day - 1, state = 1 "
                     "WHERE state = 0")
        main.commit()
    for name, path in paths.items():
        path.rename(store / name.replace(newest, then.strftime(
            "day-%Y%m%d.db")))


def seal(store, rows, homes, first):
    """What homes notice of a day that is sealed: about twice as long as that
    takes."""
    print("\nSealing it, with %d inspectors at the 5-s rhythm" % homes,
          flush=True)
    end_day(store)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        folder = Path(scratch)
        shutil.move(store, folder / "store")
        served, began = Served(folder), time.monotonic()
        took_s = []

        def wait():
            while not served.metrics()["sealed_days"]:
                time.sleep(0.2)
            took_s.append(time.monotonic() - began)
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        try:
            said = load(served, homes, 20 + rows // 400_000, 5000, 10, False,
                        first, True)
            assert took_s, "the load is over before the seal"
            print("  %.0f s; p50 %.1f ms, p99 %.1f ms, slowest %.0f ms; %d put "
                  "off, %d broken; memory %.0f MiB" % (
                      took_s[0], said["p50_ms"], said["p99_ms"],
                      said["slowest_ms"], said["busy"], said["broken"],
                      served.memory_kib() / 1024))
        finally:
            served.stop()
        shutil.move(folder / "store", store)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--rows", type=int, default=100_000_000,
                         help="of the store that has grown")
    asked = options.parse_args()
    homes, busy, seconds, rows = 20000, 1000, 30, asked.rows
    if asked.quick:
        homes, busy, seconds, rows = 500, 500, 3, 1_000_000
    print("%d processors, load %.1f before anything runs"
          % (os.cpu_count(), os.getloadavg()[0]))
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as scratch:
        print("\nThe store alone")
        fill(Path(scratch) / "small", 1_000_000 if asked.quick else 5_000_000)
        said = run("Flat out, %d inspectors over TLS" % busy, busy, seconds,
                   0)
        print("  target: %d rows/s" % TARGETS["rows_per_s"])
        bare = run("The same without TLS", busy, seconds, 0, plain=True)
        print("  TLS, which is the difference: %.1f us of the collector's "
              "processor an upload" % (said["collector_us"] -
                                       bare["collector_us"]))
        run("Flat out, of flows alone", busy, seconds, 0, alone=True)
        run("Flat out, 100 flows an upload", 200, seconds, 0, flows=100)
        run("At the 5-s rhythm, %d inspectors" % homes, homes, seconds, 5000)
        print("  target: p99 %d ms, %d KiB a connection and %d MiB"
              % (TARGETS["p99_ms"], TARGETS["kib_per_connection"],
                 TARGETS["base_mib"]))
        grown, held = Path(scratch) / "grown", 0
        for step in (rows // 10, rows * 3 // 10, rows):
            print("\nThe store grows to %d rows" % step)
            fill(grown, step - held)
            held = step
            # homes of their own: what was sent before counts once
            run("Flat out, into %d rows" % step, busy, seconds, 0,
                store=grown, first=1 + step)
        seal(grown, rows, homes // 10, 2 * rows)
    return 0 if said["refused"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
