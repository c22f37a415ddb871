# SPDX-License-Identifier: GPL-3.0-or-later
"""A network loses IPv4 and gains it while the inspector runs: what is watched
by IPv6 goes on, and IPv4 begins again by itself."""

import contextlib
import json
import time

import pytest

from lab import measure
from lab.inspector import RUN_DIR, Inspector, run_once
from lab.internet import NAMES, RESOLVER
from lab.measure import computer
from lab.netns import wait_until
from lab.router import ADDRESS4, neighbours

HOME = {"devices": ["tv"]}
TARGET = NAMES["six.example"][0]
ROUTES = ("routes -4", "routes -6")  # come and go with the addresses
OTHER = "192.168.78"
running = []
RESTORED_S = 2.0


def settings(home):
    return {key: value for key, value in computer(home).items()
            if key not in ROUTES}


def flush(host):
    host.run(["ip", "-4", "addr", "flush", "dev", "eth0"], net_only=True)


def lose_ipv4(host):
    """As when a lease has ended, and no server gives another."""
    host._dhcp.kill()
    host._dhcp.wait()
    flush(host)


def is_moved(home):
    return OTHER in home.router.run(
        ["ip", "-4", "addr", "show", "dev", "eth0"], net_only=True).stdout


def move_to_other_subnet(home):
    """All but the inspector's computer."""
    home.router.ip(f"addr add {OTHER}.1/24 dev eth0")
    flush(home.tv)
    home.tv.ip(f"addr add {OTHER}.11/24 dev eth0",
               f"route add default via {OTHER}.1")
    home.tv.address = f"{OTHER}.11"


def join_other_subnet(host):
    host.ip(f"addr add {OTHER}.19/24 dev eth0",
            f"route add default via {OTHER}.1")


def is_intercepted4(home, router, device):
    """By ARP, at the addresses that they have now."""
    return (neighbours(home.tv).get(router) == home.inspector.mac
            and home.router.neighbours().get(device) == home.inspector.mac)


def wait_active4(home, inspector):
    """Gives when the TV was intercepted in the other subnet, in s."""
    began = time.monotonic()
    with measure.talking(home.tv, RESOLVER):
        wait_until(lambda: is_intercepted4(home, OTHER + ".1",
                                           OTHER + ".11"),
                   "interception by IPv4", 15)
        took = time.monotonic() - began
        inspector.wait_phase(OTHER + ".11", "active")
    return took


def shown(inspector):
    return inspector.status()["network"]


def faults(inspector):
    return " ".join(fault["text"] for fault in inspector.status()["faults"])


class Direct6:
    """Counts at the switch the TV's IPv6 that goes round the inspector."""

    def __init__(self, home):
        self._switch = home.switch
        self._switch.nft("""
        table bridge direct {
            counter past { }
            chain count {
                type filter hook forward priority 0
                iifname "tv" oifname "router" ip6 hoplimit != 255 \
                    counter name past
                iifname "router" oifname "tv" ip6 hoplimit != 255 \
                    counter name past
            }
        }""")

    def close(self):
        out = self._switch.run(["nft", "-j", "list", "counters", "table",
                                "bridge", "direct"], net_only=True).stdout
        self._switch.nft("delete table bridge direct")
        return sum(item["counter"]["packets"]
                   for item in json.loads(out)["nftables"]
                   if "counter" in item)


@contextlib.contextmanager
def ipv6_goes_on(home, figure):
    """Nothing is lost, and nothing goes round the inspector but what a router
    that advertises itself makes the device send."""
    direct = Direct6(home)
    with measure.pinging(home.tv, TARGET) as pings:
        time.sleep(0.2)  # pings before
        yield
    past = direct.close()
    figure(f"by IPv6 {pings}, {past} packets went round us")
    assert not pings.lost, str(pings)
    # were it given back, seconds of them would
    assert past < pings.sent / 5


@pytest.fixture(scope="module")
def inspector(home):
    """One that watches the TV by both."""
    before = settings(home)
    with Inspector(home.inspector) as made:
        running.append(made)
        made.before = before
        made.consent()
        measure.watch_both(made, home.tv)
        yield made


def wait_lost(home, inspector):
    wait_until(lambda: shown(inspector)["address"] in
               measure.addresses6(home.inspector),
               "what is shown to be IPv6", 5)


@pytest.fixture
def without_ipv4(home, inspector):
    """It was watched by both, and IPv4 is lost."""
    if shown(inspector)["address"] not in measure.addresses6(home.inspector):
        lose_ipv4(home.inspector)
        wait_lost(home, inspector)
    wait_until(lambda: settings(home)["ip rule"] == inspector.before["ip rule"]
               and "lost" not in faults(inspector),
               "the network to be one without IPv4", 10)
    return inspector


@pytest.mark.sanitized
def test_ipv6_goes_on_when_ipv4_is_lost(home, inspector, figure):
    at_first = settings(home)
    assert at_first["ip rule"] != inspector.before["ip rule"]
    with ipv6_goes_on(home, figure):
        lose_ipv4(home.inspector)
        took = measure.wait_true(home, home.tv, 5)
        wait_lost(home, inspector)
        assert "lost its IPv4" in faults(inspector)
        wait_until(lambda: settings(home)["ip rule"]
                   == inspector.before["ip rule"],
                   "what was changed for IPv4 to be put back", 10)
        wait_until(lambda: "lost" not in faults(inspector),
                   "the network to be one without IPv4", 5)
    figure(f"IPv4 true after {took * 1000:.0f} ms")
    assert took < RESTORED_S
    now = settings(home)
    assert {k: v for k, v in now.items() if k.startswith("ipv4")} == {
        k: v for k, v in inspector.before.items() if k.startswith("ipv4")}
    assert measure.is_intercepted6(home, home.tv, home.inspector)
    watch = inspector.device(home.tv.link_address())["watch"]
    assert (watch["phase"], watch["ipv6"]["phase"]) == ("active", "active")


def test_restored_after_a_kill_without_ipv4(home, without_ipv4, figure):
    home.tv.address = home.tv.link_address()
    took, pings = measure.kill6(home, home.tv, without_ipv4, "guard",
                                TARGET)
    measure.wait_active6(without_ipv4, home.tv, TARGET)
    figure(f"true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S


@pytest.mark.sanitized
def test_ipv4_begins_again_when_it_comes_in_another_subnet(
        home, without_ipv4, figure):
    with ipv6_goes_on(home, figure):
        move_to_other_subnet(home)
        join_other_subnet(home.inspector)
        took = wait_active4(home, without_ipv4)
        assert shown(without_ipv4)["subnet"] == OTHER + ".0/24"
        assert shown(without_ipv4)["gateway"] == OTHER + ".1"
        assert not faults(without_ipv4)
    figure(f"intercepted by IPv4 {took:.2f} s after it came")


def test_all_is_put_back_when_it_is_stopped(home, inspector):
    with measure.pinging(home.tv, TARGET) as six, \
            measure.pinging(home.tv, RESOLVER) as four:
        time.sleep(0.2)  # pings before
        inspector.stop()
    assert not six.lost and not four.lost, f"{six}; {four}"
    assert measure.is_true6(home, home.tv)
    router = OTHER + ".1" if is_moved(home) else ADDRESS4
    assert neighbours(home.tv).get(router) == home.router.mac
    assert home.router.neighbours().get(home.tv.address) == home.tv.mac
    wait_until(lambda: settings(home) == inspector.before,
               "settings as before", 5)
    assert not home.inspector.exists(RUN_DIR + "/undo")


@pytest.fixture
def other_subnet(home):
    """The home is in it, the inspector's computer has no IPv4, and nobody
    inspects."""
    while running:
        running.pop().stop()
    flush(home.inspector)
    if not is_moved(home):
        lose_ipv4(home.inspector)
        move_to_other_subnet(home)


def test_a_start_without_ipv4_gains_it(home, other_subnet, figure):
    home.tv.address = home.tv.link_address()
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        inspector.watch(home.tv.address)
        measure.wait_active6(inspector, home.tv, TARGET)
        with ipv6_goes_on(home, figure):
            join_other_subnet(home.inspector)
            took = wait_active4(home, inspector)
        figure(f"intercepted by IPv4 {took:.2f} s after it came")
        inspector.kill()
        flush(home.inspector)
        # what the record says of IPv4 does not wait for an address
        status, out, err = run_once(home.inspector, "restore")
        assert status == 0, (out, err)
        assert not home.inspector.exists(RUN_DIR + "/undo")
        assert neighbours(home.tv).get(OTHER + ".1") == home.router.mac
        assert home.router.neighbours().get(OTHER + ".11") == home.tv.mac
        assert measure.is_true6(home, home.tv)
