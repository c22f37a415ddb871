# SPDX-License-Identifier: GPL-3.0-or-later
"""However the inspection ends, the network is put back, and no ping lost."""

import os
import signal
import time

import pytest

from lab import measure
from lab.inspector import RUN_DIR, Inspector, leave_record, run_once
from lab.internet import RESOLVER
from lab.netns import wait_until

RESTORED_S = 2.0
SYSCTLS = ("ipv4/ip_forward", "ipv4/conf/all/send_redirects",
           "ipv4/conf/eth0/send_redirects", "ipv4/conf/default/send_redirects",
           "ipv4/conf/all/forwarding", "ipv4/conf/eth0/forwarding")


HOME = {"devices": ["tv", "camera"], "ipv6": False}


def sysctls(home):
    return {key: home.inspector.sysctl(key) for key in SYSCTLS}


def assert_direct(home, device):
    """Entries are true and stay so; nothing comes to the inspector's host."""
    crossings = measure.Crossings(home, device, home.inspector)
    try:
        before = crossings.count()
        time.sleep(0.5)  # of pings
        assert crossings.count() == before
        assert measure.is_true(home, device)
    finally:
        crossings.close()


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
    before = sysctls(home)
    inspector = Inspector(home.inspector)
    try:
        inspector.login()
        inspector.consent()
        measure.watch(inspector, home.tv)
        assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
        assert measure.is_intercepted(home, home.tv, home.inspector)
        with measure.pinging(home.tv, RESOLVER) as pings:
            time.sleep(0.2)  # pings before
            WAYS[way](inspector, home)
            took = measure.wait_true(home, home.tv, 5)
            time.sleep(0.3)  # stragglers
            assert_direct(home, home.tv)
            if way in ENDS:
                assert inspector.wait_end() == 0
        figure(f"true after {took:.2f} s; {pings}")
        assert not pings.lost, str(pings)
        assert took < RESTORED_S
        wait_until(lambda: sysctls(home) == before,
                   f"kernel settings as before, {before}", 5)
        if way in ENDS:
            assert inspector.pids() == {}
            assert not home.inspector.exists(RUN_DIR + "/undo")
    finally:
        inspector.stop()


@pytest.mark.sanitized
def test_restored_after_two_die_at_once(home, inspector, figure):
    pids = inspector.wait_whole()
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.1)
        for victim in ("engine", "hub"):
            os.kill(pids[victim], signal.SIGKILL)
        took = measure.wait_true(home, home.tv, 5)
        inspector.wait_whole()
        measure.wait_intercepted(home, home.tv, home.inspector, 10)
    figure(f"true after {took:.2f} s; {pings}")
    assert not pings.lost and took < RESTORED_S


def test_an_earlier_run_that_died_whole_is_undone(home, figure):
    before = sysctls(home)
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    measure.watch(inspector, home.tv)
    inspector.kill()
    assert home.inspector.exists(RUN_DIR + "/undo")
    assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
    with measure.pinging(home.tv, RESOLVER) as pings:
        began = time.monotonic()
        status, out, err = run_once(home.inspector, "restore")
        took = time.monotonic() - began
        assert status == 0, (out, err)
        assert measure.is_true(home, home.tv)
        assert_direct(home, home.tv)
    figure(f"restore took {took:.2f} s; {pings}")
    assert not pings.lost
    assert sysctls(home) == before
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_the_next_start_undoes_what_an_earlier_run_left(home):
    before = sysctls(home)
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    measure.watch(inspector, home.tv)
    inspector.kill()
    with Inspector(home.inspector) as second:
        # consent was given and the device chosen: it goes on with them
        measure.wait_active(second, home.tv)
    assert measure.is_true(home, home.tv)
    assert sysctls(home) == before


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
    before = sysctls(home)
    try:
        with Inspector(home.inspector) as inspector:
            inspector.consent()
            measure.watch(inspector, home.tv)
            assert home.inspector.sysctl("ipv4/conf/eth0/forwarding") == "1"
            for name in ("all", "eth0"):
                assert home.inspector.sysctl(
                    f"ipv4/conf/{name}/send_redirects") == "0"
        assert measure.is_true(home, home.tv)
        assert sysctls(home) == before
    finally:
        home.inspector.sysctl(key, was)


def test_the_last_page_closed_ends_a_session(home, figure):
    inspector = Inspector(home.inspector, service=False)
    try:
        inspector.login()
        inspector.consent()
        measure.watch(inspector, home.tv)
        stream = inspector.events()
        assert next(stream)[0] == "status"
        stream.close()
        closed = time.monotonic()
        with measure.pinging(home.tv, RESOLVER) as pings:
            assert inspector.wait_end(30) == 0
            assert measure.is_true(home, home.tv)
        figure(f"ended {time.monotonic() - closed:.1f} s after the page "
               f"closed; {pings}")
        assert time.monotonic() - closed > 14
        assert not pings.lost
    finally:
        inspector.stop()


def test_stopped_without_a_cable_the_record_stays(home):
    """Nothing can be sent: what is poisoned must not be forgotten."""
    before = sysctls(home)
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
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
    assert measure.is_true(home, home.tv)
    assert sysctls(home) == before
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_an_earlier_runs_record_is_carried_out_when_the_cable_is_back(home):
    """Until then nobody is watched: what it holds would be lost."""
    before = sysctls(home)
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    measure.watch(inspector, home.tv)
    inspector.kill()
    home.switch.ip("link set inspector down")
    try:
        second = Inspector(home.inspector)
        second.login()
        time.sleep(2)  # in which it must not give up
        assert home.inspector.exists(RUN_DIR + "/undo")
        assert sysctls(home) != before
    finally:
        home.switch.ip("link set inspector up")
    with measure.pinging(home.tv, RESOLVER) as pings:
        measure.wait_active(second, home.tv, 20)
    second.stop()
    assert not pings.lost, str(pings)
    assert measure.is_true(home, home.tv)
    assert sysctls(home) == before


def test_a_cable_that_is_pulled_and_put_back(home, inspector):
    home.switch.ip("link set inspector down")
    try:
        wait_until(lambda: inspector.status()["faults"],
                   "the page to say that the interface is down", 5)
    finally:
        home.switch.ip("link set inspector up")
    measure.wait_active(inspector, home.tv, 15)
    wait_until(lambda: not inspector.status()["faults"],
               "the fault to be over", 15)
    home.tv.run(["ping", "-c1", "-W2", RESOLVER])
