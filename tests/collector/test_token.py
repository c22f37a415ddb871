# SPDX-License-Identifier: GPL-3.0-or-later
"""Researchers read what is held with a token, and every reading is recorded."""

import csv
import re
import sqlite3

import pytest


def add(collector, *options):
    said = collector.command("token", "add", "--approval", "IRB 9",
                             *options).stdout
    return re.fullmatch(r"token (\d+): ([0-9a-f]{64})\n", said).groups()


def read(collector, token, table="flows"):
    return collector.ask("GET", "/v1/export/%s.csv" % table,
                         headers={"Authorization": "Bearer " + token})


def test_a_token_reads_tables_that_join_and_is_recorded(collector):
    home = collector.inspector()
    home.upload(1, 2, flows=3, devices=2)
    number, token = add(collector)
    tables = {}
    for table in ("devices", "flows"):
        reply = read(collector, token, table)
        assert (reply.status, reply.headers["content-type"]) == (200,
                                                                 "text/csv")
        tables[table] = list(csv.DictReader(reply.body.decode().splitlines()))
    assert len(tables["flows"]) == 6
    assert {row["device"] for row in tables["flows"]} == \
        {row["device"] for row in tables["devices"]}
    _, other = add(collector)
    assert read(collector, other, "devices").body != \
        read(collector, token, "devices").body
    log = [line.split("\t")[1:] for line in
           collector.command("token", "log").stdout.splitlines()]
    assert log[:2] == [[number, "devices"], [number, "flows"]]
    assert len(log) == 4


def test_a_token_that_is_over_or_withdrawn_reads_nothing(collector):
    number, token = add(collector, "--days", "1")
    assert read(collector, token).status == 200
    collector.command("token", "withdraw", number)
    assert read(collector, token).status == 401
    number, token = add(collector)
    with sqlite3.connect(collector.data_dir / "collector.db") as store:
        store.execute("UPDATE token SET expires_s = made_s WHERE id = ?",
                      (number,))
    store.close()
    assert read(collector, token).status == 401
    listed = collector.command("token", "list").stdout.splitlines()
    assert [line.split("\t")[1] for line in listed] == ["expired"] * 2
    assert token not in collector.command("token", "list").stdout
    none = collector.command("token", "withdraw", "77", check=False)
    assert (none.returncode, none.stderr) == (
        1, "iot-collector: token 77: there is none of this number\n")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer 12",
                                    "Bearer " + "0" * 64, "Basic YTpi"])
def test_without_a_token_nobody_reads(served, header):
    headers = {"Authorization": header} if header else {}
    assert served.ask("GET", "/v1/export/flows.csv",
                      headers=headers).status == 401


@pytest.mark.parametrize("table", ["flaws.csv", "flows", "flows.csv.csv"])
def test_a_table_that_is_not_is_said(collector, table):
    _, token = add(collector)
    reply = collector.ask("GET", "/v1/export/" + table,
                          headers={"Authorization": "Bearer " + token})
    assert (reply.status, reply.error) == (404, "there is no such table")
