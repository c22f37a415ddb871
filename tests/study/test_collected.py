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

from program import Collector  # noqa: E402


@pytest.fixture
def collector(tmp_path):
    made = Collector(tmp_path / "store")
    yield made
    made.close()


def test_all_that_was_uploaded_is_in_the_fleet(collector, tmp_path):
    collector.inspector(1).upload(1, 2, flows=3)
    collector.inspector(2).upload(1, flows=2, devices=2)
    collector.command("export", str(tmp_path / "export"))
    done = subprocess.run(
        [STUDY, "import", "--strict", tmp_path / "export",
         tmp_path / "a.fleet"], text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("2 users, 3 devices, 2 labels, 8 flows, 3 hellos; "
                           "0 rows left out\n")
    done = subprocess.run(
        [STUDY, "report", tmp_path / "a.fleet", "--out", tmp_path / "report"],
        text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    users = (tmp_path / "report/users.csv").read_text()
    assert "\nactive users,2.0,users\n" in users
