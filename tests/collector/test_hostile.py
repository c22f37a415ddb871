# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not as it should be is refused by name, counted, and leaves nothing
behind."""

import json
import socket
import time

import pytest

import upload
from program import DEADLINE, wait_until


@pytest.fixture(scope="module")
def home(served):
    return served.inspector()


def refuse(home, body, status, what, packed=True):
    """Held to say what, and to store nothing."""
    before = home.collector.metrics()["segments"]
    reply = home.send(upload.pack(body) if packed else body)
    assert (reply.status, what in reply.error) == (status, True), reply.body
    assert home.collector.metrics()["segments"] == before


def one(**changed):
    return upload.segment(1, **changed)


def with_flow(**changed):
    row = dict(zip(upload.COLUMNS["flow"], upload.flow(1)))
    row.update(changed)
    return one(flow=[list(row.values())])


SEGMENTS = [
    (one(segment=0), '"segment" must be a number from 1'),
    (one(segment="1"), '"segment" must be a number from 1'),
    (one(segment=2 ** 53), '"segment" must be a number from 1'),
    (one(segment=1.5), '"segment" must be a number from 1'),
    (one(end=upload.END + 1), '"end" must be seconds'),
    (one(end=-5), '"end" must be seconds'),
    (one(end=2 ** 32), '"end" must be seconds'),
    (one(extra=[]), 'a segment has no "extra"'),
    ({"segment": 1}, 'a segment needs "segment" and "end"'),
    (one(device=[]), "is of no device of its segment"),
    (one(device=[["x", None, 1]]), '"device" has a wrong "id"'),
    (one(device=[["A" * 32, None, 1]]), '"device" has a wrong "id"'),
    (one(device=[[None, None, 1]]), '"device" has a wrong "id"'),
    (one(device=[["0" * 32, "3c5ab", 1]]), '"device" has a wrong "oui"'),
    (one(device=[["0" * 32, None, 2]]), '"device" has a wrong "watched"'),
    (one(device=[["%032x" % i, None, 1] for i in range(513)]),
     'more than 512 rows of "device"'),
    (one(flow=[upload.flow(1)] * 16385), 'more than 16384 rows of "flow"'),
    (one(flow={}), "line 2: not JSON"),
    (one(flow=[{}]), "line 2: not JSON"),
    (one(flow=[[0]]), 'a row of "flow" is shorter than its columns'),
    (one(flow=[upload.flow(1) + [0]]),
     'a row of "flow" is longer than its columns'),
    (with_flow(device=1), 'a row of "flow" is of no device'),
    (with_flow(device=-1), '"flow" has a wrong "device"'),
    (with_flow(protocol=256), '"flow" has a wrong "protocol"'),
    (with_flow(protocol="tcp"), '"flow" has a wrong "protocol"'),
    (with_flow(protocol=None), '"flow" has a wrong "protocol"'),
    (with_flow(protocol=True), '"flow" has a wrong "protocol"'),
    (with_flow(protocol=[[[[6]]]]), '"flow" has a wrong "protocol"'),
    (with_flow(remote="203.0.113.256"), '"flow" has a wrong "remote"'),
    (with_flow(remote="example.com"), '"flow" has a wrong "remote"'),
    (with_flow(remote=""), '"flow" has a wrong "remote"'),
    (with_flow(remote="203.0.113.7\x00"), '"flow" has a wrong "remote"'),
    (with_flow(remote=3405803783), '"flow" has a wrong "remote"'),
    (with_flow(remote_port=65536), '"flow" has a wrong "remote_port"'),
    (with_flow(out_bytes=-1), '"flow" has a wrong "out_bytes"'),
    (with_flow(out_bytes=1e3), '"flow" has a wrong "out_bytes"'),
    (with_flow(out_bytes=2 ** 53), '"flow" has a wrong "out_bytes"'),
    (with_flow(first_ms=10 ** 40), '"flow" has a wrong "first_ms"'),
    (with_flow(opener=3), '"flow" has a wrong "opener"'),
    (one(question=[[0, 1, "a" * 4097, 1, None]]),
     '"question" has a wrong "name"'),
    (one(question=[[0, 1, "a\nb", 1, None]]),
     '"question" has a wrong "name"'),
    (one(question=[[0, 1, "a\ud800", 1, None]]),
     '"question" has a wrong "name"'),
    (one(view=[["Devices!", 1]]), '"view" has a wrong "view"'),
    (one(view=[["devices", -1]]), '"view" has a wrong "seconds"'),
    (one(view=[["devices", 86401]]), '"view" has a wrong "seconds"'),
]


@pytest.mark.parametrize("segment,what", SEGMENTS,
                         ids=[what for _, what in SEGMENTS])
def test_a_wrong_segment_is_refused(home, segment, what):
    refuse(home, home.body(segment), 400, what)


def test_one_wrong_segment_refuses_the_whole_upload(home):
    refuse(home, home.body(upload.segment(1), one(segment=0)), 400, "line 3")


def columns(**changed):
    return dict(upload.COLUMNS, **changed)


HEADERS = [
    ({"upload": 0}, '"upload" must be 1'),
    ({"client": "a b"}, '"client" must be'),
    ({"client": "1" * 33}, '"client" must be'),
    ({"consent": "00"}, '"consent" must be 64 hex digits'),
    ({"utc_offset_min": 1081}, '"utc_offset_min" must be'),
    ({"utc_offset_min": "Europe/Berlin"}, '"utc_offset_min" must be'),
    ({"columns": []}, "not a header"),
    ({"columns": {}}, '"columns" needs "device"'),
    ({"columns": columns(flow=["protocol"])}, '"flow" needs its column'),
    ({"columns": columns(flow=["device", "remote", "remote"])},
     'column "remote" of "flow" comes twice'),
    ({"columns": columns(device=["oui"])}, '"device" needs its column "id"'),
]


@pytest.mark.parametrize("changed,what", HEADERS,
                         ids=[what for _, what in HEADERS])
def test_a_wrong_header_is_refused(home, changed, what):
    refuse(home, home.body(one(), **changed), 400, what)


NEWER = [
    ({"upload": 2}, '"upload" must be 1'),
    ({"address": "192.0.2.1"}, 'the header has no "address"'),
    ({"columns": columns(mac=["device"])}, 'there is no table "mac"'),
    ({"columns": columns(flow=["device", "mac"])},
     '"flow" has no column "mac"'),
]


@pytest.mark.parametrize("changed,what", NEWER,
                         ids=[what for _, what in NEWER])
def test_what_a_newer_inspector_may_say_is_refused_as_unknown(home, changed,
                                                              what):
    """Not as wrong (400), after which it would drop its segments."""
    refuse(home, home.body(one(), **changed), 415, what)


NEWER_WORDS = [
    (one(name=[[0, 1, "203.0.113.7", "a", "mdns", None, 0]]),
     '"name" has a wrong "source"'),
    (one(clue=[[0, "mdns_instance", "Anna's TV"]]),
     '"clue" has a wrong "kind"'),
    (one(label=[[0, "a", "b", "c", "guessed"]]),
     '"label" has a wrong "source"'),
]


@pytest.mark.parametrize("segment,what", NEWER_WORDS,
                         ids=[what for _, what in NEWER_WORDS])
def test_so_is_a_word_that_a_newer_inspector_may_have(home, segment, what):
    refuse(home, home.body(segment), 415, what)
    # and not what is wrong besides: a number, or no text
    refuse(home, home.body(one(label=[[0, "a", "b", "c", 7]])), 400, "label")


BODIES = [
    ("", "not a header"),
    ("\n", "not a header"),
    ("{}\n", 'the header needs "upload"'),
    ("[" * 100000, "not a header"),
    ('{"upload":' * 1000, '"upload" must be 1'),
    ("\xff\xfe", "not a header"),
    ('{"upload":1,"upload":1}\n', '"upload" comes twice'),
]


@pytest.mark.parametrize("body,what", BODIES, ids=range(len(BODIES)))
def test_what_is_no_upload_is_refused(home, body, what):
    refuse(home, body, 400, what)


@pytest.mark.parametrize("line", [
    '{"segment":1,"segment":2,"end":5}', '{"segment":1,"end":5,"end":5}',
    '{"segment":1,"end":5,"flow":[],"flow":[]}', '{"segment":01,"end":5}',
    '{"segment":1,"end":5,}', '{"segment":1,"end":5}}', '{"segment":1 "end":5}',
    "[]", "null", '{"segment":1,"end":5,"flow":[[0,6,"\\u00zz"]]}', "",
])
def test_what_is_not_quite_json_is_refused(home, line):
    refuse(home, upload.lines(upload.header(home.collector.consent)) + line +
           "\n", 400, "line 2")


def test_the_error_quotes_nothing_that_could_do_harm(home):
    columns_of = dict(upload.COLUMNS, **{"x\x7f\u202e\"" + "y" * 500: []})
    reply = home.send(upload.pack(home.body(one(), columns=columns_of)))
    assert reply.status == 400
    assert "\u202e" not in reply.body.decode()
    assert len(reply.body) < 300


def test_a_body_that_is_not_zstd_is_refused(home):
    refuse(home, b"{}", 400, "not zstd", packed=False)
    whole = upload.pack(home.body(one()))
    refuse(home, whole[:-3], 400, "not zstd", packed=False)
    refuse(home, b"", 400, "not zstd", packed=False)
    refuse(home, whole + b"more", 400, "not zstd", packed=False)


def test_a_bomb_is_refused_before_it_takes_memory(home):
    bomb = upload.pack(b"\n" * (1 << 27), level=1)
    assert len(bomb) < 1 << 15
    refuse(home, bomb, 413, "unpacked", packed=False)
    # a window of 1 GiB: magic, descriptor, window, one empty raw block
    refuse(home, bytes.fromhex("28b52ffd00a0010000"), 413, "window",
           packed=False)


def test_what_is_too_large_is_refused(home):
    refuse(home, b"\0" * ((1 << 20) + 1), 413, "more than 1048576 bytes",
           packed=False)
    many = "".join('{"segment":%d,"end":5}\n' % i for i in range(1, 4098))
    refuse(home, home.body() + many, 400, "1 to 4096 segments")


def test_a_body_without_end_is_cut_off(served, home):
    before = served.metrics()["dropped_large"]
    with pytest.raises(OSError):
        home.send(b"\0" * (64 << 20))
    wait_until(lambda: served.metrics()["dropped_large"] > before, "a drop")


def test_another_type_or_encoding_is_refused(served, home):
    body = upload.pack(home.body(one()))
    for name, value in (("Content-Type", "application/json"),
                        ("Content-Encoding", "gzip"),
                        ("Content-Encoding", "identity")):
        assert home.send(body, **{name: value}).status == 415


@pytest.mark.parametrize("login", [
    None, "", "Basic", "Basic x", "Bearer abc", "Basic " + "A" * 132,
    "Basic " + "=" * 132, "Basic " + "A" * 5000], ids=range(8))
def test_without_an_account_nothing_is_taken(served, home, login):
    headers = {"Content-Type": "application/x-ndjson",
               "Content-Encoding": "zstd"}
    if login is not None:
        headers["Authorization"] = login
    assert served.ask("POST", "/v1/upload", upload.pack(home.body(one())),
                      headers).status == 401


def test_another_secret_is_refused(served, home):
    thief = served.inspector(1, join=False)
    thief.secret = "0" * 64
    assert thief.upload(1).status == 401
    assert thief.join().status == 409
    # nor one that only begins with it
    thief.secret = home.secret + "\0"
    assert thief.upload(1).status == 401
    stranger = served.inspector(99, join=False)
    assert stranger.upload(1).status == 401


def test_another_path_or_method_is_refused(served):
    assert served.ask("GET", "/").status == 404
    assert served.ask("GET", "/v1/upload/../consent").status == 404
    assert served.ask("GET", "/metrics").status == 404
    assert served.ask("GET", "/v1/upload").status == 405
    assert served.ask("DELETE", "/v1/consent").status == 405


def raw(served):
    plain = socket.create_connection(("127.0.0.1", served.port), DEADLINE)
    plain.settimeout(DEADLINE)
    return plain


def test_what_is_not_http_is_refused(served):
    for words in (b"\x16\x03\x01\x02\x00\n" + b"\n" * 600,
                  b"GET /\r\n\r\n", b"POST /v1/upload HTTP/1.1\r\n\r\n",
                  b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 4000):
        plain = raw(served)
        plain.sendall(words)
        try:
            said = plain.recv(65536)
        except ConnectionError:
            said = b""
        assert not said or said.split()[1][:1] == b"4", said
        plain.close()
    assert served.ask("GET", "/v1/consent").status == 200


def head(home, length):
    words = "".join("%s: %s\r\n" % item for item in dict(
        home.login(), **{"Host": "x", "Content-Length": length,
                         "Content-Type": "application/x-ndjson",
                         "Content-Encoding": "zstd"}).items())
    return ("POST /v1/upload HTTP/1.1\r\n" + words + "\r\n").encode()


@pytest.mark.parametrize("framing", [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Content-Length: 0\r\nContent-Length: 4", "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding : chunked\r\nContent-Length: 5"])
def test_what_has_no_sure_end_is_refused_with_all_that_follows(
        served, home, framing):
    """A proxy may have read another end than we would."""
    login = "Authorization: %s\r\n" % home.login()["Authorization"]
    plain = raw(served)
    plain.sendall(("POST /v1/ask/normal HTTP/1.1\r\nHost: x\r\n%s%s\r\n\r\n"
                   "0\r\n\r\nGET /v1/consent HTTP/1.1\r\nHost: x\r\n\r\n"
                   % (login, framing)).encode())
    said = b""
    try:
        while more := plain.recv(65536):
            said += more
    except ConnectionResetError:
        pass
    plain.close()
    assert said.count(b"HTTP/1.1 ") == 1
    assert said.startswith(b"HTTP/1.1 400 ")
    assert served.ask("GET", "/v1/consent").status == 200


def test_a_body_that_ends_half_way_stores_nothing(make_collector):
    collector = make_collector("--request-seconds", "1")
    sender = collector.inspector()
    for cut in (0, 1, 100):
        body = upload.pack(sender.body(one()))
        plain = raw(collector)
        plain.sendall(head(sender, len(body)) + body[:cut])
        plain.close()
    wait_until(lambda: collector.metrics()["connections_open"] == 0,
               "the connections' end")
    assert collector.metrics()["segments"] == 0
    assert sender.upload(1).status == 200


def test_slow_bodies_and_idle_connections_are_dropped(make_collector):
    """All wait at the same time: a body that comes byte by byte, one that
    stops, a head that comes byte by byte, silence, and silence after a
    request."""
    collector = make_collector("--request-seconds", "1",
                               "--idle-seconds", "3")
    sender = collector.inspector()
    body = upload.pack(sender.body(one()))
    began = time.monotonic()
    waiting = {name: raw(collector) for name in (
        "dribble", "stopped", "slow_head", "silent", "done")}
    waiting["dribble"].sendall(head(sender, len(body)))
    waiting["stopped"].sendall(head(sender, len(body)) + body[:10])
    waiting["done"].sendall(b"GET /v1/consent HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in waiting["done"].recv(65536)
    took, at = {}, 0
    while waiting and time.monotonic() < began + DEADLINE:
        for name, plain in list(waiting.items()):
            plain.settimeout(0.01)
            try:
                if name == "dribble":
                    plain.send(body[at:at + 1])
                elif name == "slow_head":
                    plain.send(b"GET / HTTP/1.1\r\nA: "[at:at + 1] or b"x")
                gone = plain.recv(100) == b""
            except TimeoutError:
                gone = False
            except OSError:
                gone = True
            if gone:
                took[name] = time.monotonic() - began
                waiting.pop(name).close()
        at += 1
    assert not waiting
    for name in ("dribble", "stopped"):
        assert 0.9 < took[name] < 2.9, took
    for name in ("slow_head", "silent", "done"):
        assert took[name] > 2.9, took
    metrics = collector.metrics()
    assert (metrics["dropped_slow"], metrics["dropped_idle"]) == (2, 3)


def test_an_account_has_no_more_devices_than_a_home(collector):
    home_of = collector.inspector()
    assert home_of.send(upload.pack(home_of.body(
        *({"segment": part + 1, "end": 5,
           "device": [["%032x" % (part * 512 + i), None, 1]
                      for i in range(512)]} for part in range(32))
    ))).status == 200
    reply = home_of.send(upload.pack(home_of.body(
        upload.segment(33), {"segment": 34, "end": 10,
                            "device": [["f" * 32, None, 1]]})))
    assert (reply.status, reply.error) == (
        403, "an account has at most 16384 devices in 90 days")
    stats = collector.stats()
    assert (stats["segments"], stats["devices"], stats["flow"]) == (32, 16384, 0)
    # the account goes on with what it has
    assert home_of.send(upload.pack(home_of.body(
        {"segment": 33, "end": 5, "device": [["%032x" % 7, None, 0]]}
    ))).status == 200
    # and its owner is told of all of them
    held = collector.ask("GET", "/v1/held", headers=home_of.login()
                         ).body.decode().splitlines()
    assert sum('"table":"device"' in line for line in held) == 16384


def test_a_wrong_body_makes_no_account(served):
    new = served.inspector(77, join=False)
    for body in ("", "{}", "[]", "{", json.dumps({"consent": 1}),
                 json.dumps({"consent": served.consent, "client": "1",
                             "email": "a@example.com"}),
                 "[" * 60000):
        reply = served.ask("POST", "/v1/account", body, new.login())
        assert reply.status == 400, reply.body
    assert served.ask("POST", "/v1/account", "x" * 70000,
                      new.login()).status == 413
    assert served.ask("POST", "/v1/account", "{}").status == 401
    assert served.ask("POST", "/v1/delete", "{}").status == 401
    assert served.ask("POST", "/v1/delete", "x" * 70000,
                      served.inspector(1).login()).status == 413
    assert new.upload(1).status == 401
