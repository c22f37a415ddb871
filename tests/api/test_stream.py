# SPDX-License-Identifier: GPL-3.0-or-later
"""The live stream, and leaving."""

import time

from hub import TV, Stream, wait_until

LEAVE_S = 15


def test_a_stream_begins_with_everything(home, open_stream):
    stream = open_stream(home)
    assert stream.headers["content-type"] == "text/event-stream"
    stream.wait("status", lambda v: v["state"] in ("running", "scanning"))
    stream.wait("devices", lambda v: len(v["devices"]) == 4)
    stream.wait("heartbeat")


def test_changes_come_without_asking(home, open_stream):
    stream = open_stream(home)
    stream.wait("devices")
    home.host("3c:5a:b4:77:00:01", "192.168.1.77")
    stream.wait("devices", lambda v: any(d["address"] == "192.168.1.77"
                                         for d in v["devices"]))
    began = time.monotonic()
    home.post("/api/pause")
    stream.wait("status", lambda v: v["state"] == "paused")
    assert time.monotonic() - began < 2


def test_a_stream_needs_a_session(make_hub):
    hub = make_hub(session=False)
    assert Stream(hub).status == 401


def test_streams_are_bounded_and_come_free(hub, open_stream):
    streams = [Stream(hub) for _ in range(16)]
    assert all(stream.status == 200 for stream in streams)
    assert Stream(hub).status == 503
    for stream in streams:
        stream.close()
    wait_until(lambda: hub.status()["counters"]["hub"]["streams"] == 0,
               "all streams gone", deadline=3)
    assert open_stream(hub).status == 200


def test_a_reader_that_does_not_read_holds_nobody_up(home, open_stream):
    import socket
    stuck = socket.create_connection(("127.0.0.1", home.port))
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.sendall(("GET /api/events HTTP/1.1\r\n%s\r\n" % "".join(
        "%s: %s\r\n" % header for header in home.headers())).encode())
    other = open_stream(home)
    for i in range(40):
        home.host(TV, "192.168.1.%d" % (100 + i))
        assert home.get("/api/status").status == 200
    other.wait("devices", lambda v: any(d["address"] == "192.168.1.139"
                                        for d in v["devices"]))
    stuck.close()


def test_stopping_is_told_to_the_pages(home, open_stream):
    stream = open_stream(home)
    home.do("stop")
    stream.wait("status", lambda v: v["state"] == "stopping")
    assert home.said.get(timeout=10) == {"exit": 0}
    wait_until(lambda: stream.ended, "the end of the stream")


def test_leaving_ends_a_session_and_nothing_else_does(make_hub, open_stream):
    left, service, never, reload, killed = (
        make_hub(), make_hub("--service"), make_hub(), make_hub(), make_hub())
    began = time.monotonic()
    for hub in (left, service, reload, killed):
        stream = Stream(hub)
        stream.wait("status")
        stream.close()
    killed.kill()  # the page was closed; the new hub never saw it
    wait_until(lambda: time.monotonic() - began > LEAVE_S - 5, "10 s")
    kept = open_stream(reload)
    message = left.wait_message("keeper", "stop-request")
    assert message["reason"] == "the last page was closed"
    took = time.monotonic() - began
    assert LEAVE_S <= took < LEAVE_S + 3, took
    killed.wait_message("keeper", "stop-request")
    wait_until(lambda: time.monotonic() - began > LEAVE_S + 3, "18 s")
    for hub in (service, never, reload):
        assert not hub.sent("keeper", "stop-request")
        assert hub.status()["state"] != "stopping"
    assert left.status()["state"] == "stopping"
    assert kept.got("heartbeat")
