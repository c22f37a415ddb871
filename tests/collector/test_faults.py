# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around a collector, and what it does then."""

import hashlib
import http.client
import re
import socket
import sqlite3
import ssl
import struct
import subprocess
import threading

import pytest

import upload
from program import DEADLINE, program, wait_until
from test_held import held


def test_a_full_store_puts_off_and_goes_on_when_there_is_room(make_collector):
    collector = make_collector("--day-pages-max", "40")
    home = collector.inspector()
    held = 0
    while True:
        reply = home.upload(held + 1, flows=200, devices=5)
        if reply.status != 200:
            break
        held += 1
        assert held < 100
    assert reply.status == 503
    assert int(reply.headers["retry-after"]) > 0
    assert collector.metrics()["store_full"] == 1
    # an account can still be made, and what is held stays acknowledged
    assert home.upload(*range(1, held + 1)).status == 200
    collector.stop()
    collector.options = ()
    collector.start()
    assert home.upload(held + 1, flows=200, devices=5).status == 200
    assert collector.metrics()["store_full"] == 0
    assert collector.stats()["segments"] == held + 1
    assert collector.stats()["flow"] == 200 * (held + 1)


def test_a_locked_store_puts_off(collector):
    home = collector.inspector()
    assert home.upload(1).status == 200
    day = next(collector.data_dir.glob("day-*.db"))
    other = sqlite3.connect(day, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asks = [threading.Thread(target=lambda: statuses.append(
        home.upload(2).status)), threading.Thread(
            target=lambda: statuses.append(collector.ask(
                "POST", "/v1/delete", '{"what":"names"}',
                home.login()).status))]
    statuses = []
    for ask in asks:
        ask.start()
    for ask in asks:
        ask.join(DEADLINE)
    assert statuses == [503, 503]
    other.execute("ROLLBACK")
    other.close()
    assert home.upload(2).status == 200
    assert collector.stats()["segments"] == 2


@pytest.fixture
def slow(make_collector):
    """A collector that waits a second for its store, the inspectors that it
    knows, and a lock on the store. It has less than five seconds: then the
    store is not slow but fails."""
    collector = make_collector("--answer-seconds", "1")
    homes = [collector.inspector(number) for number in range(1, 6)]
    for home in homes:
        assert home.upload(1).status == 200
    other = sqlite3.connect(next(collector.data_dir.glob("day-*.db")),
                            isolation_level=None)
    yield collector, homes, other
    other.close()


def test_a_slow_store_puts_off_in_time_and_what_it_kept_counts_once(slow):
    collector, homes, other = slow
    replies = {}

    def send(home):
        replies[home.number] = home.upload(2)

    other.execute("BEGIN IMMEDIATE")
    threads = [threading.Thread(target=send, args=(home,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    during = collector.metrics()
    other.execute("ROLLBACK")
    assert [reply.status for reply in replies.values()] == [503] * 5
    assert all(int(reply.headers["retry-after"]) > 0
               for reply in replies.values())
    # what is being written is; what waited for it is given back
    assert "the store takes too long: ask again" in [
        reply.error for reply in replies.values()]
    assert (during["slow_store"], during["busy"], during["uploads"],
            during["queue_uploads"], during["queue_bytes"]) == (5, 5, 5, 0, 0)
    wait_until(lambda: collector.metrics()["segments"] > 5, "the commit")
    for home in homes:
        assert home.upload(2).json["accepted"] == [[2, 2]]
    after, stats = collector.metrics(), collector.stats()
    assert (after["segments"], after["repeated"] > 0) == (10, True)
    assert (after["uploads"], stats["segments"], stats["flow"]) == (10, 10, 20)


def test_a_full_queue_puts_off_and_later_all_is_held_once(make_collector):
    """More homes than the queue has room for, while the store is locked; each
    comes again with what it kept."""
    queue = 256 << 10
    collector = make_collector("--answer-seconds", "1", "--queue-memory",
                               str(queue >> 10),
                               "--uploads-per-minute", "10000")
    homes = [collector.inspector(number) for number in range(1, 11)]
    assert homes[0].upload(1).status == 200
    # each a third of the queue
    body = {home: upload.pack(home.body(upload.segment(2, 500, 1,
                                                       home.number)))
            for home in homes}
    replies, most = [], [0]

    def send(home):
        replies.append(home.send(body[home]))
        most[0] = max(most[0], collector.metrics()["queue_bytes"])

    def send_all():
        threads = [threading.Thread(target=send, args=(home,))
                   for home in homes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
        return collector.metrics()["queue_refused"]

    other = sqlite3.connect(next(collector.data_dir.glob("day-*.db")),
                            isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = wait_until(send_all, "a full queue")
    other.execute("ROLLBACK")
    other.close()
    assert {reply.status for reply in replies} == {503}
    assert all(int(reply.headers["retry-after"]) > 0 for reply in replies)
    assert [reply.error for reply in replies].count(
        "too many uploads wait to be stored") == refused
    assert most[0] <= queue
    for home in homes:
        reply = wait_until(lambda home=home: (
            lambda reply: reply.status == 200 and reply)(
                home.send(body[home])), "a store that is not slow")
        assert reply.json["accepted"] == [[2, 2]]
    stats, metrics = collector.stats(), collector.metrics()
    assert (stats["segments"], stats["flow"]) == (11, 5002)
    assert (metrics["segments"], metrics["queue_bytes"]) == (11, 0)


def test_an_erasure_that_a_slow_store_puts_off_is_done_all_the_same(slow):
    collector, homes, other = slow
    before = collector.metrics()["plain_bytes"]
    other.execute("BEGIN IMMEDIATE")
    thread = threading.Thread(target=homes[1].upload, args=(2,))
    thread.start()
    # behind the upload, so that it is not the one to find the lock
    wait_until(lambda: collector.metrics()["plain_bytes"] > before,
               "the upload")
    reply = homes[0].delete("everything")
    other.execute("ROLLBACK")
    thread.join(DEADLINE)
    assert reply.status == 503
    assert reply.error == "the store takes too long: ask again"
    wait_until(lambda: collector.stats()["accounts"] == 4, "the erasure")
    assert homes[0].upload(2).status == 401
    assert homes[1].upload(2).status == 200
    assert collector.stats()["segments"] == 5


def test_one_store_has_one_collector(collector):
    done = collector.command("serve", "--http", "127.0.0.1:0", check=False)
    assert done.returncode == 1
    assert "another collector uses it" in done.stderr
    assert collector.inspector().upload(1).status == 200


def test_a_store_of_a_newer_program_is_left_alone(collector):
    collector.stop()
    with sqlite3.connect(collector.data_dir / "collector.db") as db:
        db.execute("PRAGMA user_version = 9999")
    db.close()
    done = collector.command("serve", "--http", "127.0.0.1:0", check=False)
    assert done.returncode == 1
    assert "newer program" in done.stderr


def test_a_stop_answers_what_was_begun(collector):
    """Uploads run while it is told to stop: each is acknowledged and held, or
    not acknowledged."""
    homes = [collector.inspector(i) for i in range(8)]
    acknowledged = [0] * len(homes)

    def send(which):
        try:
            while True:
                if homes[which].upload(acknowledged[which] + 1).status == 200:
                    acknowledged[which] += 1
        except (OSError, http.client.HTTPException):
            pass

    threads = [threading.Thread(target=send, args=(i,))
               for i in range(len(homes))]
    for thread in threads:
        thread.start()
    wait_until(lambda: min(acknowledged) > 2, "uploads of all")
    assert collector.stop() == 0
    for thread in threads:
        thread.join(DEADLINE)
    held = collector.stats()["segments"]
    assert sum(acknowledged) <= held <= sum(acknowledged) + len(homes)


def held_numbers(home):
    """Of the segments, by the flows that their home is told are held."""
    return sorted({line["segment"] for line in held(home)
                   if line["table"] == "flow"})


@pytest.mark.parametrize("dies", ["server", "connection"])
def test_what_ends_in_the_midst_of_a_body_is_not_there_and_then_once(
        make_collector, dies):
    collector = make_collector(tls=True)
    home = collector.inspector()
    assert home.upload(1).json["accepted"] == [[1, 1]]
    body = upload.pack(home.body(upload.segment(2), upload.segment(3)))
    head = "".join("%s: %s\r\n" % line for line in {
        **home.login(), "Host": "localhost", "Content-Length": len(body),
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "zstd"}.items())
    before = collector.metrics()
    connection = collector.connect()
    connection.connect()
    connection.sock.sendall(("POST /v1/upload HTTP/1.1\r\n%s\r\n" % head)
                            .encode() + body[:len(body) // 2])
    wait_until(lambda: collector.metrics()["requests"] > before["requests"],
               "the head")
    if dies == "server":
        collector.kill()
        collector.start()
    else:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        connection.close()
        wait_until(lambda: collector.metrics()["connections_open"] == 0,
                   "the end of the connection")
        assert collector.metrics()["uploads"] == before["uploads"] == 1
    connection.close()
    stats = collector.stats()
    assert (stats["segments"], stats["flow"]) == (1, 2)
    assert held_numbers(home) == [1]
    assert home.send(body).json["accepted"] == [[2, 3]]
    assert collector.metrics()["repeated"] == 0
    stats = collector.stats()
    assert (stats["segments"], stats["flow"]) == (3, 6)
    assert held_numbers(home) == [1, 2, 3]


@pytest.mark.parametrize("end", [5, 10, 2 ** 32 - 1 - (2 ** 32 - 1) % 5])
def test_a_home_whose_clock_is_wrong_loses_nothing(collector, end):
    home = collector.inspector()
    body = home.body(upload.segment(1, end=end))
    for _ in range(2):
        assert home.send(upload.pack(body)).json["accepted"] == [[1, 1]]
    stats, metrics = collector.stats(), collector.metrics()
    assert (stats["segments"], stats["flow"]) == (1, 2)
    assert (metrics["segments"], metrics["repeated"]) == (1, 1)
    assert metrics["clock_ahead"] == 2 * (end > 2 ** 31)
    assert [line["end"] for line in held(home) if line["table"] == "flow"] \
        == [end] * 2


def test_a_clock_set_back_opens_no_day_again(collector):
    home = collector.inspector()
    assert home.upload(1).status == 200
    collector.stop()
    with sqlite3.connect(collector.data_dir / "collector.db") as db:
        db.execute("UPDATE day SET day = day + 3")
    db.close()
    day = next(collector.data_dir.glob("day-*.db"))
    day.rename(day.with_name("day-29990101.db"))
    collector.start()
    assert home.upload(2).status == 200
    assert home.upload(2).status == 200
    with sqlite3.connect(collector.data_dir / "collector.db") as db:
        assert db.execute("SELECT count(*) FROM day").fetchone() == (1,)
    db.close()


def test_what_was_sent_is_known_on_another_day(collector):
    home = collector.inspector()
    assert home.upload(1, 2).status == 200
    assert collector.stop() == 0  # else what was sent is still in the log
    # the day that is open becomes one that is over
    with sqlite3.connect(collector.data_dir / "collector.db") as db:
        db.execute("UPDATE day SET day = day - 1")
        name, = db.execute("SELECT strftime('day-%Y%m%d.db', day * 86400, "
                           "'unixepoch') FROM day").fetchone()
    db.close()
    day = next(collector.data_dir.glob("day-*.db"))
    day.rename(day.with_name(name))
    collector.start()
    assert home.upload(1, 2, 3).status == 200
    stats = collector.stats()
    assert (stats["days"], stats["segments"]) == (2, 3)
    with sqlite3.connect(collector.data_dir / "collector.db") as db:
        assert db.execute("SELECT count(*) FROM day WHERE state = 0"
                          ).fetchone() == (1,)
    db.close()


def test_an_older_client_that_knows_fewer_columns_is_taken(collector):
    home = collector.inspector()
    columns = {"device": ["id"], "flow": ["remote", "device", "in_bytes"]}
    body = home.body({"segment": 1, "end": 5, "device": [["0" * 32]],
                      "flow": [["2001:db8::7", 0, 9]]}, columns=columns)
    for _ in range(2):
        assert home.send(upload.pack(body)).json["accepted"] == [[1, 1]]
    db = sqlite3.connect(next(collector.data_dir.glob("day-*.db")))
    row = db.execute("SELECT remote_port, in_bytes, out_bytes FROM flow"
                     ).fetchall()
    db.close()
    assert row == [(None, 9, None)]
    # and is brought up to date in its midst: what it sent then is known
    assert home.upload(1, 2).json["accepted"] == [[1, 2]]
    stats = collector.stats()
    assert (stats["segments"], stats["flow"], stats["name"],
            collector.metrics()["repeated"]) == (2, 3, 1, 2)
    assert held_numbers(home) == [1, 2]


def test_another_text_asks_for_consent_anew(collector):
    home = collector.inspector()
    assert home.upload(1).status == 200
    first = collector.consent
    assert collector.ask("GET", "/v1/consent").json == {
        "version": 1, "text": "What you share, with whom, and for how long.\n",
        "hash": first, "approval": "IRB 7", "contact": "study@example.org",
        "retention_days": 365}
    collector.consent = collector.set_consent("Another text.\n")
    said = collector.ask("GET", "/v1/consent").json
    assert (said["version"], said["hash"]) == (2, collector.consent)
    # a home goes on under the text that it agreed to
    assert home.send(upload.pack(home.body(upload.segment(2), consent=first)
                                 )).status == 200
    assert home.upload(3).status == 412
    assert home.join(consent=first).status == 412
    assert home.join().status == 200
    assert home.upload(3).status == 200
    assert collector.stats()["segments"] == 3


def test_a_text_that_was_withdrawn_is_taken_from_nobody(collector):
    home = collector.inspector()
    assert home.upload(1).status == 200
    collector.command("consent", "--withdraw", "1")
    wait_until(lambda: home.upload(2).status == 412, "the withdrawal", 20)
    assert collector.ask("GET", "/v1/consent").status == 503
    assert home.join().status == 503


def test_without_a_text_nobody_joins(make_collector):
    collector = make_collector(consent=False)
    assert collector.ask("GET", "/v1/consent").status == 503
    collector.consent = "0" * 64
    assert collector.inspector(join=False).join().status == 503


def test_no_address_of_a_client_is_kept(make_collector):
    """The address that uploads come from is in no file and no log."""
    collector = make_collector()
    address = "127.99.88.77"

    class From(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.create_connection(
                ("127.0.0.1", collector.port), DEADLINE, (address, 0))
    home = collector.inspector()
    for path, body in (("/v1/consent", None), ("/wrong", None),
                       ("/v1/upload", b"x")):
        home.collector.ask("POST" if body else "GET", path, body,
                           home.login(), From("127.0.0.1"))
    home.connection = From("127.0.0.1")
    assert home.upload(1, 2).status == 200
    home.connection.close()
    assert collector.stop() == 0
    forms = [address.encode(), socket.inet_aton(address),
             b"::ffff:" + address.encode(),
             socket.inet_pton(socket.AF_INET6, "::ffff:" + address)]
    files = [path for path in collector.data_dir.iterdir()]
    files.append(collector.data_dir.with_name(
        collector.data_dir.name + ".log"))
    assert any(path.name.startswith("day-") for path in files)
    for path in files:
        for form in forms:
            assert form not in path.read_bytes(), path
    assert address not in collector.said


def test_plain_http_is_for_the_loopback_alone(collector):
    assert collector.stop() == 0  # else what was sent is still in the log
    for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0"):
        done = collector.command("serve", "--http", address, check=False)
        assert done.returncode == 1
        assert "not the loopback" in done.stderr


@pytest.mark.parametrize("words", [
    ["stats"], ["stats", "--json"], ["token", "add", "--approval", "IRB 9"],
    ["export", "--table", "flows"]], ids=" ".join)
def test_what_cannot_be_printed_is_no_success(served, words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [program(), words[0], "--data-dir", str(served.data_dir),
             *words[1:]], stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=DEADLINE, check=False)
    assert (done.returncode, "No space left on device" in done.stderr) == \
        (1, True)


def test_old_versions_of_tls_are_refused(make_collector):
    collector = make_collector(tls=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", collector.port)) as plain:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(plain)
    der = ssl.PEM_cert_to_DER_cert(
        (collector.data_dir / "trial-cert.pem").read_text())

    assert hashlib.sha256(der).hexdigest() == collector.fingerprint
    assert (collector.data_dir / "trial-key.pem").stat().st_mode & 0o77 == 0


def test_a_tls_connection_broken_half_way_is_closed(make_collector):
    collector = make_collector("--idle-seconds", "1", tls=True)
    home = collector.inspector()
    plain = socket.create_connection(("127.0.0.1", collector.port), DEADLINE)
    plain.sendall(bytes.fromhex("1603010200010001fc0303"))
    with socket.create_connection(("127.0.0.1", collector.port)) as other:
        other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        other.settimeout(DEADLINE)
        assert b"HTTP/1.1" not in other.recv(100)
    plain.settimeout(DEADLINE)
    try:
        assert plain.recv(100) == b""
    except ConnectionError:
        pass
    plain.close()
    assert home.upload(1).json["accepted"] == [[1, 1]]
    assert collector.stats()["segments"] == 1
    assert collector.metrics()["uploads"] == 1


def is_whole(message):
    """Whether it has all of its body."""
    head, end, body = message.partition(b"\r\n\r\n")
    return end and len(body) == int(re.search(rb"Content-Length: (\d+)",
                                              head)[1])


def test_behind_a_proxy_that_breaks_off_nothing_is_doubled(collector):
    """A relay passes requests on and closes before it passes the reply on:
    the inspector sends again, and the collector knows."""
    home = collector.inspector()
    relay = socket.create_server(("127.0.0.1", 0))
    relay.settimeout(DEADLINE)

    def carry(reply_too):
        near, _ = relay.accept()
        far = socket.create_connection(("127.0.0.1", collector.port), DEADLINE)
        near.settimeout(DEADLINE)
        asked = b""
        while not is_whole(asked):
            asked += near.recv(65536)
        far.sendall(asked)
        said = far.recv(65536)
        if reply_too:
            near.sendall(said)
        near.close()
        far.close()

    for reply_too in (False, True):
        carrier = threading.Thread(target=carry, args=(reply_too,))
        carrier.start()
        home.connection = http.client.HTTPConnection(
            "127.0.0.1", relay.getsockname()[1], timeout=DEADLINE)
        if reply_too:
            assert home.upload(1, 2).json["accepted"] == [[1, 2]]
        else:
            with pytest.raises((OSError, http.client.HTTPException)):
                home.upload(1, 2)
        home.connection.close()
        carrier.join(DEADLINE)
    relay.close()
    stats, metrics = collector.stats(), collector.metrics()
    assert (stats["segments"], stats["flow"]) == (2, 4)
    # the collector answered both times, and one reply got through
    assert (metrics["uploads"], metrics["repeated"]) == (2, 2)
    assert held_numbers(home) == [1, 2]
