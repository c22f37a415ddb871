# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolvers that the home gave: kept over a restart, asked for the names of
addresses, and nobody is accused of using them."""

from hub import OWN, PHONE, TV, database_of, wait_until, window_ms

DHCP_SERVER, IPV6_RESOLVERS = 26, 27  # enum record_clue_kind
ROUTER_MAC = "02:00:00:00:01:01"


def asks(hub, resolver, name="a.example"):
    hub.window(TV, window_ms(), [{"remote": resolver, "remote_port": 53,
                                  "protocol": 17, "out_bytes": 60}],
               questions=[{"name": name, "type": 1, "resolver": resolver}])


def accused(hub, device):
    found = hub.get("/api/devices/%s/findings" % device).json["findings"]
    return {f["subject"] for f in found if f["kind"] == "hard_coded_dns"}


def asked_of(hub, device, address):
    """Which resolver is asked for the name of an address."""
    hub.window(TV, window_ms(), [{"remote": address, "out_bytes": 1}])
    wait_until(lambda: address in [
        e["endpoint"] for e in hub.get("/api/devices/%s/endpoints" % device)
        .json["endpoints"]], "the endpoint")
    return hub.wait_message("discover", "ask-name",
                            lambda m: m["address"] == address)["resolver"]


def stored(hub):
    with database_of(hub) as database:
        return database.execute(
            "SELECT value FROM setting WHERE name = 'resolvers'").fetchone()


def network(hub, mac=ROUTER_MAC):
    hub.home()
    hub.chosen(gateway_mac=mac)


def test_what_dhcp_named_is_known_after_a_restart(make_hub):
    hub = make_hub()
    network(hub)
    tv = hub.watch("192.168.1.20")
    # heard of a device that nobody watches, and that is locked
    phone = hub.device("192.168.1.30")["id"]
    assert hub.post("/api/devices/%s/lock" % phone, {}).status < 300
    hub.window(PHONE, window_ms(), clues=[
        {"kind": DHCP_SERVER, "text": "192.168.1.1 192.168.1.7 9.9.9.9"},
        {"kind": IPV6_RESOLVERS, "text": "2620:fe::fe"}])
    assert asked_of(hub, tv, "203.0.113.1") == "192.168.1.7"
    # at the next tick it is stored
    asks(hub, "8.8.8.8")
    wait_until(lambda: accused(hub, tv) == {"8.8.8.8"}, "the finding")
    wait_until(lambda: stored(hub), "what is kept")
    hub.kill()
    network(hub)
    assert asked_of(hub, tv, "203.0.113.2") == "192.168.1.7"
    for resolver in ("9.9.9.9", "2620:fe::fe", "2001:4860:4860::8888",
                     "8.8.4.4"):
        asks(hub, resolver)
    wait_until(lambda: "8.8.4.4" in accused(hub, tv), "the finding")
    # what was found before may not have been stored yet
    assert accused(hub, tv) - {"8.8.8.8"} == {"8.8.4.4",
                                              "2001:4860:4860::8888"}
    # it goes with all that is erased
    assert stored(hub)
    assert hub.post("/api/delete").status == 200
    assert not stored(hub)
    # another network has another router
    hub.chosen(gateway_mac="02:00:00:00:01:02")
    assert asked_of(hub, tv, "203.0.113.3") == "192.168.1.1"


def test_this_computers_own_resolver_counts_if_it_is_of_the_home(make_hub,
                                                                tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_text("# made by hand\nnameserver 127.0.0.53\n"
                    "nameserver 9.9.9.9\nnameserver 192.168.1.9\n"
                    "search smith.example\n")
    hub = make_hub("--resolv-conf", str(file))
    network(hub)
    tv = hub.watch("192.168.1.20")
    assert asked_of(hub, tv, "203.0.113.1") == "192.168.1.9"
    asks(hub, "192.168.1.1")  # who asks it was told of it
    asks(hub, "9.9.9.9")      # so may this have been
    asks(hub, "8.8.8.8")
    wait_until(lambda: accused(hub, tv), "the finding")
    assert accused(hub, tv) == {"8.8.8.8"}
    # until DHCP says what the home gives
    hub.window(OWN, window_ms(), clues=[
        {"kind": DHCP_SERVER, "text": "192.168.1.1 192.168.1.1"}])
    asks(hub, "9.9.9.9", "b.example")
    wait_until(lambda: "9.9.9.9" in accused(hub, tv), "the finding")
