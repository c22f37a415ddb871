# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may ask: sessions, hosts, origins, methods, sizes."""

import http.client
import json
import socket

import pytest

from contract import TREE
from hub import CONTRACT, wait_until

SOME_ID = "0" * 64


def all_requests():
    for method, path, _ in CONTRACT.operations():
        if path == "/start":
            continue
        yield method, path.replace("{id}", SOME_ID).replace("{file}", "a.js")


def test_a_start_address_works_once(make_hub):
    hub = make_hub(session=False)
    reply = hub.start()
    assert reply.status == 303
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert hub.get("/api/status").status == 200
    hub.cookie = None
    assert hub.start().status == 403
    assert "set-cookie" not in hub.start().headers


@pytest.mark.parametrize("token", [
    "", "x", "0" * 32 + "." + "0" * 64, "0" * 97, "%00" * 97, "a" * 2000])
def test_no_other_token_is_taken(make_hub, token):
    hub = make_hub(session=False)
    assert hub.start(token or "&").status == 403
    changed = hub.token[:-1] + ("0" if hub.token[-1] != "0" else "1")
    assert hub.start(changed).status == 403
    assert hub.start().status == 303


def test_a_session_outlives_the_hub_but_a_token_does_not(hub):
    hub.kill()
    assert hub.status()["processes"][3]["restarts"] == 1
    assert hub.start().status == 403
    hub.do("token")
    token = hub.said.get(timeout=10)["token"]
    assert hub.start(token).status == 303


@pytest.mark.parametrize("method,path", all_requests())
def test_without_a_session_nothing_is_answered(served, method, path):
    hub, session = served, served.cookie
    for cookie in (None, "iot-inspector-%d=" % hub.port,
                   "iot-inspector-%d=%s" % (hub.port, hub.token),
                   "iot-inspector-1=%s" % hub.token):
        hub.cookie = cookie
        try:
            reply = hub.get(path) if method == "GET" else hub.post(path)
        finally:
            hub.cookie = session
        assert reply.status == 401
        assert b"{" not in reply.body or reply.code == "no_session"


@pytest.mark.parametrize("host", [
    None, "", "evil.example", "evil.example:{port}", "127.0.0.1",
    "127.0.0.1:1", "127.0.0.1:{port}.evil.example", "localhost.:{port}",
    "127.0.0.2:{port}", "0.0.0.0:{port}", "127.0.0.1:{port}, a"])
def test_another_host_is_refused(served, host):
    hub = served
    host = host and host.format(port=hub.port)
    reply = hub.raw("GET", "/api/status",
                    [("Cookie", hub.cookie)]
                    + ([("Host", host)] if host is not None else []))
    # no Host at all is already bad HTTP/1.1
    assert reply.status in ((400,) if host is None else (403,))
    if reply.status == 403:
        assert reply.code == "bad_host"
    assert hub.raw("GET", "/start?token=a",
                   [("Host", "evil.example")]).status == 403


def test_two_hosts_are_refused(served):
    hub = served
    reply = hub.raw("GET", "/api/status", hub.headers() + [
        ("Host", "evil.example")])
    assert reply.status in (400, 403)
    reply = hub.raw("GET", "/api/status", [("Host", "evil.example")]
                    + hub.headers())
    assert reply.status in (400, 403)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost",
                                  "[::1]"])
def test_our_own_names_are_taken(served, name):
    hub = served
    host = "%s:%d" % (name, hub.port)
    assert hub.get("/api/status", Host=host,
                   Origin="http://" + host).status == 200


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"},
    {"Origin": "https://127.0.0.1:{port}"}, {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost:{port}"}, {"Origin": ""},
    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
    {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/", "/api/status", "/api/events"])
def test_another_origin_is_refused(served, headers, path):
    hub = served
    headers = {n: v.format(port=hub.port) for n, v in headers.items()}
    reply = hub.get(path, **headers)
    assert (reply.status, reply.code) == (403, "cross_origin")
    reply = hub.post("/api/stop", **headers)
    assert (reply.status, reply.code) == (403, "cross_origin")
    assert not hub.sent("keeper", "stop-request")


def test_a_link_from_anywhere_may_start(make_hub):
    hub = make_hub(session=False)
    reply = hub.raw("GET", "/start?token=" + hub.token,
                    hub.headers(Sec_Fetch_Site="cross-site"))
    assert reply.status == 303


@pytest.mark.parametrize("method,path", all_requests())
def test_another_method_is_refused(served, method, path):
    hub = served
    if path.startswith("/assets") or path == "/":
        return
    for other in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"):
        if (other, path) in set(all_requests()):
            continue
        reply = hub.raw(other, path, hub.headers(
            Content_Type="application/json"), b"{}")
        assert reply.status == 405


@pytest.mark.parametrize("kind", [
    None, "text/plain", "application/x-www-form-urlencoded",
    "application/jsonx", "multipart/form-data"])
def test_a_form_cannot_change_anything(served, kind):
    hub = served
    reply = hub.post("/api/stop", Content_Type=kind)
    assert (reply.status, reply.code) == (415, "media_type")
    assert not hub.sent("keeper", "stop-request")


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"1", b"null", b'{"a":1}', b'{"a":1,"a":1}',
    b"{}{}", b'{"\xff":1}', b"[" * 3000], ids=range(10))
def test_what_is_not_asked_for_is_a_bad_request(served, body):
    hub = served
    for path in ("/api/stop", "/api/consent", "/api/interface"):
        reply = hub.raw("POST", path, hub.headers(
            Content_Type="application/json"), body)
        assert (reply.status, reply.code) == (400, "bad_request")
    assert not hub.sent("keeper", "stop-request")


def test_a_body_has_a_limit(served):
    hub = served
    for size in (65537, 500000):
        reply = hub.raw("POST", "/api/stop", hub.headers(
            Content_Type="application/json"), b"{" + b" " * size + b"}")
        assert (reply.status, reply.code) == (413, "too_large")
    # far too much is not even read
    with socket.create_connection(("127.0.0.1", hub.port)) as page:
        page.sendall(("POST /api/stop HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                      "Cookie: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                      % (hub.port, hub.cookie)).encode())
        with pytest.raises(OSError):
            for _ in range(10000):
                page.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")
    assert not hub.sent("keeper", "stop-request")
    assert hub.get("/api/status").status == 200


@pytest.mark.parametrize("path", [
    "/api", "/api/", "/api/nothing", "/etc/passwd", "/assets/../../etc/passwd",
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e/secret",
    "//etc/passwd", "/assets/", "/index.html/..", "/api/devices/",
    "/api/devices/" + SOME_ID, "/api/devices/%s/clues" % SOME_ID,
    "/api/devices/" + "0" * 5000, "/api/devices/../status",
    "/api/status/", "/api/devices/x/y/z", "/assets/none.js"])
def test_there_is_nothing_beyond_the_routes(served, path):
    hub = served
    assert hub.get(path).status == 404


def test_long_and_broken_requests_do_no_harm(served):
    hub = served
    for request in (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20000 + b"\r\n",
                    b"\x00" * 5000, b"GET " + b"/" * 100000,
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50):
        with socket.create_connection(("127.0.0.1", hub.port)) as page:
            page.settimeout(1)
            try:
                page.sendall(request)
                page.shutdown(socket.SHUT_WR)
                while page.recv(65536):
                    pass
            except OSError:
                pass
    assert hub.get("/api/status").status == 200


def test_connections_are_bounded_and_come_free(served):
    hub = served
    idle = [socket.create_connection(("127.0.0.1", hub.port))
            for _ in range(80)]
    for connection in idle:
        connection.close()
    assert hub.get("/api/status").status == 200


def test_without_a_session_nobody_holds_the_connections(hub):
    idle = [socket.create_connection(("127.0.0.1", hub.port))
            for _ in range(64)]
    assert hub.get("/api/status").status == 200
    assert hub.status()["counters"]["hub"]["connections_cut"] >= 40
    for connection in idle:
        connection.close()


def kept_open(hub):
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    connection.request("GET", "/api/status", headers=dict(hub.headers()))
    answer = connection.getresponse()
    answer.read()
    return connection, answer.status


def test_one_session_gets_its_share_of_the_connections(hub):
    held = [kept_open(hub) for _ in range(40)]
    assert [status for _, status in held] == [200] * 32 + [503] * 8
    greedy, hub.cookie = hub.cookie, None
    hub.do("token")
    assert hub.start(hub.said.get(timeout=10)["token"]).status == 303
    assert hub.cookie != greedy
    assert hub.get("/api/status").status == 200
    for connection, _ in held:
        connection.close()
    hub.cookie = greedy
    wait_until(lambda: hub.get("/api/status").status == 200, "its share again")


def test_every_reply_has_the_security_headers(served):
    hub = served
    replies = [hub.get("/"), hub.get("/api/status"), hub.get("/nothing"),
               hub.post("/api/stop", {"a": 1}),
               hub.get("/api/status", Origin="http://evil.example"),
               hub.get("/", Cookie=None),
               hub.raw("GET", "/start?token=x", hub.headers())]
    for reply in replies:
        policy = reply.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["referrer-policy"] == "no-referrer"
        for which in ("opener", "resource"):
            assert (reply.headers["cross-origin-%s-policy" % which]
                    == "same-origin")
        assert not any(name.startswith("access-control")
                       for name in reply.headers)
    assert replies[1].headers["cache-control"] == "no-store"


def test_the_page_is_kept_by_its_etag(served):
    hub = served
    plain = hub.get("/")
    packed = hub.get("/", Accept_Encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    import gzip
    assert gzip.decompress(packed.body) == plain.body
    again = hub.get("/", If_None_Match=plain.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert hub.get("/", If_None_Match='"x"').status == 200


def test_assets_are_immutable(served):
    hub = served
    import re
    names = re.findall(rb'(?:src|href)="(/assets/[^"]+)"', hub.get("/").body)
    if not names:
        pytest.skip("built without the page")
    for name in names:
        reply = hub.get(name.decode())
        assert reply.status == 200
        assert "immutable" in reply.headers["cache-control"]


def test_the_hub_is_confined(hub):
    fields = dict(line.split(":\t", 1) for line in
                  open("/proc/%d/status" % hub.pid) if ":\t" in line)
    assert fields["Seccomp"].strip() == "2"
    assert fields["NoNewPrivs"].strip() == "1"


def test_refusals_are_counted(hub):
    hub.get("/api/status", Origin="http://evil.example")
    hub.get("/api/status", Host="evil.example")
    hub.get("/api/status", Cookie=None)
    hub.get("/api/nothing")
    counters = hub.status()["counters"]["hub"]
    for name in ("host", "origin", "session", "other"):
        assert counters["refused_" + name] == 1, json.dumps(counters)


def test_the_page_has_words_for_every_counter(served):
    words = json.loads((TREE / "ui/src/text/counters.json").read_text())
    counted = served.status()["counters"]
    assert {part: sorted(words[part]) for part in words} == \
        {part: sorted(counted[part]) for part in counted}
    for said in words.values():
        assert len(set(said.values())) == len(said)
        assert all(text and "\n" not in text for text in said.values())
