#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the program says of each CASE.pcap here, held to CASE.json.

test_golden.py [CASE...] writes CASE.json anew, of all cases or some, from what
the program says now: to be read over before it is committed."""

import json
import sys
import tempfile
from pathlib import Path

import jsonschema
import pytest

import reference

HERE = Path(__file__).resolve().parent
SHEETS = ("devices", "flows", "dns", "client_hello")
CAPTURES = {path.name.split(".")[0]: path for path in sorted(HERE.iterdir())
            if path.name.endswith((".pcap", ".pcapng", ".pcap.gz"))}
WINDOW, VERDICT = (jsonschema.Draft202012Validator(json.loads(
    (reference.TREE / "api" / name).read_text(encoding="utf-8")))
    for name in ("window.schema.json", "verdict.schema.json"))


def lines(text):
    return text.decode().splitlines()


def say(capture):
    """What the program says of a capture, by all its ways of saying it."""
    with tempfile.TemporaryDirectory() as folder:
        facts, sheets = Path(folder) / "facts", Path(folder) / "csv"
        ran = reference.run("--facts", facts, "--csv", sheets, "--secret",
                            HERE / "secret", capture.name, where=HERE)
        records = reference.run("--json", capture.name, where=HERE)
        return {
            "status": ran.returncode,
            "errors": lines(ran.stderr),
            # where the cases' server is, is of data that changes
            "summary": [line.replace(", in Europe", "")
                        for line in lines(ran.stdout)],
            "facts": [json.loads(line) for line in lines(facts.read_bytes())],
            "records": [json.loads(line) for line in lines(records.stdout)],
            "csv": {name: lines((sheets / (name + ".csv")).read_bytes())
                    for name in SHEETS},
        }


@pytest.mark.parametrize("case", CAPTURES)
def test_case(case):
    expected = json.loads((HERE / (case + ".json")).read_text("utf-8"))
    said = say(CAPTURES[case])
    for way, value in expected.items():
        assert said[way] == value, way
    for record in said["records"]:
        (WINDOW if "window" in record else VERDICT).validate(record)


@pytest.mark.parametrize("case", CAPTURES)
def test_case_is_described(case):
    assert (HERE / (case + ".txt")).read_text("utf-8").strip()


def text_of(value, depth=0):
    """JSON with each fact, record, row or line on a line of its own."""
    if depth == 2 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False)
    indent = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        inner = [json.dumps(name) + ": " + text_of(v, depth + (depth == 0
                                                               and name != "csv"))
                 for name, v in value.items()]
        return "{" + indent + ("," + indent).join(inner) + "\n" + " " * depth + "}"
    inner = [text_of(v, 2) for v in value]
    return "[" + indent + ("," + indent).join(inner) + "\n" + " " * depth + "]"


def main(wanted):
    for case, capture in CAPTURES.items():
        if not wanted or case in wanted:
            (HERE / (case + ".json")).write_text(text_of(say(capture)) + "\n",
                                                 "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
