# SPDX-License-Identifier: GPL-3.0-or-later
"""Other ways to a collector: through a proxy, and to another collector."""

import http.client
import os
import socket
import ssl
import subprocess

import pytest

import upload
from program import DEADLINE, Collector

# what docs/collector.md says a proxy needs, and nothing else
PROXY = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  error_log /dev/null emerg;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {store}/trial-cert.pem;
    ssl_certificate_key {store}/trial-key.pem;
    client_max_body_size 2m;
    location / {{
      proxy_pass http://127.0.0.1:{inner};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""


@pytest.fixture
def proxied(make_collector, tmp_path):
    """A collector on the loopback behind nginx, with TLS before it."""
    certified = make_collector(tls=True)
    certified.stop()
    certified.tls = False
    certified.start()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(PROXY.format(
        folder=folder, port=port, store=certified.data_dir,
        inner=certified.port))
    proxy = subprocess.Popen(
        ["/usr/sbin/nginx", "-p", folder, "-c", folder / "nginx.conf", "-e",
         folder / "error.log"], pass_fds=[listener.fileno()],
        # it takes the socket over, so that nobody else has the port
        env={**os.environ, "NGINX": "%d;" % listener.fileno()})
    listener.close()
    context = ssl.create_default_context(
        cafile=str(certified.data_dir / "trial-cert.pem"))
    certified.connect = lambda timeout=DEADLINE: http.client.HTTPSConnection(
        "localhost", port, timeout=timeout, context=context)
    yield certified
    assert proxy.poll() is None, (folder / "error.log").read_text()
    proxy.terminate()
    proxy.wait(DEADLINE)


def test_through_a_proxy_all_is_as_without(proxied):
    home = proxied.inspector()
    home.connection = proxied.connect()
    assert home.upload(1, 2, flows=2000).json["accepted"] == [[1, 2]]
    assert home.upload(2, 3, flows=2000).json["accepted"] == [[2, 3]]
    home.connection.close()
    assert proxied.stats()["flow"] == 6000
    held = proxied.ask("GET", "/v1/held", headers=home.login())
    assert held.body.count(b'"table":"flow"') == 6000
    assert held.body.endswith(b'{"end":true}\n')
    home.erase("everything")
    assert home.upload(4).status == 401


def test_a_proxy_whose_collector_is_away_puts_off_and_nothing_is_lost(
        proxied, tmp_path):
    home = proxied.inspector()
    assert home.upload(1).status == 200
    proxied.kill()
    connection = proxied.connect()
    body = upload.pack(home.body(upload.segment(2)))
    connection.request("POST", "/v1/upload", body, {
        **home.login(), "Content-Type": "application/x-ndjson",
        "Content-Encoding": "zstd"})
    assert connection.getresponse().status == 502
    connection.close()
    # nginx says of each such request who made it, where it is let
    assert "client" not in (tmp_path / "nginx/error.log").read_text()
    proxied.start()
    assert proxied.stats()["segments"] == 1
    del proxied.connect  # the collector's port is another now
    home.connection = None
    assert home.upload(1, 2).json["accepted"] == [[1, 2]]
    stats = proxied.stats()
    assert (stats["segments"], stats["flow"],
            proxied.metrics()["repeated"]) == (2, 4, 1)


def test_an_account_that_moves_to_another_collector_goes_on(make_collector,
                                                            tmp_path):
    """It is one collector's at a time: what the first acknowledged stays
    there, and what it did not goes to the second, with the same numbers."""
    first, second = make_collector(), make_collector()
    home = first.inspector()
    assert home.upload(1, 2).json["accepted"] == [[1, 2]]
    home.collector = second
    assert home.upload(3).status == 401
    assert home.join().status == 201
    assert home.upload(3, 4).json["accepted"] == [[3, 4]]
    assert (first.stats()["segments"], second.stats()["segments"]) == (2, 2)
    # each erases what it has
    for collector in (second, first):
        home.collector = collector
        assert home.erase("everything") in (18, None)
        assert collector.stats()["flow"] == 0
    # and one that comes back to its first begins there anew
    assert home.join().status == 201
    assert home.upload(5).json["accepted"] == [[5, 5]]


def test_an_account_moves_with_its_store(make_collector, tmp_path):
    """A collector put up elsewhere from a backup knows what was sent."""
    first = make_collector()
    home = first.inspector()
    assert home.upload(1, 2).status == 200
    first.command("backup", str(tmp_path / "moved"))
    moved = Collector(tmp_path / "moved", consent=False)
    moved.consent = first.consent
    home.collector = moved
    assert home.join().status == 200
    assert home.upload(2, 3).json["accepted"] == [[2, 3]]
    assert moved.stats()["segments"] == 3
    moved.close()
