# SPDX-License-Identifier: GPL-3.0-or-later
"""What the closing line of ./dev test is summed up from."""

import json
import subprocess
from pathlib import Path

import pytest

TALLY = Path(__file__).resolve().parents[2] / "tools/dev/tally"


def tally(results, status=0):
    done = subprocess.run([TALLY, "unit", str(status), results],
                          capture_output=True, text=True, check=True)
    return tuple(map(int, done.stdout.split()))


def meson(results, *programs):
    (results / "unit.meson.json").write_text("".join(
        json.dumps({"name": "x", "result": result, "stdout": stdout}) + "\n"
        for result, stdout in programs))


def test_each_case_of_a_program_that_speaks_tap_is_counted(tmp_path):
    meson(tmp_path, ("OK", "1..3\nok 1 - a\nok 2 - b\nok 3 - c # SKIP\n"),
          ("FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n"), ("OK", "plain"))
    assert tally(tmp_path, 1) == (4, 1, 1)


def test_a_program_that_crashes_is_a_failure_beside_what_it_passed(tmp_path):
    meson(tmp_path, ("FAIL", "1..3\nok 1 - a\n"), ("TIMEOUT", ""))
    assert tally(tmp_path, 1) == (1, 2, 0)


def test_junit_cases_are_counted(tmp_path):
    (tmp_path / "unit.junit.xml").write_text(
        "<testsuites><testsuite><testcase/><testcase/>"
        "<testcase><failure/></testcase><testcase><error/></testcase>"
        "<testcase><skipped/></testcase></testsuite></testsuites>")
    assert tally(tmp_path, 1) == (2, 2, 1)


@pytest.mark.parametrize("mark", ["#", "\u2139"])
def test_nodes_sums_are_taken(tmp_path, mark):
    (tmp_path / "unit.node").write_text("".join(
        "%s %s\n" % (mark, line) for line in
        ("tests 9", "pass 6", "fail 2", "cancelled 0", "skipped 1")))
    assert tally(tmp_path, 1) == (6, 2, 1)


def test_a_stage_that_ran_no_test_is_a_failure(tmp_path):
    assert tally(tmp_path) == (0, 1, 0)


def test_a_stage_that_ended_badly_is_a_failure_though_all_passed(tmp_path):
    (tmp_path / "unit.junit.xml").write_text("<testsuite><testcase/></testsuite>")
    assert tally(tmp_path, 3) == (1, 1, 0)


def test_a_skipped_stage_is_one_skipped_test(tmp_path):
    (tmp_path / "unit.skipped").write_text("no Chromium\n")
    assert tally(tmp_path) == (0, 0, 1)
