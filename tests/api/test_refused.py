# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collector refuses of what waited: a real collector, to the real hub
and its courier."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest

from hub import DEADLINE, Hub, database_of, driver, wait_until
from test_research import join, say, state

WAITING, WRONG = 7, 4


def program():
    """IOT_COLLECTOR, else the one that was built with the driver."""
    return os.environ.get("IOT_COLLECTOR") or str(
        pathlib.Path(driver()).resolve().parents[3] / "iot-collector")


class RealCollector:
    def __init__(self, folder):
        self.store = folder / "store"
        (folder / "text").write_text("We study things.")
        told = folder / "told"
        with open(told, "w") as out:
            self.process = subprocess.Popen(
                [program(), "serve", "-d", str(self.store), "--listen",
                 "127.0.0.1:0"], stdout=out)
        try:
            wait_until(lambda: "ready: " in told.read_text() or
                       self.process.poll() is not None, "the collector ready")
            assert self.process.poll() is None, told.read_text()
            self.url = re.search(r"https://127.0.0.1:\d+",
                                 told.read_text()).group(0)
            self.certificate = (self.store / "trial-cert.pem").read_text()
            self.command("consent", str(folder / "text"), "--approval", "A",
                         "--contact", "C", "--retention-days", "9")
        except BaseException:
            self.close()
            raise

    def command(self, *words):
        return subprocess.run(
            [program(), words[0], "-d", str(self.store), *words[1:]],
            check=True, capture_output=True, text=True,
            timeout=DEADLINE).stdout

    def stands_still(self, still):
        self.process.send_signal(signal.SIGSTOP if still else signal.SIGCONT)

    def close(self):
        self.stands_still(False)
        self.process.terminate()
        self.process.wait(DEADLINE)


@pytest.fixture
def collector(tmp_path):
    made = RealCollector(tmp_path)
    yield made
    made.close()


@pytest.fixture
def sharing(tmp_path, collector):
    hub = Hub(tmp_path / "data")
    assert hub.start().status == 303
    hub.home()
    hub.do("upload")
    hub.watch("192.168.1.20")
    join(hub, collector)
    yield hub
    hub.close()


def add_segments(hub):
    """As many as wait after an outage, like the first; one has a device that
    is none."""
    with database_of(hub, "sharing.db") as spool:
        spool.execute("BEGIN IMMEDIATE")
        first, line = spool.execute("SELECT number, line FROM segment"
                                    ).fetchone()
        for number in range(first + 1, first + WAITING):
            made = json.loads(line)
            assert made["segment"] == first
            made["segment"] = number
            if number == first + WRONG:
                made["device"][0][0] = "none"
            spool.execute(
                "INSERT INTO segment(fields, made_ms, line) SELECT fields, "
                "made_ms, ? FROM segment WHERE number = ?",
                (json.dumps(made).encode() + b"\n", first))
        spool.execute("COMMIT")


def test_of_a_refused_batch_the_wrong_segment_alone_is_dropped(sharing,
                                                              collector):
    said = set()

    def all_went():
        now = state(sharing)
        said.add(now["trouble"])
        return now["spool"]["waiting"] == 0 and now

    collector.stands_still(True)
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 1, "it waits")
    add_segments(sharing)
    collector.stands_still(False)
    now = wait_until(all_went, "all went", deadline=60)
    assert now["spool"]["refused"] == 1
    assert now["spool"]["sent"] == WAITING - 1
    assert now["spool"]["dropped"] == 0
    # all of them, a part of them, and then the one
    assert now["counters"]["letters_failed"] >= 3
    assert any("it answered 400: " in text for text in said if text), said
    held = json.loads(collector.command("stats", "--json"))
    assert held["segments"] == held["flow"] == WAITING - 1
