# SPDX-License-Identifier: GPL-3.0-or-later
"""A computer that sleeps leaves its network, and may wake on another.

What the lab cannot put to sleep it holds up: to guard, a turn that comes late
is the same."""

import contextlib
import os
import signal
import time

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import Inspector
from lab.logind import DELAY_MOST_S, Logind
from lab.netns import wait_until

SLEEP_S = 5  # longer than what guard takes for a busy computer


@pytest.fixture
def home():
    with Home(["tv"]) as made:
        yield made


@contextlib.contextmanager
def asleep(inspector):
    """Guard does nothing meanwhile."""
    guard = inspector.wait_whole()["guard"]
    began = time.monotonic()
    os.kill(guard, signal.SIGSTOP)
    try:
        yield
        time.sleep(max(0, began + SLEEP_S - time.monotonic()))
    finally:
        os.kill(guard, signal.SIGCONT)


class Told:
    """Counts at the switch the frames that the inspector sends to a MAC, but
    for the packets of its own address: hub and discover are not asleep, and
    ask what a device is."""

    def __init__(self, home, mac):
        self._home = home
        own6 = ", ".join(measure.addresses6(home.inspector))
        home.switch.nft(f"""
        table netdev told {{
            counter told {{ }}
            chain count {{
                type filter hook ingress device inspector priority 20
                ether daddr {mac} ip saddr {home.inspector.address} accept
                ether daddr {mac} ip6 saddr {{ {own6} }} accept
                ether daddr {mac} counter name told
            }}
        }}""")

    def nothing(self):
        return "packets 0" in self._home.switch.run(
            ["nft", "list", "counter", "netdev", "told", "told"],
            net_only=True).stdout


def test_after_a_sleep_the_watch_goes_on(home, figure):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        with measure.pinging_by_both(home.tv) as pings:
            with asleep(inspector):
                pass
            began = time.monotonic()
            measure.wait_all_true(home, home.tv, 5)
            measure.wait_active_by_both(inspector, home.tv, 20)
        figure(f"watched again {time.monotonic() - began:.2f} s after; "
               f"{measure.told(pings)}")
        measure.assert_none_lost(pings)


def test_a_sleep_is_held_off_until_the_network_is_put_back(home, figure):
    with Logind(home.inspector) as logind, \
            Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        forwarding = home.inspector.sysctl("ipv4/conf/eth0/forwarding")
        wait_until(logind.inhibitors, "the inhibitor to be taken")
        with measure.pinging_by_both(home.tv) as pings:
            took = logind.sleep()
            assert measure.all_true(home, home.tv)
            assert home.inspector.sysctl(
                "ipv4/conf/eth0/forwarding") != forwarding
            assert not logind.inhibitors()
            time.sleep(2.5)  # a poisoner's period: it must keep still
            assert measure.all_true(home, home.tv)
            logind.wake()
            measure.wait_active_by_both(inspector, home.tv, 20)
            wait_until(logind.inhibitors, "the inhibitor to be taken anew")
        figure(f"held off for {took:.2f} s; {measure.told(pings)}")
        assert took < DELAY_MOST_S
        measure.assert_none_lost(pings)


def test_a_bus_that_ends_ends_nothing_else(home):
    with Inspector(home.inspector) as inspector:
        with Logind(home.inspector) as logind:
            inspector.consent()
            measure.watch_both(inspector, home.tv)
            pids = inspector.wait_whole()
        del logind
        time.sleep(1)  # turns
        assert inspector.wait_whole() == pids
        assert measure.all_intercepted(home, home.tv, home.inspector)


def test_woken_on_another_network_nothing_is_said_to_those_of_the_first(home):
    """The same addresses, as in so many homes, and another router."""
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        with asleep(inspector):
            home.switch.ip("link set tv down")
            home.router.ip("link set eth0 down",
                           "link set eth0 address 98:9b:cb:00:77:99",
                           "link set eth0 up")
            told = Told(home, home.tv.mac)
        wait_until(lambda: home.inspector.sysctl(
            "ipv4/conf/eth0/forwarding") == "0", "the settings of before", 15)
        phase = inspector.device(home.tv.address)["watch"]["phase"]
        assert phase == "waiting"
        time.sleep(2.5)  # a poisoner's period, and more
        assert told.nothing()
