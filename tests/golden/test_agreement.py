# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what the program reads to what tshark and others read in the same
captures. What remains different is explained in docs/reading.md."""

import collections
import json
import re
import subprocess
import sys

import pytest

import reference

TARGET = 0.995
TABLES = ("dns_address", "sni_tcp", "http", "dhcp", "arp", "flow_5s", "ssdp")

pytestmark = reference.needed


@pytest.fixture(scope="module")
def facts():
    """capture -> its facts, every host a device."""
    found = {}

    def of(name):
        if name not in found:
            ran = reference.run("--all", "--facts", "-",
                                reference.CAPTURES / name)
            found[name] = [json.loads(line)
                           for line in ran.stdout.splitlines()]
        return found[name]
    return of


def say(capsys, *lines):
    with capsys.disabled():
        print()
        for line in lines:
            print(line)


def test_tables_agree_with_the_truth(capsys):
    arguments = [argument for name in TABLES for argument in ("--table", name)]
    ran = subprocess.run(
        [sys.executable, reference.SCORE, reference.BINARY, reference.CAPTURES,
         reference.TRUTH, "--min", str(TARGET), *arguments],
        capture_output=True, text=True, timeout=600, check=False)
    say(capsys, ran.stdout.rstrip())
    scored = dict(re.findall(r"^(\w+) .* = ([0-9.]+),", ran.stdout, re.M))
    assert set(scored) == set(TABLES)
    assert {name: value for name, value in scored.items()
            if float(value) < TARGET} == {}
    assert ran.returncode == 0, ran.stderr


def numbers(text):
    return [int(n, 16) for n in text.split(",")] if text else None


# fact's field -> its value in a row of tshark_tls; None where it is absent
HELLO_FIELDS = {
    "frame": lambda row: int(row["frame"]),
    "sni": lambda row: row["sni"].lower() or None,
    "legacy_version": lambda row: int(row["legacy_version"], 16),
    "supported_versions": lambda row: numbers(row["supported_versions"]),
    "cipher_suites": lambda row: numbers(row["ciphers"]),
    "extensions": lambda row: numbers(row["extensions"]),
    "groups": lambda row: numbers(row["groups"]),
    "point_formats": lambda row: numbers(row["ec_point_formats"]),
    "alpn": lambda row: row["alpn"].split(",") if row["alpn"] else None,
    "signature_algorithms": lambda row: numbers(row["sig_algs"]),
    "grease": lambda row: "1" in row["grease_cegv"],
    "segments": lambda row: int(row["tcp_segments"]),
}


def hello_key(fact):
    return tuple(str(fact[k]) for k in ("src", "sport", "dst", "dport"))


def pair(rows, hellos):
    """The hellos of a connection in order: (row, hello), either None."""
    for i in range(max(len(rows), len(hellos))):
        yield (rows[i] if i < len(rows) else None,
               hellos[i] if i < len(hellos) else None)


def test_hello_fields_agree_with_tshark(facts, capsys):
    wanted = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in reference.table("tshark_tls"):
        wanted[row["file"]]
        if row["kind"] == "t" and row["encap"] == "0":
            wanted[row["file"]][hello_key(row)].append(row)
    agree, differ, missing, extra = (collections.Counter() for _ in range(4))
    notes = []
    for name, connections in sorted(wanted.items()):
        found = collections.defaultdict(list)
        for fact in facts(name):
            if (fact["fact"] == "client_hello"
                    and fact["transport"] == "tcp"):
                found[hello_key(fact)].append(fact)
        for key in sorted(set(connections) | set(found)):
            for row, hello in pair(connections[key], found[key]):
                for field, value_of in HELLO_FIELDS.items():
                    want = row and value_of(row)
                    got = hello and hello.get(field)
                    if field == "sni" and got:
                        got = got.lower()
                    if row and hello and (got or None) == (want or None):
                        agree[field] += 1
                        continue
                    counter = (extra if not row
                               else missing if not hello else differ)
                    counter[field] += 1
                    if row and hello:
                        notes.append("%s %s %s: %s, tshark %s" % (
                            name, " ".join(key), field, got, want))
                if not (row and hello):
                    notes.append("%s %s: %s" % (
                        name, " ".join(key),
                        "missing" if row else "not in tshark's"))
    say(capsys, "ClientHello field      agree  differ missing   extra",
        *("%-20s %7d %7d %7d %7d" % (field, agree[field], differ[field],
                                     missing[field], extra[field])
          for field in HELLO_FIELDS), *notes)
    for field in HELLO_FIELDS:
        rows = agree[field] + differ[field] + missing[field]
        assert agree[field] / rows >= TARGET, field


def test_every_frame_and_byte_is_counted(facts):
    wrong = {}
    for row in reference.table("captures"):
        if not (reference.CAPTURES / row["file"]).exists():
            continue
        counters = facts(row["file"])[-1]
        seen = (counters["frames"], counters["bytes"])
        if seen != (int(row["packets"]), int(row["frame_bytes"])):
            wrong[row["file"]] = seen
    assert wrong == {}
