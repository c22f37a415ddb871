# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that the first collector made is today's, with all it had; its homes
go on as they are."""

import datetime
import sqlite3
from pathlib import Path

import pytest

import upload
from program import content, today, wait_until
from test_held import held

FIRST = Path(__file__).resolve().parent / "first_store"
# of 731fb60, the first that took uploads: segments 1, 2 and 4 of one home (two
# devices, of which one says "erasable" wherever a text is), 1 and 2 of another
SEGMENTS, FLOWS = 5, 10
ERASABLE = bytes.fromhex("8fad34bbb0c1ed095fbf1b50cb0e4878")


def make(path, script):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript((FIRST / script).read_text())
    db.close()


@pytest.fixture
def upgraded(tmp_path, make_collector):
    """Its one day was yesterday."""
    folder = tmp_path / "store0"
    folder.mkdir()
    make(folder / "collector.db", "collector.sql")
    day = today() - datetime.timedelta(days=1)
    make(folder / day.strftime("day-%Y%m%d.db"), "day.sql")
    with sqlite3.connect(folder / "collector.db") as db:
        db.execute("UPDATE day SET day = ?", (
            (day - datetime.date(1970, 1, 1)).days,))
        consent, = db.execute("SELECT lower(hex(hash)) FROM consent"
                              ).fetchone()
    db.close()
    collector = make_collector(consent=False)
    collector.consent = consent
    return collector


def test_all_of_the_first_store_is_there_and_uploads_go_on(upgraded):
    stats = upgraded.stats()
    assert (stats["accounts"], stats["devices"], stats["segments"],
            stats["flow"], stats["clue"], stats["view"]) == (
                2, 4, SEGMENTS, FLOWS, 8, SEGMENTS)
    one, two = (upgraded.inspector(number, join=False) for number in (1, 2))
    assert sum(line["table"] == "flow" for line in held(one)) == 6
    # what the first collector acknowledged counts once, and the gap is one
    assert one.upload(1, 2, 3, 4, 5, devices=2).json["accepted"] == [[1, 5]]
    assert two.upload(2, 3).json["accepted"] == [[2, 3]]
    assert upgraded.stats()["segments"] == SEGMENTS + 3
    # yesterday is over: it is sealed as any other day
    wait_until(lambda: upgraded.metrics()["sealed_days"] == 1, "the seal")
    assert upgraded.stats()["segments"] == SEGMENTS + 3
    again = {table: rows for table, rows in upgraded.stats().items()
             if table in upload.COLUMNS}
    upgraded.stop()
    upgraded.start()
    assert {table: upgraded.stats()[table] for table in again} == again


def test_no_number_of_who_was_erased_is_given_again(upgraded):
    """The first store would have: an upload on its way to one home would have
    been another's, and an erasure put off would have taken another's rows."""
    def numbers(table):
        with sqlite3.connect(upgraded.data_dir / "collector.db") as db:
            found = [row[0] for row in db.execute(
                "SELECT id FROM %s ORDER BY id" % table)]
        db.close()
        return found

    assert (numbers("account"), numbers("device")) == ([1, 2], [1, 2, 3, 4])
    upgraded.inspector(2, join=False).erase("everything")
    wait_until(lambda: numbers("account") == [1], "the end")
    assert upgraded.inspector(3).upload(1).status == 200
    assert (numbers("account"), numbers("device")) == ([1, 3], [1, 2, 5])


@pytest.mark.parametrize("sealed", [False, True])
def test_what_the_first_store_has_is_erased_from_its_files(upgraded, sealed):
    one, two = (upgraded.inspector(number, join=False) for number in (1, 2))
    if sealed:
        assert two.upload(3).status == 200
        wait_until(lambda: upgraded.metrics()["sealed_days"] == 1, "the seal")
    one.erase("device", device=ERASABLE.hex())
    wait_until(lambda: upgraded.stats()["erasures"] == 0, "the end")
    for path in upgraded.data_dir.iterdir():
        for word in (b"erasable", ERASABLE):
            assert word not in content(path), path
    one.erase("everything")
    assert one.upload(6).status == 401
    stats = upgraded.stats()
    assert (stats["accounts"], stats["segments"]) == (1, 2 + sealed)
    assert two.upload(1, 2).json["accepted"] == [[1, 2]]
    assert upgraded.stats()["segments"] == 2 + sealed
