# SPDX-License-Identifier: GPL-3.0-or-later
"""Watched devices' traffic with each other: read when it is asked for, and
given back like the rest."""

import os
import signal
import time

import pytest

from lab import measure, stored, truth
from lab.inspector import RUN_DIR, Inspector, run_once
from lab.netns import LabError, wait_until
from lab.router import neighbours

HOME = {"devices": ["tv", "camera", "printer"]}
RESTORED_S = 2.0
WINDOW_S = 5
STORED_S = 3  # after its end, what is known of a window is in the database


def id_of(inspector, device):
    return inspector.find(device.address)["id"]


def choose(inspector, *pairs, every=False):
    return inspector.post("/api/between", {
        "all": every, "pairs": [[id_of(inspector, a), id_of(inspector, b)]
                                for a, b in pairs]})


def entry(host, other, family):
    """The MACs that a host has for the other's addresses."""
    table = neighbours(host, family=family)
    addresses = ([other.address] if family == 4
                 else measure.addresses6(other))
    return {table[a] for a in addresses if a in table}


def is_between(inspector_host, one, two, family):
    return entry(one, two, family) == entry(two, one, family) == \
        {inspector_host.mac}


def is_direct(one, two):
    return all(entry(a, b, family) <= {b.mac}
               for a, b in ((one, two), (two, one)) for family in (4, 6))


def wait_between(home, one, two, deadline=5):
    for family in (4, 6):
        wait_until(lambda: is_between(home.inspector, one, two, family),
                   f"IPv{family} of {one.name} and {two.name} to be "
                   f"intercepted", deadline)


def wait_direct(one, two, deadline=5):
    began = time.monotonic()
    wait_until(lambda: is_direct(one, two),
               f"{one.name} and {two.name} to be direct", deadline)
    return time.monotonic() - began


def talk(one, two):
    for address in (two.address, measure.addresses6(two)[1]):
        one.run(["ping", "-c2", "-i", "0.1", "-W1", address])


def listens(host, port):
    with open(f"/proc/{host.pid}/net/tcp6", encoding="ascii") as file:
        return any(line.split()[1].endswith(f":{port:04X}")
                   for line in file.readlines()[1:])


@pytest.fixture
def watched(home):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        choose(inspector)
        for device in (home.tv, home.camera):
            measure.watch(inspector, device)
            measure.wait_intercepted6(home, device, home.inspector, 10)
        talk(home.tv, home.camera)
        yield inspector


def test_by_default_nothing_is_between_two_watched_devices(home, watched):
    assert watched.get("/api/between") == {"all": False, "pairs": []}
    talk(home.tv, home.camera)
    time.sleep(2.5)  # a poisoner's period, and more
    assert is_direct(home.tv, home.camera)


@pytest.mark.sanitized
@pytest.mark.parametrize("every", [False, True])
def test_a_pair_is_intercepted_and_given_back(home, watched, every, figure):
    address = home.camera.address
    with measure.pinging(home.tv, address) as pings, \
            measure.pinging(home.tv, measure.addresses6(home.camera)[1]) \
            as more:
        time.sleep(0.2)  # pings before
        began = time.monotonic()
        choose(watched, *([] if every else [(home.tv, home.camera)]),
               every=every)
        wait_between(home, home.tv, home.camera)
        took = time.monotonic() - began
        time.sleep(3)    # past a round
        assert is_between(home.inspector, home.tv, home.camera, 4)
        choose(watched)
        back = wait_direct(home.tv, home.camera)
        time.sleep(3)
        assert is_direct(home.tv, home.camera)
    figure(f"intercepted after {took:.2f} s, direct after {back:.2f} s; "
           f"{pings}; {more}")
    assert not pings.lost and not more.lost
    assert took < 1 and back < RESTORED_S
    # the ways to the router are still ours
    for device in (home.tv, home.camera):
        assert measure.is_intercepted(home, device, home.inspector)


def test_a_device_that_is_not_watched_is_in_no_pair(home, watched):
    choose(watched, (home.tv, home.printer), every=True)
    wait_between(home, home.tv, home.camera)
    talk(home.tv, home.printer)
    time.sleep(2.5)  # a poisoner's period, and more
    assert is_direct(home.tv, home.printer)
    choose(watched)


def test_what_two_say_to_each_other_is_counted_once_for_each(
        home, watched, figure):
    choose(watched, (home.tv, home.camera))
    wait_between(home, home.tv, home.camera)
    before = [set(truth.flows(d)) for d in (home.tv, home.camera)]
    server = home.camera.serve(["iperf3", "-s", "-1", "-p", "5999"])
    wait_until(lambda: listens(home.camera, 5999), "the camera to listen")
    home.tv.run(["iperf3", "-c", home.camera.address, "-p", "5999", "-n",
                 "2M"])
    server.wait()
    end = (time.time() // WINDOW_S + 1) * WINDOW_S + STORED_S
    time.sleep(end - time.time())
    for device, other, seen in ((home.tv, home.camera, before[0]),
                                (home.camera, home.tv, before[1])):
        true = truth.flows(device)
        new = {k for k in true if k not in seen and k[0] == other.address}
        wrong = stored.wait_same(home.inspector, device, true,
                                 lambda key: key in new)
        figure(f"{device.name}: {len(new)} flows, {len(wrong)} differ")
        assert new and not wrong, "\n".join(wrong)
    for device in (home.tv, home.camera):
        assert watched.device(device.address)["watch"]["phase"] == "active"
    choose(watched)


@pytest.mark.parametrize("family", [4, 6])
def test_of_a_pair_what_is_given_back_alone_is_direct(home, watched, family):
    """A firewall for one family: the other is watched on, of the pair too."""
    table = {4: "ip", 6: "ip6"}[family]
    choose(watched, every=True)
    wait_between(home, home.tv, home.camera)
    home.inspector.nft(f"""
    table {table} x {{
        chain forward {{
            type filter hook forward priority 0; policy drop
        }}
    }}""")
    try:
        wait_until(lambda: entry(home.tv, home.camera, family)
                   == {home.camera.mac}
                   and entry(home.camera, home.tv, family) == {home.tv.mac},
                   f"IPv{family} between them to be direct", 5)
        time.sleep(2.5)  # a poisoner's period, and more
        assert entry(home.tv, home.camera, family) == {home.camera.mac}
        assert is_between(home.inspector, home.tv, home.camera, 10 - family)
        talk(home.tv, home.camera)
    finally:
        home.inspector.nft(f"delete table {table} x")
    choose(watched)


WAYS = {
    "unwatch": lambda i, home: i.watch(home.tv.address, False),
    "pause": lambda i, home: i.post("/api/pause"),
    "kill guard": lambda i, home: os.kill(i.pids()["guard"], signal.SIGKILL),
    "stop": lambda i, home: i.post("/api/stop"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_pair_is_direct_again_after(home, watched, way, figure):
    choose(watched, every=True)
    wait_between(home, home.tv, home.camera)
    with measure.pinging(home.tv, home.camera.address) as pings:
        time.sleep(0.2)  # pings before
        WAYS[way](watched, home)
        took = wait_direct(home.tv, home.camera)
    figure(f"{took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S


def test_a_pair_left_by_a_run_that_died_whole_is_put_back(home, figure):
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    for device in (home.tv, home.camera):
        measure.watch(inspector, device)
    choose(inspector, every=True)
    talk(home.tv, home.camera)
    wait_between(home, home.tv, home.camera)
    inspector.kill()
    with measure.pinging(home.tv, home.camera.address) as pings:
        status, out, err = run_once(home.inspector, "restore")
        assert status == 0, (out, err)
        assert is_direct(home.tv, home.camera)
    figure(str(pings))
    assert not pings.lost
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_what_is_no_pair_is_refused(home, watched):
    own = id_of(watched, home.tv)
    for body in ({"all": True}, {"all": 1, "pairs": []},
                 {"all": False, "pairs": [[own]]},
                 {"all": False, "pairs": [[own, own]]},
                 {"all": False, "pairs": [[own, "0" * 64]]},
                 {"all": False, "pairs": [[own, own]] * 41}):
        with pytest.raises(LabError):
            watched.post("/api/between", body)
    assert watched.get("/api/between") == {"all": False, "pairs": []}
