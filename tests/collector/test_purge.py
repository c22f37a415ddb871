# SPDX-License-Identifier: GPL-3.0-or-later
"""What is past its time goes, by itself or by hand, and nothing else."""

import datetime
import sqlite3
import subprocess

import pytest
from program import DEADLINE, program, today, wait_until
from test_crowd import age
from test_delete import device, private
from test_backup import files

import upload


def date(days):
    return (today() + datetime.timedelta(days=days)).isoformat()


def move(collector, days):
    """The day that is open becomes one that was over so long ago."""
    age(collector, days)
    with sqlite3.connect(collector.data_dir / "collector.db") as store:
        day = store.execute("SELECT max(day) FROM day").fetchone()[0]
        store.execute("DELETE FROM day WHERE day > ?", (day - days,))
        for table in ("device", "account"):
            store.execute("UPDATE %s SET seen_day = ?" % table, (day - days,))
        # as when a day is over
        store.execute("ATTACH ? AS over", (str(next(
            collector.data_dir.glob("day-%s.db" % today().strftime(
                "%Y%m%d")))),))
        store.execute("INSERT INTO accepted SELECT account, ranges "
                      "FROM over.accepted")
    store.close()
    for back in range(days):
        at = today() - datetime.timedelta(days=back)
        for path in collector.data_dir.glob("day-%s.db*"
                                            % at.strftime("%Y%m%d")):
            path.unlink()


@pytest.fixture
def old(make_collector):
    """A collector whose one day was three days ago, kept for two."""
    def make(days=3, keep=2, more=0):
        collector = make_collector(consent=False)
        collector.consent = collector.set_consent("Agreed.", days=keep)
        home = collector.inspector()
        home.send(upload.pack(home.body(private(1, 1, "oldword"))))
        for number in range(2, 2 + more):
            assert home.upload(number, flows=2000).status == 200
        collector.stop()
        move(collector, days)
        return collector, home
    return make


def test_what_is_past_its_time_goes_by_itself(old):
    collector, home = old()
    collector.start()
    wait_until(lambda: collector.stats()["segments"] == 0, "the purge")
    wait_until(lambda: b"oldword" not in files(collector.data_dir), "no word")
    # its file goes when nobody can be reading it any more
    collector.stop()
    collector.start()
    wait_until(lambda: not list(collector.data_dir.glob(
        "day-%s*" % (today() - datetime.timedelta(days=3)).strftime(
            "%Y%m%d"))), "no file")
    # nor is there a word of who sent it
    held = files(collector.data_dir)
    assert bytes.fromhex(home.account) not in held
    assert bytes.fromhex(device(1, 0)) not in held
    stats = collector.stats()
    assert (stats["accounts"], stats["devices"]) == (0, 0)
    # who returns has what was accepted not taken again
    assert home.upload(1).status == 401
    assert home.join().status == 201
    assert home.upload(1, 2).json["accepted"] == [[1, 2]]
    assert collector.stats()["segments"] == 1


def test_what_is_not_is_kept(old):
    collector, _ = old(days=2, keep=2)
    collector.start()
    wait_until(lambda: collector.metrics()["sealed_days"] == 1, "upkeep")
    assert collector.command("purge", "--show").stdout == \
        "next deadline: %s\n" % date(1)
    assert collector.stats()["segments"] == 1


def test_by_hand_when_nothing_runs(old):
    collector, _ = old()
    said = collector.command("purge").stdout
    assert said == "rows erased: 10\nnext deadline: none\n"
    assert collector.stats()["flow"] == 0
    collector.start()
    busy = collector.command("purge", check=False)
    assert (busy.returncode, busy.stderr) == (
        1, "iot-collector: %s: a collector uses it, and purges by itself\n"
        % collector.data_dir)


def test_a_long_export_and_a_purge_do_not_wait_for_each_other(old):
    """Who reads slowly gets what is there when he comes to it."""
    collector, _ = old(more=12)
    reading = subprocess.Popen(
        [program(), "export", "--data-dir", str(collector.data_dir),
         "--table", "flows"], stdout=subprocess.PIPE, text=True)
    first = reading.stdout.readline()
    assert first.startswith("account,device")
    said = collector.command("purge").stdout
    assert said.startswith("rows erased: 24")
    assert b"oldword" not in files(collector.data_dir)
    rest, _ = reading.communicate(timeout=DEADLINE)
    assert reading.returncode == 0
    assert rest.endswith("\n") and rest.count("\n") < 24000
    assert collector.stats()["flow"] == 0


def test_a_publication_ends_it_a_year_later(old):
    collector, _ = old(days=3, keep=3000)
    assert collector.command("purge", "--show").stdout == \
        "next deadline: %s\n" % date(2998)
    assert collector.command("purge", "--published", date(-1)).stdout == \
        "next deadline: %s\n" % date(364)
    # what came after the publication has nothing to do with it
    assert collector.command("purge", "--published", date(-4)).stdout == \
        "next deadline: %s\n" % date(2998)
    assert collector.command("purge", "--published", "never").stdout == \
        "next deadline: %s\n" % date(2998)
    wrong = collector.command("purge", "--published", "2026-02-30x",
                              check=False)
    assert (wrong.returncode, wrong.stderr) == (
        1, "iot-collector: 2026-02-30x: not a date as 2026-01-31\n")
