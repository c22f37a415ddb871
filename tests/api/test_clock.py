# SPDX-License-Identifier: GPL-3.0-or-later
"""An inspector whose clock is wrong shares with a collector whose clock is
right; and what a day changes."""

import json
import re
import shutil

import pytest

from collector import Collector
from hub import TV, Hub, now_ms, stored_bytes, wait_until, window_ms
from test_research import gathered, join, state

DAY_MS = 86400 * 1000
# the steady clock stays right; a sanitizer is not the first to be loaded then
ENV = ["env", "FAKETIME_DONT_FAKE_MONOTONIC=1",
       "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0"]

pytestmark = pytest.mark.skipif(not shutil.which("faketime"),
                                reason="faketime is not installed")


def begin(folder, days=0):
    prefix = [*ENV, "faketime", "-f", "%+dd" % days] if days else ()
    hub = Hub(folder / "data", prefix=prefix)
    assert hub.start().status == 303
    return hub


def does(hub, remote, days=0):
    hub.window(TV, window_ms(0) + days * DAY_MS,
               [{"remote": remote, "in_bytes": 5000, "out_bytes": 300}])


def test_what_is_gathered_by_a_wrong_clock_waits_and_goes_once(tmp_path):
    """Two days behind, before the collector's certificate begins."""
    collector = Collector(tmp_path)
    hub = begin(tmp_path)
    try:
        hub.home()
        hub.do("upload")
        hub.watch("192.168.1.20")
        join(hub, collector)
        does(hub, "192.0.2.1")
        wait_until(lambda: collector.rows("flow"), "what is right")
        hub.close()
        hub = begin(tmp_path, -2)
        hub.home()
        hub.do("upload")
        after = now_ms()  # what began before the clock went back never goes
        wait_until(lambda: window_ms(0) >= after, "a new window")
        does(hub, "192.0.2.2", -2)
        wait_until(lambda: "192.0.2.2" in gathered(hub), "that it waits")
        trouble = wait_until(lambda: state(hub)["trouble"], "why")
        assert "not yet valid" in trouble and "clock" in trouble
        wait_until(lambda: state(hub)["spool"]["waiting"], "the spool")
        hub.close()
        hub = begin(tmp_path)
        hub.home()
        hub.do("upload")
        does(hub, "192.0.2.3")
        wait_until(lambda: len(collector.rows("flow")) >= 3, "all of it")
        wait_until(lambda: not state(hub)["spool"]["waiting"], "its answer")
        assert state(hub)["trouble"] is None
        assert sorted(row["remote"] for row in collector.rows("flow")) == [
            "192.0.2.1", "192.0.2.2", "192.0.2.3"]
    finally:
        hub.close()
        collector.close()


def tokens(text):
    """All that is an identifier in what was uploaded."""
    return set(re.findall(r"\[[a-z]+:([0-9a-f]+)\]|\"([0-9a-f]{32})\"", text))


def test_without_the_identifier_days_have_nothing_in_common(tmp_path):
    """Each day has ids and hashes of its own; deletion reaches all of them,
    and the one that it had before."""
    collector = Collector(tmp_path)
    hub = begin(tmp_path)

    def says(days=0):
        hub.window(TV, window_ms(0) + days * DAY_MS, [
            {"remote": "192.168.1.77", "in_bytes": 5, "out_bytes": 3}],
            http=[{"remote": "192.0.2.1", "host": "www.example.org",
                   "user_agent": "tv/1 (%s; sn 352099001761481)" % TV}])

    def uploaded(n):
        wait_until(lambda: len(collector.rows("http")) == n, "day %d" % n)
        return collector.rows("http")[-1]["id"], tokens(collector.bodies[-1])

    try:
        hub.home()
        hub.do("upload")
        tv = hub.watch("192.168.1.20")
        join(hub, collector)
        says()
        lasting, before = uploaded(1)
        assert lasting == tv[:32] and len(before) >= 4
        header = json.loads(collector.bodies[-1].splitlines()[0])
        assert header["client"] and "utc_offset_min" in header
        fields = {"identifier": False, "utc_offset": False, "client": False}
        reply = hub.post("/api/research/settings", {"fields": fields})
        assert fields.items() <= reply.json["fields"].items()
        says()
        today, first = uploaded(2)
        header = json.loads(collector.bodies[-1].splitlines()[0])
        assert "client" not in header and "utc_offset_min" not in header
        wait_until(lambda: not state(hub)["spool"]["waiting"], "its answer")
        hub.close()
        hub = begin(tmp_path, 1)
        hub.home()
        hub.do("upload")
        says(1)
        tomorrow, second = uploaded(3)
        assert state(hub)["fields"]["identifier"] is False
        consent = {("", collector.hash)}
        for one, other in ((before, first), (before, second),
                           (first, second)):
            assert len(one) == len(other) and not (one & other) - consent
        assert len({lasting, today, tomorrow}) == 3
        asked = hub.post("/api/research/delete",
                         {"what": "device", "device": tv})
        assert asked.status == 200
        wait_until(lambda: state(hub)["receipts"]
                   and not state(hub)["wishes"], "receipts")
        deleted = [wish["device"] for wish in collector.receipts]
        assert deleted[0] == lasting and {today, tomorrow} <= set(deleted)
        assert {r["device"] for r in state(hub)["receipts"]} == {lasting}
    finally:
        hub.close()
        collector.close()


def test_what_waits_of_a_day_is_taken_out_by_its_own_identifier(tmp_path):
    collector = Collector(tmp_path)
    hub = begin(tmp_path)
    try:
        hub.home()
        hub.do("upload")
        tv = hub.watch("192.168.1.20")
        join(hub, collector)
        with collector.lock:
            collector.down = True
        does(hub, "192.0.2.1")
        wait_until(lambda: tv[:32] in gathered(hub), "its identifier")
        hub.post("/api/research/settings", {"fields": {"identifier": False}})
        assert "192.0.2.1" not in gathered(hub)
        does(hub, "192.0.2.2")
        text = wait_until(lambda: "192.0.2.2" in gathered(hub)
                          and gathered(hub), "without it")
        assert tv[:32] not in text
        off = hub.post("/api/devices/%s/share" % tv, {"share": False})
        assert off.json["share"] is False
        assert "192.0.2.2" not in gathered(hub)
        assert b"192.0.2.2" not in stored_bytes(hub, "sharing.db")
    finally:
        hub.close()
        collector.close()
