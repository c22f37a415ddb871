# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found of devices and of the home: told once, rechecked, dismissed,
kept over a restart, and gone with its device."""

import pytest

from hub import (ACTIVE, CAMERA, DHCP_HOSTNAME, DHCP_VENDOR_CLASS, DNS, PHONE,
                 RELEASED, TV, database_of, nobody_else_writes, now_ms,
                 wait_until, window_ms)

ADDRESS = "192.168.1.21"
DHCP_SERVER = 26  # enum record_clue_kind
SPOOFER = 9       # enum message_fault_kind
# enum message_watch_cause
UNANSWERED, LOST_HERE, FIREWALL, LIMIT, PREPARATION = 1, 2, 3, 4, 6
OPENED = 1        # enum record_opener: by the device
NO_ID = "0123456789abcdef"


def scan(hub, mac=CAMERA, ago=2, ports=(23,), hosts=8):
    """Knocks at strangers' doors."""
    hub.window(mac, window_ms(ago), [
        {"remote": "203.0.113.%d" % (i + 1), "remote_port": port,
         "out_bytes": 74, "opener": OPENED, "unanswered": True}
        for i in range(hosts) for port in ports])


def request(hub, mac=CAMERA, ago=2, host="image.example"):
    hub.window(mac, window_ms(ago), [
        {"remote": "203.0.113.80", "remote_port": 80, "out_bytes": 100,
         "in_bytes": 900, "in_content": 800, "opener": OPENED}],
        http=[{"remote": "203.0.113.80", "host": host}])


def findings(hub, device=None):
    path = "/api/devices/%s/findings" % device if device else "/api/findings"
    return hub.get(path).json["findings"]


def wait_finding(hub, kind, device=None, condition=lambda f: True):
    return wait_until(
        lambda: next((f for f in findings(hub, device)
                      if f["kind"] == kind and condition(f)), None), kind)


@pytest.fixture
def camera(home):
    home.camera = home.watch(ADDRESS)
    return home


def test_an_infection_is_an_alarm_with_evidence_and_advice(camera,
                                                           open_stream):
    stream = open_stream(camera)
    stream.wait("findings", lambda v: v["alarms"] == 0)
    scan(camera)
    found = wait_finding(camera, "infection_ports", camera.camera)
    assert found["device"] == camera.camera
    assert found["class"] == "alert" and found["severity"] == "alarm"
    assert found["state"] == "open" and found["advice"] == "unplug"
    assert "port 23" in found["evidence"][0]["text"]
    assert found["endpoint"].startswith("203.0.113.")
    stream.wait("findings", lambda v: v["alarms"] == 1)
    assert found in findings(camera)


def test_what_is_seen_again_is_told_once(camera):
    request(camera, ago=4)
    request(camera, ago=3)
    request(camera, ago=2, host="other.example")
    found = wait_finding(camera, "plaintext_http", camera.camera,
                         lambda f: f["hits"] == 2)
    assert found["subject"] == "image.example"
    assert found["since"] < found["last"]
    assert len(findings(camera, camera.camera)) == 2


def test_rechecked_it_says_how_long_to_wait_and_then_it_is_gone(camera):
    scan(camera, ago=2)
    found = wait_finding(camera, "infection_ports")
    path = "/api/findings/%s/recheck" % found["id"]
    reply = camera.post(path).json
    assert reply["gone"] is False and 0 < reply["wait_s"] <= 300
    # seen so long ago that its quiet time is over
    scan(camera, ago=200, ports=(7547,))
    scan(camera, TV, ago=200)  # not watched: nothing of it
    camera.post("/api/devices/%s/delete" % camera.camera)
    scan(camera, ago=200)
    found = wait_finding(camera, "infection_ports")
    reply = camera.post("/api/findings/%s/recheck" % found["id"]).json
    assert reply["gone"] is True and reply["wait_s"] is None
    assert reply["finding"]["state"] == "gone"
    # and it comes back
    scan(camera, ago=2)
    wait_finding(camera, "infection_ports", None,
                 lambda f: f["state"] == "open")


def test_what_was_dismissed_stays_so(camera):
    request(camera, ago=3)
    found = wait_finding(camera, "plaintext_http")
    reply = camera.post("/api/findings/%s/dismiss" % found["id"]).json
    assert reply["state"] == "dismissed"
    request(camera, ago=2)
    wait_finding(camera, "plaintext_http", None,
                 lambda f: f["hits"] == 2 and f["state"] == "dismissed")


def test_unknown_findings_are_not_found(home):
    for what in ("recheck", "dismiss"):
        assert home.post("/api/findings/%s/%s" % (NO_ID, what)).status == 404
    device = home.device(ADDRESS)["id"]
    assert home.post("/api/findings/%s/recheck" % device).status == 404


def test_posture_sums_up_what_was_seen(camera):
    assert camera.get("/api/devices/%s/posture"
                      % camera.camera).json["since"] is None
    camera.window(CAMERA, window_ms(3), [
        {"remote": "203.0.113.31", "out_bytes": 500, "in_bytes": 400,
         "in_content": 300, "opener": OPENED}],
        [{"addr": "203.0.113.31", "name": "ad.doubleclick.net",
          "source": DNS, "resolver": "192.168.1.1"}])
    request(camera)
    posture = wait_until(
        lambda: next((p for p in [camera.get(
            "/api/devices/%s/posture" % camera.camera).json]
            if p["sums"]["http_requests"]), None), "the posture")
    assert posture["sums"]["windows"] == 2
    assert posture["sums"]["encrypted_bytes"] == 900
    assert posture["sums"]["paper"]["unencrypted_bytes"] == 1000
    assert posture["sums"]["current"]["unencrypted_bytes"] == 1000
    assert [i["name"] for i in posture["in_clear"]] == ["image.example"]
    assert [i["name"] for i in posture["trackers"]] == ["ad.doubleclick.net"]
    # by its MAC it is of Google; its owner knows better, also afterwards
    assert posture["third_parties"] == []

    def third_parties(vendor):
        label = {"name": "porch", "category": "camera", "vendor": vendor,
                 "source": "typed"}
        assert camera.post("/api/devices/%s/label" % camera.camera,
                           label).status == 200
        return [i["name"] for i in camera.get(
            "/api/devices/%s/posture" % camera.camera).json["third_parties"]]

    assert third_parties("Shelly") == ["Google"]
    assert third_parties("Nest") == []
    # its first day is for learning
    assert posture["changes"] == []
    assert posture["learning_until"] == posture["since"] + 86400 * 1000


def test_coverage_is_of_time_and_of_content(camera):
    camera.do("watch_state", mac=CAMERA, phase=ACTIVE, since_ms=now_ms())
    camera.window(CAMERA, window_ms(2), [
        {"remote": "203.0.113.31", "out_bytes": 500, "in_bytes": 400,
         "in_content": 300, "in_missed": 100, "opener": OPENED}])

    def coverage():
        return camera.get("/api/devices/%s/coverage" % camera.camera).json
    seen = wait_until(lambda: next((c for c in [coverage()]
                                    if c["seen_bytes"]
                                    and c["intercepted_ms"]), None),
                      "the coverage")
    assert seen["content"] == 0.75
    assert seen["unmeasured_bytes"] == 0
    assert 0 < seen["time"] <= 1
    assert [r["what"] for r in seen["round"]] == ["device_to_device"]
    assert seen["releases"] == 0 and seen["resisted_by"] is None


def test_an_address_of_another_subnet_is_one_that_guard_found(camera):
    """What the device announced, and what is stored of former networks, is
    for guard to ask for."""
    def goes_round():
        coverage = camera.get("/api/devices/%s/coverage" % camera.camera).json
        return [r["what"] for r in coverage["round"]]
    camera.window(CAMERA, window_ms(2), addr="10.9.9.21")
    camera.wait_message("guard", "spoke-from",
                        lambda m: m["address"] == "10.9.9.21")
    assert "other_subnet" not in goes_round()
    host = {"mac": CAMERA, "address": ADDRESS, "present": True,
            "first_ms": now_ms(), "last_ms": now_ms()}
    camera.do("host", elsewhere="10.9.9.21", **host)
    wait_until(lambda: "other_subnet" in goes_round(), "it to be told")
    camera.do("host", **host)
    wait_until(lambda: "other_subnet" not in goes_round(), "it to be over")


# 1: nothing comes back through us, which is no proof
@pytest.mark.parametrize("who,name", [(0, None), (1, None), (2, "device")])
def test_who_resists_is_told(camera, who, name):
    camera.do("watch_state", mac=CAMERA, phase=ACTIVE, since_ms=now_ms(),
              resists=who, reason="why")
    wait_until(lambda: camera.device(ADDRESS)["watch"]["reason"] == "why",
               "the state")
    coverage = camera.get("/api/devices/%s/coverage" % camera.camera).json
    assert coverage["resisted_by"] == name


@pytest.mark.parametrize("cause,releases", [
    (UNANSWERED, 1), (LOST_HERE, 1), (FIREWALL, 1), (LIMIT, 0),
    (PREPARATION, 0)])
def test_a_path_given_back_is_counted_and_no_proof(camera, cause, releases):
    def say(phase, **more):
        camera.do("watch_state", mac=CAMERA, phase=phase, since_ms=now_ms(),
                  resists=int(cause == UNANSWERED), **more)

    def reason():
        return camera.device(ADDRESS)["watch"]["reason"]
    say(ACTIVE)
    say(RELEASED, cause=cause, reason="why")
    say(RELEASED, cause=cause, reason="said again")
    wait_until(lambda: reason() == "said again", "the release")
    coverage = camera.get("/api/devices/%s/coverage" % camera.camera).json
    assert coverage["releases"] == releases
    assert (coverage["resisted_by"], coverage["resisted_at"]) == (None, None)


def test_answers_that_went_past_us_are_the_routers_doing(camera):
    """The device acknowledged content that never came by us."""
    began = now_ms()
    camera.do("watch_state", mac=CAMERA, phase=ACTIVE, since_ms=began)
    camera.do("watch_state", mac=CAMERA, phase=RELEASED, since_ms=now_ms(),
              cause=UNANSWERED, resists=1, reason="why")
    camera.window(CAMERA, window_ms(), [
        {"remote": "203.0.113.31", "out_bytes": 500, "in_missed": 4000,
         "unanswered": True}])

    def resisted():
        found = camera.get("/api/devices/%s/coverage" % camera.camera).json
        return found if found["resisted_by"] == "router" else None
    assert wait_until(resisted, "it to be told")["resisted_at"] >= began


def test_a_second_dhcp_server_is_found(home):
    for ago, server in ((4, "192.168.1.1"), (3, "192.168.1.1"),
                        (2, "192.168.1.66")):
        home.window(TV, window_ms(ago), clues=[
            {"kind": DHCP_SERVER, "text": server + " " + server}])
    found = wait_finding(home, "rogue_dhcp")
    assert found["device"] is None
    assert found["subject"] == found["endpoint"] == "192.168.1.66"
    assert "beside 192.168.1.1" in found["evidence"][0]["text"]


def test_a_spoofer_is_found_and_there_as_long_as_guard_says_so(home):
    home.do("fault", kind=SPOOFER, text="somebody else says to be the router")
    found = wait_finding(home, "spoofer")
    path = "/api/findings/%s/recheck" % found["id"]
    assert home.post(path).json["gone"] is False
    assert found["severity"] == "alarm"


def test_what_is_sent_while_nobody_is_at_home_is_told(camera):
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    def upload(ago):
        camera.window(CAMERA, window_ms(ago), [
            {"remote": "203.0.113.31", "out_bytes": 200000, "in_bytes": 400,
             "in_content": 300, "opener": OPENED}])

    def sums():
        return camera.get("/api/devices/%s/posture"
                          % camera.camera).json["sums"]

    upload(200)
    upload(130)
    wait_until(lambda: sums()["windows"] == 2, "what is sent before")
    assert camera.post("/api/settings", {
        "reverse_dns": True, "upload_mbps": None,
        "away": [{"days": week, "from": 0, "to": 1440}]}).status == 200
    upload(65)
    upload(2)  # a span of five minutes is judged when it is over
    found = wait_finding(camera, "while_away")
    assert found["hits"] == 1 and found["class"] == "change"
    seen = sums()
    assert seen["away_windows"] == 2 and seen["away_out_bytes"] == 400000


def test_a_restart_forgets_nothing(camera):
    request(camera)
    scan(camera)
    before = [wait_finding(camera, kind)
              for kind in ("plaintext_http", "infection_ports")]
    wait_until(lambda: (camera.data_dir / "iot-inspector.db").exists()
               and camera.status()["counters"]["store"]["transactions"] > 3,
               "it to be stored")
    camera.do("stop")
    assert camera.said.get(timeout=20)["exit"] == 0
    again = type(camera)(camera.data_dir)
    try:
        assert again.start().status == 303
        for finding in before:
            assert finding in findings(again, camera.camera)
        posture = again.get("/api/devices/%s/posture" % camera.camera).json
        assert posture["sums"]["http_requests"] == 1
    finally:
        again.close()


@pytest.fixture
def settled(home):
    """The hub, started anew when its first day is over."""
    home.do("stop")
    assert home.said.get(timeout=20)["exit"] == 0
    with database_of(home) as database:
        database.execute("UPDATE setting SET value = ? WHERE name = 'consent'",
                         (b"2 %d" % (now_ms() - 2 * 86400 * 1000),))
    again = type(home)(home.data_dir)
    try:
        assert again.start().status == 303
        again.interfaces("eth0", suggested="eth0")
        again.chosen()
        again.host(TV, "192.168.1.20")  # known since before
        yield again
        again.do("stop")
        assert again.said.get(timeout=20)["exit"] == 0
    finally:
        again.close()


def met(hub, mac, address):
    hub.host(mac, address)
    hub.wait_device(address)
    hub.open(address)
    return [f for f in findings(hub) if f["kind"] == "new_device"]


def test_on_the_first_day_no_device_is_new(home):
    assert not met(home, "3c:5a:b4:77:00:01", "192.168.1.77")


def test_a_device_that_was_not_there_is_told_after_the_first_day(settled):
    found = met(settled, "3c:5a:b4:77:00:02", "192.168.1.78")
    assert len(found) == 1 and found[0]["endpoint"] == "192.168.1.78"


def test_who_makes_up_macs_keeps_no_watched_device_unjudged(settled):
    for i in range(450):
        settled.host("3c:5a:b4:78:%02x:%02x" % (i >> 8, i & 255),
                     "10.0.%d.%d" % (i >> 8, i & 255))
    wait_until(lambda: settled.status()["counters"]["hub"]["judge_refused"]
               >= 40, "those past the limit")
    television = settled.watch("192.168.1.20")
    request(settled, TV)
    wait_finding(settled, "plaintext_http", television)


def test_what_is_locked_leaves_no_finding(home):
    address = "192.168.1.30"
    device = home.watch(address)
    request(home, PHONE, ago=3)
    wait_finding(home, "plaintext_http", device)
    home.window(PHONE, window_ms(2), clues=[
        {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"},
        {"kind": DHCP_HOSTNAME, "text": "DESKTOP-1"}])
    home.wait_device(address, lambda d: d["lock"]["state"] == "locked")
    assert findings(home) == []
    for what in ("findings", "posture", "coverage"):
        assert home.get("/api/devices/%s/%s" % (device, what)).status == 404


SECRET = "dannys-secret-name.lan"
PHONE6 = "2001:db8:77:1::30"


@pytest.fixture
def tells_of_phone(home):
    """A TV spoke to a phone by its name, in clear."""
    home.tv = home.watch("192.168.1.20")
    home.open("192.168.1.30")  # else what is said of it waits
    home.host(PHONE, PHONE6)
    home.window(PHONE, window_ms(4), clues=[
        {"kind": DHCP_HOSTNAME, "text": "Dannys-Secret-Name"}])
    home.wait_device("192.168.1.30",
                     lambda d: d["name"] == "Dannys-Secret-Name")
    speaks_to_phone(home, 3)
    request(home, TV, ago=2)
    for host in (SECRET, "image.example"):
        wait_finding(home, "plaintext_http", home.tv,
                     lambda f, host=host: f["subject"] == host)
    return home


def speaks_to_phone(hub, ago):
    hub.window(TV, window_ms(ago), [
        {"remote": PHONE6, "remote_port": 80, "out_bytes": 100,
         "in_bytes": 900, "in_content": 800, "opener": OPENED}],
        http=[{"remote": PHONE6, "host": SECRET}])


def judged_bytes(hub):
    with database_of(hub) as database:
        return repr(database.execute("SELECT subject, evidence FROM finding "
                                     "UNION ALL SELECT '', sums "
                                     "FROM judgement").fetchall())


def in_clear(hub):
    return [item["name"] for item in hub.get(
        "/api/devices/%s/posture" % hub.tv).json["in_clear"]]


def lock_by_click(hub):
    assert hub.post("/api/devices/%s/lock"
                    % hub.device("192.168.1.30")["id"]).status == 200


def lock_by_what_it_says(hub):
    hub.window(PHONE, window_ms(2), clues=[
        {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"}])
    hub.wait_device("192.168.1.30", lambda d: d["lock"]["state"] == "locked")


@pytest.mark.parametrize("lock", [lock_by_click, lock_by_what_it_says])
def test_findings_of_others_lose_the_name_of_what_is_locked(tells_of_phone,
                                                            lock):
    hub = tells_of_phone
    assert SECRET in in_clear(hub)
    hub.consent()  # and with it what was found
    wait_until(lambda: SECRET in judged_bytes(hub), "it to be stored")
    lock(hub)
    assert [f["subject"] for f in findings(hub)] == ["image.example"]
    assert in_clear(hub) == ["image.example"]
    assert "secret" not in judged_bytes(hub).lower()
    # and from then on it is called by its address
    speaks_to_phone(hub, 1)
    found = wait_finding(hub, "plaintext_http", hub.tv,
                         lambda f: f["subject"] == PHONE6)
    assert SECRET not in repr(found)
    hub.consent()
    wait_until(lambda: PHONE6 in judged_bytes(hub), "it to be stored")
    assert "secret" not in judged_bytes(hub).lower()
    hub.kill()
    assert sorted(f["subject"] for f in findings(hub)) == sorted(
        [PHONE6, "image.example"])


def test_a_name_that_could_not_be_erased_is_tried_again(tells_of_phone):
    hub = tells_of_phone
    wait_until(lambda: SECRET in judged_bytes(hub), "it to be stored")
    with nobody_else_writes(hub):
        assert hub.post("/api/devices/%s/lock" % hub.device(
            "192.168.1.30")["id"]).status == 503
        assert [f["subject"] for f in findings(hub)] == ["image.example"]
    wait_until(lambda: "secret" not in judged_bytes(hub).lower(),
               "the erasure")


def test_what_is_excluded_leaves_no_finding(camera):
    request(camera)
    found = wait_finding(camera, "plaintext_http")
    camera.post("/api/devices/%s/exclude" % camera.camera, {"exclude": True})
    assert findings(camera) == []
    assert camera.post("/api/findings/%s/dismiss" % found["id"]).status == 404


def test_a_device_being_identified_has_no_findings(home):
    device = home.watch(ADDRESS, thing=False)
    request(home)
    home.window(CAMERA, window_ms(1))
    assert home.get("/api/devices/%s/findings" % device).status == 404
    assert findings(home) == []
    # what was withheld is judged once it is open
    home.open(ADDRESS)
    wait_finding(home, "plaintext_http", device)


def test_all_goes_when_all_is_deleted(camera):
    request(camera)
    wait_finding(camera, "plaintext_http")
    camera.do("fault", kind=SPOOFER, text="somebody")
    wait_finding(camera, "spoofer")
    assert camera.post("/api/delete").status == 200
    assert findings(camera) == []
