# SPDX-License-Identifier: GPL-3.0-or-later
"""What an owner takes back is gone, from the files too."""

import hashlib
import socket
import sqlite3
import threading

import pytest

import upload
from program import content

MS = (upload.END + 5) * 1000 - 3000


def device(home, number):
    """An identifier that nothing in a file is by chance."""
    return hashlib.sha256(b"%d %d" % (home, number)).hexdigest()[:32]


def private(number, home, word):
    """A segment of two devices; of the first, every text has the word."""
    host = word + ".example.com"
    return upload.segment(
        number, devices=2,
        device=[[device(home, i), "3c5ab4", 1] for i in range(2)],
        question=[[0, MS, host, 1, "9.9.9.9"]],
        name=[[0, MS, "203.0.113.7", host, "dns", "9.9.9.9", 0]],
        http=[[0, MS, "203.0.113.7", 80, host, "TV/" + word]],
        hello=[[0, MS, "tcp", "203.0.113.7", 443, 40000, 772, "772+771",
                "4865", "0", "0", "29", "0", "1027", word, host, 0, 1, 1,
                None, None]],
        clue=[[0, "dhcp_hostname", word], [0, "ssdp_server", word + "/1"]],
        label=[[0, word, "tv", "Acme", "typed"]])


@pytest.fixture
def searched(collector):
    """searched(BYTES): the store's files that hold them, the log too."""
    def search(*wanted):
        return [(path.name, text) for path in collector.data_dir.iterdir()
                for text in wanted if text in content(path)]
    return search


def test_a_device_is_gone_from_every_file(collector, searched):
    home = collector.inspector()
    home.send(upload.pack(home.body(private(1, 1, "erasable"))))
    key = bytes.fromhex(device(1, 0))
    assert searched(b"erasable") and searched(key)
    # one flow of two, and a row of each table but views
    assert home.erase("device", device=device(1, 0)) in (8, None)
    assert not searched(b"erasable", key)
    stats = collector.stats()
    assert (stats["flow"], stats["devices"], stats["view"]) == (1, 1, 1)
    assert home.delete("device", device=device(1, 0)).status == 404


def test_names_are_gone_and_the_rest_is_held(collector, searched):
    home = collector.inspector()
    home.send(upload.pack(home.body(private(1, 1, "erasable"))))
    home.erase("names")
    assert not searched(b"erasable.example.com")
    stats = collector.stats()
    assert (stats["question"], stats["name"], stats["clue"]) == (0, 0, 1)
    assert (stats["flow"], stats["http"], stats["hello"],
            stats["label"]) == (2, 1, 1, 1)


def test_everything_is_gone_and_so_is_the_account(collector, searched):
    home = collector.inspector()
    home.send(upload.pack(home.body(private(1, 1, "erasable"))))
    other = collector.inspector(2)
    other.send(upload.pack(other.body(private(1, 2, "kept"))))
    home.erase("everything")
    assert not searched(b"erasable", bytes.fromhex(home.account),
                        bytes.fromhex(device(1, 0)),
                        bytes.fromhex(device(1, 1)))
    assert searched(b"kept")
    stats = collector.stats()
    assert (stats["accounts"], stats["segments"], stats["flow"]) == (1, 1, 2)
    assert home.upload(2).status == 401


def test_what_others_sent_too_is_not_taken_from_them(collector, searched):
    one, two = collector.inspector(1), collector.inspector(2)
    for number, home in ((1, one), (2, two)):
        home.send(upload.pack(home.body(private(1, number, "shared"))))
    one.erase("everything")
    assert searched(b"shared.example.com")
    two.erase("everything")
    assert not searched(b"shared")


def test_what_was_erased_does_not_come_back_with_a_late_segment(
        collector, searched):
    home = collector.inspector()
    home.send(upload.pack(home.body(private(1, 1, "early"))))
    home.erase("device", device=device(1, 0))
    home.send(upload.pack(home.body(private(2, 1, "late"))))
    # observed after it was erased: the owner shares the device again
    future = upload.segment(3, flows=1,
                            device=[[device(1, 0), "3c5ab4", 1]])
    future["end"] += 10 ** 9 // 5 * 5
    for row in future["flow"]:
        row[5] += 10 ** 12
    for table in ("question", "name", "http", "hello", "clue", "label",
                  "view"):
        future[table] = []
    assert home.send(upload.pack(home.body(future))).json["accepted"] == \
        [[3, 3]]
    assert not searched(b"late")
    assert collector.stats()["flow"] == 1 + 1 + 1


def test_a_clock_that_is_ahead_brings_nothing_back(collector, searched,
                                                   tmp_path):
    """The home says up to which of its segments it is meant."""
    home = collector.inspector()

    def ahead(number, word):
        made = private(number, 1, word)
        made["end"] += 10 ** 9 // 5 * 5
        for name, column in (("flow", 5), ("question", 1), ("name", 1),
                             ("http", 1), ("hello", 1)):
            for row in made[name]:
                row[column] += 10 ** 12
        return made

    home.send(upload.pack(home.body(ahead(1, "early"))))
    collector.command("backup", str(tmp_path / "copy"))
    home.erase("device", device=device(1, 0), segment=5)
    home.send(upload.pack(home.body(ahead(2, "late"), ahead(5, "later"))))
    assert not searched(b"early", b"late")
    assert home.send(upload.pack(home.body(ahead(6, "fresh")))).status == 200
    assert searched(b"fresh.example.com")
    # and a store that comes from a backup keeps them out, too
    collector.stop()
    collector.command("restore", str(tmp_path / "copy"))
    collector.start()
    assert not searched(b"early")
    home.send(upload.pack(home.body(ahead(2, "late"), ahead(6, "fresh"))))
    assert not searched(b"late") and searched(b"fresh.example.com")


def test_names_do_not_come_back_with_a_late_segment(collector, searched):
    home = collector.inspector()
    home.upload(1)
    home.erase("names")
    home.send(upload.pack(home.body(private(2, 1, "late"))))
    assert not searched(b"late.example.com")
    assert collector.stats()["http"] == 2


def test_a_delete_that_was_begun_is_finished_after_kill_9(collector,
                                                          searched):
    home = collector.inspector()
    for number in range(1, 40):
        home.send(upload.pack(home.body(private(number, 1, "erasable"))))

    def try_to():
        try:
            home.delete("everything")
        except OSError:
            pass

    asking = threading.Thread(target=try_to)
    asking.start()
    # killed when it is written down, or when it is done already
    with sqlite3.connect("file:%s?mode=ro" % (
            collector.data_dir / "collector.db"), uri=True) as store:
        while asking.is_alive() and not store.execute(
                "SELECT count(*) FROM erasure").fetchone()[0]:
            pass
    store.close()
    collector.kill()
    asking.join()
    collector.start()
    if collector.stats()["accounts"]:  # killed before it was written down
        home.erase("everything")
    assert not searched(b"erasable")
    assert collector.stats()["segments"] == 0


def test_uploads_meanwhile_lose_nothing(collector):
    one, two = collector.inspector(1), collector.inspector(2)
    for number in range(1, 11):
        one.upload(number)
    sent = []

    def send():
        for number in range(1, 21):
            sent.append(two.upload(number).status)

    sending = threading.Thread(target=send)
    sending.start()
    one.erase("everything")
    sending.join()
    assert sent == [200] * 20
    assert collector.stats()["segments"] == 20


def test_who_downloads_slowly_keeps_nothing_from_being_erased(collector,
                                                              searched):
    """A stream that its client does not read holds no file."""
    slow, gone = collector.inspector(1), collector.inspector(2)
    for number in range(1, 21):
        slow.upload(*range(20 * number - 19, 20 * number + 1), flows=25)
    gone.send(upload.pack(gone.body(private(1, 2, "erasable"))))
    with socket.create_connection(("127.0.0.1", collector.port)) as stream:
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.sendall(("GET /v1/held HTTP/1.1\r\nHost: localhost\r\n"
                        "Authorization: %s\r\n\r\n"
                        % slow.login()["Authorization"]).encode())
        said = stream.recv(1000)
        assert said.startswith(b"HTTP/1.1 200")
        gone.erase("everything")
        assert not searched(b"erasable")
        # it was slow for long enough
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        while b'{"end": true}' not in said and b'{"end":true}' not in said:
            more = stream.recv(1 << 20)
            assert more, "the stream was cut off"
            said = said[-100:] + more


@pytest.mark.parametrize("body", [
    "", "[]", '{"what":"all"}', '{"what":"device"}',
    '{"what":"device","device":"12"}', '{"what":"names","device":"%s"}'
    % ("0" * 32), '{"what":"names","who":1}',
    '{"what":"names","segment":-1}', '{"what":"names","segment":"1"}',
    '{"what":"device","device":"%s"}' % ("G" * 32)])
def test_a_wish_that_is_not_clear_is_refused(served, body):
    home = served.inspector(77)
    reply = served.ask("POST", "/v1/delete", body, home.login())
    assert reply.status == 400
    assert reply.error.startswith(("the body must be", '"device" must be'))
