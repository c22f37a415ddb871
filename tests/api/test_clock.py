# SPDX-License-Identifier: GPL-3.0-or-later
"""An inspector whose clock is wrong shares with a collector whose clock is
right."""

import shutil

import pytest

from collector import Collector
from hub import TV, Hub, now_ms, wait_until, window_ms
from test_research import gathered, join, say, state

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
