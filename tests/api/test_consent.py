# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing before consent, and nothing after it is withdrawn."""

from hub import (CAMERA, DHCP_HOSTNAME, PHONE, TV, nobody_else_writes,
                 wait_until, window_ms)

HARMLESS = {"list-interfaces", "exclude"}


def kinds(hub):
    with hub.lock:
        return {m["type"] for m in hub.messages if m["to"] == "guard"}


def test_before_consent_guard_is_asked_for_the_interfaces_alone(hub):
    hub.interfaces("eth0", suggested="eth0")
    status = hub.status()
    assert status["state"] == "waiting_consent"
    assert status["consent"] == {"text_version": 2, "given_version": None,
                                 "given_at": None}
    for path in ("/api/scan", "/api/pause", "/api/resume"):
        reply = hub.post(path)
        assert (reply.status, reply.code) == (409, "consent_needed")
    reply = hub.post("/api/interface", {"name": "eth0"})
    assert (reply.status, reply.code) == (409, "consent_needed")
    assert hub.get("/api/interfaces").json["chosen"] is None
    hub.do("new_guard")
    hub.wait_message("guard", "list-interfaces")
    assert kinds(hub) <= HARMLESS


def test_what_comes_before_consent_is_not_taken(hub):
    hub.chosen()
    hub.host(TV, "192.168.1.20")
    hub.window(TV, window_ms(), clues=[{"kind": DHCP_HOSTNAME,
                                        "text": "tv"}])
    wait_until(lambda: hub.status()["counters"]["hub"]["windows_refused"],
               "a refused window")
    assert hub.devices() == []
    assert hub.status()["network"]["interface"] is None


def test_consent_starts_on_the_only_interface(hub):
    hub.interfaces("eth0", "docker0", suggested="eth0")
    before = hub.status()["time"]
    status = hub.consent()
    assert status["consent"]["given_version"] == 2
    assert before <= status["consent"]["given_at"] <= status["time"]
    assert status["interface"]["chosen"] == "eth0"
    hub.wait_message("guard", "choose", lambda m: m["name"] == "eth0")
    hub.chosen()
    wait_until(lambda: hub.status()["state"] == "scanning", "scanning")
    network = hub.status()["network"]
    assert network["address"] == "192.168.1.5"
    assert network["subnet"] == "192.168.1.0/24"
    assert network["gateway"] == "192.168.1.1"
    wait_until(lambda: hub.status()["state"] == "running", "running")


def test_the_interface_that_was_asked_for_is_chosen(make_hub):
    hub = make_hub("--interface", "wlan7")
    assert hub.consent()["interface"]["reason"] == "asked for by --interface"
    hub.wait_message("guard", "choose", lambda m: m["name"] == "wlan7")


def test_of_several_interfaces_the_user_chooses(hub):
    hub.interfaces("eth0", "wlan0")
    status = hub.consent()
    assert status["state"] == "choosing"
    assert status["interface"]["chosen"] is None
    assert "choose" in status["interface"]["reason"]
    reply = hub.post("/api/interface", {"name": "eth9"})
    assert (reply.status, reply.code) == (404, "not_found")
    assert hub.post("/api/scan").code == "wrong_state"
    reply = hub.post("/api/interface", {"name": "wlan0"})
    assert reply.json["interface"]["chosen"] == "wlan0"
    hub.wait_message("guard", "choose", lambda m: m["name"] == "wlan0")


def test_an_interface_that_cannot_be_used_is_not_chosen(hub):
    hub.do("interface", name="tun0", problem="no Ethernet frames",
           first=True, last=True)
    wait_until(lambda: hub.status()["interface"]["candidates"], "the list")
    hub.consent()
    reply = hub.post("/api/interface", {"name": "tun0"})
    assert (reply.status, reply.code) == (409, "wrong_state")
    note = hub.status()["interface"]["candidates"][0]["note"]
    assert note == "no Ethernet frames"
    assert not hub.sent("guard", "choose")


def test_consent_is_to_the_text_that_is_shown(hub):
    for version in (0, 1, 3, -1):
        reply = hub.post("/api/consent", {"version": version})
        assert (reply.status, reply.code) == (409, "wrong_version")
    for wrong in ({}, {"version": "1"}, {"version": 2, "extra": 1},
                  {"version": 2, "exclude": "a"},
                  {"version": 2, "exclude": ["nonsense"]},
                  {"version": 2, "exclude": [1]},
                  {"version": 2, "exclude": ["ff:ff:ff:ff:ff:ff"]},
                  {"version": 2, "exclude": ["00:00:00:00:00:00"]},
                  {"version": 2, "exclude": ["3c:5a:b4:00:00:%02x" % i
                                             for i in range(251)]}):
        assert hub.post("/api/consent", wrong).status == 400
    assert hub.status()["consent"]["given_at"] is None


def test_those_excluded_with_consent_are_told_to_guard_first(hub):
    hub.interfaces("eth0", suggested="eth0")
    hub.forget_messages()
    hub.consent([PHONE.upper(), CAMERA.replace(":", "-")])
    hub.wait_message("guard", "choose")
    with hub.lock:
        first = next(m for m in hub.messages if m["to"] == "guard")
    assert first["type"] == "exclude"
    assert set(first["macs"]) == {PHONE, CAMERA}
    assert all(d["excluded"] for d in hub.devices())


def test_consent_outlives_a_restart(home):
    home.consent()  # and what was gathered is stored with it
    home.kill()
    home.wait_message("guard", "choose", lambda m: m["name"] == "eth0")
    assert home.status()["consent"]["given_version"] == 2
    assert len(home.devices()) == 4


def test_withdrawal_lets_go_of_everything(home, tmp_path):
    tv = home.watch("192.168.1.20")
    home.wait_message("guard", "watch", lambda m: m["macs"] == [TV])
    home.forget_messages()
    status = home.post("/api/consent/withdraw").json
    assert status["state"] == "waiting_consent"
    assert status["consent"]["given_at"] is None
    home.wait_message("guard", "choose", lambda m: m["name"] == "")
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    # what is still on its way is not taken
    before = home.status()["counters"]["store"]["windows"]
    home.window(TV, window_ms(), [{"remote": "198.51.100.7",
                                   "in_bytes": 1, "out_bytes": 1}])
    home.host("3c:5a:b4:77:77:77", "192.168.1.77")
    wait_until(lambda: home.status()["counters"]["hub"]["windows_refused"],
               "a refused window")
    assert home.status()["counters"]["store"]["windows"] == before
    assert home.device("192.168.1.77") is None
    # what was stored is still the user's to see, and to delete
    assert home.get("/api/devices/%s/endpoints" % tv).status == 200
    assert home.post("/api/delete").status == 200
    home.kill()
    home.wait_message("guard", "list-interfaces")
    assert home.status()["state"] == "waiting_consent"
    assert kinds(home) <= HARMLESS
    home.consent()
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])


def test_what_cannot_be_stored_is_not_consented_to(hub):
    with nobody_else_writes(hub):
        reply = hub.post("/api/consent", {"version": 2})
        assert (reply.status, reply.code) == (503, "store")
        assert hub.status()["state"] == "waiting_consent"
        faults = wait_until(lambda: hub.status()["faults"], "a fault")
        assert "database is locked" in faults[0]["text"]
    hub.consent()
    wait_until(lambda: not hub.status()["faults"], "no fault")
