# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: what is being identified, locked or left alone does not come out,
one test for each way out."""

import json
import re
import socket

import pytest

from hub import (ACTIVE, CAMERA, DHCP_HOSTNAME, DHCP_VENDOR_CLASS, DNS, MDNS_HOST,
                 MDNS_INSTANCE, MDNS_SERVICE, MDNS_TXT, PHONE, RELEASED, ROUTER, TV,
                 database_of, nobody_else_writes, now_ms, stored_bytes,
                 wait_until, window_ms)

ADDRESS = "192.168.1.30"
REMOTE = "203.0.113.77"
NAME, HOST = "Dannys-Secret-Name", "secret.tracker.example"
CLUE = {"kind": DHCP_HOSTNAME, "text": NAME}
IS_COMPUTER = {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"}
IS_THING = {"kind": MDNS_SERVICE, "text": "_googlecast._tcp.local"}
# what must be nowhere: as text, and as the bytes of an address
TRACES = [NAME.encode(), HOST.encode(), REMOTE.encode(),
          socket.inet_aton(REMOTE)]


def does_something(hub, mac=PHONE, ago=2, clues=(CLUE,)):
    hub.window(mac, window_ms(ago), [
        {"remote": REMOTE, "in_bytes": 4242, "out_bytes": 17}],
        [{"addr": REMOTE, "name": HOST, "source": DNS,
          "resolver": "192.168.1.1"}], list(clues))


def wait_lock(hub, state, address=ADDRESS):
    return hub.wait_device(address, lambda d: d["lock"]["state"] == state)


def assert_nothing_in(content):
    content = content if isinstance(content, bytes) else content.encode()
    for trace in TRACES:
        assert trace not in content


@pytest.fixture
def identifying(home, open_stream):
    """A phone that is watched and did something; nobody knows what it is."""
    home.stream = open_stream(home)
    home.phone = home.watch(ADDRESS, thing=False)
    home.wait_message("guard", "watch", lambda m: m["macs"] == [PHONE])
    home.do("watch_state", mac=PHONE, phase=ACTIVE, since_ms=now_ms())
    does_something(home)
    home.wait_device(ADDRESS, lambda d: d["lock"]["withheld"] == 1)
    return home


@pytest.fixture
def locked(identifying):
    """The same, found to be a computer."""
    does_something(identifying, ago=1, clues=[CLUE, IS_COMPUTER])
    wait_lock(identifying, "locked")
    identifying.bodies.clear()
    return identifying


def test_an_identifying_device_says_why_it_is(identifying):
    device = identifying.device(ADDRESS)
    lock = device["lock"]
    assert lock["state"] == "identifying" and lock["by"] is None
    assert "not known yet" in lock["reasons"][0]
    assert device["name"] == NAME  # what it says to everyone


def test_charts_and_tables_of_an_identifying_device_are_refused(identifying):
    for path in ("endpoints", "traffic", "clues"):
        reply = identifying.get("/api/devices/%s/%s?from=0"
                                % (identifying.phone, path))
        assert (reply.status, reply.code) == (404, "identifying")


def test_the_list_has_no_bytes_of_an_identifying_device(identifying):
    device = identifying.device(ADDRESS)
    assert device["in_bytes"] == device["out_bytes"] == 0
    assert not re.search(r"\b4242\b", json.dumps(device))


def test_nothing_of_an_identifying_device_is_stored(identifying):
    identifying.consent()  # and with it whatever was still to be stored
    assert_nothing_in(stored_bytes(identifying))


def test_no_window_of_an_identifying_device_is_streamed(identifying):
    assert identifying.stream.got("window") == []
    assert HOST not in repr(identifying.stream.events)


def test_what_was_withheld_of_a_thing_goes_on(identifying):
    does_something(identifying, ago=1, clues=[CLUE, IS_THING])
    device = wait_lock(identifying, "open")
    assert device["lock"]["by"] == "evidence"
    assert device["lock"]["withheld"] == 0 and len(device["lock"]["reasons"]) > 1
    identifying.wait_device(ADDRESS, lambda d: d["in_bytes"] == 2 * 4242)
    rows = identifying.get("/api/devices/%s/endpoints?from=0"
                           % identifying.phone).json["endpoints"]
    assert [(r["endpoint"], r["in_bytes"]) for r in rows] == [(HOST, 2 * 4242)]
    series = identifying.get("/api/devices/%s/traffic" % identifying.phone)
    assert [sum(s["in_bytes"]) for s in series.json["series"]] == [2 * 4242]


def test_the_owners_word_opens(identifying):
    identifying.open(ADDRESS)
    device = wait_lock(identifying, "open")
    assert device["lock"]["by"] == "owner"
    identifying.wait_device(ADDRESS, lambda d: d["in_bytes"] == 4242)
    identifying.consent()
    identifying.kill()
    assert identifying.device(ADDRESS)["lock"]["by"] == "owner"


def test_the_owners_word_does_not_hold_against_evidence(identifying):
    identifying.open(ADDRESS)
    identifying.wait_device(ADDRESS, lambda d: d["in_bytes"] == 4242)
    does_something(identifying, ago=1, clues=[IS_COMPUTER])
    wait_lock(identifying, "locked")
    identifying.wait_message("guard", "watch", lambda m: m["macs"] == [])
    assert_nothing_in(stored_bytes(identifying))
    reply = identifying.post("/api/devices/%s/open" % identifying.phone)
    assert (reply.status, reply.code) == (409, "locked")


def test_the_owner_is_asked_again_when_it_becomes_doubtful(home):
    home.open(ADDRESS)
    home.window(PHONE, window_ms(), clues=[IS_THING])
    home.wait_device(ADDRESS, lambda d: len(d["lock"]["reasons"]) > 1)
    home.window(PHONE, window_ms(), clues=[
        {"kind": MDNS_SERVICE, "text": "_teamviewer._tcp.local"}])
    lock = wait_lock(home, "identifying")["lock"]
    assert "speaks for somebody's computer" in lock["reasons"][0]
    assert len(lock["reasons"]) > 2
    assert home.get("/api/devices/%s/clues" % home.device(ADDRESS)["id"]
                    ).code == "identifying"
    home.open(ADDRESS)  # knowing that
    for name in ("one", "two"):
        home.window(PHONE, window_ms(), clues=[{"kind": DHCP_HOSTNAME,
                                                "text": name}])
        device = home.wait_device(ADDRESS, lambda d: d["name"] == name)
        assert device["lock"]["by"] == "owner"
        home.consent()
        home.kill()
        home.host(PHONE, ADDRESS)
        home.wait_device(ADDRESS, lambda d: d["lock"]["by"] == "owner")


def test_what_it_did_speaks_for_a_thing_after_a_restart_too(home):
    address = "192.168.1.21"
    home.watch(address)
    home.window(CAMERA, window_ms(2), [
        {"remote": REMOTE, "in_bytes": 4242, "out_bytes": 17}],
        [{"addr": REMOTE, "name": "x.rokutime.com", "source": DNS,
          "resolver": "192.168.1.1"}])
    home.wait_device(address, lambda d: d["in_bytes"] == 4242)
    # by this alone it would be a computer
    home.window(CAMERA, window_ms(), clues=[
        {"kind": MDNS_SERVICE, "text": "_teamviewer._tcp.local"}])
    wait_lock(home, "identifying", address)
    home.open(address)
    home.consent()
    home.kill()
    device = home.device(address)
    assert device["lock"]["state"] == "open" and device["in_bytes"] == 4242
    assert {"domain", "mdns_service"} <= {
        piece["kind"] for piece in device["identity"]["evidence"]}


def test_what_is_stored_of_a_device_is_judged_again_at_start(home):
    home.open(ADDRESS)
    home.window(PHONE, window_ms(), clues=[{"kind": DHCP_HOSTNAME,
                                            "text": "x"}])
    device = home.wait_device(ADDRESS, lambda d: d["name"] == "x")
    # asked for, it is in its table, and consent is stored with it
    assert home.get("/api/devices/%s/clues?from=0" % device["id"]).status == 200
    home.consent()
    with database_of(home) as other:  # as by rules of a later version
        other.execute("UPDATE clue SET kind = 'dhcp_vendor_class', "
                      "text = CAST('MSFT 5.0' AS BLOB)")
    home.kill()
    assert_locked = wait_lock(home, "locked")
    assert assert_locked["lock"]["by"] == "evidence"


def test_what_is_withheld_is_not_there_after_a_restart(identifying):
    identifying.consent()
    identifying.kill()
    device = wait_lock(identifying, "identifying")
    assert device["lock"]["withheld"] == 0 and device["name"] is None
    assert device["watch"]["wanted"]
    identifying.open(ADDRESS)
    assert identifying.device(ADDRESS)["in_bytes"] == 0


def test_withdrawal_wipes_what_is_withheld(identifying):
    identifying.post("/api/consent/withdraw")
    assert identifying.device(ADDRESS)["lock"]["withheld"] == 0
    assert identifying.status()["counters"]["hub"]["withheld_bytes"] == 0


def test_of_a_locked_device_the_list_has_its_address_alone(locked):
    device = locked.device(ADDRESS)
    assert set(device) == {"id", "excluded", "address", "lock"}
    assert device["lock"]["state"] == "locked" and not device["excluded"]
    assert device["lock"]["by"] == "evidence"
    assert len(device["lock"]["reasons"]) > 1
    assert locked.get("/api/devices/" + locked.phone).json == device
    assert_nothing_in(b"".join(locked.bodies))


def test_charts_and_tables_of_a_locked_device_are_refused(locked):
    for path in ("endpoints", "traffic", "clues"):
        reply = locked.get("/api/devices/%s/%s?from=0" % (locked.phone, path))
        assert (reply.status, reply.code) == (404, "locked")


def test_nothing_of_a_locked_device_remains_in_the_store(locked):
    content = stored_bytes(locked)
    assert_nothing_in(content)
    assert socket.inet_aton(ADDRESS) not in content
    with database_of(locked) as database:
        mac = bytes.fromhex(PHONE.replace(":", ""))
        for table in ("device", "device_lock"):
            rows = database.execute("SELECT count(*) FROM %s WHERE mac = ?"
                                    % table, (mac,)).fetchone()[0]
            assert rows == (table == "device_lock")


def test_when_a_computer_was_met_is_kept_nowhere(locked):
    """It would come anew, under another MAC, each day that it is at home."""
    assert locked.device(ADDRESS)["lock"]["since"] is None
    month = 30 * 86400 * 1000
    with database_of(locked) as database:
        (since,), = database.execute("SELECT since_ms FROM device_lock "
                                     "WHERE lock = 4")
        assert since == now_ms() // month * month
        tables = [name for name, in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'")]
        mac = bytes.fromhex(PHONE.replace(":", ""))
        for table in tables:
            rows = database.execute("SELECT * FROM %s" % table).fetchall()
            assert table in ("device_lock", "closed_name") or not any(
                mac in row for row in rows)


def test_a_locked_device_is_let_go_and_stays_so(locked):
    locked.wait_message("guard", "watch", lambda m: m["macs"] == [])
    reply = locked.post("/api/devices/%s/watch" % locked.phone,
                        {"watch": True})
    assert (reply.status, reply.code) == (409, "locked")
    locked.forget_messages()
    locked.kill()
    locked.wait_message("guard", "watch", lambda m: m["macs"] == [])
    locked.host(PHONE, ADDRESS)
    assert wait_lock(locked, "locked")["lock"]["by"] == "evidence"


def test_the_stream_says_nothing_of_a_locked_device(locked):
    locked.stream.wait("devices", lambda v: any(
        d["id"] == locked.phone and d["lock"]["state"] == "locked"
        for d in v["devices"]))
    before = len(locked.stream.events)
    refused = locked.status()["counters"]["hub"]["windows_refused"]
    does_something(locked, ago=0)
    locked.host(PHONE, ADDRESS)
    wait_until(lambda: locked.status()["counters"]["hub"]["windows_refused"]
               > refused, "a refused window")
    locked.stream.wait("heartbeat")
    assert locked.stream.got("window") == []
    assert_nothing_in(repr(locked.stream.events[before:]))
    assert_nothing_in(stored_bytes(locked))


def test_the_status_says_nothing_of_a_locked_device(locked):
    locked.do("watch_state", mac=PHONE, phase=RELEASED, since_ms=now_ms(),
              reason="no replies come back")
    locked.do("watch_state", mac=PHONE, phase=ACTIVE, since_ms=now_ms())
    locked.host("3c:5a:b4:00:00:77", "192.168.1.77")
    locked.wait_device("192.168.1.77")
    status = locked.status()
    assert status["network"]["intercepted"] == []
    assert status["faults"] == [] and locked.phone not in json.dumps(status)
    assert_nothing_in(json.dumps(status))


def test_the_log_says_nothing_of_a_device(locked):
    said = locked.logged()
    assert_nothing_in(said)
    assert PHONE not in said and ADDRESS not in said


def test_one_click_locks_and_erases(home):
    tv = home.watch("192.168.1.20")
    does_something(home, mac=TV)
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 4242)
    reply = home.post("/api/devices/%s/lock" % tv)
    assert reply.json["lock"]["state"] == "locked"
    assert reply.json["lock"]["reasons"] == ["Locked by you."]
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    assert_nothing_in(stored_bytes(home))
    assert home.post("/api/devices/%s/lock" % tv).status == 200
    reply = home.post("/api/devices/%s/open" % tv)
    assert (reply.status, reply.code) == (409, "locked")
    home.kill()
    home.host(TV, "192.168.1.20")
    assert wait_lock(home, "locked", "192.168.1.20")["lock"]["by"] == "owner"


def test_a_lock_that_could_not_be_stored_is_tried_again(home):
    tv = home.watch("192.168.1.20")
    does_something(home, mac=TV)
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 4242)
    with nobody_else_writes(home):
        assert home.post("/api/devices/%s/lock" % tv).status == 503
        assert home.device("192.168.1.20")["lock"]["state"] == "locked"
    wait_until(lambda: HOST.encode() not in stored_bytes(home), "the erasure")
    assert_nothing_in(stored_bytes(home))
    home.kill()
    home.host(TV, "192.168.1.20")
    assert wait_lock(home, "locked", "192.168.1.20")["lock"]["by"] == "owner"


def test_an_exclusion_that_could_not_be_stored_is_tried_again(home):
    tv = home.watch("192.168.1.20")
    does_something(home, mac=TV)
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 4242)
    path = "/api/devices/%s/exclude" % tv
    with nobody_else_writes(home):
        assert home.post(path, {"exclude": True}).status == 503
    wait_until(lambda: HOST.encode() not in stored_bytes(home), "the erasure")
    assert_nothing_in(stored_bytes(home))
    home.kill()
    assert home.device("192.168.1.20")["excluded"]


def test_what_a_run_that_broke_off_left_of_a_locked_device_is_erased(home):
    home.watch("192.168.1.20")
    does_something(home, mac=TV)
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 4242)
    home.consent()  # and with it the window
    assert HOST.encode() in stored_bytes(home)
    with database_of(home) as other:
        other.execute("INSERT OR REPLACE INTO device_lock VALUES(?, 5, ?, 0)",
                      (bytes.fromhex(TV.replace(":", "")), now_ms()))
    home.kill()
    assert_nothing_in(stored_bytes(home))
    home.host(TV, "192.168.1.20")
    wait_lock(home, "locked", "192.168.1.20")


def test_who_is_excluded_on_the_command_line_loses_its_history(make_hub):
    first = make_hub(data="same")
    first.home()
    first.watch("192.168.1.20")
    does_something(first, mac=TV)
    first.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 4242)
    first.consent()
    assert HOST.encode() in stored_bytes(first)
    first.close()
    again = make_hub("--exclude", TV, data="same")
    assert again.device("192.168.1.20")["excluded"]
    assert_nothing_in(stored_bytes(again))


def test_a_key_that_others_could_read_is_mended(make_hub):
    first = make_hub(data="same")
    secret = first.data_dir / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    first.close()
    key = secret.read_bytes()
    secret.chmod(0o644)
    again = make_hub(data="same")
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_bytes() == key  # identifiers are the same ones
    assert "others could read" in again.logged()


def test_who_is_left_alone_and_was_forgotten_is_told_to_guard_again(home):
    home.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "x-noinspect"}])
    wait_lock(home, "excluded")
    home.host(PHONE, ADDRESS, present=False, last_ms=now_ms() - 3600000)
    for i in range(2048):
        home.host("3e:00:00:00:%02x:%02x" % divmod(i, 256), "10.9.%d.%d"
                  % divmod(i, 256))
    wait_until(lambda: home.status()["counters"]["hub"]["devices_evicted"],
               "evictions")
    home.window(TV, window_ms(), clues=[
        {"kind": DHCP_HOSTNAME, "text": "y-noinspect"}])
    home.wait_message("guard", "exclude", lambda m: m["macs"] == [TV])
    home.forget_messages()
    home.host(PHONE, ADDRESS)
    home.wait_message("guard", "exclude", lambda m: PHONE in m["macs"])


def test_a_locked_device_is_in_no_pair(home):
    tv = home.watch("192.168.1.20")
    router = home.device("192.168.1.1")["id"]
    wanted = {"all": False, "pairs": [[tv, router]]}
    assert home.post("/api/between", wanted).json == wanted
    assert home.post("/api/devices/%s/lock" % tv).status == 200
    assert home.get("/api/between").json == {"all": False, "pairs": []}
    assert home.post("/api/between", wanted).status == 400


def test_neither_the_router_nor_the_excluded_is_locked(home):
    router = home.device("192.168.1.1")
    assert router["lock"]["state"] == "open"
    reply = home.post("/api/devices/%s/lock" % router["id"])
    assert (reply.status, reply.code) == (409, "gateway")
    tv = home.device("192.168.1.20")["id"]
    home.post("/api/devices/%s/exclude" % tv, {"exclude": True})
    for what in ("lock", "open"):
        reply = home.post("/api/devices/%s/%s" % (tv, what))
        assert (reply.status, reply.code) == (409, "excluded")
    nobody = "/api/devices/%s/" % ("0" * 64)
    assert home.post(nobody + "lock").status == 404
    assert home.post(nobody + "open").status == 404


@pytest.mark.parametrize("kind,name", [
    (DHCP_HOSTNAME, "Dannys-Secret-Phone-NoInspect"),
    (MDNS_HOST, "Dannys-Secret-Phone-noinspect.local")])
def test_who_asks_by_its_name_is_left_alone(home, kind, name):
    home.watch(ADDRESS)
    does_something(home, clues=[])
    home.wait_device(ADDRESS, lambda d: d["in_bytes"] == 4242)
    home.forget_messages()
    does_something(home, ago=1, clues=[{"kind": kind, "text": name}])
    device = wait_lock(home, "excluded")
    assert set(device) == {"id", "excluded", "address", "lock"}
    assert device["excluded"] and device["lock"]["by"] == "name"
    assert "asks to be left alone" in device["lock"]["reasons"][0]
    home.wait_message("guard", "exclude", lambda m: m["macs"] == [PHONE])
    home.wait_message("guard", "watch", lambda m: m["macs"] == [])
    assert_nothing_in(stored_bytes(home))
    phone = "/api/devices/%s/" % device["id"]
    assert home.post(phone + "watch", {"watch": True}).code == "excluded"
    assert home.post(phone + "open").code == "excluded"
    assert home.post(phone + "exclude", {"exclude": False}).code == "fixed"
    home.post("/api/delete")
    home.forget_messages()
    home.kill()  # guard is told before it can touch anybody
    home.wait_message("guard", "exclude", lambda m: m["macs"] == [PHONE])


def test_a_forged_answer_has_nobody_left_alone(home):
    home.wait_message("discover", "ask",
                      lambda m: m["address"] == "192.168.1.20")
    home.do("answer", address="192.168.1.20", kind=MDNS_HOST,
            text="Dannys-Secret-TV-noinspect.local")
    home.wait_device("192.168.1.20", lambda d: d.get("name") ==
                     "Dannys-Secret-TV-noinspect.local")
    home.window(TV, window_ms(), clues=[
        {"kind": MDNS_HOST, "text": "Dannys-Secret-TV-noinspect.local"}])
    wait_lock(home, "excluded", "192.168.1.20")


def test_nobody_is_asked_by_an_address_that_a_locked_device_has_now(home):
    home.window(PHONE, window_ms(), clues=[IS_COMPUTER])
    wait_lock(home, "locked")
    home.host(TV, "192.168.1.50")
    home.host(PHONE, "192.168.1.50")
    home.wait_message("discover", "ask",
                      lambda m: m["address"] == "192.168.1.21")
    home.host("3c:5a:b4:00:00:77", "192.168.1.77")
    home.wait_message("discover", "ask",
                      lambda m: m["address"] == "192.168.1.77")
    asked = [m["address"] for m in home.sent("discover", "ask")]
    assert "192.168.1.50" not in asked


def test_a_locked_device_is_named_by_nobody_else(home):
    tv = home.watch("192.168.1.20")
    home.open(ADDRESS)
    home.window(TV, window_ms(2), [
        {"remote": ADDRESS, "in_bytes": 7, "out_bytes": 7, "local": True}],
        [{"addr": ADDRESS, "name": "dannys-secret-phone.lan", "source": DNS,
          "resolver": "192.168.1.1"}])
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 7)

    def endpoints():
        rows = home.get("/api/devices/%s/endpoints?from=0" % tv).json
        return [row["endpoint"] for row in rows["endpoints"]]

    assert endpoints() == ["dannys-secret-phone.lan"]
    home.window(PHONE, window_ms(), clues=[IS_COMPUTER])
    wait_lock(home, "locked")
    assert endpoints() == [ADDRESS]
    home.host(PHONE, "192.168.1.31")  # it had that one
    assert endpoints() == [ADDRESS]


def test_an_address_of_the_home_that_is_nobodys_has_no_name(home):
    """By IPv6 a phone has addresses that nobody heard of yet."""
    prefix = "2001:db8:77:1:"
    tv = home.watch("192.168.1.20")
    home.host(PHONE, prefix + ":31")
    home.window(TV, window_ms(2), [
        {"remote": addr, "in_bytes": 7, "out_bytes": 7}
        for addr in (prefix + ":99", "2001:db8:78::1")],
        [{"addr": addr, "name": name, "source": DNS, "resolver": "192.168.1.1"}
         for addr, name in ((prefix + ":99", "dannys-secret-phone.lan"),
                            ("2001:db8:78::1", "x.rokutime.com"))])
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 14)
    rows = home.get("/api/devices/%s/endpoints?from=0" % tv).json["endpoints"]
    assert sorted(row["endpoint"] for row in rows) == [
        prefix + ":99", "x.rokutime.com"]


def test_a_name_that_only_has_it_inside_is_a_name(home):
    home.open(ADDRESS)
    for name in ("noinspect", "-noinspect-2", "a-noinspectx", "x.a-noinspect"):
        home.window(PHONE, window_ms(), clues=[{"kind": DHCP_HOSTNAME,
                                                "text": name}])
        home.wait_device(ADDRESS, lambda d, name=name: d["name"] == name)


# what others may say of the phone, each in a row of its own
PHONES_NAME = b"dannys-secret-name"
SERVER = "203.0.113.9"
SAYINGS = {
    "questions": [{"name": "Dannys-Secret-Name.local"},
                  {"name": "kept-question.example"}],
    "hellos": [{"remote": SERVER, "sni": "dannys-secret-name.fritz.box"},
               {"remote": SERVER, "sni": "kept-hello.example"}],
    "http": [{"remote": SERVER, "host": "dannys-secret-name"},
             {"remote": SERVER, "host": "kept-http.example",
              "user_agent": "sync/1 (for Dannys-Secret-Name)"},
             {"remote": SERVER, "user_agent": "kept-agent/1"}],
    "servers": [{"remote": SERVER, "subject": "CN=dannys-secret-name.lan"},
                {"remote": SERVER, "subject": "CN=kept-subject"}],
    "services": [{"remote": SERVER, "detail": "hi Dannys-Secret-Name"}],
    "clues": [{"kind": MDNS_INSTANCE,
               "text": "Dannys-Secret-Name"},
              {"kind": MDNS_INSTANCE, "text": "kept-clue"},
              {"kind": MDNS_TXT, "text": "for=dannys-secret-name"}],
    "names": [{"addr": SERVER, "name": "dannys-secret-name.lan",
               "source": DNS, "resolver": "192.168.1.1"},
              {"addr": ADDRESS, "name": "secret-by-its-address.lan",
               "source": DNS, "resolver": "192.168.1.1"}],
}
KEPT = [b"kept-question.example", b"kept-hello.example", b"kept-agent/1",
        b"kept-subject", b"kept-clue"]


def speaks_of_the_phone(hub, ago=2):
    hub.window(TV, window_ms(ago), [{"remote": SERVER, "in_bytes": 7,
                                     "out_bytes": 7}], **SAYINGS)


def assert_hushed(hub):
    content = stored_bytes(hub).lower()
    assert PHONES_NAME not in content
    assert b"secret-by-its-address" not in content
    for kept in KEPT:
        assert kept in content, kept


def wait_stored(hub, text, there=True):
    wait_until(lambda: (text in stored_bytes(hub).lower()) is there,
               "%r in the store: %s" % (text, there))


def test_what_others_said_of_a_device_goes_when_it_is_locked(home):
    home.watch("192.168.1.20")
    home.open(ADDRESS)
    home.window(PHONE, window_ms(3), clues=[CLUE])
    home.wait_device(ADDRESS, lambda d: d.get("name") == NAME)
    speaks_of_the_phone(home)
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 7)
    wait_stored(home, PHONES_NAME)
    home.window(PHONE, window_ms(), clues=[IS_COMPUTER])
    wait_lock(home, "locked")
    wait_stored(home, PHONES_NAME, False)
    assert_hushed(home)
    assert PHONES_NAME not in json.dumps(home.devices()).lower().encode()


def test_what_others_say_of_a_locked_device_is_not_stored(home):
    """Nor after a restart, or under its new name."""
    home.watch("192.168.1.20")
    home.window(PHONE, window_ms(3), clues=[CLUE, IS_COMPUTER])
    wait_lock(home, "locked")
    speaks_of_the_phone(home)
    wait_stored(home, b"kept-clue")
    assert_hushed(home)
    home.kill()
    home.host(TV, "192.168.1.20")
    home.host(PHONE, ADDRESS)
    wait_lock(home, "locked")
    speaks_of_the_phone(home, ago=1)
    ask = {"questions": [{"name": "other-secret.local"}], "flows": [
        {"remote": SERVER, "in_bytes": 8, "out_bytes": 1}]}
    home.window(TV, window_ms(1), **ask)
    wait_stored(home, b"other-secret")
    assert_hushed(home)
    # another name was told by nobody yet; it tells it itself
    home.window(PHONE, window_ms(0), clues=[
        {"kind": DHCP_HOSTNAME, "text": "Other-Secret"}])
    wait_stored(home, b"other-secret", False)
    home.window(TV, window_ms(0), **ask, clues=[
        {"kind": MDNS_INSTANCE, "text": "kept-later"}])
    wait_stored(home, b"kept-later")
    assert b"other-secret" not in stored_bytes(home)


@pytest.fixture
def spoken_of(home):
    """Nobody knows what the phone is; the TV speaks of it."""
    home.watch("192.168.1.20")
    home.window(PHONE, window_ms(3), clues=[CLUE])
    home.wait_device(ADDRESS, lambda d: d.get("name") == NAME)
    speaks_of_the_phone(home)
    wait_stored(home, b"kept-clue")
    assert_hushed(home)
    return home


def test_what_others_say_of_an_identifying_device_waits_with_it(spoken_of):
    assert spoken_of.status()["counters"]["hub"]["withheld_bytes"] > 0
    assert spoken_of.device(ADDRESS)["lock"]["withheld"] == 1  # its own alone
    spoken_of.window(PHONE, window_ms(), clues=[IS_THING])
    wait_lock(spoken_of, "open")
    for trace in (PHONES_NAME + b".local", PHONES_NAME + b".fritz.box",
                  b"secret-by-its-address.lan", b"for=" + PHONES_NAME,
                  b"cn=" + PHONES_NAME, b"sync/1 (for " + PHONES_NAME):
        wait_stored(spoken_of, trace)
    assert spoken_of.status()["counters"]["hub"]["withheld_bytes"] == 0
    speaks_of_the_phone(spoken_of, ago=1)  # and goes on at once
    assert spoken_of.status()["counters"]["hub"]["withheld_bytes"] == 0


def test_what_others_said_of_what_is_a_computer_was_never_stored(spoken_of):
    spoken_of.window(PHONE, window_ms(), clues=[IS_COMPUTER])
    wait_lock(spoken_of, "locked")
    assert spoken_of.status()["counters"]["hub"]["withheld_bytes"] == 0
    assert_hushed(spoken_of)
    spoken_of.consent()
    spoken_of.kill()
    assert_hushed(spoken_of)


@pytest.mark.parametrize("deed", ["delete", "lock", "exclude", "withdraw"])
def test_who_is_forgotten_says_nothing_of_others_later(spoken_of, deed):
    tv = "/api/devices/%s/" % spoken_of.device("192.168.1.20")["id"]
    if deed == "withdraw":
        assert spoken_of.post("/api/consent/withdraw").status == 200
    else:
        assert spoken_of.post(tv + deed, {"exclude": True} if deed == "exclude"
                              else {}).status == 200
    counters = spoken_of.status()["counters"]["hub"]
    own = spoken_of.device(ADDRESS)["lock"]["withheld"]
    assert (counters["withheld_bytes"] > 0) == (own > 0)
    if deed == "withdraw":
        spoken_of.consent()
    spoken_of.open(ADDRESS)
    spoken_of.consent()  # and with it whatever was still to be stored
    content = stored_bytes(spoken_of).lower()
    assert b"for=" + PHONES_NAME not in content
    assert b"secret-by-its-address" not in content


def test_what_an_unwatched_device_did_waits_with_nobody(home):
    """What it said to everyone does."""
    home.window(PHONE, window_ms(3), clues=[CLUE])
    home.wait_device(ADDRESS, lambda d: d.get("name") == NAME)
    speaks_of_the_phone(home)
    home.wait_device("192.168.1.20", lambda d: d["lock"]["withheld"] == 1)
    home.open("192.168.1.20")
    wait_stored(home, b"kept-clue")
    assert b"for=" + PHONES_NAME not in stored_bytes(home).lower()
    home.open(ADDRESS)
    wait_stored(home, b"for=" + PHONES_NAME)
    home.consent()  # and with it whatever was still to be stored
    content = stored_bytes(home).lower()
    for deed in (b"kept-question", b"kept-hello", b"secret-by-its-address",
                 PHONES_NAME + b".local", PHONES_NAME + b".fritz.box"):
        assert deed not in content, deed


def test_what_a_doubted_device_said_of_others_waits_with_it(spoken_of):
    tv = "192.168.1.20"
    spoken_of.window(TV, window_ms(1), clues=[IS_THING])
    spoken_of.wait_device(tv, lambda d: len(d["lock"]["reasons"]) > 1)
    spoken_of.window(TV, window_ms(), clues=[
        {"kind": MDNS_SERVICE, "text": "_teamviewer._tcp.local"}])
    wait_lock(spoken_of, "identifying", tv)
    spoken_of.open(ADDRESS)
    spoken_of.consent()
    assert b"for=" + PHONES_NAME not in stored_bytes(spoken_of).lower()
    spoken_of.open(tv)
    wait_stored(spoken_of, b"for=" + PHONES_NAME)
    wait_stored(spoken_of, b"secret-by-its-address")


def test_what_the_router_said_before_it_was_known_as_one_goes_on(make_hub):
    hub = make_hub()
    hub.interfaces("eth0", suggested="eth0")
    hub.consent()
    hub.window(ROUTER, window_ms(), clues=[{"kind": MDNS_TXT,
                                            "text": "said-early=1"}])

    def withheld():
        return hub.status()["counters"]["hub"]["withheld_bytes"]

    wait_until(withheld, "it is withheld")
    hub.host(ROUTER, "192.168.1.1", gateway=True)
    wait_stored(hub, b"said-early=1")
    assert withheld() == 0


def test_a_device_may_say_its_own_name_whoever_else_has_it(home):
    """A second interface, or somebody who pretends."""
    home.watch("192.168.1.20")
    for mac in (TV, PHONE):
        home.window(mac, window_ms(3), clues=[
            {"kind": DHCP_HOSTNAME, "text": "Living-Room-TV"}])
    home.wait_device(ADDRESS, lambda d: d.get("name") == "Living-Room-TV")
    home.window(TV, window_ms(2), questions=[{"name": "living-room-tv.local"}],
                clues=[{"kind": MDNS_INSTANCE, "text": "Living-Room-TV"}])
    wait_stored(home, b"living-room-tv.local")


def test_in_the_homes_own_domain_a_name_is_one_of_the_homes(home):
    """Before the domain is known, when it comes to be, and after a restart."""
    def says(word, ago=2):
        name = "dannys-secret-name.%s.home.example" % word
        home.window(TV, window_ms(ago), [{"remote": SERVER, "in_bytes": 7}],
                    questions=[{"name": name}, {"name": word + ".example"}],
                    hellos=[{"remote": SERVER, "sni": name}],
                    names=[{"addr": SERVER, "name": name, "source": DNS}],
                    http=[{"remote": SERVER, "host": name}])
        wait_stored(home, word.encode() + b".example")

    home.watch("192.168.1.20")
    home.window(PHONE, window_ms(3), clues=[CLUE, IS_COMPUTER])
    wait_lock(home, "locked")
    says("first")
    assert PHONES_NAME in stored_bytes(home)
    home.window(TV, window_ms(2), domains=["Home.example"],
                clues=[{"kind": MDNS_INSTANCE, "text": "kept-domain"}])
    wait_stored(home, b"kept-domain")
    wait_stored(home, PHONES_NAME, False)
    says("second", 1)
    assert PHONES_NAME not in stored_bytes(home)
    home.kill()
    home.host(TV, "192.168.1.20")
    home.host(PHONE, ADDRESS)
    wait_lock(home, "locked")
    says("third", 0)
    assert PHONES_NAME not in stored_bytes(home)
    for word in (b"first", b"second", b"third"):
        assert word + b".example" in stored_bytes(home)


def test_what_an_earlier_version_left_of_a_locked_device_is_searched(home):
    home.watch("192.168.1.20")
    home.window(PHONE, window_ms(3), clues=[IS_COMPUTER])
    wait_lock(home, "locked")
    with database_of(home) as other:
        tv = other.execute("SELECT id FROM device WHERE mac = ?", (
            bytes.fromhex(TV.replace(":", "")),)).fetchone()[0]
        other.execute("DELETE FROM closed_name")
        other.execute(
            "INSERT INTO finding VALUES(?, 'plaintext_http', "
            "'of-an-earlier-version.lan', ?, 1, ?, 1, 0, x'')",
            (tv, socket.inet_aton(ADDRESS), now_ms()))
    assert b"of-an-earlier-version" in stored_bytes(home)
    home.kill()
    home.host(PHONE, ADDRESS)
    wait_stored(home, b"of-an-earlier-version", False)
    assert home.get("/api/findings").json["findings"] == []
