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
from program import DEADLINE

KILLS = int(os.environ.get("KILLS", "20"))
HOMES = 6
FLOWS = 3
# between two kills, at most
RUN_S = 0.6


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
        for table in list(upload.COLUMNS)[1:]:
            rows[table] = rows.get(table, 0) + db.execute(
                "SELECT count(*) FROM " + table).fetchone()[0]
        db.close()
    return numbers, rows


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
