# SPDX-License-Identifier: GPL-3.0-or-later
"""What a watched device did: live, as endpoints, and over time."""

import pytest

from hub import (ACTIVE, CAMERA, DHCP_HOSTNAME, DNS, HTTP_HOST, SNI, TV, UDP,
                 now_ms, wait_until, window_ms)


def flow(remote, in_bytes, out_bytes, **more):
    return {"remote": remote, "in_bytes": in_bytes, "out_bytes": out_bytes,
            **more}


def dns(addr, name, resolver="192.168.1.1"):
    return {"addr": addr, "name": name, "source": DNS, "resolver": resolver}


@pytest.fixture
def tv(home):
    """The id of a watched TV."""
    return home.watch("192.168.1.20")


def stored(hub, count):
    wait_until(lambda: hub.status()["counters"]["store"]["windows"] >= count,
               "%d stored windows" % count)


def endpoints(hub, device, query=""):
    reply = hub.get("/api/devices/%s/endpoints%s" % (device, query))
    assert reply.status == 200
    return {row["endpoint"]: row for row in reply.json["endpoints"]}


def test_endpoints_are_named_by_the_best_evidence(home, tv):
    at = window_ms()
    home.window(TV, at, [
        flow("198.51.100.1", 1000, 10), flow("198.51.100.2", 2000, 20),
        flow("198.51.100.3", 30, 3000), flow("198.51.100.4", 4, 4),
        flow("198.51.100.5", 5, 5, protocol=UDP, remote_port=123),
        flow("192.168.1.1", 6, 6, protocol=UDP, remote_port=53, local=True),
        flow("2001:db8::9", 9, 9)],
        [dns("198.51.100.1", "cdn.example.com"),
         dns("198.51.100.2", "cdn.example.com", "9.9.9.9"),
         {"addr": "198.51.100.2", "name": "sni.example.com", "source": SNI},
         {"addr": "198.51.100.3", "name": "up.example.co.uk", "source": SNI},
         {"addr": "198.51.100.3", "name": "h.example.org",
          "source": HTTP_HOST},
         {"addr": "198.51.100.4", "name": "h.example.org",
          "source": HTTP_HOST}])
    stored(home, 1)
    rows = endpoints(home, tv)
    assert list(rows) == ["cdn.example.com", "up.example.co.uk",
                          "2001:db8::9", "192.168.1.1", "198.51.100.5",
                          "h.example.org"]
    cdn = rows["cdn.example.com"]
    assert cdn["name_source"] == "dns"
    assert sorted(cdn["addresses"]) == ["198.51.100.1", "198.51.100.2"]
    assert sorted(cdn["resolvers"]) == ["192.168.1.1", "9.9.9.9"]
    assert (cdn["in_bytes"], cdn["out_bytes"]) == (3000, 30)
    assert cdn["registered_domain"] == "example.com"
    assert cdn["ports"] == ["tcp/443"] and not cdn["local"]
    assert cdn["first_seen"] == at and cdn["last_seen"] == at + 1000
    up = rows["up.example.co.uk"]
    assert (up["name_source"], up["registered_domain"]) == ("sni",
                                                            "example.co.uk")
    assert rows["h.example.org"]["name_source"] == "http_host"
    ntp = rows["198.51.100.5"]
    assert ntp["name_source"] is None and ntp["ports"] == ["udp/123"]
    assert ntp["registered_domain"] is None
    assert rows["192.168.1.1"]["local"]


def test_a_name_that_comes_later_names_what_was_before(home, tv):
    home.window(TV, window_ms(2), [flow("198.51.100.1", 5, 5)])
    stored(home, 1)
    assert list(endpoints(home, tv)) == ["198.51.100.1"]
    home.window(TV, window_ms(1), [flow("198.51.100.1", 5, 5)],
                [dns("198.51.100.1", "a.example.com")])
    stored(home, 2)
    rows = endpoints(home, tv)
    assert list(rows) == ["a.example.com"]
    assert rows["a.example.com"]["in_bytes"] == 10


def test_names_from_the_wire_are_escaped(home, tv):
    home.window(TV, window_ms(), [flow("198.51.100.1", 5, 5)],
                [dns("198.51.100.1", "\"><script>\u0001\u00e9")])
    stored(home, 1)
    assert list(endpoints(home, tv)) == ["\"><script>\\x01\\xe9"]


def test_a_name_of_dns_is_escaped_once(home, tv):
    """It comes as in zone files; the server name of TLS does not."""
    home.window(TV, window_ms(), [
        flow("198.51.100.1", 5, 5), flow("198.51.100.2", 4, 4),
        flow("198.51.100.3", 3, 3)],
        [dns("198.51.100.1", "Big\\032TV\\\\x.example"),
         {"addr": "198.51.100.2", "name": "Big TV\\x.example",
          "source": SNI},
         dns("198.51.100.3", "evil\\.netflix.example")])
    stored(home, 1)
    rows = endpoints(home, tv)
    assert list(rows) == ["Big TV\\\\x.example", "evil\\\\.netflix.example"]
    big = rows["Big TV\\\\x.example"]
    assert len(big["addresses"]) == 2  # one host, however it was named
    assert "Big TV\\\\x.example" in big["sentence"]
    assert "\\\\\\" not in big["sentence"]


def test_a_range_takes_the_windows_that_begin_in_it(home, tv):
    first = window_ms(4)
    for i in range(3):
        home.window(TV, first + i * 5000, [flow("198.51.100.1", 1, 10 ** i)])
    stored(home, 3)

    def out(start, end):
        rows = endpoints(home, tv, "?from=%d&to=%d" % (start, end))
        return rows["198.51.100.1"]["out_bytes"] if rows else 0

    assert out(first, first + 15000) == 111
    assert out(first, first + 5000) == 1
    assert out(first + 5000, first + 10000) == 10
    assert out(first + 1, first + 10001) == 110
    assert out(first + 15000, first + 20000) == 0
    assert out(0, first) == 0


def test_series_add_up_to_the_endpoints(home, tv):
    first = window_ms(24) // 60000 * 60000
    for i in range(12):
        home.window(TV, first + i * 5000, [
            flow("198.51.100.%d" % n, n * 100 + i, n) for n in range(1, 13)])
    stored(home, 12)
    query = "?from=%d&to=%d" % (first, first + 60000)
    rows = endpoints(home, tv, query)
    assert len(rows) == 12
    for step, top in ((5000, 8), (10000, 3), (60000, 20), (None, 1)):
        extra = "&top=%d" % top + ("&step=%d" % step if step else "")
        got = home.get("/api/devices/%s/traffic%s%s" % (tv, query, extra)).json
        assert got["step"] == (step or 5000)
        points = 60000 // got["step"]
        assert got["times"] == [first + i * got["step"]
                                for i in range(points)]
        names = [s["endpoint"] for s in got["series"]]
        assert names == list(rows)[:top] + ([None] if top < 12 else [])
        for series in got["series"]:
            assert len(series["in_bytes"]) == points
            if series["endpoint"]:
                row = rows[series["endpoint"]]
                assert sum(series["in_bytes"]) == row["in_bytes"]
                assert sum(series["out_bytes"]) == row["out_bytes"]
        for way in ("in_bytes", "out_bytes"):
            assert (sum(sum(s[way]) for s in got["series"])
                    == sum(r[way] for r in rows.values()))


def test_points_are_where_the_windows_were(home, tv):
    first = window_ms(10)
    for i in (0, 3):
        home.window(TV, first + i * 5000, [flow("198.51.100.1", 7, i)])
    stored(home, 2)
    got = home.get("/api/devices/%s/traffic?from=%d&to=%d&step=5000"
                   % (tv, first, first + 25000)).json
    assert got["series"] == [{"endpoint": "198.51.100.1", "doubt": None,
                              "in_bytes": [7, 0, 0, 7, 0],
                              "out_bytes": [0, 0, 0, 3, 0]}]


@pytest.mark.parametrize("query", [
    "from=x", "to=-1", "from=9&to=8", "from=1e3", "from=99999999999999999999",
    "from=", "from=0x10"])
def test_a_wrong_range_is_refused(home, tv, query):
    for path in ("endpoints", "traffic"):
        reply = home.get("/api/devices/%s/%s?%s" % (tv, path, query))
        assert (reply.status, reply.code) == (400, "bad_request")


@pytest.mark.parametrize("query", [
    "step=0", "step=1", "step=5001", "step=86405000", "top=0", "top=21",
    "from=0&to=100000000000&step=5000"])
def test_a_wrong_step_is_refused(home, tv, query):
    reply = home.get("/api/devices/%s/traffic?%s" % (tv, query))
    assert (reply.status, reply.code) == (400, "bad_request")


def test_the_default_is_the_last_quarter_of_an_hour(home, tv):
    got = home.get("/api/devices/%s/traffic" % tv).json
    assert got["step"] == 5000 and len(got["times"]) in (180, 181)
    assert 0 <= now_ms() - got["to"] + 5000 < 15000
    assert got["series"] == []
    year = home.get("/api/devices/%s/traffic?from=%d"
                    % (tv, now_ms() - 365 * 86400000)).json
    assert len(year["times"]) <= 181
    whole = home.get("/api/devices/%s/traffic?from=0" % tv).json
    assert len(whole["times"]) <= 181


def test_live_windows_are_what_was_stored(home, tv, open_stream):
    stream = open_stream(home)
    at = window_ms()
    home.window(TV, at, [flow("198.51.100.1", 1000, 10),
                         flow("198.51.100.2", 1, 2),
                         flow("198.51.100.2", 1, 2, remote_port=80)],
                [dns("198.51.100.1", "a.example.com")])
    window = stream.wait("window")
    assert window == {"device": tv, "start": at, "endpoints": [
        {"endpoint": "a.example.com", "doubt": None, "in_bytes": 1000,
         "out_bytes": 10},
        {"endpoint": "198.51.100.2", "doubt": None, "in_bytes": 2,
         "out_bytes": 4}]}
    stream.wait("devices", lambda v: any(d["id"] == tv and
                                         d.get("in_bytes") == 1002
                                         for d in v["devices"]))
    home.window(TV, at, [flow("198.51.100.1", 8, 8)])  # and they move
    stream.wait("devices", lambda v: any(d["id"] == tv and
                                         d.get("in_bytes") == 1010
                                         for d in v["devices"]))


def test_of_unwatched_devices_no_traffic_is_kept(home, open_stream):
    stream = open_stream(home)
    home.open("192.168.1.21")
    home.window(CAMERA, window_ms(), [flow("198.51.100.1", 1000, 10)],
                [dns("198.51.100.1", "a.example.com")],
                [{"kind": DHCP_HOSTNAME, "text": "cam"}], forward_in=9)
    camera = home.wait_device("192.168.1.21", lambda d: d["name"] == "cam")
    assert camera["in_bytes"] == 0 and camera["watch"]["coverage"] is None
    assert endpoints(home, camera["id"], "?from=0") == {}
    assert stream.got("window") == []


def test_the_last_window_of_a_watch_counts_and_no_later_one(home, tv):
    at = window_ms(1)
    home.watch("192.168.1.20", False)
    home.window(TV, at, [flow("198.51.100.1", 1, 1)])
    home.wait_device("192.168.1.20", lambda d: d["in_bytes"] == 1)
    later = window_ms(0) + 5000
    wait_until(lambda: now_ms() > later, "the next window")
    home.window(TV, later, [flow("198.51.100.1", 10, 10)])
    wait_until(lambda: home.status()["counters"]["hub"]["windows"] == 2,
               "the window")
    assert home.device("192.168.1.20")["in_bytes"] == 1


def test_coverage_is_the_share_that_went_on(home, tv):
    home.do("watch_state", mac=TV, phase=ACTIVE, since_ms=now_ms())
    home.window(TV, window_ms(2), forward_in=60, forward_out=60)
    home.window(TV, window_ms(1), forward_in=40, forward_out=30)
    home.wait_device("192.168.1.20",
                     lambda d: d["watch"]["coverage"] == 0.9)


def test_a_window_of_many_endpoints_is_cut_but_not_its_sum(home, tv,
                                                           open_stream):
    stream = open_stream(home)
    at = window_ms()
    for part in range(5):
        home.window(TV, at, [flow("10.9.%d.%d" % (part, i), 1, 1)
                             for i in range(64)])
    stored(home, 5)
    reply = home.get("/api/devices/%s/endpoints" % tv).json
    assert len(reply["endpoints"]) == 320 and reply["more"] == 0
    assert len(stream.got("window")) == 5


def test_more_endpoints_than_a_reply_holds_are_counted(home, tv):
    at = window_ms(20)
    for part in range(10):
        home.window(TV, at + part * 5000,
                    [flow("10.8.%d.%d" % (part, i), 1, 1) for i in range(60)])
    stored(home, 10)
    reply = home.get("/api/devices/%s/endpoints" % tv).json
    assert len(reply["endpoints"]) == 500 and reply["more"] == 100


def test_an_address_of_many_names_has_the_right_one_at_each_time(home, tv):
    """The device's own names, by when it learnt them."""
    start = window_ms() - 600_000
    for step, name in enumerate(("first.example.com", "second.example.com",
                                 "third.example.com")):
        at = start + step * 60_000
        home.window(TV, at, [flow("198.51.100.1", 100 + step, 1)],
                    [dns("198.51.100.1", name)])
    stored(home, 3)
    rows = endpoints(home, tv, "?from=%d" % start)
    assert {name: row["in_bytes"] for name, row in rows.items()} == {
        "first.example.com": 100, "second.example.com": 101,
        "third.example.com": 102}


def test_who_an_endpoint_is_comes_in_one_sentence(home, tv):
    home.window(TV, window_ms(), [
        flow("198.51.100.1", 3000, 1, remote_port=80),
        flow("198.51.100.2", 2000, 1, remote_port=8883),
        flow("198.51.100.3", 1000, 1)],
        [dns("198.51.100.1", "acr.samba.tv"),
         dns("198.51.100.2", "a1.iot.eu-west-1.amazonaws.com"),
         dns("198.51.100.3", "notsamba.tv")])
    stored(home, 1)
    rows = endpoints(home, tv)
    samba = rows["acr.samba.tv"]
    assert samba["sentence"] == ("reports to Samba TV, an advertising "
                                 "company, unencrypted")
    assert samba["company"]["name"] == "Samba TV"
    assert samba["purpose"] == "advertising"
    assert samba["listed"]["category"] == "advertising"
    assert samba["encryption"] == "clear"
    broker = rows["a1.iot.eu-west-1.amazonaws.com"]
    assert broker["platform"] == "AWS IoT"
    assert broker["encryption"] == "encrypted"
    assert rows["notsamba.tv"]["company"] is None
    assert rows["notsamba.tv"]["doubt"] is None


def test_a_certificate_in_clear_says_whom_the_server_is_for(home, tv):
    """The newest of its address; with no MAC, and of nobody who is locked."""
    remotes = ["198.51.100.1", "198.51.100.2", "192.168.1.21"]
    camera = home.open("192.168.1.21")
    for ago, named in ((2, "CN=old.example.com"), (1, "CN=a.example.com, O=A"),
                       (1, "")):
        home.window(TV, window_ms(ago), [flow(r, 1, 1) for r in remotes],
                    servers=[{"remote": remotes[0], "subject": named},
                             {"remote": remotes[2],
                              "subject": "CN=cam 3c5ab4654321\u0001"}])
    stored(home, 3)

    def certificates():
        rows = endpoints(home, tv)
        return [rows[remote]["certificate"] for remote in remotes]

    assert certificates() == ["CN=a.example.com, O=A", None,
                              "CN=cam 3c5ab4xxxxxx\\x01"]
    assert home.post("/api/devices/%s/lock" % camera).status < 300
    assert certificates() == ["CN=a.example.com, O=A", None, None]


def test_another_devices_name_for_an_address_is_a_guess(home, tv):
    camera = home.watch("192.168.1.21")
    home.window(CAMERA, window_ms(), [flow("198.51.100.1", 1, 1)],
                [dns("198.51.100.1", "cloud.example.com")])
    stored(home, 1)
    home.window(TV, window_ms(), [flow("198.51.100.1", 5, 5)])
    stored(home, 2)
    row = endpoints(home, tv)["cloud.example.com"]
    assert row["name_source"] == "other_device" and row["doubt"]
    assert row["sentence"].startswith("talks to cloud.example.com?")
    series, = home.get("/api/devices/%s/traffic" % tv).json["series"]
    assert (series["endpoint"], series["doubt"]) == ("cloud.example.com",
                                                     row["doubt"])
    # whoever is locked has no part in it
    assert home.post("/api/devices/%s/lock" % camera, {}).status < 300
    assert list(endpoints(home, tv)) == ["198.51.100.1"]


def test_no_endpoint_gives_away_a_mac(home, tv):
    """Neither a name that spells one, nor another device's address."""
    home.window(TV, window_ms(), [
        flow("198.51.100.1", 1, 1),
        flow("2001:db8::3e5a:b4ff:fe65:4321", 2, 2, local=True)],
        [dns("198.51.100.1", "3c5ab4654321.things.example.com")])
    stored(home, 1)
    reply = home.get("/api/devices/%s/endpoints" % tv)
    assert set(row["endpoint"] for row in reply.json["endpoints"]) == {
        "3c5ab4xxxxxx.things.example.com", "2001:db8::3e5a:b4ff:fe…"}
    assert b"654321" not in reply.body and b"65:4321" not in reply.body


def test_the_homes_resolver_is_asked_for_what_no_device_named(home, tv):
    """One guess, of the router alone, and only while the owner lets it."""
    home.window(TV, window_ms(), [
        flow("203.0.113.9", 5, 5),
        flow("192.168.1.1", 6, 6, protocol=UDP, remote_port=53, local=True),
        flow("198.51.100.1", 7, 7)], [dns("198.51.100.1", "a.example.com")])
    stored(home, 1)
    assert "203.0.113.9" in endpoints(home, tv)
    asked = home.wait_message("discover", "ask-name")
    assert asked["address"] == "203.0.113.9"
    assert asked["resolver"] == "192.168.1.1"
    home.do("host_name", address="203.0.113.9", name="r1.pool.example.net")
    wait_until(lambda: "r1.pool.example.net" in endpoints(home, tv), "the name")
    row = endpoints(home, tv)["r1.pool.example.net"]
    assert row["name_source"] == "reverse" and row["doubt"]
    assert "r1.pool.example.net?" in row["sentence"]
    assert len(home.sent("discover", "ask-name")) == 1
    assert home.post("/api/settings", {
        "reverse_dns": False, "away": [], "upload_mbps": None}).status == 200
    home.window(TV, window_ms(), [flow("203.0.113.10", 1, 1)])
    stored(home, 2)
    rows = endpoints(home, tv)
    assert "203.0.113.9" in rows and "203.0.113.10" in rows
    assert len(home.sent("discover", "ask-name")) == 1
    # nor does an answer that nobody asked for name anything
    assert home.post("/api/settings", {
        "reverse_dns": True, "away": [], "upload_mbps": None}).status == 200
    home.do("host_name", address="198.51.100.77", name="lie.example.net")
    home.window(TV, window_ms(), [flow("198.51.100.77", 1, 1)])
    stored(home, 3)
    assert "lie.example.net" not in endpoints(home, tv)
