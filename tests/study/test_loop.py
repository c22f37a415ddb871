# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of the three programs: simulated homes upload to a collector, whose
export a study reads as what was simulated."""

import csv
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]
DEADLINE = 60


def program(name, variable):
    if variable in os.environ:
        return os.environ[variable]
    found = sorted(TREE.glob("build/*/" + name),
                   key=lambda path: path.stat().st_mtime)
    assert found, name + " was not built"
    return str(found[-1])


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def collector(tmp_path, request):
    """(URL, store): a collector with a text to agree to. Options of serve are
    the parameter."""
    store, text = tmp_path / "store", tmp_path / "text"
    server = subprocess.Popen(
        [program("iot-collector", "IOT_COLLECTOR"), "serve", "--data-dir",
         str(store), "--http", "127.0.0.1:0", "--uploads-per-minute",
         "100000", *getattr(request, "param", ())],
        stdout=subprocess.PIPE, text=True)
    # before it, that no text is set yet
    ready = next(line for line in server.stdout if "ready: " in line)
    text.write_text("Agreed.\n")
    run(program("iot-collector", "IOT_COLLECTOR"), "consent", str(text),
        "--data-dir", str(store), "--approval", "IRB 7", "--contact",
        "study@example.org", "--retention-days", "365")
    yield re.search(r"http://\S+", ready).group(0), store
    server.send_signal(signal.SIGTERM)
    assert server.wait(DEADLINE) == 0
    server.stdout.close()


# What the export of a collector and the simulated fleet must say alike.
ALIKE = ("table1", "table1_certain", "agreement", "table2", "table3", "table4",
         "table5", "figure3", "figure4", "figure5", "tls", "fingerprints",
         "tracking", "platforms", "changes")
# What homes that only had an account would add.
OF_IDLE = {"all users", "active users of all", "discovered devices",
           "labelled of discovered"}


def test_what_homes_upload_is_what_the_study_reads(collector, tmp_path):
    url, store = collector
    study = program("iot-study", "IOT_STUDY")
    homes = ["--homes", "4", "--seed", "3", "--days", "30"]
    first = run(study, "simulate", *homes, "--to", url)
    # the same homes again: all of it is held once
    assert run(study, "simulate", *homes, "--to", url) == first
    run(program("iot-collector", "IOT_COLLECTOR"), "export", "--data-dir",
        str(store), str(tmp_path / "export"))
    run(study, "import", str(tmp_path / "export"), str(tmp_path / "held"))
    run(study, "simulate", *homes, str(tmp_path / "drawn"))
    reports = []
    for name in ("held", "drawn"):
        reports.append(tmp_path / (name + ".report"))
        run(study, "report", str(tmp_path / name), "--min-devices", "1",
            "--out", str(reports[-1]))

    def tables(name):
        for folder in reports:
            with open(folder / (name + ".csv"), encoding="utf-8") as file:
                yield list(csv.DictReader(file))

    for name in ALIKE:
        held, drawn = tables(name)
        assert held == drawn and held, name
    # names that a home guessed by itself do not go up
    for name, key in (("domains", "vendor"), ("domain_counts", "at_most")):
        held, drawn = (sorted([row[key]] + [value for column, value in
                                            row.items() if "certain" in column]
                              for row in table) for table in tables(name))
        assert held == drawn, name
        assert any(float(row[1]) > 0 for row in held), name
    # nor did the homes switch on that views do, nor are idle accounts sent
    assert [len(table) > 0 for table in tables("views")] == [False, True]
    held, drawn = ([row for row in table if row["figure"] not in OF_IDLE]
                   for table in tables("users"))
    assert held == drawn and held
    held, drawn = ([row for row in table if row["step"] != "discovered"]
                   for table in tables("population"))
    assert held == drawn and held


def test_a_collector_that_is_not_there_is_said(tmp_path):
    done = subprocess.run(
        [program("iot-study", "IOT_STUDY"), "simulate", "--homes", "1",
         "--seed", "1", "--to", "http://127.0.0.1:1"], capture_output=True,
        text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("iot-study: http://127.0.0.1:1: the "
                                  "collector's text: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("collector", [["--accounts-per-hour", "2"]],
                         indirect=True)
def test_more_homes_than_a_collector_takes_are_told_and_not_waited_for(
        collector):
    url, _ = collector
    done = subprocess.run(
        [program("iot-study", "IOT_STUDY"), "simulate", "--homes", "4",
         "--seed", "3", "--days", "5", "--to", url], capture_output=True,
        text=True, timeout=DEADLINE, check=False)
    assert done.returncode == 1
    assert "an account: status 429" in done.stderr
    assert "too many new accounts" in done.stderr
