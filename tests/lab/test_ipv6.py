# SPDX-License-Identifier: GPL-3.0-or-later
"""IPv6 is intercepted as IPv4 is, by neighbour discovery. However that ends is
in test_restore.py, of both."""

import os
import time

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import CARRIERS, Inspector
from lab.internet import NAMES
from lab.netns import wait_until

TARGET = NAMES["six.example"][0]
RESTORED_S = 2.0
KILLS = int(os.environ.get("IOT_KILLS", "8"))  # bench/live.py: 200


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "camera"]) as made:
        yield made


@pytest.mark.sanitized
def test_interception_begins_within_a_second_and_loses_nothing(home, figure):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        inspector.find(home.tv.address)
        wait_until(lambda: len(inspector.device(home.tv.address)
                               ["addresses"]) == 3,
                   "the device's three addresses to be found", 5)
        crossings = measure.Crossings6(home, home.tv, home.inspector)
        with measure.pinging(home.tv, TARGET) as pings:
            time.sleep(0.3)  # pings before
            began = time.monotonic()
            inspector.watch(home.tv.address)
            wait_until(lambda: all(crossings.count()), "both ways", 5)
            took = time.monotonic() - began
            measure.wait_active6(inspector, home.tv, TARGET)
            time.sleep(1)    # pings meanwhile
        figure(f"intercepted both ways {took * 1000:.0f} ms after the switch;"
               f" {pings}")
        assert measure.is_intercepted6(home, home.tv, home.inspector)
        assert not pings.lost, str(pings)
        assert took < 1
        crossings.close()
    assert measure.is_true6(home, home.tv)


@pytest.fixture(scope="module")
def killed(home):
    """One inspector for all kills: it has to live on."""
    with Inspector(home.inspector) as made:
        made.consent()
        made.watch(home.tv.address)
        yield made


@pytest.mark.parametrize("turn", range(KILLS))
def test_restored_after_a_kill(home, killed, turn, figure):
    victim = CARRIERS[turn % len(CARRIERS)]
    took, pings = measure.kill6(home, home.tv, killed, victim, TARGET)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S
