# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector itself, and inspectors that upload to it. Every reply is held
to the contract."""

import base64
import datetime
import glob
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import upload
from contract import TREE, Contract

CONTRACT = Contract("collector.yaml")
DEADLINE = 30
DAY_S = 86400
# longer than a test lasts that counts by days
TEST_S = 60
# an erasure that is put off: more often, and it would be past its limit
ERASE_EVERY_S = 0.5
TEXT = "What you share, with whom, and for how long.\n"


def program():
    """IOT_COLLECTOR, else the newest that was built."""
    if "IOT_COLLECTOR" in os.environ:
        return os.environ["IOT_COLLECTOR"]
    found = sorted(glob.glob(str(TREE / "build/*/iot-collector")),
                   key=os.path.getmtime)
    assert found, "iot-collector was not built"
    return found[-1]


def wait_until(condition, what, deadline=DEADLINE, every=0.02):
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "never came: %s" % what
        time.sleep(every)


def wait_for_a_whole_day():
    """A collector begins a new day at midnight UTC, and not in the midst of a
    test that counts by days: one that would begin just before waits."""
    wait_until(lambda: time.time() % DAY_S < DAY_S - TEST_S, "midnight",
               2 * TEST_S)


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def content(path):
    """Of a file that was listed: nothing, if it went meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]


class Collector:
    def __init__(self, data_dir, *options, consent=True, tls=False,
                 prefix=()):
        self.data_dir, self.options, self.tls = data_dir, options, tls
        self.prefix = list(prefix)
        self.process = None
        self.start()
        if consent:
            self.consent = self.set_consent(TEXT)

    def start(self):
        listen = (["--listen", "127.0.0.1:0"] if self.tls
                  else ["--http", "127.0.0.1:0"])
        self.log = open(str(self.data_dir) + ".log", "a+")
        self.process = subprocess.Popen(
            self.prefix + [program(), "serve", "--data-dir",
                           str(self.data_dir), *listen, "--metrics",
                           "127.0.0.1:0", *self.options],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("ready: "):
                break
        assert "ready: " in said, self.logged()
        self.port = int(re.search(r"ready: https?://127.0.0.1:(\d+)",
                                  said).group(1))
        self.metrics_port = int(re.search(r"metrics: http://127.0.0.1:(\d+)/",
                                          said).group(1))
        found = re.search("sha256 ([0-9a-f]{64})", said)
        self.fingerprint = found and found.group(1)
        self.said = said

    def logged(self):
        self.log.flush()
        return Path(self.log.name).read_text()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()

    def stop(self):
        """Gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()
        return status

    def close(self):
        if not self.process.stdout.closed:
            assert self.stop() == 0, Path(self.log.name).read_text()

    def command(self, *words, check=True):
        done = subprocess.run(
            [program(), words[0], "--data-dir", str(self.data_dir),
             *words[1:]], capture_output=True, text=True, timeout=DEADLINE,
            check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    def set_consent(self, text, days=365):
        path = Path(str(self.data_dir) + ".txt")
        path.write_text(text)
        said = self.command("consent", str(path), "--approval", "IRB 7",
                            "--contact", "study@example.org",
                            "--retention-days", str(days)).stdout
        return re.search("hash ([0-9a-f]{64})", said).group(1)

    def stats(self):
        return json.loads(self.command("stats", "--json").stdout)

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1",
                                                self.metrics_port,
                                                timeout=DEADLINE)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in re.findall(
            r"^iot_collector_(\w+?)(?:_total)? (\S+)$", text, re.MULTILINE)}

    def connect(self, timeout=DEADLINE):
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port,
                                              timeout=timeout)
        context = ssl.create_default_context(
            cafile=str(self.data_dir / "trial-cert.pem"))
        return http.client.HTTPSConnection("localhost", self.port,
                                           timeout=timeout, context=context)

    def ask(self, method, path, body=None, headers=None, connection=None):
        own = connection is None
        connection = connection or self.connect()
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            reply = Reply(response.status,
                          {k.lower(): v for k, v in response.getheaders()},
                          response.read())
        finally:
            if own:
                connection.close()
        CONTRACT.check_reply(method, path, reply.status, reply.headers,
                             reply.body)
        return reply

    def inspector(self, number=1, join=True):
        made = Inspector(self, number)
        if join:
            assert made.join().status in (200, 201)
        return made


class Inspector:
    def __init__(self, collector, number):
        self.collector, self.number = collector, number
        self.account = hashlib.sha256(b"%d" % number).hexdigest()[:32]
        self.secret = hashlib.sha256(b"secret %d" % number).hexdigest()
        self.connection = None

    def login(self):
        words = "%s:%s" % (self.account, self.secret)
        return {"Authorization":
                "Basic " + base64.b64encode(words.encode()).decode()}

    def join(self, consent=None):
        return self.collector.ask(
            "POST", "/v1/account", json.dumps(
                {"consent": consent or self.collector.consent,
                 "client": "0.1.0"}),
            dict(self.login(), **{"Content-Type": "application/json"}))

    def send(self, body, **headers):
        return self.collector.ask("POST", "/v1/upload", body, {
            **self.login(), "Content-Type": "application/x-ndjson",
            "Content-Encoding": "zstd", **headers}, self.connection)

    def delete(self, what, **more):
        """One asking; it may be put off (503)."""
        return self.collector.ask(
            "POST", "/v1/delete", json.dumps(dict({"what": what}, **more)),
            dict(self.login(), **{"Content-Type": "application/json"}))

    def erase(self, what, **more):
        """Asks until nothing of it is held. The rows of the receipt; None
        where it was put off, and others of them went meanwhile."""
        reply = self.delete(what, **more)
        if reply.status != 503:
            assert reply.status == 200, reply.body
            return reply.json["rows"]
        reply = wait_until(lambda: (lambda reply: reply.status != 503 and
                                    reply)(self.delete(what, **more)),
                           "a receipt", every=ERASE_EVERY_S)
        # 404 and 401: it went by itself
        assert reply.status in (200, 401, 404), reply.body
        return None

    def body(self, *segments, **changed):
        return upload.lines(upload.header(
            **{"consent": self.collector.consent, **changed}), *segments)

    def upload(self, *numbers, flows=2, devices=1):
        """Segments of these numbers."""
        return self.send(upload.pack(self.body(
            *(upload.segment(number, flows, devices, self.number)
              for number in numbers))))
