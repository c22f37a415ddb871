# SPDX-License-Identifier: GPL-3.0-or-later
"""What one account, one token or one network may ask for is limited, and who
is past it is told when to come again."""

import http.client
import socket
import ssl

import pytest

from program import DEADLINE
from test_token import add, read


def is_put_off(reply, most_s=3600):
    assert reply.status == 429
    assert 1 <= int(reply.headers["retry-after"]) <= most_s
    return reply.error


def test_uploads_past_the_limit_are_put_off(make_collector):
    collector = make_collector("--uploads-per-minute", "2")
    one_of, other = collector.inspector(1), collector.inspector(2)
    statuses = [one_of.upload(i).status for i in range(1, 8)]
    assert statuses == [200] * 4 + [429] * 3
    assert is_put_off(one_of.upload(8), 30) == \
        "too many uploads of this account"
    assert other.upload(1).status == 200
    assert collector.metrics()["refused_rate"] == 4


def test_too_many_bytes_of_an_account_are_put_off(make_collector):
    collector = make_collector("--bytes-per-day", "3000")
    home = collector.inspector()
    assert home.upload(1).status == 200
    assert is_put_off(home.upload(2)) == \
        "too many bytes of this account today"


ASK_DEVICE = '{"oui":null,"names":[],"hellos":[]}'
ASK_NORMAL = '{"vendor":"Acme","category":"tv","domains":[]}'


@pytest.mark.parametrize("option, burst, calls, error", [
    ("--asks-per-minute", 4, [("POST", "/v1/ask/device", ASK_DEVICE),
                              ("POST", "/v1/ask/normal", ASK_NORMAL),
                              ("GET", "/v1/labels", None)],
     "too many questions of this account"),
    ("--erasures-per-hour", 2, [("POST", "/v1/delete", '{"what":"names"}')],
     "too many erasures of this account"),
    ("--downloads-per-hour", 2, [("GET", "/v1/held", None)],
     "too many downloads of this account"),
])
def test_calls_past_the_limit_are_put_off(make_collector, option, burst,
                                          calls, error):
    collector = make_collector(option, "2")
    home, other = collector.inspector(1), collector.inspector(2)

    def ask(which, call):
        return collector.ask(*call, headers=which.login())

    # an erasure may be put off for another reason
    for number in range(burst):
        assert ask(home, calls[number % len(calls)]).status in (200, 503)
    for call in calls:
        assert is_put_off(ask(home, call)) == error
        assert ask(other, call).status in (200, 503)
    assert home.upload(1).status == 200


def test_agreeing_again_and_again_is_put_off(make_collector):
    collector = make_collector("--agreements-per-hour", "2")
    home = collector.inspector()
    assert [home.join().status for _ in range(3)] == [200, 200, 429]
    assert is_put_off(home.join()) == "this account agrees too often"


def test_exports_of_a_token_past_the_limit_are_put_off(make_collector):
    collector = make_collector("--exports-per-hour", "2")
    (_, token), (_, other) = add(collector), add(collector)
    assert [read(collector, token).status for _ in range(2)] == [200, 200]
    assert is_put_off(read(collector, token)) == "too many exports"
    assert read(collector, other).status == 200


def test_new_accounts_past_the_hours_limit_are_put_off(make_collector):
    collector = make_collector("--accounts-per-hour", "2")
    for number in (1, 2):
        collector.inspector(number)
    assert is_put_off(collector.inspector(3, join=False).join()) == \
        "too many new accounts in this hour"


def test_one_network_makes_few_accounts_and_others_may(make_collector):
    """Without a proxy between, by the network that they come from."""
    collector = make_collector("--accounts-per-place", "2", tls=True)
    context = ssl.create_default_context(
        cafile=str(collector.data_dir / "trial-cert.pem"))

    def join(number, address):
        class From(http.client.HTTPSConnection):
            def connect(self):
                self.sock = context.wrap_socket(socket.create_connection(
                    ("127.0.0.1", collector.port), DEADLINE, (address, 0)),
                    server_hostname="localhost")
        connection = From("localhost", context=context)
        plain, collector.connect = collector.connect, lambda: connection
        try:
            return collector.inspector(number, join=False).join()
        finally:
            collector.connect = plain

    assert [join(number, "127.1.2.%d" % number).status
            for number in (1, 2)] == [201, 201]
    is_put_off(join(3, "127.1.2.3"))
    assert join(4, "127.1.3.3").status == 201
    # one that is known is no new one
    assert join(1, "127.1.2.9").status == 200
    collector.stop()
    for path in collector.data_dir.iterdir():
        if path.name.endswith((".db", "-wal")):
            for part in (bytes([127, 1, 2, 1]), b"127.1.2."):
                assert part not in path.read_bytes(), path
