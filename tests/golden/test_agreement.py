# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what the program reads to what tshark and others read in the same
captures. Each difference that remains is a line of differences.tsv, whose
reason docs/reading.md explains; any other fails the test."""

import collections
import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reference

HERE = Path(__file__).resolve().parent
TARGET = 0.995
TABLES = ("dns_address", "sni_tcp", "http", "dhcp", "arp", "flow_5s", "ssdp",
          "hello_quic", "sni_quic", "hello_tcp")
# Records of these captures that tshark counts, but that are no frames.
CUSTOM_BLOCKS = {"gopacket/pcapgo/tests/be/test017.pcapng",
                 "gopacket/pcapgo/tests/le/test017.pcapng"}


def explained(wanted):
    """(what, table, file, row) of the differences in tables that are wanted."""
    with open(HERE / "differences.tsv", encoding="utf-8", newline="") as file:
        return {(line["what"], line["table"], line["file"], line["row"])
                for line in csv.DictReader(file, delimiter="\t",
                                           quoting=csv.QUOTE_NONE)
                if line["table"] in wanted}


@pytest.fixture(scope="module")
def facts():
    """capture -> its facts, every host a device."""
    found = {}

    def of(name):
        if name not in found:
            ran = reference.run("--all", "--facts", "-",
                                reference.CAPTURES / name)
            assert ran.returncode in (0, 1), ran.stderr
            found[name] = [json.loads(line)
                           for line in ran.stdout.splitlines()]
        return found[name]
    return of


def say(capsys, *lines):
    with capsys.disabled():
        print()
        for line in lines:
            print(line)


@reference.needed
def test_tables_agree_with_the_truth(capsys):
    arguments = [argument for name in TABLES for argument in ("--table", name)]
    ran = subprocess.run(
        [sys.executable, reference.SCORE, reference.BINARY, reference.CAPTURES,
         reference.TRUTH, "--min", str(TARGET), "--show", "1000000",
         *arguments],
        capture_output=True, text=True, timeout=600, check=False)
    different = re.findall(r"^(MISS|EXTRA) (\w+) (\S+) (\(.*\))$", ran.stdout,
                           re.M)
    say(capsys, *(line for line in ran.stdout.splitlines()
                  if not line.startswith(("MISS", "EXTRA"))))
    scored = dict(re.findall(r"^(\w+) .* = ([0-9.]+),", ran.stdout, re.M))
    assert set(scored) == set(TABLES)
    assert {name: value for name, value in scored.items()
            if float(value) < TARGET} == {}
    assert ran.returncode == 0, ran.stderr
    assert {({"MISS": "missing", "EXTRA": "extra"}[what], *rest)
            for what, *rest in different} == explained(TABLES)


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


def hello_pairs(facts):
    """(capture, connection, tshark's row, our hello), in order; None for what
    one of the two does not have."""
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in reference.table("tshark_tls"):
        of_file = rows[row["file"]]
        if row["kind"] == "t" and row["encap"] == "0":
            of_file[hello_key(row)].append(row)
    for name, wanted in sorted(rows.items()):
        found = collections.defaultdict(list)
        for fact in facts(name):
            if (fact["fact"] == "client_hello"
                    and fact["transport"] == "tcp"):
                found[hello_key(fact)].append(fact)
        for key in sorted(set(wanted) | set(found)):
            for i in range(max(len(wanted[key]), len(found[key]))):
                yield (name, " ".join(key),
                       wanted[key][i] if i < len(wanted[key]) else None,
                       found[key][i] if i < len(found[key]) else None)


def compare(field, row, hello):
    """agree, differs, missing or extra."""
    if not row or not hello:
        return "missing" if row else "extra"
    got = hello.get(field)
    if field == "sni" and got:
        got = got.lower()
    return ("agree" if (got or None) == (HELLO_FIELDS[field](row) or None)
            else "differs")


@reference.needed
def test_hello_fields_agree_with_tshark(facts, capsys):
    verdicts = ("agree", "differs", "missing", "extra")
    counts = {field: collections.Counter() for field in HELLO_FIELDS}
    different = set()
    for name, key, row, hello in hello_pairs(facts):
        for field in HELLO_FIELDS:
            verdict = compare(field, row, hello)
            counts[field][verdict] += 1
            if verdict == "differs":
                different.add((verdict, "hello", name, key + " " + field))
            elif verdict != "agree":
                different.add((verdict, "hello", name, key))
    say(capsys, "%-20s" % "ClientHello field" + "%8s" * 4 % verdicts,
        *("%-20s" % field
          + "%8d" * 4 % tuple(counts[field][v] for v in verdicts)
          for field in HELLO_FIELDS))
    assert counts["sni"]["agree"] > 200
    assert different == explained({"hello"})


@reference.needed
def test_every_frame_and_byte_is_counted(facts):
    wrong = {}
    for row in reference.table("captures"):
        counters = facts(row["file"])[-1]
        seen = (counters["frames"], counters["bytes"])
        if seen != (int(row["packets"]), int(row["frame_bytes"])):
            wrong[row["file"]] = seen
    assert set(wrong) == CUSTOM_BLOCKS


def test_every_difference_is_explained():
    text = (reference.TREE / "docs/reading.md").read_text("utf-8")
    with open(HERE / "differences.tsv", encoding="utf-8", newline="") as file:
        reasons = {line["reason"]
                   for line in csv.DictReader(file, delimiter="\t",
                                              quoting=csv.QUOTE_NONE)}
    assert {reason for reason in reasons
            if "**%s**" % reason not in text} == set()


@reference.needed
def test_server_hellos_agree_with_tshark(facts, capsys):
    wanted = collections.defaultdict(collections.Counter)
    for row in reference.table("tshark_tls_server"):
        if row["encap"] == "0" and row["transport"] in ("tcp", "quic"):
            version = row["selected_version"] or row["legacy_version"]
            wanted[row["file"]][hello_key(row) + (
                int(version, 16), int(row["cipher"], 16), row["ja3s"],
                row["alpn"])] += 1
    agree = missing = 0
    for name, rows in sorted(wanted.items()):
        found = collections.Counter(
            hello_key(fact) + (fact["version"], fact["cipher_suite"],
                               fact["ja3s"], ",".join(fact.get("alpn", [])))
            for fact in facts(name) if fact["fact"] == "server_hello")
        agree += (rows & found).total()
        missing += (rows - found).total()
    say(capsys, "ServerHello %d agree, %d missing" % (agree, missing))
    assert agree / (agree + missing) >= TARGET


SECTIONS = {"AN": None, "NS": "authority", "AR": "additional"}


def unescaped(name):
    """Text of a zone file as the text that it stands for."""
    data = re.sub(rb"\\(?:(\d{3})|(.))",
                  lambda m: bytes([int(m[1])]) if m[1] else m[2],
                  name.encode(), flags=re.S)
    return data.decode("utf-8", "replace").lower()


def said_by_mdns(fact):
    """What a message says, as tshark_mdns has it: section, type, name, data.
    Data of types that are not taken apart here is left out."""
    for question in [fact.get("question"), *fact.get("more_questions", [])]:
        if question:
            yield "QD", question["type"], unescaped(question["name"]), ""
    for answer in fact["answers"]:
        section = next(name for name, word in SECTIONS.items()
                       if word == answer.get("section"))
        data = unescaped(answer["data"])
        if answer["type"] == "SRV":
            _, _, port, host = data.split()
            data = host + ":" + port
        elif answer["type"] == "TXT":
            data = "|".join(unescaped(part) for part in re.findall(
                r'"((?:[^"\\]|\\.)*)"', answer["data"]))
        elif answer["type"] not in ("A", "AAAA", "PTR"):
            data = ""
        yield section, answer["type"], unescaped(answer["name"]), data


@reference.needed
def test_mdns_agrees_with_tshark(facts, capsys):
    wanted = collections.defaultdict(collections.Counter)
    for row in reference.table("tshark_mdns"):
        data = row["data"].lower()
        if row["type"] in ("HINFO", "NSEC"):
            data = ""
        wanted[row["file"]][
            row["src"], row["eth_src"], row["section"], row["type"],
            row["name"].lower(), data] += int(row["n"])
    counts, different = collections.Counter(), set()
    for name, rows in sorted(wanted.items()):
        found = collections.Counter(
            (fact["src"], fact.get("eth_src", ""), *said)
            for fact in facts(name)
            if fact["fact"] == "dns" and fact["mdns"]
            for said in said_by_mdns(fact))
        counts["agree"] += (rows & found).total()
        for what, left in (("missing", rows - found), ("extra", found - rows)):
            counts[what] += left.total()
            different |= {(what, "mdns", name, str(row)) for row in left}
    say(capsys, "mDNS %d agree, %d missing, %d extra"
        % (counts["agree"], counts["missing"], counts["extra"]))
    if different != explained({"mdns"}):
        say(capsys, *("\t".join(row) for row in sorted(different)))
    assert different == explained({"mdns"})
    assert counts["agree"] / (counts["agree"] + counts["missing"]) >= TARGET
