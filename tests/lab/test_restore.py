# SPDX-License-Identifier: GPL-3.0-or-later
"""However the inspection ends, the network is put back, by IPv4 and IPv6, and
no ping lost."""

import os
import signal
import time

import pytest

from lab import measure
from lab.inspector import (BINARY, PROCESSES, RUN_DIR, Inspector,
                           leave_record, run_once)
from lab.internet import RESOLVER
from lab.measure import computer, wait_computer
from lab.netns import wait_until
from lab.router import MAC as ROUTER_MAC, neighbours

RESTORED_S = 2.0
HOME = {"devices": ["tv", "camera"]}


@pytest.fixture
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        measure.watch_both(made, home.tv)
        yield made


def died_whole(home):
    """A run that watched the TV, and all of whose processes were killed."""
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    measure.watch_both(inspector, home.tv)
    inspector.kill()
    assert home.inspector.exists(RUN_DIR + "/undo")


WAYS = {
    "unwatch": lambda i, home: i.watch(home.tv.address, False),
    "pause": lambda i, home: i.post("/api/pause"),
    "restore": lambda i, home: i.post("/api/restore"),
    "withdraw": lambda i, home: i.post("/api/consent/withdraw"),
    "stop": lambda i, home: i.post("/api/stop"),
    "interrupt": lambda i, home: i.process.send_signal(signal.SIGINT),
    "terminate": lambda i, home: i.process.send_signal(signal.SIGTERM),
}
ENDS = {"stop", "interrupt", "terminate"}


@pytest.mark.sanitized
@pytest.mark.parametrize("way", WAYS)
def test_restored_after(home, way, figure):
    before = computer(home)
    inspector = Inspector(home.inspector)
    try:
        inspector.login()
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
        assert computer(home) != before
        assert measure.all_intercepted(home, home.tv, home.inspector)
        with measure.pinging_by_both(home.tv) as pings:
            time.sleep(0.2)  # pings before
            WAYS[way](inspector, home)
            took = measure.wait_all_true(home, home.tv, 5)
            time.sleep(0.3)  # stragglers
            measure.assert_direct(home, home.tv)
            if way in ENDS:
                assert inspector.wait_end() == 0
        figure(f"true after {took}; {measure.told(pings)}")
        measure.assert_none_lost(pings)
        assert max(took.values()) < RESTORED_S
        wait_computer(home, before)
        if way in ENDS:
            assert inspector.pids() == {}
            assert not home.inspector.exists(RUN_DIR + "/undo")
    finally:
        inspector.stop()


@pytest.mark.sanitized
def test_restored_after_two_die_at_once(home, inspector, figure):
    pids = inspector.wait_whole()
    with measure.pinging_by_both(home.tv) as pings:
        time.sleep(0.1)
        for victim in ("engine", "hub"):
            os.kill(pids[victim], signal.SIGKILL)
        took = measure.wait_all_true(home, home.tv, 5)
        inspector.wait_whole()
        wait_until(lambda: measure.all_intercepted(home, home.tv,
                                                   home.inspector),
                   "interception to go on", 10)
    figure(f"true after {took}; {measure.told(pings)}")
    measure.assert_none_lost(pings)
    assert max(took.values()) < RESTORED_S


def test_an_earlier_run_that_died_whole_is_undone(home, figure):
    before = computer(home)
    died_whole(home)
    assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
    # a VPN takes the default route away: it is not waited for
    home.inspector.ip("route del default")
    with measure.pinging_by_both(home.tv) as pings:
        began = time.monotonic()
        status, out, err = run_once(home.inspector, "restore")
        took = time.monotonic() - began
        assert status == 0, (out, err)
        assert measure.all_true(home, home.tv)
        measure.assert_direct(home, home.tv)
    figure(f"restore took {took:.2f} s; {measure.told(pings)}")
    measure.assert_none_lost(pings)
    home.inspector.ip(f"route add default via {home.router.address}")
    assert computer(home) == before
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_an_address_that_is_not_back_yet_is_not_waited_for(home):
    """After a link comes back IPv6 is there first: its router is the record's
    of IPv4, too, and nothing that is said needs an address."""
    before, host = computer(home), home.inspector
    died_whole(home)
    host.ip(f"addr del {host.address}/24 dev eth0")
    status, out, err = run_once(host, "restore")
    is_true = measure.all_true(home, home.tv)
    host.ip(f"addr add {host.address}/24 dev eth0",
            f"route add default via {home.router.address}")
    assert (status, is_true) == (0, True), (out, err)
    assert computer(home) == before
    assert not host.exists(RUN_DIR + "/undo")


def test_the_next_start_undoes_what_an_earlier_run_left(home):
    before = computer(home)
    died_whole(home)
    with Inspector(home.inspector) as second:
        # consent was given and the device chosen: it goes on with them
        measure.wait_active_by_both(second, home.tv)
    assert measure.all_true(home, home.tv)
    assert computer(home) == before


def test_a_record_that_cannot_be_read_is_said_on_the_page(home):
    """It is set aside, and nobody can know any more what was before."""
    left = leave_record(home.inspector, "iot-inspector undo 2\n")
    try:
        with Inspector(home.inspector) as inspector:
            fault = wait_until(lambda: [
                f for f in inspector.status()["faults"]
                if "undo.bad" in f["text"]], "it to be said", 5)[0]
            assert fault["fix"]
            inspector.consent()
            measure.watch(inspector, home.tv)  # and it goes on
            assert fault["text"] in [f["text"] for f in
                                     inspector.status()["faults"]]
    finally:
        os.unlink(left + ".bad")


def test_without_a_record_nothing_is_changed(home):
    """It comes first: where it cannot be written nobody is watched."""
    before, host, folder = computer(home), home.inspector, "/run/small"
    host.run(["sh", "-ec", f"mkdir {folder}; "
              f"mount -t tmpfs -o size=64k small {folder}"])
    try:
        with Inspector(host, "--run-dir", folder) as inspector:
            inspector.consent()
            inspector.find(home.tv.address)
            inspector.wait_whole()
            # the list is written anew, after each start
            wait_until(lambda: set(PROCESSES) <= set(
                host.read(folder + "/processes").split()), "all to be listed")
            host.run(["dd", "if=/dev/zero", f"of={folder}/fill", "bs=4k"],
                     check=False)  # until nothing more fits
            inspector.watch(home.tv.address)
            wait_until(lambda: any("No space left" in fault["text"] for fault
                                   in inspector.status()["faults"]),
                       "it to be said", 10)
            assert computer(home) == before
            assert measure.all_true(home, home.tv)
            host.run(["rm", folder + "/fill"])
            inspector.watch(home.tv.address, False)
            measure.watch_both(inspector, home.tv)
        assert computer(home) == before
    finally:
        host.run(["umount", "--lazy", folder])


def test_restore_with_nothing_to_restore_says_so(home):
    status, out, err = run_once(home.inspector, "restore")
    assert status == 0
    assert len((out + err).strip().splitlines()) <= 1


@pytest.mark.parametrize("key, value", [
    ("ipv4/ip_forward", "1"), ("ipv4/conf/all/send_redirects", "0"),
    ("ipv4/conf/eth0/send_redirects", "0")])
def test_settings_that_were_made_before_stay(home, key, value):
    was = home.inspector.sysctl(key)
    home.inspector.sysctl(key, value)
    before = computer(home)
    try:
        with Inspector(home.inspector) as inspector:
            inspector.consent()
            measure.watch_both(inspector, home.tv)
            assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
            for name in ("all", "eth0"):
                assert home.inspector.sysctl(
                    f"ipv4/conf/{name}/send_redirects") == "0"
        assert measure.all_true(home, home.tv)
        assert computer(home) == before
    finally:
        home.inspector.sysctl(key, was)


def test_the_last_page_closed_ends_a_session(home, figure):
    inspector = Inspector(home.inspector, service=False)
    try:
        inspector.login()
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        stream = inspector.events()
        assert next(stream)[0] == "status"
        stream.close()
        closed = time.monotonic()
        with measure.pinging_by_both(home.tv) as pings:
            assert inspector.wait_end(30) == 0
            assert measure.all_true(home, home.tv)
        figure(f"ended {time.monotonic() - closed:.1f} s after the page "
               f"closed; {measure.told(pings)}")
        assert time.monotonic() - closed > 14
        measure.assert_none_lost(pings)
    finally:
        inspector.stop()


def test_stopped_without_a_cable_the_record_stays(home):
    """Nothing can be sent: what is poisoned must not be forgotten."""
    before = computer(home)
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch_both(inspector, home.tv)
        home.switch.ip("link set inspector down")
        try:
            wait_until(lambda: inspector.status()["faults"],
                       "the page to say that the interface is down", 5)
            assert inspector.stop() == 1
            assert home.inspector.exists(RUN_DIR + "/undo")
            status, out, err = run_once(home.inspector, "restore")
            assert status == 1 and "does not answer" in err, (out, err)
        finally:
            home.switch.ip("link set inspector up")
    status, out, err = run_once(home.inspector, "restore")
    assert status == 0, (out, err)
    assert measure.all_true(home, home.tv)
    assert computer(home) == before
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_an_earlier_runs_record_is_carried_out_when_the_cable_is_back(home):
    """Until then nobody is watched: what it holds would be lost."""
    before = computer(home)
    died_whole(home)
    home.switch.ip("link set inspector down")
    try:
        second = Inspector(home.inspector)
        second.login()
        time.sleep(2)  # in which it must not give up
        assert home.inspector.exists(RUN_DIR + "/undo")
        assert computer(home) != before
    finally:
        home.switch.ip("link set inspector up")
    with measure.pinging_by_both(home.tv) as pings:
        measure.wait_active_by_both(second, home.tv, 20)
    second.stop()
    measure.assert_none_lost(pings)
    assert measure.all_true(home, home.tv)
    assert computer(home) == before


def test_a_cable_that_is_pulled_and_put_back(home, inspector):
    home.switch.ip("link set inspector down")
    try:
        wait_until(lambda: inspector.status()["faults"],
                   "the page to say that the interface is down", 5)
    finally:
        home.switch.ip("link set inspector up")
    measure.wait_active_by_both(inspector, home.tv, 20)
    wait_until(lambda: not inspector.status()["faults"],
               "the fault to be over", 15)
    for family in measure.FAMILIES:
        home.tv.run(["ping", "-c1", "-W2", family.target])


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
    leave_record(host, RECORD.format(
        inspector=host.mac, own=host.address, tv=tv.mac, tv4=tv.address,
        tv6=measure.addresses6(tv)[0], router4=asked[4], mac4=macs[4],
        router6=asked[6], mac6=macs[6]))
    there = routers[10 - silent]
    tv.ip(f"neigh replace {there} lladdr {host.mac} dev eth0 nud stale")
    process = host.popen([BINARY, "restore"])
    try:
        wait_until(lambda: neighbours(tv, family=10 - silent).get(there)
                   == ROUTER_MAC, "the truth of the other family", 5)
        kept = RUN_DIR + ("/undo" if silent == 4 else "/undo6")
        wait_until(lambda: host.exists(kept)
                   and ("device " in host.read(kept),
                        "device6 " in host.read(kept))
                   == (silent == 4, silent == 6),
                   "the record to be of the silent one alone", 5)
        assert host.exists(RUN_DIR + "/undo") == (silent == 4)
    finally:
        process.kill()
        process.wait()
        host.run(["rm", "-f", RUN_DIR + "/undo", RUN_DIR + "/undo6"])


@pytest.mark.parametrize("same", [True, False])
def test_ipv6_that_was_switched_off_here_is_not_waited_for(home, same):
    """A record of a run that died. By IPv6 nobody answers any more: what is of
    its router is said where IPv4 shows that this one is there, or not at all,
    which is told."""
    tv, host, before = home.tv, home.inspector, computer(home)
    router6 = measure.addresses6(home.router)[0]
    leave_record(host, RECORD.format(
        inspector=host.mac, own=host.address, tv=tv.mac, tv4=tv.address,
        tv6=measure.addresses6(tv)[0], router4=home.router.address,
        mac4=ROUTER_MAC, router6=router6,
        mac6=ROUTER_MAC if same else "98:9b:cb:00:77:ee"))
    for address in home.router.address, router6:
        tv.ip(f"neigh replace {address} lladdr {host.mac} dev eth0 nud stale")
    host.sysctl("ipv6/conf/eth0/disable_ipv6", 1)
    try:
        status, out, err = run_once(host, "restore")
        assert (status, err) == (0, ""), out
        assert ("IPv6 is switched off here" in out) != same, out
        assert neighbours(tv)[home.router.address] == ROUTER_MAC
        assert (neighbours(tv, family=6)[router6] == ROUTER_MAC) == same
        assert not host.exists(RUN_DIR + "/undo")
        assert not host.exists(RUN_DIR + "/undo6")
    finally:
        host.run(["rm", "-f", RUN_DIR + "/undo", RUN_DIR + "/undo6"])
        host.sysctl("ipv6/conf/eth0/disable_ipv6", 0)
        tv.run(["ip", "neigh", "flush", "dev", "eth0"], net_only=True)
    wait_computer(home, before)


def test_a_silent_router_of_ipv6_holds_up_no_watch_by_ipv4(home):
    """What an earlier run changed of IPv6 still is to be put back, and stays
    so when this one has ended."""
    tv, host, nobody = home.tv, home.inspector, "98:9b:cb:00:77:ee"
    before = computer(home)
    leave_record(host, RECORD.format(
        inspector=host.mac, own=host.address, tv=tv.mac, tv4=tv.address,
        tv6=measure.addresses6(tv)[0], router4=home.router.address,
        mac4=ROUTER_MAC, router6="fe80::dead:beef", mac6=nobody))
    rest = RUN_DIR + "/undo6"
    try:
        with Inspector(host) as inspector:
            inspector.consent()
            measure.watch(inspector, tv)
            assert "device6 " in host.read(rest)
            assert "device " in host.read(RUN_DIR + "/undo")
            ipv6 = inspector.device(tv.address)["watch"]["ipv6"]
            assert ipv6["reason"].endswith("is being put back"), ipv6
            with measure.pinging(tv, RESOLVER) as pings:
                inspector.watch(tv.address, False)
                measure.wait_true(home, tv, RESTORED_S)
        assert not pings.lost, str(pings)
        assert not host.exists(RUN_DIR + "/undo")
        assert "device6 " in host.read(rest)
        # the router that it is of answers
        home.router.ip("addr add fe80::dead:beef/64 dev eth0 nodad")
        with open(host.path(rest), "r+", encoding="ascii") as file:
            text = file.read().replace(nobody, ROUTER_MAC)
            file.seek(0)
            file.truncate()
            file.write(text)
        status, out, err = run_once(host, "restore")
        assert (status, err) == (0, ""), out
        assert not host.exists(rest)
        wait_computer(home, before)
    finally:
        home.router.ip("addr del fe80::dead:beef/64 dev eth0")
        host.run(["rm", "-f", RUN_DIR + "/undo", rest])
