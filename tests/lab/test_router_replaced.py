# SPDX-License-Identifier: GPL-3.0-or-later
"""The router is replaced by another at the same addresses. One that says so is
followed as soon as the former's silence shows that it is no lie: a device is
passed on for meanwhile, and is never sent to the one that is gone."""

import contextlib
import time

from lab import measure
from lab.home import Home
from lab.inspector import RUN_DIR, Inspector, run_once
from lab.internet import NAMES, RESOLVER
from lab.netns import LabError, wait_until
from lab.router import ADDRESS4, MAC, neighbours

TARGET6 = NAMES["six.example"][0]
ANOTHER = "98:9b:cb:00:77:99"
# Frames that are on their way to the former at that moment are nobody's.
ON_THEIR_WAY = 0.05
# A second of it is for the former to answer; nothing is lost meanwhile.
DIRECT_S = 4


def announces(router):
    """As a router does that comes to a network."""
    router.sysctl("ipv4/conf/eth0/arp_notify", 1)
    router.sysctl("ipv6/conf/eth0/ndisc_notify", 1)


def replace(router, mac):
    """The link stays, and with it its IPv6 addresses; gives when it was."""
    before = time.time()
    router.ip(f"link set eth0 address {mac}")
    return before - ON_THEIR_WAY, time.time() + ON_THEIR_WAY


def told(home):
    """Whose MACs the TV has for the router, the router for the TV."""
    held, router = neighbours(home.tv), home.router.neighbours()
    of_router6, of_tv6 = measure.entries6(home, home.tv)
    return ({held.get(ADDRESS4), *of_router6.values()},
            {router.get(home.tv.address), *of_tv6.values()})


def wait_told(home, of_router, of_tv, deadline):
    began = time.monotonic()
    last = None

    def is_told():
        nonlocal last
        last = told(home)
        return last == ({of_router}, {of_tv})
    try:
        wait_until(is_told, f"{of_router} and {of_tv} to be told of", deadline)
    except LabError as why:
        raise LabError(f"{why}; told is {last}") from why
    return time.monotonic() - began


def lost(pings, moment):
    return [when for when in pings.lost
            if not moment[0] <= when <= moment[1]]


def test_a_router_that_another_replaces_is_followed_at_once(figure):
    with Home(["tv"]) as home, Inspector(home.inspector) as inspector:
        announces(home.router)
        inspector.consent()
        measure.watch(inspector, home.tv)
        measure.wait_active6(inspector, home.tv, TARGET6)
        ours = home.inspector.mac
        with contextlib.ExitStack() as stack:
            pings = [stack.enter_context(measure.pinging(home.tv, to))
                     for to in (RESOLVER, TARGET6)]
            first = replace(home.router, ANOTHER)
            took = wait_told(home, ours, ours, 10)
        figure(f"followed after {took:.2f} s; {pings[0]}; {pings[1]}")
        for each in pings:
            assert not lost(each, first), str(each)
        with contextlib.ExitStack() as stack:
            pings = [stack.enter_context(measure.pinging(home.tv, to))
                     for to in (RESOLVER, TARGET6)]
            inspector.watch(home.tv.address, False)
            second = replace(home.router, MAC)
            took = wait_told(home, MAC, home.tv.mac, 5)
            stays = time.monotonic() + 3  # longer than a restore
            while time.monotonic() < stays:
                assert told(home) == ({MAC}, {home.tv.mac})
                time.sleep(0.1)  # between two looks
        figure(f"direct after {took:.2f} s; {pings[0]}; {pings[1]}")
        for each in pings:
            assert not lost(each, second), str(each)
        assert took < DIRECT_S


def knows_router(home, mac):
    """Whether the inspector's computer knows that MAC for it, by both."""
    four = measure.neighbours(home.inspector).get(ADDRESS4)
    six = measure.neighbours(home.inspector, family=6)
    return {four, six.get(measure.addresses6(home.router)[0])} == {mac}


def test_who_died_meanwhile_is_put_back_with_the_new_one(figure):
    """The record is of the former, which answers no more. The new one has
    spoken to this computer alone: what it forwards arrives from then on, and
    nothing is lost when the devices are told."""
    with Home(["tv"]) as home:
        inspector = Inspector(home.inspector)
        inspector.login()
        inspector.consent()
        measure.watch(inspector, home.tv)
        measure.wait_active6(inspector, home.tv, TARGET6)
        # with nobody to say otherwise, one of these makes the TV direct to a
        # router that is gone a moment later
        home.switch.nft("""
        table bridge quiet {
            chain quiet {
                type filter hook forward priority 0
                icmpv6 type nd-router-advert drop
            }
        }""")
        inspector.kill()
        ours = home.inspector.mac
        wait_told(home, ours, ours, 1)
        with contextlib.ExitStack() as stack:
            pings = [stack.enter_context(measure.pinging(home.tv, to))
                     for to in (RESOLVER, TARGET6)]
            began, _ = replace(home.router, ANOTHER)
            for to in (home.inspector.address,
                       measure.addresses6(home.inspector)[0] + "%eth0"):
                home.router.run(["ping", "-c", "1", "-W", "2", to])
            wait_until(lambda: knows_router(home, ANOTHER),
                       "this computer to know the new router", 5)
            moment = began, time.time() + ON_THEIR_WAY
            status, out, err = run_once(home.inspector, "restore")
            assert status == 0, (out, err)
            assert told(home) == ({ANOTHER}, {home.tv.mac})
            time.sleep(0.3)  # pings after
        figure(f"{pings[0]}; {pings[1]}")
        for each in pings:
            assert not lost(each, moment), str(each)
        assert not home.inspector.exists(RUN_DIR + "/undo")


def test_a_former_router_in_the_kernels_table_is_not_believed():
    """Nobody has spoken to this computer since the router was replaced: what
    its kernel still holds is asked about first."""
    with Home(["tv"], ipv6=False) as home:
        inspector = Inspector(home.inspector)
        inspector.login()
        inspector.consent()
        measure.watch(inspector, home.tv)
        inspector.kill()
        replace(home.router, ANOTHER)
        status, out, err = run_once(home.inspector, "restore")
        assert status == 0, (out, err)
        assert told(home) == ({ANOTHER}, {home.tv.mac})
