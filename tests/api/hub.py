# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub by itself: hub_alone plays keeper, guard and engine to it, and
clients ask what a page asks. Every reply is held to the contract."""

import contextlib
import http.client
import json
import os
import queue
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

from contract import TREE, Contract

CONTRACT = Contract("agent.yaml", always={400, 403, 405, 413, 415, 503},
                    unknown={401, 404}, pages=True)
DEADLINE = 20
WINDOW_MS = 5000

# enum message_watch_phase, enum record_clue_kind, enum message_fault_kind
WAITING, CHECKING, ACTIVE, RELEASED = range(4)
DHCP_HOSTNAME, DHCP_VENDOR_CLASS = 0, 1
MDNS_HOST, MDNS_SERVICE, MDNS_INSTANCE, MDNS_TXT = 4, 5, 6, 7
FIREWALL = 4
DNS, SNI, HTTP_HOST = range(3)
TCP, UDP = 6, 17

TV = "3c:5a:b4:12:34:56"
CAMERA = "3c:5a:b4:65:43:21"
PHONE = "da:a1:19:0a:0b:0c"  # made up by the phone: the local bit is set
ROUTER = "3c:5a:b4:00:00:01"
OWN = "3c:5a:b4:99:99:99"


def driver():
    """Where the driver was built: HUB_ALONE, else the newest."""
    if "HUB_ALONE" in os.environ:
        return os.environ["HUB_ALONE"]
    found = sorted(TREE.glob("build/*/tests/unit/web/hub_alone"),
                   key=lambda path: path.stat().st_mtime)
    assert found, "hub_alone was not built"
    return str(found[-1])


def now_ms():
    return int(time.time() * 1000)


def window_ms(ago=1):
    """When the window began that ended so many windows ago."""
    return now_ms() // WINDOW_MS * WINDOW_MS - ago * WINDOW_MS


def wait_until(condition, what, deadline=DEADLINE):
    """Asks until the condition holds, and gives what it gave."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "never came: %s" % what
        time.sleep(0.02)


def stored_bytes(hub, name="iot-inspector.db"):
    """All that is in a database's files."""
    found = []
    for path in hub.data_dir.iterdir():
        # a log that was written back may go after it was listed
        with contextlib.suppress(FileNotFoundError):
            if path.name.startswith(name):
                found.append(path.read_bytes())
    return b"".join(found)


def database_of(hub, name="iot-inspector.db"):
    """To use in a with statement; each command is a transaction."""
    return contextlib.closing(sqlite3.connect(
        hub.data_dir / name, timeout=DEADLINE, isolation_level=None))


@contextlib.contextmanager
def nobody_else_writes(hub, name="iot-inspector.db"):
    with database_of(hub, name) as database:
        database.execute("BEGIN IMMEDIATE")
        yield  # what is not committed is rolled back


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["error"]["code"]


class Hub:
    def __init__(self, data_dir, *options, prefix=()):
        self.messages, self.said = [], queue.Queue()
        self.lock = threading.Lock()
        self.cookie = None
        self.bodies, self.data_dir = [], data_dir
        self.log = tempfile.TemporaryFile("w+")  # what it says to its terminal
        self.process = subprocess.Popen(
            [*prefix, driver(), str(data_dir), *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        first = self.said.get(timeout=DEADLINE)
        self.port, self.token = first["port"], first["token"]
        self.pid = first["pid"]
        self.wait_message("keeper", "ready")

    def read(self):
        for line in self.process.stdout:
            value = json.loads(line)
            if "to" in value:
                with self.lock:
                    if value["to"] == "driver":
                        self.messages.clear()  # all that is of the killed one
                    self.messages.append(value)
            else:
                self.said.put(value)

    def do(self, what, **fields):
        self.process.stdin.write(json.dumps(
            {"do": what, **fields}, ensure_ascii=False) + "\n")
        self.process.stdin.flush()

    def kill(self):
        """Kills the hub and starts it again, as the keeper does; what it
        says from then on is of the new one."""
        self.forget_messages()
        self.do("kill_hub")
        self.wait_message("driver", "killed")
        self.wait_message("keeper", "ready")

    def close(self):
        if self.log.closed:
            return
        if self.process.poll() is None:
            self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        print(self.logged())
        self.log.close()

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    # what the hub says to the others

    def sent(self, to, kind):
        with self.lock:
            return [m for m in self.messages
                    if m["to"] == to and m["type"] == kind]

    def forget_messages(self):
        with self.lock:
            self.messages.clear()

    def wait_message(self, to, kind, condition=lambda m: True):
        return wait_until(
            lambda: next((m for m in self.sent(to, kind) if condition(m)),
                         None), "%s to %s" % (kind, to))

    # what a page asks

    def raw(self, method, path, headers, body=None):
        """One request as given; nothing is added to its headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=DEADLINE)
        try:
            connection.putrequest(method, path, skip_host=True,
                                  skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        got = {name.lower(): value for name, value in answer.getheaders()}
        CONTRACT.check_reply(method, path, answer.status, got, content)
        self.bodies.append(content)
        return Reply(answer.status, got, content)

    def headers(self, **more):
        headers = {"Host": "127.0.0.1:%d" % self.port}
        if self.cookie:
            headers["Cookie"] = self.cookie
        headers.update({name.replace("_", "-"): value
                        for name, value in more.items()})
        return [(n, v) for n, v in headers.items() if v is not None]

    def start(self, token=None):
        reply = self.raw("GET", "/start?token=" + (token or self.token),
                         self.headers())
        if reply.status == 303:
            self.cookie = reply.headers["set-cookie"].split(";")[0]
        return reply

    def get(self, path, **headers):
        return self.raw("GET", path, self.headers(**headers))

    def post(self, path, value=None, **headers):
        headers.setdefault("Content_Type", "application/json")
        return self.raw("POST", path, self.headers(**headers),
                        json.dumps({} if value is None else value).encode())

    def status(self):
        return self.get("/api/status").json

    def devices(self):
        return self.get("/api/devices").json["devices"]

    def device(self, address):
        return next((d for d in self.devices() if d["address"] == address),
                    None)

    def wait_device(self, address, condition=lambda d: True):
        def there():
            found = self.device(address)
            return found if found and condition(found) else None
        return wait_until(there, "the device " + address)

    # a home, as guard tells it

    def interfaces(self, *names, suggested=None):
        for i, name in enumerate(names):
            self.do("interface", name=name, address="192.168.1.5/24",
                    gateway="192.168.1.1", usable=True,
                    suggested=name == suggested, first=i == 0,
                    last=i == len(names) - 1)
        wait_until(lambda: len(self.status()["interface"]["candidates"])
                   == len(names), "the interfaces")

    def chosen(self, name="eth0", **fields):
        self.do("chosen", name=name, mac=OWN, address="192.168.1.5/24",
                gateway="192.168.1.1", **fields)

    def host(self, mac, address, **fields):
        fields = {"first_ms": now_ms() - 60000, "last_ms": now_ms(),
                  "present": True, **fields}
        self.do("host", mac=mac, address=address, **fields)

    def consent(self, exclude=()):
        reply = self.post("/api/consent",
                          {"version": 2, "exclude": list(exclude)})
        assert reply.status == 200, reply.body
        return reply.json

    def home(self):
        """Consent, one interface, and four devices."""
        self.interfaces("eth0", suggested="eth0")
        self.consent()
        self.wait_message("guard", "choose", lambda m: m["name"] == "eth0")
        self.chosen()
        self.host(ROUTER, "192.168.1.1", gateway=True)
        self.host(TV, "192.168.1.20")
        self.host(CAMERA, "192.168.1.21")
        self.host(PHONE, "192.168.1.30")
        self.host(OWN, "192.168.1.5", own=True)
        wait_until(lambda: len(self.devices()) == 4, "four devices")

    def open(self, address):
        """The owner says that it is a thing."""
        device = self.device(address)
        reply = self.post("/api/devices/%s/open" % device["id"])
        assert reply.status == 200, reply.body
        return device["id"]

    def watch(self, address, on=True, thing=True):
        device = self.device(address)
        if on and thing:
            self.open(address)
        reply = self.post("/api/devices/%s/watch" % device["id"],
                          {"watch": on})
        assert reply.status == 200, reply.body
        return device["id"]

    def window(self, mac, start_ms, flows=(), names=(), clues=(), **fields):
        self.do("window", device=mac, start_ms=start_ms, flows=[
            {"protocol": TCP, "remote_port": 443, "device_port": 40000 + i,
             **flow} for i, flow in enumerate(flows)],
            names=list(names), clues=list(clues), **fields)


class Stream:
    """A live stream; its events, each held to the contract."""

    def __init__(self, hub):
        self.events, self.lock, self.ended = [], threading.Lock(), False
        self.socket = socket.create_connection(("127.0.0.1", hub.port))
        request = "".join("%s: %s\r\n" % header for header in hub.headers())
        self.socket.sendall(("GET /api/events HTTP/1.1\r\n%s\r\n"
                             % request).encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()
        headers = {n.lower(): v for n, v in self.answer.getheaders()}
        self.status, self.headers = self.answer.status, headers
        if self.status != 200:
            CONTRACT.check_reply("GET", "/api/events", self.status, headers,
                                 self.answer.read())
            return
        CONTRACT.check_reply("GET", "/api/events", 200, headers, b"")
        self.failed = None
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        name = None
        try:
            for line in self.answer:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    value = CONTRACT.check_event(name, line[6:])
                    with self.lock:
                        self.events.append((name, value))
        except (OSError, ValueError, http.client.HTTPException):
            pass  # closed, by either side
        except Exception as wrong:
            self.failed = wrong
        self.ended = True

    def got(self, name, condition=lambda value: True):
        assert self.failed is None, self.failed
        with self.lock:
            return [v for n, v in self.events if n == name and condition(v)]

    def wait(self, name, condition=lambda value: True):
        return wait_until(lambda: self.got(name, condition),
                          "the event " + name)[0]

    def close(self):
        with contextlib.suppress(OSError):  # the hub may have reset it
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
