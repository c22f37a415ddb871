# SPDX-License-Identifier: GPL-3.0-or-later
"""An owner can have everything that is held."""

import json

import pytest
import upload


def held(home):
    reply = home.collector.ask("GET", "/v1/held", headers=home.login())
    assert reply.status == 200
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert lines.pop() == {"end": True}
    return lines


def test_all_that_was_sent_is_held_and_nothing_of_others(collector):
    one, two = collector.inspector(1), collector.inspector(2)
    one.upload(1, 2, flows=3, devices=2)
    two.upload(1, flows=5)
    lines = held(one)
    tables = {}
    for line in lines:
        tables.setdefault(line["table"], []).append(line)
    assert {table: len(rows) for table, rows in tables.items()} == {
        "account": 1, "device": 2, "flow": 6, "question": 2, "name": 2,
        "http": 2, "hello": 2, "clue": 2, "label": 2, "view": 2}
    assert tables["account"][0]["account"] == one.account
    sent = upload.segment(1, 3, 2)
    for table, columns in upload.COLUMNS.items():
        if table == "device":
            continue
        row = tables[table][0]
        assert (row["segment"], row["end"]) == (1, sent["end"])
        wanted = dict(zip(columns, sent[table][0]))
        if "device" in wanted:
            wanted["device"] = sent["device"][wanted["device"]][0]
        assert {name: row[name] for name in columns} == wanted
    assert {row["id"] for row in tables["device"]} == {
        upload.device_id(1, 0), upload.device_id(1, 1)}


def test_more_than_a_piece_comes_whole(collector):
    home = collector.inspector()
    for number in range(1, 6):
        home.upload(number, flows=2000)
    lines = held(home)
    assert sum(line["table"] == "flow" for line in lines) == 10000


def test_without_its_secret_nobody_has_an_account(collector):
    home = collector.inspector()
    home.upload(1)
    home.secret = "0" * 64
    assert collector.ask("GET", "/v1/held",
                         headers=home.login()).status == 401


@pytest.mark.parametrize("method, path", [
    ("POST", "/v1/delete"), ("GET", "/v1/labels"),
    ("POST", "/v1/ask/device"), ("POST", "/v1/ask/normal")])
def test_nobody_asks_without_an_account(served, method, path):
    body = "{}" if method == "POST" else None
    assert served.ask(method, path, body).status == 401


@pytest.mark.parametrize("path", ["/v1/delete", "/v1/ask/device",
                                  "/v1/ask/normal"])
def test_a_question_is_not_large(served, path):
    reply = served.ask("POST", path, "x" * 65537,
                       served.inspector(79).login())
    assert (reply.status, reply.error) == (
        413, "the body has more than 65536 bytes")


def test_what_a_home_does_not_say_of_itself_is_not_known(collector, tmp_path):
    """Neither its clock's distance from UTC nor its version: never 0."""
    silent, new = collector.inspector(1), collector.inspector(2)
    said = upload.header(collector.consent)
    for name in ("client", "utc_offset_min"):
        del said[name]
    assert silent.send(upload.pack(upload.lines(
        said, upload.segment(1)))).status == 200
    for home in (silent, new):  # the second has not uploaded yet
        account = held(home)[0]
        assert (account["client"], account["utc_offset_min"]) == (None, None)
    collector.command("export", str(tmp_path / "out"))
    lines = (tmp_path / "out/accounts.csv").read_text().splitlines()
    names = lines[0].split(",")
    for line in lines[1:]:
        row = dict(zip(names, line.split(",")))
        assert (row["utc_offset_min"], row["client"]) == ("", "")
    silent.upload(2)  # it is said from then on
    assert held(silent)[0]["utc_offset_min"] == -300
    # and taken back
    assert silent.send(upload.pack(upload.lines(
        said, upload.segment(3)))).status == 200
    assert held(silent)[0]["utc_offset_min"] is None
