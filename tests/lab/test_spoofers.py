# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else on the network who speaks for others: it is said, nobody is
sent to him, and he ends no watch that is not in danger."""

import contextlib
import threading
import time

import pytest
from scapy.all import (ARP, Ether, ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6,
                       raw)

from lab import measure
from lab.inspector import Inspector, run_once
from lab.internet import NAMES, RESOLVER
from lab.netns import wait_until
from lab.router import ADDRESS4, MAC as ROUTER_MAC, neighbours

HOME = {"devices": ["tv", "phone"], "inspectors": 2}
EVERYONE = "ff:ff:ff:ff:ff:ff"
TARGET6 = NAMES["six.example"][0]


@contextlib.contextmanager
def saying(host, frame, period):
    """The frame again and again, meanwhile."""
    over = threading.Event()

    def say():
        while not over.wait(period):
            measure.send_frames(host, [frame])
    thread = threading.Thread(target=say)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def claim(liar, address, to):
    """An answer nobody asked for, to one host or everyone."""
    return raw(Ether(src=liar.mac, dst=to)
               / ARP(op=2, hwsrc=liar.mac, psrc=address, hwdst=to,
                     pdst=address))


def claim6(liar, address, host):
    return raw(Ether(src=liar.mac, dst=host.mac)
               / IPv6(src=address, dst=measure.addresses6(host)[0], hlim=255)
               / ICMPv6ND_NA(tgt=address, R=1, S=0, O=1)
               / ICMPv6NDOptDstLLAddr(lladdr=liar.mac))


def spoofer(inspector, liar):
    """What the page says of him, as a fault and as an alert."""
    said = [f["text"] for f in inspector.status()["faults"]
            if "somebody else says" in f["text"]
            and liar.mac[:8] in f["text"]]
    found = [f for f in inspector.get("/api/findings")["findings"]
             if f["kind"] == "spoofer"]
    return said and found and said[0]


@pytest.mark.parametrize("family", [4, 6])
def test_who_speaks_to_this_computer_alone_is_found(home, family, figure):
    """What this computer passes on would go to him: it passes on nothing."""
    router = {4: ADDRESS4, 6: measure.addresses6(home.router)[0]}[family]
    lie = (claim(home.phone, router, home.inspector.mac) if family == 4
           else claim6(home.phone, router, home.inspector))
    is_true = measure.is_true if family == 4 else measure.is_true6
    wait_active = (lambda: measure.wait_active(inspector, home.tv, 30)
                   if family == 4 else
                   measure.wait_active6(inspector, home.tv, TARGET6, 30))
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        inspector.watch(home.tv.address)
        wait_active()
        with measure.pinging(home.tv, RESOLVER if family == 4
                             else TARGET6) as pings:
            time.sleep(0.2)  # pings before
            with saying(home.phone, lie, 0.5):
                wait_until(lambda: neighbours(
                    home.inspector, family=family).get(router)
                    == home.phone.mac, "the lie to be believed", 5)
                began = time.monotonic()
                wait_until(lambda: is_true(home, home.tv),
                           "the device to be given back", 5)
                took = time.monotonic() - began
                text = wait_until(lambda: spoofer(inspector, home.phone),
                                  "it to be said", 10)
                assert "router" in text
                assert is_true(home, home.tv)
        figure(f"given back {took:.2f} s after he was believed; {pings}")
        # and when he stops, it can be watched again
        inspector.watch(home.tv.address, False)
        inspector.watch(home.tv.address)
        wait_active()


def test_a_restore_believes_the_router_that_answers(home):
    """Not him whom the kernel believes."""
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    measure.watch_both(inspector, home.tv)
    inspector.kill()
    lie = claim(home.phone, ADDRESS4, home.inspector.mac)
    with saying(home.phone, lie, 0.5):
        wait_until(lambda: neighbours(home.inspector).get(ADDRESS4)
                   == home.phone.mac, "the lie to be believed", 5)
        status, out, err = run_once(home.inspector, "restore")
        assert status == 0, (out, err)
        assert measure.all_true(home, home.tv)


def test_an_inspector_that_is_watched_by_another_waits_for_the_router(home):
    """It learns the other's MAC for the router's, and sends nobody there."""
    with Inspector(home.inspector2) as other:
        other.consent()
        other.watch(home.inspector.address)
        wait_until(lambda: neighbours(home.inspector).get(ADDRESS4)
                   == home.inspector2.mac, "the other to watch this one", 10)
        with Inspector(home.inspector) as inspector:
            inspector.consent()
            inspector.watch(home.tv.address)
            measure.wait_active(inspector, home.tv, 30)
            assert neighbours(home.inspector).get(ADDRESS4) == ROUTER_MAC
            inspector.watch(home.tv.address, False)
            measure.wait_true(home, home.tv, 5)
            time.sleep(2.5)  # a poisoner's period, and more
            assert measure.is_true(home, home.tv)


def test_who_claims_a_watched_devices_address_ends_no_watch(home, figure):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        lie = claim(home.phone, home.tv.address, EVERYONE)
        # by its address, two are listed
        path = "/api/devices/" + inspector.find(home.tv.address)["id"]
        with measure.talking(home.tv), saying(home.phone, lie, 0.4):
            text = wait_until(lambda: spoofer(inspector, home.phone),
                              "it to be said", 10)
            assert home.tv.address in text
            time.sleep(2.5)  # longer than the device is waited for
            assert inspector.get(path)["watch"]["phase"] == "active"
        figure(text)
        measure.wait_intercepted(home, home.tv, home.inspector, 3)
