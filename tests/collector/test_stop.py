# SPDX-License-Identifier: GPL-3.0-or-later
"""A collector that is told to stop in the midst of its work ends well, however
often. STOPS says how often; ./dev bench asks for more."""

import http.client
import os
import socket
import threading

from program import DEADLINE, wait_until

STOPS = int(os.environ.get("STOPS", "8"))
HOMES = 4


class Home(threading.Thread):
    """Uploads on a connection that it keeps, and opens a new one when that
    breaks, until told to leave."""

    def __init__(self, collector, number, leave):
        super().__init__(daemon=True)
        self.inspector = collector.inspector(number)
        self.leave, self.acknowledged = leave, 0

    def run(self):
        while not self.leave.is_set():
            try:
                self.inspector.connection = \
                    self.inspector.collector.connect()
                while self.inspector.upload(self.acknowledged + 1
                                            ).status == 200:
                    self.acknowledged += 1
            except (OSError, http.client.HTTPException):
                self.leave.wait(0.01)
            self.inspector.connection.close()


def open_others(port):
    """Connections without a request, and in the midst of one."""
    others = [socket.create_connection(("127.0.0.1", port), DEADLINE)
              for _ in range(4)]
    others[0].sendall(b"GET /v1/consent HTTP/1.1\r\nHost: x")
    others[1].sendall(b"POST /v1/account HTTP/1.1\r\nHost: x\r\n"
                      b"Content-Length: 100\r\n\r\n{")
    return others


def test_stops_under_load_end_well_and_lose_nothing(make_collector):
    collector = make_collector("--uploads-per-minute", "1000000")
    leave = threading.Event()
    homes = [Home(collector, number, leave) for number in range(HOMES)]
    for home in homes:
        home.start()
    for _ in range(STOPS):
        before = [home.acknowledged for home in homes]
        wait_until(lambda: all(home.acknowledged > had for home, had
                               in zip(homes, before)), "uploads of all")
        others = open_others(collector.port)
        assert collector.stop() == 0, collector.logged()
        for other in others:
            other.close()
        collector.start()
    leave.set()
    for home in homes:
        home.join(DEADLINE)
        assert not home.is_alive()
    held = collector.stats()["segments"]
    acknowledged = sum(home.acknowledged for home in homes)
    # what was held and not acknowledged is the last of each home
    assert acknowledged <= held <= acknowledged + HOMES


def test_metrics_with_all_its_connections_taken_stop_at_once(collector):
    taken = [socket.create_connection(("127.0.0.1", collector.metrics_port),
                                      DEADLINE) for _ in range(20)]
    for one in taken[:16]:
        one.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
    collector.process.terminate()
    assert collector.process.wait(15) == 0
    for one in taken:
        one.close()


def test_one_without_a_consent_text_says_so(make_collector):
    collector = make_collector(consent=False)
    assert "no consent text is set yet" in collector.said
    assert "consent TEXT.txt --data-dir %s" % collector.data_dir in \
        collector.said
    assert collector.ask("GET", "/v1/consent").status == 503
    collector.set_consent("What you share.\n")
    collector.stop()
    collector.start()
    assert "no consent text" not in collector.said
