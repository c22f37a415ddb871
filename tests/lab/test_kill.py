# SPDX-License-Identifier: GPL-3.0-or-later
"""Whichever process that interception needs is killed, the network is put
back within two seconds, no ping is lost, and the inspection goes on by itself.
The one it does not need dies without a trace of it in the network."""

import os
import signal
import time

import pytest

from lab import measure
from lab.inspector import CARRIERS, Inspector
from lab.internet import RESOLVER
from lab.netns import wait_until

RESTORED_S = 2.0
HUNG_S = 30  # keeper.h's limit, and as much again
KILLS = int(os.environ.get("IOT_KILLS", "20"))  # bench/live.py: 200


HOME = {"devices": ["tv"], "ipv6": False}


@pytest.fixture(scope="module")
def killed(home):
    """One inspector for all kills: it has to live on."""
    with Inspector(home.inspector) as made:
        made.consent()
        made.watch(home.tv.address)
        yield made


@pytest.mark.parametrize("victim", ["guard", "engine"])
def test_a_process_that_hangs_is_ended_and_nothing_stays_broken(
        home, killed, victim, figure):
    """Nobody would look any more whether packets get through."""
    killed.wait_whole(30)
    measure.wait_active(killed, home.tv, 40)
    pid = killed.wait_whole()[victim]
    with measure.pinging(home.tv, RESOLVER) as pings:
        measure.wait_intercepted(home, home.tv, home.inspector, 10)
        os.kill(pid, signal.SIGSTOP)
        took = measure.wait_true(home, home.tv, HUNG_S)
        wait_until(lambda: killed.pids().get(victim, pid) != pid,
                   f"{victim} to be started again", HUNG_S)
        killed.wait_whole(30)
        measure.wait_active(killed, home.tv, 40)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)


def test_a_terminal_cannot_put_it_to_sleep(home, killed):
    """Ctrl-Z reaches every process of the terminal."""
    pids = killed.wait_whole(30)
    for pid in pids.values():
        os.kill(pid, signal.SIGTSTP)
    killed.status()
    time.sleep(0.5)  # a stop is seen at once
    for pid in pids.values():
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            assert file.read().rsplit(")", 1)[1].split()[0] != "T"


def assert_restored(home, killed, victim, how, figure):
    """After a signal that ends the victim the network is put back, and the
    inspection goes on."""
    killed.wait_whole(30)
    measure.wait_active(killed, home.tv, 40)
    pid = killed.wait_whole()[victim]
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.1)  # pings before
        measure.wait_intercepted(home, home.tv, home.inspector, 10)
        os.kill(pid, how)
        took = measure.wait_true(home, home.tv, 5)
        wait_until(lambda: killed.pids().get(victim, pid) != pid,
                   f"{victim} to be started again", 30)
        measure.wait_intercepted(home, home.tv, home.inspector, 30)
        killed.wait_phase(home.tv.address, "active", deadline=10)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S


@pytest.mark.parametrize("victim", ["engine", "guard"])
def test_restored_after_a_crash(home, killed, victim, figure):
    """As on a packet that is made to hurt: they are who parse what comes."""
    assert_restored(home, killed, victim, signal.SIGSEGV, figure)


@pytest.mark.parametrize("turn", range(KILLS))
def test_restored_after_a_kill(home, killed, turn, figure):
    assert_restored(home, killed, CARRIERS[turn % len(CARRIERS)],
                    signal.SIGKILL, figure)


def test_interception_does_not_need_the_process_that_asks_devices(
        home, killed):
    killed.wait_whole(30)
    measure.wait_active(killed, home.tv, 40)
    pid = killed.wait_whole()["discover"]

    def is_another():
        assert measure.is_intercepted(home, home.tv, home.inspector)
        return killed.pids().get("discover", pid) != pid

    with measure.pinging(home.tv, RESOLVER) as pings:
        measure.wait_intercepted(home, home.tv, home.inspector, 10)
        os.kill(pid, signal.SIGKILL)
        wait_until(is_another, "discover to be started again", 30)
        assert measure.is_intercepted(home, home.tv, home.inspector)
        phase = killed.device(home.tv.address)["watch"]["phase"]
    assert phase == "active"
    assert not pings.lost, str(pings)
