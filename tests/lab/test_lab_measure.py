# SPDX-License-Identifier: GPL-3.0-or-later
"""The instruments see what happens, and see it when it goes wrong."""

import subprocess
import time

import pytest
from scapy.all import IP, UDP, Ether, Raw, raw

from lab import measure
from lab.eavesdrop import INSTRUCTION_BYTES, Eavesdropper, filters
from lab.home import Home
from lab.internet import RESOLVER
from lab.netns import wait_until
from lab.router import ADDRESS4


@pytest.fixture(scope="module")
def home():
    with Home(["tv"]) as made:
        yield made


def intercept_by_hand(home):
    """What an inspector does, by the kernel's own means."""
    home.inspector.sysctl("ipv4/ip_forward", 1)
    for name in ("all", "eth0"):
        home.inspector.sysctl(f"ipv4/conf/{name}/send_redirects", 0)
    home.tv.ip(f"neigh replace {ADDRESS4} lladdr {home.inspector.mac} "
               "dev eth0")
    home.router.ip(f"neigh replace {home.tv.address} lladdr "
                   f"{home.inspector.mac} dev eth0")


def release_by_hand(home):
    home.tv.ip(f"neigh replace {ADDRESS4} lladdr {home.router.mac} dev eth0")
    home.router.ip(f"neigh replace {home.tv.address} lladdr {home.tv.mac} "
                   "dev eth0")


def test_a_device_left_alone_has_true_entries_and_loses_no_ping(home):
    crossings = measure.Crossings(home, home.tv, home.inspector)
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.5)  # the measured time itself
    assert pings.sent > 300 and not pings.lost, pings
    assert crossings.count() == (0, 0)
    assert measure.is_true(home, home.tv)
    crossings.close()


def test_an_interception_is_seen_both_ways(home):
    crossings = measure.Crossings(home, home.tv, home.inspector)
    intercept_by_hand(home)
    assert measure.is_intercepted(home, home.tv, home.inspector)
    assert not measure.is_true(home, home.tv)
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.2)
    assert crossings.count() == (pings.sent, pings.sent)
    release_by_hand(home)
    assert measure.wait_true(home, home.tv, 1) < 1
    crossings.close()


def test_lost_pings_are_counted_and_timed(home):
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.2)
        began = time.time()
        home.switch.ip("link set tv down")
        time.sleep(0.2)
        home.switch.ip("link set tv up")
        ended = time.time()
        home.tv.run(["ping", "-c1", "-W5", RESOLVER])
    assert pings.lost and pings.received
    assert began - 0.01 < pings.lost[0] < ended


def test_an_eavesdropper_sees_what_passes_another_ones_filter(home):
    with home.tv.popen(["tcpdump", "-Z", "root", "-pni", "eth0", "-w",
                        "/dev/null", "udp port 53 and dst host " + RESOLVER],
                       stderr=subprocess.DEVNULL) as tcpdump:
        try:
            # While it sets its filter, a filter of one instruction refuses all.
            wait_until(lambda: any(len(f) > INSTRUCTION_BYTES
                                   for f in filters(tcpdump.inner)),
                       "tcpdump to set its filter")
            ear = Eavesdropper(home.tv, tcpdump.inner)
            home.router.run(["ping", "-c2", "-i", "0.1", home.tv.address])
            asked = (b"\0\1\1\0\0\1\0\0\0\0\0\0\3api\4roku\3com\0\0\1\0\1")
            measure.send_frames(home.router, [raw(
                Ether(src=home.router.mac, dst=home.tv.mac)
                / IP(src=ADDRESS4, dst=RESOLVER) / UDP(dport=53)
                / Raw(asked))])
            heard = wait_until(ear.frames, "the one frame")
            assert len(heard) == 1 and asked in heard[0]
            ear.close()
        finally:
            tcpdump.kill()
