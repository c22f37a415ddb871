# SPDX-License-Identifier: GPL-3.0-or-later
"""iot-study from its command line: what others write scripts with."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = os.environ.get("IOT_STUDY", str(ROOT / "build/release/iot-study"))
INSPECTOR = os.environ.get("IOT_INSPECTOR",
                           str(ROOT / "build/release/iot-inspector"))
GOLDEN = ROOT / "tests/golden"


def study(*words, status=0):
    done = subprocess.run([STUDY, *map(str, words)], text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == status, done.stderr
    return done


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """A small fleet of which everything is known."""
    path = tmp_path_factory.mktemp("homes") / "homes.fleet"
    study("simulate", "--homes", 40, "--seed", 5, path)
    return path


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["import"], ["import", "a"], ["import", "a", "b", "c"],
    ["import", "--nonsense", "a", "b"], ["standardise"],
    ["standardise", "a", "--method", "guess"],
    ["report", "a", "--out", "b", "--memory", "63"],
    ["import", "a", "b", "--threads", "0"],
    ["validate", "a", "--out", "b"], ["validate", "a", "--truth", "b"]])
def test_wrong_use_is_told_and_ends_with_2(words):
    assert study(*words, status=2).stderr


def test_validating_alone_needs_standard_labels_and_changes_no_report(
        tmp_path):
    study("simulate", "--homes", 10, "--seed", 5, tmp_path / "a.fleet")
    shutil.copy(tmp_path / "a.fleet", tmp_path / "new.fleet")
    done = study("validate", tmp_path / "a.fleet", status=1)
    assert "run iot-study standardise" in done.stderr
    assert done.stderr.count("\n") == 1
    study("standardise", tmp_path / "a.fleet")
    study("validate", tmp_path / "a.fleet")
    for name in ("a", "new"):
        shutil.copy(tmp_path / (name + ".fleet"), tmp_path / "b.fleet")
        study("report", tmp_path / "b.fleet", "--out", tmp_path / name)
    assert (tmp_path / "a/SHA256SUMS").read_text() == (
        tmp_path / "new/SHA256SUMS").read_text()


@pytest.mark.parametrize("command", ["import", "standardise", "validate",
                                     "report", "release", "simulate"])
def test_each_command_tells_its_options(command):
    assert study(command, "--help").stdout.startswith(
        "usage: iot-study " + command)


def test_what_is_not_there_is_one_line(tmp_path):
    done = study("standardise", tmp_path / "none", status=1)
    assert done.stderr.count("\n") == 1
    done = study("import", tmp_path / "none", tmp_path / "a.fleet", status=1)
    assert "none: No such file" in done.stderr
    assert list(tmp_path.iterdir()) == []


def read_csv(capture, folder):
    subprocess.run([INSPECTOR, "read", "--csv", folder, GOLDEN / capture],
                   check=True, capture_output=True, timeout=60)
    return folder


@pytest.mark.parametrize("closed", [".", "flows.csv"])
def test_a_source_without_permission_is_named_and_leaves_no_fleet(
        closed, tmp_path):
    """Root may read what it is not allowed to, unless it gives that up."""
    source = tmp_path / "source"
    source.mkdir()
    for file in (ROOT / "study/sample").glob("sample.*.csv"):
        shutil.copy(file, source / file.name.removeprefix("sample."))
    (source / closed).chmod(0)
    give_up = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    done = subprocess.run(
        [*(give_up if os.geteuid() == 0 else []), STUDY, "import",
         str(source), str(tmp_path / "a.fleet")],
        text=True, capture_output=True, timeout=120)
    source.chmod(0o700)
    assert done.returncode == 1, done.stderr
    assert "Permission denied" in done.stderr
    assert str(source if closed == "." else closed) in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize("capture", ["whose_traffic.pcap", "certificates.pcap",
                                     "what_it_is.pcap"])
def test_what_read_writes_is_imported_whole(capture, tmp_path):
    folder = read_csv(capture, tmp_path / "csv")
    done = study("import", "--strict", folder, tmp_path / "a.fleet")
    counts = {name: len(rows(folder / (name + ".csv")))
              for name in ("devices", "flows", "client_hello")}
    assert done.stdout == (
        "1 users, %(devices)d devices, 0 labels, %(flows)d flows, "
        "%(client_hello)d hellos; 0 rows left out\n" % counts)


@pytest.mark.parametrize("capture", ["old_tls", "hidden_names", "hello_in_pieces"])
def test_hellos_keep_their_fingerprints_through_sample_files(capture,
                                                             tmp_path):
    """They are made again of what sample files have of a hello."""
    seen = json.loads((GOLDEN / (capture + ".json")).read_text())["facts"]
    folder = read_csv(capture + ".pcap", tmp_path / "csv")
    done = study("import", "--strict", folder, tmp_path / "a.fleet")
    assert "client_hello" not in done.stderr
    study("release", "--full", "--k", 1, tmp_path / "a.fleet", "--out",
          tmp_path / "full")
    assert sorted((row["ja3"], row["ja4"])
                  for row in rows(tmp_path / "full/hellos.csv")) == sorted(
        (fact["ja3"], fact["ja4"]) for fact in seen
        if fact["fact"] == "client_hello")


def test_dtls_has_no_fingerprint_in_sample_files(tmp_path):
    """Which of its versions it was is not among their columns."""
    folder = read_csv("dtls.pcap", tmp_path / "csv")
    hellos = len(rows(folder / "client_hello.csv"))
    told = study("import", "--strict", folder, tmp_path / "a.fleet").stderr
    assert "of %d hellos %d have no JA3 and %d no JA4" % (
        hellos, hellos, hellos) in told


def test_a_broken_source_leaves_nothing_half_written(tmp_path):
    folder = read_csv("whose_traffic.pcap", tmp_path / "csv")
    fleet = tmp_path / "a.fleet"
    study("import", folder, fleet)
    before = fleet.read_bytes()
    assert "already" in study("import", folder, fleet, status=1).stderr

    with open(folder / "flows.csv", "a", encoding="utf-8") as file:
        file.write("local,x,not a time,tcp,192.0.2.1,1,1,1,1,,,\r\n")
    line = len((folder / "flows.csv").read_text().splitlines())
    told = study("import", "--strict", "--replace", folder, fleet,
                 status=1).stderr
    assert "flows.csv:%d: " % line in told
    assert "was not made" in told
    assert fleet.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.fleet", "csv"]

    done = study("import", "--replace", folder, fleet)
    assert "flows.csv:%d: " % line in done.stderr
    assert done.stdout.endswith("; 1 rows left out\n")


def test_a_hostile_cell_is_told_without_its_control_characters(tmp_path):
    folder = read_csv("whose_traffic.pcap", tmp_path / "csv")
    with open(folder / "flows.csv", "a", encoding="utf-8") as file:
        file.write('local,x,"\x1b]0;owned\x07\x1b[2J",tcp,192.0.2.1,'
                   "1,1,1,1,,,\r\n")
    told = study("import", folder, tmp_path / "a.fleet").stderr
    assert "\x1b" not in told and "\x07" not in told
    assert "\\x1B" in told or "\\x1b" in told


def test_formulas_in_cells_are_named_and_stay_text(tmp_path):
    """The bytes of a hello, in base64, are none; nor is the line of names."""
    folder = read_csv("old_tls.pcap", tmp_path / "csv")
    device = rows(folder / "devices.csv")[0]
    text = (folder / "devices.csv").read_bytes().decode()
    line = text.count("\n") + 1
    for name in ('=HYPERLINK(""x"")', "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)",
                 "\t=1") + ("=1",) * 20:
        row = {**device, "device_id": "d%d" % line, "device_name": name}
        text += ",".join('"%s"' % value if key == "device_name" else value
                         for key, value in row.items()) + "\r\n"
        line += 1
    (folder / "devices.csv").write_bytes(text.encode())
    with open(folder / "client_hello.csv", "a", encoding="utf-8") as file:
        hello = rows(folder / "client_hello.csv")[0]
        file.write(",".join({**hello, "extension_details": "+voAAA=="}
                            .values()) + "\r\n")
    done = study("import", folder, tmp_path / "a.fleet")
    told = [text for text in done.stderr.splitlines() if "formula" in text]
    assert told == ["iot-study: devices.csv:%d: device_name is a formula to a "
                    "spreadsheet; it stays text" % n
                    for n in range(line - 25, line - 5)]
    assert "devices.csv: and 5 more cells like these" in done.stderr
    assert done.stdout.endswith("; 0 rows left out\n")
    study("import", "--strict", "--replace", folder, tmp_path / "a.fleet",
          status=1)
    study("release", tmp_path / "a.fleet", "--full", "--k", 1, "--out",
          tmp_path / "full")
    names = {row["name"] for row in rows(tmp_path / "full/labels.csv")}
    assert "'@SUM(1)" in names and "@SUM(1)" not in names
    for path in (tmp_path / "full").glob("*.csv"):
        path.unlink()
    told = study("import", tmp_path / "full", tmp_path / "b.fleet").stderr
    assert re.search(r"labels.parquet: row \d+: name is a formula", told)


def test_both_rules_are_scored_where_the_truth_is_known(homes):
    done = study("standardise", homes)
    found = re.findall(r"^(paper|improved): (\d+) of (\d+) labelled.*\n"
                       r"  against simulated truth: ([\d.]+) % of", done.stdout, re.M)
    assert [method for method, *_ in found] == ["paper", "improved"]
    for _, standard, labelled, right in found:
        assert 0 < int(standard) <= int(labelled)
        assert float(right) > 50
    assert study("standardise", homes).stdout == done.stdout
    alone = study("standardise", homes, "--method", "improved").stdout
    assert alone == done.stdout[done.stdout.index("improved:"):]


def test_a_users_tables_are_used_and_their_faults_named(homes, tmp_path):
    (tmp_path / "not-vendors.txt").write_text("amazon: for this test\n")
    less = study("standardise", homes, "--tables", tmp_path).stdout
    assert less != study("standardise", homes).stdout
    (tmp_path / "vendors.txt").write_text("ring -> amazon\n")
    done = study("standardise", homes, "--tables", tmp_path, status=1)
    assert done.stderr == ("iot-study: %s/vendors.txt:1: there is no \": \" "
                           "with a reason behind it\n" % tmp_path)


def test_a_full_release_gives_the_same_tables_again(homes, tmp_path):
    """But for those of labels as typed, some of which are withheld."""
    study("report", homes, "--out", tmp_path / "one")
    study("release", homes, "--full", "--k", 1, "--out", tmp_path / "full")
    study("import", "--strict", tmp_path / "full", tmp_path / "again.fleet")
    study("report", tmp_path / "again.fleet", "--out", tmp_path / "other")
    for name in ("figure3", "figure4", "views"):
        assert (rows(tmp_path / "one" / (name + ".csv"))
                == rows(tmp_path / "other" / (name + ".csv"))), name


def test_a_release_says_what_it_lacks(homes, tmp_path):
    study("release", homes, "--out", tmp_path / "release")
    study("import", "--strict", tmp_path / "release", tmp_path / "a.fleet")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "out")
    lacking = {row["table"]: row["lacks"]
               for row in rows(tmp_path / "out/missing.csv")}
    assert lacking["table2"] == "users, names"
    assert lacking["table5"] == "zones, countries"
    assert lacking["domains"] == "withheld"
    # rare contacts are withheld: what is told validates at least so many
    methods = {row["method"]: row for row in rows(tmp_path / "out/table1.csv")}
    assert 0 < float(methods["domain_vendor"]["validated"]) < 1
    assert sum(map(float, list(methods["domain_vendor"].values())[1:])) < 1
    study("release", homes, "--k", 1, "--out", tmp_path / "all")
    study("import", "--strict", tmp_path / "all", tmp_path / "b.fleet")
    study("report", tmp_path / "b.fleet", "--out", tmp_path / "out")
    methods = {row["method"]: row for row in rows(tmp_path / "out/table1.csv")}
    assert methods["oui"]["validated"] == ""
    assert methods["domain_vendor"]["validated"] != ""


LATER_DATABASE = """
CREATE TABLE devices(mac_address TEXT PRIMARY KEY, ip_address TEXT,
    is_inspected INTEGER, is_gateway INTEGER, updated_ts INTEGER,
    metadata_json TEXT);
CREATE TABLE hostnames(ip_address TEXT PRIMARY KEY, hostname TEXT,
    updated_ts INTEGER, data_source TEXT, metadata_json TEXT);
CREATE TABLE network_flows(timestamp INTEGER, src_ip_address TEXT,
    dest_ip_address TEXT, src_hostname TEXT, dest_hostname TEXT,
    src_mac_address TEXT, dest_mac_address TEXT, src_port TEXT,
    dest_port TEXT, protocol TEXT, byte_count INTEGER, packet_count INTEGER,
    metadata_json TEXT);
INSERT INTO devices VALUES ('b8:27:eb:00:00:01', '192.168.1.2', 1, 0, 0, '{}');
INSERT INTO network_flows VALUES (1554854405, '192.168.1.2', '192.0.2.1', '',
    '', 'b8:27:eb:00:00:01', '', '40000', '80', 'TCP', 100, 1, '{}');
"""


def source_of(kind, homes, folder):
    """A source of the kind, made in the folder."""
    if kind == "sample":
        return ROOT / "study/sample"
    if kind == "database":
        with sqlite3.connect(folder / "later.db") as made:
            made.executescript(LATER_DATABASE)
        made.close()
        return folder / "later.db"
    study("release", homes, "--k", 1, "--out", folder / "source",
          *(["--full"] if "full" in kind else []))
    for path in (folder / "source").iterdir():
        if path.suffix != (".parquet" if "parquet" in kind else ".csv"):
            path.unlink()
    return folder / "source"


@pytest.mark.parametrize("kind", ["sample", "database", "release csv",
                                  "release parquet", "full csv",
                                  "full parquet"])
def test_one_command_makes_a_report_of_any_source(kind, homes, tmp_path):
    # no folder's name is a column
    (tmp_path / "from=1").mkdir()
    source = source_of(kind, homes, tmp_path / "from=1")
    study("import", source, tmp_path / "a.fleet")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "two")
    study("report", source, "--out", tmp_path / "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.fleet", "from=1", "one", "two"]
    for path in (tmp_path / "two").glob("*.csv"):
        assert (tmp_path / "one" / path.name).read_bytes() == (
            path.read_bytes()), path.name


def test_the_fleet_of_a_report_is_kept_when_asked_for(tmp_path):
    sample, fleet = ROOT / "study/sample", tmp_path / "a.fleet"
    words = ["report", sample, "--out", tmp_path / "out", "--fleet", fleet]
    study(*words)
    study("report", fleet, "--out", tmp_path / "again")
    assert (tmp_path / "out/SHA256SUMS").read_text() == (
        tmp_path / "again/SHA256SUMS").read_text()
    assert "already" in study(*words, status=1).stderr
    study(*words, "--replace")
    # of a fleet none is made
    study("report", fleet, "--out", tmp_path / "out", "--strict", status=2)
    (tmp_path / "empty").mkdir()
    done = study("report", tmp_path / "empty", "--out", tmp_path / "none",
                 status=1)
    assert "no collector's store" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.fleet", "again", "empty", "out"]


@pytest.mark.parametrize("script, why", [
    (None, "is a collector's store, which needs the program iot-collector to "
           "be exported: No such file or directory"),
    ("for into; do :; done\n/bin/mkdir \"$into.part\"\n"
     ": > \"$into.part/flows.csv\"\nexit 3\n",
     "iot-collector could not export it")])
def test_a_store_that_is_not_exported_is_one_line_and_leaves_nothing(
        script, why, tmp_path):
    """By a program that has no collector's beside it."""
    (tmp_path / "bin").mkdir()
    alone = shutil.copy(STUDY, tmp_path / "bin")
    (tmp_path / "path").mkdir()
    if script:
        (tmp_path / "path/iot-collector").write_text("#!/bin/sh\n" + script)
        (tmp_path / "path/iot-collector").chmod(0o755)
    (tmp_path / "store").mkdir()
    (tmp_path / "store/collector.db").touch()
    done = subprocess.run(
        [alone, "report", tmp_path / "store", "--out", tmp_path / "out"],
        text=True, capture_output=True, timeout=60,
        env={**os.environ, "PATH": str(tmp_path / "path")})
    assert done.returncode == 1
    assert done.stderr == "iot-study: %s: %s\n" % (tmp_path / "store", why)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bin", "path", "store"]
