# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of devices, what is chosen for each, and the gate."""

import contextlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from hub import (ACTIVE, CAMERA, CHECKING, DHCP_HOSTNAME, DHCP_VENDOR_CLASS,
                 FIREWALL, Hub, MDNS_INSTANCE, MDNS_SERVICE, MDNS_TXT, OWN,
                 PHONE, RELEASED, ROUTER, TV, nobody_else_writes, now_ms,
                 stored_bytes, wait_until, window_ms)

FLOW = {"remote": "198.51.100.7", "in_bytes": 1000, "out_bytes": 100}


def test_the_list_has_everyone_but_ourselves(home):
    devices = {d["address"]: d for d in home.devices()}
    assert set(devices) == {"192.168.1.1", "192.168.1.20", "192.168.1.21",
                            "192.168.1.30"}
    assert devices["192.168.1.1"]["gateway"]
    tv = devices["192.168.1.20"]
    assert tv["oui"] == "3c:5a:b4" and not tv["private_mac"]
    assert tv["present"] and not tv["gateway"]
    assert tv["watch"]["phase"] == "off" and not tv["watch"]["wanted"]
    phone = devices["192.168.1.30"]
    assert phone["private_mac"] and phone["oui"] is None
    assert phone["vendor"] is None
    assert home.get("/api/devices/" + tv["id"]).json == home.device(
        "192.168.1.20")


def test_no_reply_ever_has_a_whole_mac(home, open_stream):
    stream = open_stream(home)
    tv = home.watch("192.168.1.20")
    home.host(TV, "fe80::3e5a:b4ff:fe12:3456")
    home.host(TV, "2001:db8::3e5a:b4ff:fe12:3456")
    home.window(TV, window_ms(), [
        FLOW, {"remote": "fe80::3e5a:b4ff:fe65:4321", "out_bytes": 1}], clues=[
        {"kind": DHCP_HOSTNAME, "text": "TV-" + TV.replace(":", "")},
        {"kind": MDNS_TXT, "text": "deviceid=" + TV.upper()}])
    stream.wait("window")
    home.wait_device("192.168.1.20", lambda d: d["addresses"] == [
        "2001:db8::3e5a:b4ff:fe…", "fe80::3e5a:b4ff:fe…", "192.168.1.20"])
    for path in ("", "/endpoints", "/traffic", "/clues"):
        home.get("/api/devices/%s%s" % (tv, path))
    home.status()
    said = b"".join(home.bodies).lower() + repr(stream.events).encode()
    assert b"3c:5a:b4" in said
    for mac in (TV, CAMERA, ROUTER, OWN, PHONE):
        tail = mac.split(":")[3:]
        assert ("fe%s:%s%s" % tuple(tail)).encode() not in said
        for joint in (":", "-", "", "."):
            assert mac.replace(":", joint).encode() not in said
            assert joint.join(mac.split(":")[3:]).encode() not in said \
                or not joint


def test_an_id_is_the_homes_own(make_hub):
    one, other = make_hub(), make_hub()
    for hub in (one, other):
        hub.home()
    assert (one.device("192.168.1.20")["id"]
            != other.device("192.168.1.20")["id"])


def test_names_of_mdns_are_shown_as_they_are(home):
    home.open("192.168.1.21")
    home.window(CAMERA, window_ms(), clues=[
        {"kind": MDNS_INSTANCE, "text": "Front\\032Door\\.2"}])
    camera = home.wait_device("192.168.1.21", lambda d: d["name"])
    assert camera["name"] == "Front Door.2"
    clues = home.get("/api/devices/%s/clues" % camera["id"]).json["clues"]
    assert [c["text"] for c in clues] == ["Front Door.2"]


def test_strangers_do_not_keep_a_device_out(home):
    home.watch("192.168.1.20")
    for i in range(2100):
        home.host("02:00:00:00:%02x:%02x" % (i >> 8, i & 255), "10.0.%d.%d"
                  % (i >> 8, i & 255), present=False,
                  last_ms=now_ms() - 3600000)
    home.host("3c:5a:b4:66:66:66", "192.168.1.66")
    wait_until(lambda: home.status()["counters"]["hub"]["devices_evicted"]
               >= 50, "evictions")
    assert home.status()["counters"]["hub"]["devices_refused"] == 0
    addresses = {d["address"] for d in home.devices()}
    assert {"192.168.1.1", "192.168.1.20", "192.168.1.21", "192.168.1.66"} \
        <= addresses


def test_names_heard_are_shown_escaped(home):
    home.open("192.168.1.21")
    home.window(CAMERA, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "<b>cam\n\u00ff\\"},
        {"kind": MDNS_TXT, "text": "model=x"}])
    camera = home.wait_device("192.168.1.21", lambda d: d["name"])
    assert camera["name"] == "<b>cam\\x0a\\xff\\\\"
    assert camera["names"] == [{"kind": "dhcp_hostname",
                                "text": camera["name"]}]
    clues = home.get("/api/devices/%s/clues" % camera["id"]).json["clues"]
    assert {c["kind"]: c["text"] for c in clues} == {
        "dhcp_hostname": "<b>cam\\x0a\\xff\\\\", "mdns_txt": "model=x"}
    home.consent()  # and what was gathered is stored with it
    home.kill()
    assert home.device("192.168.1.21")["name"] == camera["name"]


def test_watching_goes_to_guard_and_back(home):
    home.watch("192.168.1.20")
    home.wait_message("guard", "watch", lambda m: m["macs"] == [TV])
    for phase, name in ((CHECKING, "checking"), (ACTIVE, "active")):
        home.do("watch_state", mac=TV, phase=phase, since_ms=now_ms())
        home.wait_device("192.168.1.20",
                         lambda d: d["watch"]["phase"] == name)
    status = home.status()
    assert [i["device"] for i in status["network"]["intercepted"]] == [
        home.device("192.168.1.20")["id"]]
    assert status["limits"]["watched"] == 1
    home.do("watch_state", mac=TV, phase=RELEASED, since_ms=now_ms(),
            reason="no replies come back")
    tv = home.wait_device("192.168.1.20",
                          lambda d: d["watch"]["phase"] == "released")
    assert tv["watch"]["reason"] == "no replies come back"
    assert home.status()["network"]["intercepted"] == []
    assert [(f["device"], f["text"]) for f in home.status()["faults"]] == [
        (tv["id"], "no replies come back")]
    home.watch("192.168.1.20", False)
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    assert home.device("192.168.1.20")["watch"]["phase"] == "off"


def test_the_router_and_the_excluded_cannot_be_watched(home):
    for address, code in (("192.168.1.1", "gateway"),
                          ("192.168.1.21", "excluded")):
        device = home.device(address)
        if code == "excluded":
            home.post("/api/devices/%s/exclude" % device["id"],
                      {"exclude": True})
        reply = home.post("/api/devices/%s/watch" % device["id"],
                          {"watch": True})
        assert (reply.status, reply.code) == (409, code)
    for wrong in ({}, {"watch": 1}, {"watch": "true"}, {"watch": None},
                  {"watch": True, "x": 1}):
        reply = home.post("/api/devices/%s/watch" % device["id"], wrong)
        assert reply.status == 400
    assert not [m for m in home.sent("guard", "watch") if m["macs"]]


def test_a_guard_started_again_is_told_everything(home):
    home.watch("192.168.1.20")
    home.post("/api/devices/%s/exclude" % home.device("192.168.1.30")["id"],
              {"exclude": True})
    home.post("/api/pause")
    home.wait_message("guard", "pause")
    home.do("close_guard")
    wait_until(lambda: home.status()["processes"][1]["pid"] is None,
               "guard is gone")
    home.forget_messages()
    home.do("new_guard")
    home.wait_message("guard", "watch", lambda m: m["macs"] == [TV])
    home.wait_message("guard", "pause")
    with home.lock:
        order = [m["type"] for m in home.messages if m["to"] == "guard"]
    assert order == ["exclude", "list-interfaces", "choose", "pause", "pairs",
                     "watch"]
    assert home.sent("guard", "exclude")[0]["macs"] == [PHONE]
    assert home.status()["processes"][1]["pid"] == 4001


def test_a_killed_hub_goes_on_where_it_was(home):
    home.watch("192.168.1.20")
    home.post("/api/pause")
    home.kill()
    home.wait_message("guard", "watch", lambda m: m["macs"] == [TV])
    home.wait_message("guard", "choose", lambda m: m["name"] == "eth0")
    home.wait_message("guard", "pause")
    assert home.device("192.168.1.20")["watch"]["wanted"]


def test_pause_and_resume_keep_the_choice(home):
    home.watch("192.168.1.20")
    home.do("watch_state", mac=TV, phase=ACTIVE, since_ms=now_ms())
    home.wait_device("192.168.1.20", lambda d: d["watch"]["phase"] == "active")
    assert home.post("/api/pause").json["state"] == "paused"
    home.wait_message("guard", "pause")
    assert home.device("192.168.1.20")["watch"]["phase"] == "paused"
    assert home.post("/api/scan").code == "wrong_state"
    assert home.post("/api/resume").json["state"] in ("running", "scanning")
    home.wait_message("guard", "resume")
    assert home.device("192.168.1.20")["watch"]["wanted"]
    assert home.post("/api/scan").json["state"] == "scanning"
    home.wait_message("guard", "scan")


def test_restore_watches_nobody_any_more(home):
    home.watch("192.168.1.20")
    home.watch("192.168.1.21")
    home.wait_message("guard", "watch", lambda m: len(m["macs"]) == 2)
    assert home.post("/api/restore").json["limits"]["watched"] == 0
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    home.kill()
    assert home.status()["limits"]["watched"] == 0


def test_of_an_excluded_device_only_its_address_is_known(home, open_stream):
    stream = open_stream(home)
    home.watch("192.168.1.20")
    home.window(TV, window_ms(2), [FLOW], clues=[
        {"kind": DHCP_HOSTNAME, "text": "livingroom"}])
    tv = home.wait_device("192.168.1.20", lambda d: d["name"])["id"]
    reply = home.post("/api/devices/%s/exclude" % tv, {"exclude": True})
    only = {"id": tv, "excluded": True, "address": "192.168.1.20",
            "lock": {"state": "excluded", "since": reply.json["lock"]["since"],
                     "by": "owner", "reasons": ["Excluded by you."],
                     "withheld": 0, "unlock": None}}
    assert reply.json == only
    home.wait_message("guard", "exclude", lambda m: m["macs"] == [TV])
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    assert home.get("/api/devices/" + tv).json == only
    for path in ("endpoints", "traffic", "clues"):
        reply = home.get("/api/devices/%s/%s" % (tv, path))
        assert (reply.status, reply.code) == (404, "excluded")
    # what still comes of it is neither stored nor shown
    stored = home.status()["counters"]["store"]["windows"]
    home.window(TV, window_ms(), [FLOW], clues=[
        {"kind": DHCP_HOSTNAME, "text": "livingroom"}])
    wait_until(lambda: home.status()["counters"]["hub"]["windows_refused"],
               "a refused window")
    assert home.status()["counters"]["store"]["windows"] == stored
    stream.wait("devices", lambda v: only in v["devices"])
    # and when it is taken back there is nothing from before
    reply = home.post("/api/devices/%s/exclude" % tv, {"exclude": False})
    assert not reply.json["excluded"] and reply.json["names"] == []
    assert reply.json["in_bytes"] == 0 and not reply.json["watch"]["wanted"]
    rows = home.get("/api/devices/%s/endpoints?from=0" % tv).json["endpoints"]
    assert rows == []
    assert home.get("/api/devices/%s/clues" % tv).json["clues"] == []


def test_wrong_choices_of_a_device_are_refused(home):
    tv = "/api/devices/%s/" % home.device("192.168.1.20")["id"]
    for wrong in ({}, {"exclude": 1}, {"watch": True}):
        assert home.post(tv + "exclude", wrong).status == 400
    nobody = "/api/devices/%s/" % ("0" * 64)
    assert home.post(nobody + "exclude", {"exclude": True}).status == 404
    assert home.post(nobody + "watch", {"watch": True}).status == 404
    assert home.post(nobody + "delete").status == 404


def test_what_the_command_line_excludes_stays_so(make_hub):
    hub = make_hub("--exclude", TV)
    hub.home()
    hub.wait_message("guard", "exclude", lambda m: m["macs"] == [TV])
    tv = hub.device("192.168.1.20")
    assert tv["excluded"]
    reply = hub.post("/api/devices/%s/exclude" % tv["id"], {"exclude": False})
    assert (reply.status, reply.code) == (409, "fixed")


def test_the_excluded_have_a_limit(hub):
    hub.consent(["3c:5a:b4:00:01:%02x" % i for i in range(250)])
    assert len(hub.devices()) == 250 and hub.status()["limits"]["hidden"] == 0
    hub.host(TV, "192.168.1.20")
    tv = hub.wait_device("192.168.1.20")["id"]
    reply = hub.post("/api/devices/%s/exclude" % tv, {"exclude": True})
    assert (reply.status, reply.code) == (409, "limit")
    reply = hub.post("/api/consent", {"version": 2, "exclude": [TV]})
    assert (reply.status, reply.code) == (409, "limit")


def test_the_list_says_when_the_limit_hides_one(make_hub):
    hub = make_hub("--max-devices", "2")
    hub.interfaces("eth0", suggested="eth0")
    hub.consent()
    for i in range(5):
        hub.host("3c:5a:b4:00:02:%02x" % i, "192.168.1.%d" % (10 + i),
                 first_ms=now_ms() - 10000 + i)
    wait_until(lambda: hub.get("/api/devices").json["hidden"] == 3, "hidden")
    devices = hub.devices()
    assert [d["address"] for d in devices] == ["192.168.1.10", "192.168.1.11"]
    assert hub.status()["limits"] == {"max_devices": 2, "watched": 0,
                                      "hidden": 3}
    for device in devices:
        hub.watch(device["address"])
    hub.host(TV, "192.168.1.9", gateway=True)  # would push one out: it stays
    wait_until(lambda: hub.get("/api/devices").json["hidden"] == 4, "hidden")
    assert len([d for d in hub.devices() if d["watch"]["wanted"]]) == 2


def test_no_more_are_watched_than_allowed(make_hub):
    hub = make_hub("--max-devices", "1")
    hub.interfaces("eth0", suggested="eth0")
    hub.consent()
    hub.host(TV, "192.168.1.20")
    tv = hub.wait_device("192.168.1.20")["id"]
    hub.watch("192.168.1.20")
    hub.host(CAMERA, "192.168.1.21")
    wait_until(lambda: hub.get("/api/devices").json["hidden"] == 1, "hidden")
    database_id = re.compile(r"[0-9a-f]{64}")
    assert database_id.fullmatch(tv)
    hub.watch("192.168.1.20", False)
    camera = wait_until(lambda: hub.device("192.168.1.21")
                        or hub.device("192.168.1.20"), "one")
    assert hub.post("/api/devices/%s/watch" % camera["id"],
                    {"watch": True}).status == 200


def test_deleting_a_device_leaves_it_in_the_list(home):
    home.watch("192.168.1.20")
    home.window(TV, window_ms(), [FLOW], clues=[
        {"kind": DHCP_HOSTNAME, "text": "secretname"}])
    tv = home.wait_device("192.168.1.20", lambda d: d["in_bytes"])["id"]
    reply = home.post("/api/devices/%s/delete" % tv)
    assert reply.json["rows"] >= 2
    after = home.device("192.168.1.20")
    assert after["in_bytes"] == 0 and after["name"] is None
    assert b"secretname" not in stored_bytes(home)


def test_what_comes_late_of_a_deleted_device_is_not_kept(home):
    tv = home.watch("192.168.1.20")
    home.watch("192.168.1.20", False)
    home.post("/api/devices/%s/delete" % tv)
    home.window(TV, window_ms(), [FLOW])
    wait_until(lambda: home.status()["counters"]["hub"]["windows"] == 1,
               "the window")
    assert home.device("192.168.1.20")["in_bytes"] == 0


def test_deleting_everything_leaves_choices_and_who_is_there(home):
    home.watch("192.168.1.20")
    home.window(TV, window_ms(), [FLOW])
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"])
    assert home.post("/api/delete").json["rows"] >= 1
    assert len(home.devices()) == 4
    assert home.device("192.168.1.20")["watch"]["wanted"]
    assert home.device("192.168.1.20")["in_bytes"] == 0
    home.window(TV, window_ms(), [FLOW])
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 1000)


def test_faults_come_and_go(home):
    home.do("fault", kind=FIREWALL, text="Docker's firewall drops forwarding",
            remedy="iptables -P FORWARD ACCEPT")
    fault = wait_until(lambda: home.status()["faults"], "a fault")[0]
    assert fault["text"] == "Docker's firewall drops forwarding"
    assert fault["fix"] == "iptables -P FORWARD ACCEPT"
    assert fault["device"] is None
    home.do("fault", kind=FIREWALL, over=True)
    wait_until(lambda: not home.status()["faults"], "no fault")


def test_counters_of_all_are_shown(home):
    home.do("guard_counters", arp_sent=254)
    home.do("counters", frames=900, ring_dropped=100)
    wait_until(lambda: home.status()["counters"]["engine"]["frames"] == 900
               and home.status()["counters"]["guard"]["arp_sent"] == 254,
               "the counters")
    network = home.status()["network"]
    assert (network["drops"], network["coverage"]) == (100, 0.9)
    assert network["windows_lost"] == 0


def test_nonsense_from_the_others_is_counted_and_survived(home):
    before = home.status()["counters"]["hub"]["messages_refused"]
    for sender in ("guard", "engine", "keeper"):
        for nonsense in ("\u00ff", "\u0014" * 400, "\u0013" + "\u00ff" * 60000,
                         "\u0001\u0001\u0001", "\u0006"):
            home.do("raw", **{"from": sender}, bytes=nonsense)
    wait_until(lambda: home.status()["counters"]["hub"]["messages_refused"]
               >= before + 12, "refusals")
    assert len(home.devices()) == 4


def test_descriptors_that_nobody_asked_for_are_closed(home):
    def held():
        return len(list(Path("/proc/%d/fd" % home.pid).iterdir()))

    before = held()
    for sender in ("guard", "engine"):
        for _ in range(20):
            home.do("stray_peer", **{"from": sender})
    wait_until(lambda: home.status()["counters"]["hub"]["messages_refused"]
               == 40, "refusals")
    wait_until(lambda: held() <= before + 1, "descriptors to be closed")


def test_an_engine_cannot_make_up_the_past_or_the_future(home):
    home.watch("192.168.1.20")
    for start in (window_ms(-100), window_ms() + 1, 0):
        home.window(TV, start, [FLOW])
    home.window("ff:ff:ff:ff:ff:ff", window_ms(), [FLOW])
    home.window("3c:5a:b4:31:31:31", window_ms(), [FLOW])
    wait_until(lambda: home.status()["counters"]["hub"]["windows_refused"]
               == 5, "refusals")
    assert home.status()["counters"]["hub"]["windows"] == 0


def test_a_locked_database_loses_windows_and_says_so(home):
    home.watch("192.168.1.20")
    wait_until(lambda: home.status()["counters"]["store"]["transactions"] > 2,
               "a commit")
    with nobody_else_writes(home):
        home.window(TV, window_ms(), [FLOW])
        wait_until(lambda: home.status()["counters"]["store"]["windows_lost"]
                   == 1, "a lost window")
        status = home.status()
        assert status["network"]["windows_lost"] == 1
        assert status["network"]["drops"] == 0
        assert "could not be stored: database is locked" in \
            status["faults"][0]["text"]
    home.window(TV, window_ms(0) - 10000, [FLOW])
    wait_until(lambda: home.status()["counters"]["store"]["windows"] == 1
               and not home.status()["faults"], "storing again")


def test_a_damaged_database_is_set_aside(make_hub, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/iot-inspector.db").write_bytes(b"nonsense" * 4096)
    hub = make_hub(data="data")
    faults = hub.status()["faults"]
    assert "set aside" in faults[0]["text"]
    aside = list((tmp_path / "data").glob("iot-inspector.db.damaged-*"))
    assert [path.read_bytes() for path in aside] == [b"nonsense" * 4096]


def test_what_was_set_aside_goes_with_everything(make_hub, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for name in ("", "-wal", ".damaged-1", ".damaged-1-wal"):
        (data / ("iot-inspector.db" + name)).write_bytes(b"nonsense" * 4096)
    hub = make_hub(data="data")
    hub.home()
    tv = hub.device("192.168.1.20")["id"]
    gone = hub.post("/api/devices/%s/delete" % tv).json
    assert gone["set_aside"] == 2
    assert hub.post("/api/delete").json == {"rows": 0, "set_aside": 0}
    assert not list(data.glob("*damaged*"))
    assert hub.status()["faults"] == []
    assert b"nonsense" not in stored_bytes(hub, "")


def test_the_data_is_its_owners_alone(home, tmp_path):
    data = tmp_path / "data0"
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "secret").stat().st_size == 32
    for path in data.iterdir():
        # a log that was written back may go after it was listed
        with contextlib.suppress(FileNotFoundError):
            assert path.stat().st_mode & 0o777 == 0o600, path


def test_two_hubs_do_not_share_a_directory(make_hub):
    from hub import driver
    hub = make_hub(data="data")
    with subprocess.Popen([driver(), str(hub.data_dir)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as second:
        second.wait(20)
        assert "another instance keeps its data" in second.stderr.read()
    assert hub.get("/api/status").status == 200


def test_stop_puts_back_and_ends(home):
    home.watch("192.168.1.20")
    assert home.post("/api/stop").json["state"] == "stopping"
    home.wait_message("keeper", "stop-request",
                      lambda m: m["reason"] == "stopped from the page")
    home.do("stop")
    assert home.said.get(timeout=10) == {"exit": 0}


CAST = [{"kind": DHCP_HOSTNAME, "text": "Bedroom-TV"},
        {"kind": MDNS_SERVICE, "text": "_googlecast._tcp.local"}]
PHONES = [{"kind": DHCP_HOSTNAME, "text": "Annas-iPhone"}]
BEFORE, AFTER = "da:a1:19:00:00:41", "3a:22:01:00:00:42"


def comes_back(hub, clues):
    """Something that is heard under one made-up MAC and then another."""
    now = now_ms()
    hub.host(BEFORE, "192.168.1.41", first_ms=now - 900000,
             last_ms=now - 600000, present=False)
    hub.window(BEFORE, window_ms(125), clues=clues)
    hub.host(AFTER, "192.168.1.42", first_ms=now - 60000, last_ms=now)
    hub.window(AFTER, window_ms(2), clues=clues)


def test_a_thing_that_returns_with_another_mac_is_offered(home):
    comes_back(home, CAST)
    device = home.wait_device("192.168.1.42", lambda d: d.get("maybe_same"))
    before = home.device("192.168.1.41")
    assert device["maybe_same"]["id"] == before["id"]
    assert [e["text"] for e in device["maybe_same"]["evidence"]] == [
        "Bedroom-TV"]
    assert before["maybe_same"] is None
    assert device["identity"]["category"] == "tv"
    assert device["identity"]["evidence"]


@pytest.fixture
def returned(home):
    """A thing that was watched, and is back: its two ids, older first."""
    now = now_ms()
    home.host(BEFORE, "192.168.1.41", first_ms=now - 900000,
              last_ms=now - 600000, present=False)
    home.window(BEFORE, window_ms(125), clues=CAST)
    home.wait_device("192.168.1.41", lambda d: d["lock"]["state"] == "open")
    older = home.watch("192.168.1.41", thing=False)
    home.window(BEFORE, window_ms(124), [FLOW])
    home.wait_device("192.168.1.41", lambda d: d["in_bytes"])
    comes_back(home, CAST)
    newer = home.wait_device("192.168.1.42", lambda d: d.get("maybe_same"))
    return older, newer["id"]


def test_the_two_are_made_one(home, returned):
    older, newer = returned
    router = home.device("192.168.1.1")["id"]
    home.post("/api/between", {"all": False, "pairs": [[older, router]]})
    path = "/api/devices/%s/" % newer
    label = {"name": "Screen", "category": "tv", "vendor": "TCL"}
    home.post("/api/devices/%s/label" % older, {**label, "source": "typed"})
    home.post("/api/devices/%s/share" % older, {"share": False})
    reply = home.post(path + "merge", {"with": older})
    assert reply.status == 200 and reply.json["id"] == newer
    assert reply.json["maybe_same"] is None
    assert home.device("192.168.1.41") is None
    assert home.get("/api/between").json["pairs"] == [[newer, router]]
    home.wait_message("guard", "watch", lambda m: m["macs"] == [AFTER])
    for restart in (False, True):
        if restart:
            home.kill()
        device = home.device("192.168.1.42")
        assert device["in_bytes"] == FLOW["in_bytes"]
        assert device["watch"]["wanted"]
        said = home.get(path + "label").json
        assert said["share"] is False
        assert {key: said["label"][key] for key in label} == label
        assert device["first_seen"] < now_ms() - 600000
        rows = home.get(path + "endpoints?from=0").json["endpoints"]
        assert [r["in_bytes"] for r in rows] == [FLOW["in_bytes"]]
        assert home.get("/api/devices/" + older).status == 404
    # what was under the older MAC is a stranger
    home.host(BEFORE, "192.168.1.41")
    stranger = home.wait_device("192.168.1.41")
    assert stranger["lock"]["state"] == "identifying"
    assert not stranger["in_bytes"]


@pytest.mark.parametrize("closes", ["lock", "exclude"])
@pytest.mark.parametrize("which", [0, 1])
def test_what_is_closed_is_never_merged(home, returned, closes, which):
    body = {"exclude": True} if closes == "exclude" else None
    home.post("/api/devices/%s/%s" % (returned[which], closes), body)
    reply = home.post("/api/devices/%s/merge" % returned[1],
                      {"with": returned[0]})
    if which:
        assert (reply.status, reply.code) == (
            404, "locked" if closes == "lock" else "excluded")
    else:
        assert (reply.status, reply.code) == (409, "wrong_state")
    other = home.device("192.168.1.42" if not which else "192.168.1.41")
    assert other["lock"]["state"] == "open"
    assert not other["in_bytes"] or which


def test_only_those_that_are_offered_are_merged(home, returned):
    older, newer = returned
    tv = home.open("192.168.1.20")
    for one, other in ((newer, tv), (tv, newer), (older, newer),
                       (newer, newer), (newer, "0" * 64)):
        reply = home.post("/api/devices/%s/merge" % one, {"with": other})
        assert (reply.status, reply.code) == (409, "wrong_state")
    for wrong in ({}, {"with": 1}, {"with": older, "x": 1}):
        assert home.post("/api/devices/%s/merge" % newer, wrong).status == 400
    assert home.post("/api/devices/%s/merge" % ("0" * 64),
                     {"with": older}).status == 404
    home.post("/api/consent/withdraw")
    reply = home.post("/api/devices/%s/merge" % newer, {"with": older})
    assert reply.code == "consent_needed"


def test_a_phone_that_returns_is_never_known_again(home):
    comes_back(home, PHONES)
    for address in ("192.168.1.41", "192.168.1.42"):
        home.wait_device(address, lambda d: d["lock"]["state"] == "locked")
    assert "maybe_same" not in home.device("192.168.1.42")


def test_what_a_thing_is_survives_a_restart(home):
    home.window(TV, window_ms(2), clues=CAST)
    home.wait_device("192.168.1.20", lambda d: d["identity"]
                     and d["identity"]["category"] == "tv")
    home.consent()  # and with it whatever was still to be stored
    home.kill()
    who = home.wait_device("192.168.1.20", lambda d: d["identity"])["identity"]
    assert who["category"] == "tv"


@pytest.fixture
def open_folder():
    """One that the program reaches, as whomever it becomes."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path)


def import_list(folder, name, text):
    """A list of the user's, by the program, into its folder data."""
    (folder / name).write_text(text)
    subprocess.run([os.environ["IOT_INSPECTOR"], "data", "--data-dir",
                    str(folder / "data"), "import", str(folder / name)],
                   check=True)


@pytest.mark.skipif("IOT_INSPECTOR" not in os.environ, reason="no program")
def test_imported_tables_tell_what_a_device_is(open_folder):
    import_list(open_folder, "dhcp.csv",
                "dhcp_vendor,device_name\nfrobnicator-2,Frob Thermostat\n")
    import_list(open_folder, "macs.csv",
                "mac_prefix,vendor_name\n0C0FFE,Frobnicators of Ulm\n")
    hub = Hub(open_folder / "data")
    try:
        assert hub.start().status == 303
        hub.home()
        hub.host("0c:0f:fe:00:00:01", "192.168.1.77")
        device = hub.wait_device("192.168.1.77")
        assert device["vendor"] == "Frobnicators of Ulm"
        hub.open("192.168.1.77")
        hub.window(
            "0c:0f:fe:00:00:01", window_ms(2),
            clues=[{"kind": DHCP_VENDOR_CLASS, "text": "frobnicator-2"}])
        who = hub.wait_device(
            "192.168.1.77", lambda d: d["identity"]["category"])["identity"]
    finally:
        hub.close()
    assert who["category"] == "thermostat"
    told = {e["kind"]: e for e in who["evidence"]}
    assert told["dhcp_table"]["text"] == "Frob Thermostat"
    assert told["oui"]["text"] == "Frobnicators of Ulm"
    assert who["confidence"] < 60


def test_pieces_past_the_shown_ones_are_counted(home):
    home.host(CAMERA, "192.168.1.21")
    home.open("192.168.1.21")
    home.window(CAMERA, window_ms(2), clues=[
        {"kind": DHCP_VENDOR_CLASS, "text": f"Roku/DVP-{i}"}
        for i in range(15)])
    who = home.wait_device(
        "192.168.1.21", lambda d: d["identity"]["evidence_left_out"] >= 3)
    assert len(who["identity"]["evidence"]) == 12
