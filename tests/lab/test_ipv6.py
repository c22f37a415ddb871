# SPDX-License-Identifier: GPL-3.0-or-later
"""IPv6 is intercepted and given back as IPv4 is, by neighbour discovery."""

import os
import signal
import time

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import (BINARY, CARRIERS, RUN_DIR, Inspector, leave_record,
                           run_once)
from lab.internet import NAMES
from lab.netns import wait_until
from lab.router import MAC as ROUTER_MAC, neighbours

TARGET = NAMES["six.example"][0]
RESTORED_S = 2.0
KILLS = int(os.environ.get("IOT_KILLS", "8"))  # bench/live.py: 200
SYSCTLS = tuple(
    f"ipv6/conf/{which}/{name}" for which in ("all", "default", "eth0", "lo")
    for name in ("forwarding", "accept_ra")) + (
        "ipv4/conf/eth0/forwarding", "ipv4/conf/all/send_redirects")


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "camera"]) as made:
        yield made


@pytest.fixture
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        watch(made, home.tv)
        yield made


def watch(inspector, device):
    inspector.watch(device.address)
    measure.wait_active6(inspector, device, TARGET)


def computer(home):
    """What of the inspector's computer must be as before."""
    host = home.inspector
    state = {key: host.sysctl(key) for key in SYSCTLS}
    force = "ipv6/conf/eth0/force_forwarding"
    if host.exists("/proc/sys/net/" + force):
        state[force] = host.sysctl(force)
    for words in (["ip", "-6", "rule"], ["nft", "list", "tables"]):
        state[" ".join(words)] = host.run(words).stdout
    routes = host.run(["ip", "-6", "route", "show", "table", "all"]).stdout
    state["routes"] = sorted(line.split(" expires")[0]
                             for line in routes.splitlines())
    return state


def assert_direct(home, device):
    """Entries are true and stay so; nothing comes to the inspector's host."""
    crossings = measure.Crossings6(home, device, home.inspector)
    try:
        before = crossings.count()
        time.sleep(0.5)  # of pings
        assert crossings.count() == before
        assert measure.is_true6(home, device)
    finally:
        crossings.close()


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


WAYS = {
    "unwatch": lambda i, home: i.watch(home.tv.address, False),
    "pause": lambda i, home: i.post("/api/pause"),
    "withdraw": lambda i, home: i.post("/api/consent/withdraw"),
    "stop": lambda i, home: i.post("/api/stop"),
    "interrupt": lambda i, home: i.process.send_signal(signal.SIGINT),
}
ENDS = {"stop", "interrupt"}


@pytest.mark.sanitized
@pytest.mark.parametrize("way", WAYS)
def test_restored_after(home, way, figure):
    before = computer(home)
    inspector = Inspector(home.inspector)
    try:
        inspector.login()
        inspector.consent()
        watch(inspector, home.tv)
        assert computer(home) != before
        with measure.pinging(home.tv, TARGET) as pings:
            time.sleep(0.2)  # pings before
            WAYS[way](inspector, home)
            took = measure.wait_true6(home, home.tv, 5)
            time.sleep(0.3)  # stragglers
            assert_direct(home, home.tv)
            if way in ENDS:
                assert inspector.wait_end() == 0
        figure(f"true after {took:.2f} s; {pings}")
        assert not pings.lost, str(pings)
        assert took < RESTORED_S
        wait_until(lambda: computer(home) == before,
                   f"settings as before, {before}", 5)
        if way in ENDS:
            assert not home.inspector.exists(RUN_DIR + "/undo")
    finally:
        inspector.stop()


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
    killed.wait_whole(30)
    measure.wait_active6(killed, home.tv, TARGET, 40)
    pid = killed.wait_whole()[victim]
    with measure.pinging(home.tv, TARGET) as pings:
        time.sleep(0.1)  # pings before
        measure.wait_intercepted6(home, home.tv, home.inspector, 10)
        os.kill(pid, signal.SIGKILL)
        took = measure.wait_true6(home, home.tv, 5)
        wait_until(lambda: killed.pids().get(victim, pid) != pid,
                   f"{victim} to be started again", 30)
        measure.wait_intercepted6(home, home.tv, home.inspector, 30)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S


def test_an_earlier_run_that_died_whole_is_undone(home, killed, figure):
    killed.stop()
    before = computer(home)
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    watch(inspector, home.tv)
    inspector.kill()
    assert home.inspector.exists(RUN_DIR + "/undo")
    with measure.pinging(home.tv, TARGET) as pings:
        began = time.monotonic()
        status, out, err = run_once(home.inspector, "restore")
        took = time.monotonic() - began
        assert status == 0, (out, err)
        assert measure.is_true6(home, home.tv)
        assert_direct(home, home.tv)
    figure(f"restore took {took:.2f} s; {pings}")
    assert not pings.lost
    assert computer(home) == before
    assert not home.inspector.exists(RUN_DIR + "/undo")


RECORD = """iot-inspector undo 1
interface eth0
own {inspector}
address {own}/24
gateway {router4} {mac4}
forwarding 0
send_redirects 1
all_send_redirects 1
all_forwarding 0
device {tv4} {tv}
ipv6
router6 {router6} {mac6}
device6 {tv6} {tv}
end
"""


@pytest.mark.parametrize("silent", [4, 6])
def test_a_router_that_is_silent_holds_up_its_own_family_alone(home, silent):
    """A record of a run that died, of two routers: one of them is gone."""
    tv, host, nobody = home.tv, home.inspector, "98:9b:cb:00:77:ee"
    routers = {4: home.router.address,
               6: measure.addresses6(home.router)[0]}
    macs = {4: ROUTER_MAC, 6: ROUTER_MAC, silent: nobody}
    table = {4: "192.168.77.250", 6: "fe80::dead:beef"}
    asked = {**routers, silent: table[silent]}
    left = leave_record(host, RECORD.format(
        inspector=host.mac, own=host.address, tv=tv.mac, tv4=tv.address,
        tv6=measure.addresses6(tv)[0], router4=asked[4], mac4=macs[4],
        router6=asked[6], mac6=macs[6]))
    there = routers[10 - silent]
    tv.ip(f"neigh replace {there} lladdr {host.mac} dev eth0 nud stale")
    process = host.popen([BINARY, "restore"])
    try:
        wait_until(lambda: neighbours(tv, family=10 - silent).get(there)
                   == ROUTER_MAC, "the truth of the other family", 5)
        wait_until(lambda: ("device " in host.read(RUN_DIR + "/undo"),
                            "device6 " in host.read(RUN_DIR + "/undo"))
                   == (silent == 4, silent == 6),
                   "the record to be of the silent one alone", 5)
    finally:
        process.kill()
        process.wait()
        os.unlink(left)
