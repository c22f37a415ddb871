# SPDX-License-Identifier: GPL-3.0-or-later
"""What homes upload to a collector becomes a fleet."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = os.environ.get("IOT_STUDY", str(ROOT / "build/release/iot-study"))

sys.path[:0] = [str(ROOT / "tests/collector"), str(ROOT / "tests")]

from program import Collector, program  # noqa: E402


@pytest.fixture
def collector(tmp_path):
    made = Collector(tmp_path / "store")
    yield made
    made.close()


def study(*words):
    done = subprocess.run([STUDY, *map(str, words)], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_that_was_uploaded_is_in_the_fleet(collector, tmp_path):
    collector.inspector(1).upload(1, 2, flows=3)
    collector.inspector(2).upload(1, flows=2, devices=2)
    collector.command("export", str(tmp_path / "export"))
    assert study("import", "--strict", tmp_path / "export",
                 tmp_path / "a.fleet") == (
        "2 users, 3 devices, 2 labels, 8 flows, 3 hellos; 0 rows left out\n")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "report")
    users = (tmp_path / "report/users.csv").read_text()
    assert "\nactive users,2.0,users\n" in users


def test_a_release_says_which_text_how_many_agreed_to(collector, tmp_path):
    """The first home keeps to the first of three texts, the second goes on to
    the second, which the third and fourth begin with; the fifth has the
    last."""
    homes = [collector.inspector(number) for number in (1, 2)]
    assert all(home.upload(1).status == 200 for home in homes)
    texts = [collector.consent]
    for text, more in (("More is shared.\n", (2, 3, 4)), ("Less.\n", (5,))):
        collector.consent = collector.set_consent(text)
        texts.append(collector.consent)
        assert all(collector.inspector(number).upload(2).status == 200
                   for number in more)
    said = ("- Consent: 3 to the text with SHA-256 %s, " % texts[1]
            + ", ".join("1 to the text with SHA-256 " + text
                        for text in sorted([texts[0], texts[2]]))
            + " (users who agreed)\n")

    collector.command("export", str(tmp_path / "export"))
    study("import", "--strict", tmp_path / "export", tmp_path / "a.fleet")
    study("release", "--full", tmp_path / "a.fleet", "--out",
          tmp_path / "full")
    assert said in (tmp_path / "full/README.md").read_text()
    study("import", "--strict", tmp_path / "full", tmp_path / "b.fleet")
    study("release", tmp_path / "b.fleet", "--out", tmp_path / "again")
    assert said in (tmp_path / "again/README.md").read_text()


def test_a_store_becomes_a_report_by_one_command(collector, tmp_path):
    """Beside a collector that runs, whose log has who read it."""
    collector.inspector(1).upload(1, 2, flows=3)
    collector.inspector(2).upload(1, flows=2, devices=2)
    # a folder of the user's own, called as one of ours might be
    (tmp_path / "report.fleet.export").mkdir()
    (tmp_path / "report.fleet.export/flows.csv").write_text("mine\n")
    before = {path.name for path in tmp_path.iterdir()}
    where = "%s:%s" % (Path(program()).parent, os.environ["PATH"])
    done = subprocess.run(
        [STUDY, "report", str(tmp_path / "store"), "--out",
         str(tmp_path / "report")], text=True, capture_output=True,
        timeout=60, env={**os.environ, "PATH": where})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "2 users, 3 devices, 2 labels, 8 flows, 3 hellos; 0 rows left out\n")
    users = (tmp_path / "report/users.csv").read_text()
    assert "\nactive users,2.0,users\n" in users
    assert {path.name for path in tmp_path.iterdir()} == before | {"report"}
    assert (tmp_path / "report.fleet.export/flows.csv").read_text() == "mine\n"
    assert "machine" in collector.command("token", "log").stdout
