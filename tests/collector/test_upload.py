# SPDX-License-Identifier: GPL-3.0-or-later
"""What is acknowledged is held, once."""

import re

import upload
from contract import TREE


def test_an_upload_is_held_when_it_is_acknowledged(collector):
    home = collector.inspector()
    reply = home.upload(1, 2, flows=3)
    assert (reply.status, reply.json["accepted"]) == (200, [[1, 2]])
    collector.kill()
    collector.start()
    stats = collector.stats()
    assert (stats["segments"], stats["flow"], stats["devices"]) == (2, 6, 1)
    for table in ("question", "name", "http", "hello", "clue", "label",
                  "view"):
        assert stats[table] == 2, table


def test_a_segment_that_comes_again_counts_once(collector):
    home = collector.inspector()
    assert home.upload(1, 2).json["accepted"] == [[1, 2]]
    assert home.upload(2, 3).json["accepted"] == [[2, 3]]
    assert home.upload(1, 2, 3, 5).json["accepted"] == [[1, 3], [5, 5]]
    collector.kill()
    collector.start()
    assert home.upload(3, 4, 5).json["accepted"] == [[3, 5]]
    assert collector.stats()["segments"] == 5
    assert collector.metrics()["repeated"] == 2


def test_another_accounts_device_and_numbers_are_its_own(collector):
    one, two = collector.inspector(1), collector.inspector(2)
    body = upload.pack(one.body(upload.segment(1)))
    assert one.send(body).status == two.send(body).status == 200
    stats = collector.stats()
    assert (stats["segments"], stats["devices"]) == (2, 2)


def test_over_tls_with_a_certificate_made_for_the_trial(make_collector):
    collector = make_collector(tls=True)
    assert collector.fingerprint
    assert collector.inspector().upload(1).status == 200
    collector.stop()
    first = collector.fingerprint
    collector.start()
    assert collector.fingerprint == first
    assert collector.inspector(2).upload(1).status == 200


def test_all_that_the_schema_allows_is_taken(collector):
    home = collector.inspector()
    segments = [upload.segment(1), upload.extreme_segment(2)]
    upload.check(upload.header(collector.consent), *segments)
    reply = home.send(upload.pack(home.body(*segments)))
    assert reply.json["accepted"] == [[1, 2]], reply.body
    rows = sum(len(segments[1][table]) for table in upload.COLUMNS)
    assert rows > 60  # the test itself: there are extremes


def test_the_schema_and_the_collector_have_the_same_columns():
    source = (TREE / "collector/store/shape.c").read_text()
    taken = {table: re.findall(r'{ "(\w+)",', columns)
             for table, columns in re.findall(
                 r"shape_column (\w+)_columns\[\] = {(.*?)\n};", source,
                 re.DOTALL)}
    defs = upload.SCHEMA["$defs"]
    header = defs["header"]["properties"]["columns"]["properties"]
    assert taken == upload.COLUMNS
    assert taken == {table: described["items"]["enum"]
                     for table, described in header.items()}
    assert taken == {table: list(described["properties"])
                     for table, described in defs["rows"].items()}
    assert set(taken) == set(defs["segment"]["properties"]) - {"segment", "end"}
