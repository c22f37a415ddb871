# SPDX-License-Identifier: GPL-3.0-or-later
"""Whichever process is killed, the network is put back within two seconds,
no ping is lost, and the inspection goes on by itself."""

import os
import signal
import time

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import PROCESSES, Inspector
from lab.internet import RESOLVER
from lab.netns import wait_until

RESTORED_S = 2.0
KILLS = int(os.environ.get("IOT_KILLS", "20"))  # bench/live.py: 200


@pytest.fixture(scope="module")
def home():
    with Home(["tv"], ipv6=False) as made:
        yield made


@pytest.fixture(scope="module")
def killed(home):
    """One inspector for all kills: it has to live on."""
    with Inspector(home.inspector) as made:
        made.consent()
        made.watch(home.tv.address)
        yield made


@pytest.mark.parametrize("turn", range(KILLS))
def test_restored_after_a_kill(home, killed, turn, figure):
    victim = PROCESSES[turn % len(PROCESSES)]
    killed.wait_whole(30)
    measure.wait_active(killed, home.tv, 40)
    pid = killed.wait_whole()[victim]
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.1)  # pings before
        measure.wait_intercepted(home, home.tv, home.inspector, 10)
        os.kill(pid, signal.SIGKILL)
        took = measure.wait_true(home, home.tv, 5)
        wait_until(lambda: killed.pids().get(victim, pid) != pid,
                   f"{victim} to be started again", 30)
        measure.wait_intercepted(home, home.tv, home.inspector, 30)
        killed.wait_phase(home.tv.address, "active", deadline=10)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S
