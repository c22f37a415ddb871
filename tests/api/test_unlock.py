# SPDX-License-Identifier: GPL-3.0-or-later
"""Unlocking a device by having it in hand."""

import re

import pytest

from hub import (DHCP_HOSTNAME, DHCP_VENDOR_CLASS, PHONE, TV, now_ms,
                 wait_until, window_ms)

ADDRESS, OTHER = "192.168.1.30", "192.168.1.20"
DONE, HEARD, NOT_IT, UNKNOWN = range(4)


@pytest.fixture
def locked(home):
    home.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"}])
    home.phone = home.wait_device(
        ADDRESS, lambda d: d["lock"]["state"] == "locked")["id"]
    return home


def post(hub, what, value=None, device=None):
    return hub.post("/api/devices/%s/%s" % (device or hub.phone, what), value)


def unlock_of(hub):
    return hub.device(ADDRESS)["lock"]["unlock"]


@pytest.fixture
def unlocking(locked):
    """A code is shown, and discover serves it."""
    reply = post(locked, "unlock").json["lock"]["unlock"]
    assert reply["url"] is None and not reply["failed"]
    assert now_ms() + 290000 < reply["until"] <= now_ms() + 300000
    locked.code = locked.wait_message("discover", "unlock",
                                      lambda m: m["code"])["code"]
    assert re.fullmatch("[a-km-np-z2-9]{10}", locked.code)
    locked.do("unlock_ready", code=locked.code, port=8590)
    wait_until(lambda: unlock_of(locked)["url"] ==
               "http://192.168.1.5:8590/" + locked.code, "the address")
    locked.forget_messages()
    return locked


def presses(hub, address, mac, number=1):
    """The button is pressed there; guard knows this MAC for it."""
    hub.do("unlock_request", number=number, address=address)
    hub.wait_message("guard", "who-has", lambda m: m["address"] == address)
    hub.do("neighbour", address=address, mac=mac)
    return hub.wait_message("discover", "unlock-answer",
                            lambda m: m["number"] == number)["verdict"]


def test_the_device_itself_unlocks(unlocking):
    assert presses(unlocking, ADDRESS, PHONE) == DONE
    device = unlocking.wait_device(ADDRESS,
                                   lambda d: d["lock"]["state"] == "open")
    assert device["lock"]["by"] == "possession"
    assert device["lock"]["unlock"] is None
    unlocking.wait_message("discover", "unlock", lambda m: m["code"] == "")
    # evidence does not lock it again, its owner does
    unlocking.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "mine"},
        {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"}])
    unlocking.wait_device(ADDRESS, lambda d: d["name"] == "mine")
    unlocking.kill()
    unlocking.host(PHONE, ADDRESS)
    unlocking.wait_device(ADDRESS, lambda d: d["lock"]["by"] == "possession")
    assert post(unlocking, "lock").json["lock"]["state"] == "locked"


def test_another_device_does_not(unlocking):
    assert presses(unlocking, OTHER, TV) == NOT_IT
    assert unlock_of(unlocking)["other"] == OTHER
    assert unlocking.device(ADDRESS)["lock"]["state"] == "locked"
    assert presses(unlocking, "192.168.1.99", "", 2) == UNKNOWN
    assert unlocking.status()["counters"]["hub"]["unlocks_refused"] == 2
    assert presses(unlocking, ADDRESS, PHONE, 3) == DONE


def test_what_guard_was_not_asked_opens_nothing(locked):
    locked.do("neighbour", address=ADDRESS, mac=PHONE)
    post(locked, "unlock")
    locked.do("neighbour", address=ADDRESS, mac=PHONE)
    locked.do("unlock_ready", code="another", port=1)
    locked.host("3c:5a:b4:00:00:88", "192.168.1.88")
    locked.wait_device("192.168.1.88")
    assert locked.device(ADDRESS)["lock"]["state"] == "locked"
    assert unlock_of(locked)["url"] is None


def test_a_request_when_nothing_is_unlocked_is_told_so(locked):
    locked.do("unlock_request", number=7, address=ADDRESS)
    answer = locked.wait_message("discover", "unlock-answer")
    assert (answer["number"], answer["verdict"]) == (7, UNKNOWN)
    assert not locked.sent("guard", "who-has")


def test_one_device_at_a_time_and_a_new_code_each(unlocking):
    first = unlocking.code
    post(unlocking, "unlock")
    second = unlocking.wait_message(
        "discover", "unlock", lambda m: m["code"] not in ("", first))["code"]
    assert second != first and unlock_of(unlocking)["url"] is None


def test_a_page_that_cannot_be_served_is_told(unlocking):
    unlocking.do("unlock_ready", code=unlocking.code, port=0)
    wait_until(lambda: unlock_of(unlocking)["failed"], "the failure")


def test_a_new_discover_is_told_the_code(unlocking):
    unlocking.do("new_discover")
    unlocking.wait_message("discover", "unlock",
                           lambda m: m["code"] == unlocking.code)


def test_the_whole_mac_unlocks(locked):
    reply = post(locked, "unlock/mac", {"mac": PHONE.upper()})
    assert reply.json["lock"]["by"] == "possession"
    reply = post(locked, "unlock/mac", {"mac": PHONE})
    assert (reply.status, reply.code) == (409, "wrong_state")
    assert post(locked, "unlock").code == "wrong_state"


def test_a_mac_can_be_guessed_five_times(locked):
    for _ in range(5):
        reply = post(locked, "unlock/mac", {"mac": TV})
        assert (reply.status, reply.code) == (409, "wrong_mac")
    reply = post(locked, "unlock/mac", {"mac": PHONE})
    assert (reply.status, reply.code) == (409, "limit")
    assert locked.status()["counters"]["hub"]["unlocks_refused"] == 5
    for wrong in ({}, {"mac": 1}, {"mac": "x"}, {"mac": PHONE, "x": 1}):
        assert post(locked, "unlock/mac", wrong).status == 400


@pytest.fixture
def left_alone(home):
    home.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "x-noinspect"}])
    home.phone = home.wait_device(
        ADDRESS, lambda d: d["lock"]["state"] == "excluded")["id"]
    home.forget_messages()
    return home


def test_no_mac_opens_who_asks_to_be_left_alone(left_alone):
    reply = post(left_alone, "unlock/mac", {"mac": PHONE})
    assert (reply.status, reply.code) == (409, "excluded")
    assert left_alone.device(ADDRESS)["lock"]["by"] == "name"


def test_its_own_browser_has_who_is_left_alone_heard_again(left_alone):
    home = left_alone
    post(home, "unlock")
    home.wait_message("discover", "unlock", lambda m: m["code"])
    assert presses(home, OTHER, TV) == NOT_IT
    assert presses(home, ADDRESS, PHONE, 2) == HEARD
    device = home.wait_device(
        ADDRESS, lambda d: d["lock"]["state"] == "identifying")
    assert device["lock"]["unlock"] is None
    home.wait_message("guard", "exclude", lambda m: m["macs"] == [])
    # its name goes before any proof
    home.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "x-noinspect"}])
    home.wait_device(ADDRESS, lambda d: d["lock"]["state"] == "excluded")
    home.forget_messages()
    post(home, "unlock")
    home.wait_message("discover", "unlock", lambda m: m["code"])
    assert presses(home, ADDRESS, PHONE, 3) == HEARD
    home.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "kitchen"}])
    home.wait_device(ADDRESS, lambda d: d.get("name") == "kitchen")
    home.kill()
    home.host(PHONE, ADDRESS)
    home.wait_device(ADDRESS, lambda d: d["lock"]["state"] == "identifying")


def test_an_excluded_device_and_no_device_are_not_unlocked(home):
    tv = home.device(OTHER)["id"]
    post(home, "exclude", {"exclude": True}, tv)
    assert post(home, "unlock", None, tv).code == "excluded"
    assert post(home, "unlock/mac", {"mac": TV}, tv).code == "excluded"
    assert post(home, "unlock", None, "0" * 64).status == 404
    assert post(home, "unlock/mac", {"mac": TV}, "0" * 64).status == 404


def test_settings_are_kept(hub):
    assert hub.get("/api/settings").json == {
        "reverse_dns": True, "away": [], "upload_mbps": None}
    wanted = {"reverse_dns": False, "away": [
        {"days": ["mon", "fri"], "from": 540, "to": 1020},
        {"days": ["sun"], "from": 0, "to": 1440}],
        "upload_mbps": 40}
    assert hub.post("/api/settings", wanted).json == wanted
    for wrong in (
            {}, {"reverse_dns": True}, {**wanted, "x": 1},
            {**wanted, "reverse_dns": 1}, {**wanted, "away": {}},
            {**wanted, "away": wanted["away"] * 8},
            *({**wanted, "upload_mbps": mbps}
              for mbps in (0, 10001, 2.5, "40", True)),
            *({**wanted, "away": [{**wanted["away"][0], **change}]}
              for change in ({"days": []}, {"days": ["mo"]}, {"to": 540},
                             {"days": ["mon", "mon"]}, {"from": -1},
                             {"to": 1441}, {"from": "9"}, {"x": 1}))):
        assert hub.post("/api/settings", wrong).status == 400, wrong
    hub.kill()
    assert hub.get("/api/settings").json == wanted
