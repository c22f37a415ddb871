# SPDX-License-Identifier: GPL-3.0-or-later
"""A home without IPv4 is promised the same as any other."""

import time

import pytest

from lab import measure, stored, truth
from lab.inspector import RUN_DIR, Inspector, run_once
from lab.internet import NAMES
from lab.measure import computer, wait_computer
from lab.netns import wait_until
from lab.router import ADDRESS6

HOME = {"devices": ["tv", "phone"], "ipv4": False}
TARGET = NAMES["six.example"][0]
UNNAMED = "2001:db8:9::53"
RESTORED_S = 2.0
WINDOW_S = 5
STORED_S = 3  # after its end, what is known of a window is in the database


@pytest.fixture(scope="module")
def inspector(home):
    before = computer(home)
    with Inspector(home.inspector) as made:
        made.before = before
        made.consent()
        yield made


@pytest.mark.sanitized
def test_interception_begins_within_a_second_and_loses_nothing(
        home, inspector, figure):
    inspector.find(home.tv.address)
    wait_until(lambda: len(inspector.device(home.tv.address)
                           ["addresses"]) == 2,
               "the device's two addresses to be found", 5)
    crossings = measure.Crossings6(home, home.tv, home.inspector)
    with measure.pinging(home.tv, TARGET) as pings:
        time.sleep(0.3)  # pings before
        began = time.monotonic()
        inspector.watch(home.tv.address)
        wait_until(lambda: all(crossings.count()), "both ways", 5)
        took = time.monotonic() - began
        measure.wait_active6(inspector, home.tv, TARGET)
    crossings.close()
    figure(f"intercepted both ways {took * 1000:.0f} ms after the switch; "
           f"{pings}")
    assert measure.is_intercepted6(home, home.tv, home.inspector)
    assert not pings.lost, str(pings)
    assert took < 1
    inspector.wait_phase(home.tv.address, "active")


@pytest.mark.sanitized
def test_every_name_and_flow_is_seen(home, inspector, figure):
    # the router says that it is a resolver, and names no other
    for resolver in (measure.addresses6(home.router)[0] + "%eth0", ADDRESS6, UNNAMED):
        home.tv.run(["kdig", "+retry=0", "+time=1", "@" + resolver,
                     "six.example"], check=False)
    before = set(truth.flows(home.tv))
    for url in ("https://six.example/64k", "https://www.wikipedia.org/1m",
                "http://mail.example/1k"):
        home.tv.curl(url, "-6", "-o", "/dev/null")
    # a server that no device asked for by its name
    home.tv.curl(f"http://[{NAMES['upload.wikimedia.org'][1]}]/1k",
                 "-H", "Host:", "-o", "/dev/null")
    end = (time.time() // WINDOW_S + 1) * WINDOW_S + STORED_S
    time.sleep(end - time.time())
    true = truth.flows(home.tv)
    own = measure.addresses6(home.inspector)  # what it is asked
    new = {key for key in true if key not in before and key[0] not in own
           and not key[0].startswith("ff")}

    wrong = stored.wait_same(home.inspector, home.tv, true,
                             lambda key: key in new)
    figure(f"{len(new)} flows, {len(wrong)} differ")
    assert new
    assert not wrong, "\n".join(wrong)
    found = stored.names(home.inspector, home.tv)
    for asked in ("six.example", "www.wikipedia.org", "mail.example"):
        six = {a for a in NAMES[asked] if ":" in a}
        assert six <= {a for a, _ in found[asked]}, found[asked]

    def shown():
        return {row["endpoint"] for row in inspector.endpoints(
            home.tv.address)}
    path = f"/api/devices/{inspector.find(home.tv.address)['id']}/findings"
    assert {found["subject"] for found in inspector.get(path)["findings"]
            if found["kind"] == "hard_coded_dns"} == {UNNAMED}
    # the last is what the resolver that the router names says
    wait_until(lambda: {"six.example", "www.wikipedia.org", "mail.example",
                        "upload.wikimedia.org"} <= shown(), "its name", 10)


def test_the_phone_is_unlocked_by_its_own_browser(home, inspector):
    path = f"/api/devices/{inspector.find(home.phone.address)['id']}"
    inspector.post(path + "/lock")
    inspector.post(path + "/unlock")
    url = wait_until(lambda: (inspector.get(path)["lock"]["unlock"]
                              or {}).get("url"), "the address to open")
    assert "is unlocked" not in home.tv.curl(url, "-d", "")
    assert inspector.get(path)["lock"]["state"] == "locked"
    assert "<form" in home.phone.curl(url)
    assert "is unlocked" in home.phone.curl(url, "-d", "")
    lock = inspector.get(path)["lock"]
    assert (lock["state"], lock["by"]) == ("open", "possession")


@pytest.mark.parametrize("victim", ["guard", "hub"])
def test_restored_after_a_kill(home, inspector, victim, figure):
    took, pings = measure.kill6(home, home.tv, inspector, victim, TARGET)
    figure(f"{victim}: true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S


def test_all_is_put_back_when_it_is_stopped(home, inspector, figure):
    inspector.wait_whole(30)
    measure.wait_active6(inspector, home.tv, TARGET, 40)
    assert computer(home) != inspector.before
    with measure.pinging(home.tv, TARGET) as pings:
        time.sleep(0.2)  # pings before
        inspector.post("/api/stop")
        took = measure.wait_true6(home, home.tv, 5)
        inspector.wait_end()
    assert inspector.pids() == {}
    figure(f"true after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert took < RESTORED_S
    wait_computer(home, inspector.before)
    assert not home.inspector.exists(RUN_DIR + "/undo")


def test_all_is_put_back_from_the_record_of_one_that_died(home, figure):
    before = computer(home)
    inspector = Inspector(home.inspector)
    inspector.login()
    inspector.consent()
    inspector.watch(home.tv.address)
    measure.wait_active6(inspector, home.tv, TARGET)
    with measure.pinging(home.tv, TARGET) as pings:
        inspector.kill()
        assert home.inspector.exists(RUN_DIR + "/undo")
        began = time.monotonic()
        status, out, err = run_once(home.inspector, "restore")
        took = time.monotonic() - began
        assert (status, err) == (0, ""), out
        assert measure.is_true6(home, home.tv)
    figure(f"restore took {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    wait_computer(home, before)
    assert not home.inspector.exists(RUN_DIR + "/undo")
