# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of the collector at any moment loses nothing that it acknowledged
and doubles nothing. KILLS says how often; ./dev bench asks for more."""

import http.client
import os
import random
import sqlite3
import threading
import time

import upload
from program import DEADLINE, wait_until
from test_crowd import age

KILLS = int(os.environ.get("KILLS", "20"))
HOMES = 6
FLOWS = 3
# between two kills, at most
RUN_S = 0.6
# state of a day
SEALED = 2


class Home(threading.Thread):
    """Uploads the next one to three segments until told to stop; what was not
    acknowledged it sends again, in another grouping."""

    def __init__(self, collector, number, stop):
        super().__init__(daemon=True)
        self.inspector = collector.inspector(number)
        self.random = random.Random(number)
        self.stop, self.acknowledged, self.sent = stop, 0, 0
        self.wrong = []

    def run(self):
        while not self.stop.is_set():
            first = self.acknowledged + 1
            # a segment that is held may come again, too
            first -= self.random.randrange(2) if first > 1 else 0
            last = first + self.random.randrange(3)
            self.sent = max(self.sent, last)
            try:
                reply = self.inspector.upload(*range(first, last + 1),
                                              flows=FLOWS)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
                continue
            if reply.status == 200:
                if reply.json["accepted"] != [[first, last]]:
                    self.wrong.append(reply.body)
                self.acknowledged = max(self.acknowledged, last)
            elif reply.status != 503:
                self.wrong.append(reply.body)


def rows_of(data_dir):
    """(segment numbers by account, rows by table) that the files hold."""
    numbers, rows = {}, {}
    for path in data_dir.glob("day-*.db"):
        db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for account, number in db.execute(
                "SELECT account, number FROM segment"):
            numbers.setdefault(account, []).append(number)
        check_counts(db)
        for table in list(upload.COLUMNS)[1:]:
            rows[table] = rows.get(table, 0) + db.execute(
                "SELECT count(*) FROM " + table).fetchone()[0]
        db.close()
    return numbers, rows


def check_counts(db):
    """What the day counted as it came is what it has."""
    for shape, table in enumerate(["segment", *list(upload.COLUMNS)[1:]]):
        assert db.execute("SELECT rows FROM tally WHERE shape = ?",
                          (shape,)).fetchone() == db.execute(
                              "SELECT count(*) FROM " + table).fetchone()
    assert db.execute("SELECT device FROM active WHERE device > 0 EXCEPT "
                      "SELECT device FROM flow").fetchone() is None
    assert db.execute("SELECT device FROM flow EXCEPT "
                      "SELECT device FROM active").fetchone() is None
    assert db.execute(
        "SELECT account, windows, first_s, last_s FROM accepted "
        "ORDER BY account").fetchall() == db.execute(
            "SELECT account, count(DISTINCT end_s), min(end_s), max(end_s) "
            "FROM segment GROUP BY account ORDER BY account").fetchall()


def test_kills_lose_nothing_and_double_nothing(make_collector):
    collector = make_collector("--uploads-per-minute", "1000000")
    chance, stop = random.Random(42), threading.Event()
    homes = [Home(collector, number, stop) for number in range(HOMES)]
    for home in homes:
        home.start()
    for _ in range(KILLS):
        time.sleep(chance.random() * RUN_S)
        collector.kill()
        # the port may change: it is free for others meanwhile
        collector.start()
    time.sleep(RUN_S)
    stop.set()
    for home in homes:
        home.join(DEADLINE)
        assert not home.wrong
    assert sum(home.acknowledged for home in homes) > KILLS
    collector.kill()
    numbers, rows = rows_of(collector.data_dir)
    names = {name: account for account, name in sqlite3.connect(
        collector.data_dir / "collector.db").execute(
            "SELECT id, hex(name) FROM account")}
    held = 0
    for home in homes:
        its = numbers.pop(names[home.inspector.account.upper()])
        assert sorted(its) == list(range(1, len(its) + 1))
        assert home.acknowledged <= len(its) <= home.sent
        held += len(its)
    assert not numbers
    assert rows == {table: held * (FLOWS if table == "flow" else 1)
                    for table in rows}
    # and what is held is known to be: everything again changes nothing
    collector.start()
    for home in homes:
        assert home.inspector.upload(
            *range(1, home.sent + 1)).json["accepted"] == [[1, home.sent]]
    stats = collector.stats()
    assert stats["segments"] == sum(home.sent for home in homes)


def state_of(collector):
    store = sqlite3.connect(collector.data_dir / "collector.db")
    state, = store.execute("SELECT state FROM day ORDER BY day").fetchone()
    store.close()
    return state


def check_sums(path):
    """What a sealed day comes to, and refers to, is what its rows do."""
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check_counts(db)
    for sums, rows in (
            ("device, remote, remote_port, protocol, windows, out_bytes, "
             "in_bytes FROM rollup_endpoint",
             "device, remote, remote_port, protocol, count(*), sum(out_bytes), "
             "sum(in_bytes) FROM flow GROUP BY 1, 2, 3, 4"),
            ("account, windows, first_s, last_s, devices FROM rollup_activity",
             "account, count(DISTINCT end_s), min(end_s), max(end_s), (SELECT "
             "count(DISTINCT device) FROM flow) FROM segment GROUP BY 1"),
            ("id, rows FROM reference WHERE dictionary = 2",
             "device, count(*) FROM (%s) GROUP BY 1" % " UNION ALL ".join(
                 "SELECT device FROM " + table
                 for table in list(upload.COLUMNS)[1:] if table != "view"))):
        assert sorted(db.execute("SELECT " + sums)) == sorted(
            db.execute("SELECT " + rows))
    db.close()


def test_kills_while_a_day_is_sealed_leave_it_exact(make_collector):
    collector = make_collector("--uploads-per-minute", "1000000")
    home = collector.inspector()
    for number in range(1, 21):
        assert home.upload(number, flows=2000).status == 200
    collector.stop()
    age(collector, 1)
    day = sorted(collector.data_dir.glob("day-*.db"))[0]
    # before it began, at any moment of it, and when it was over
    for doubled in range(8):
        collector.start()
        time.sleep(0.004 * 2 ** doubled)
        collector.kill()
        if state_of(collector) == SEALED:
            break
    collector.start()
    wait_until(lambda: state_of(collector) == SEALED, "the seal")
    collector.stop()
    check_sums(day)
