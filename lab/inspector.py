# SPDX-License-Identifier: GPL-3.0-or-later
"""The inspector under test, driven as its page drives it.

    with Inspector(home.inspector) as inspector:
        inspector.consent()
        inspector.watch(home.tv.address)
        inspector.wait_phase(home.tv.address, "active")

It runs in a host of the home; its page is served on the outer loopback,
through a listening socket that is passed in.
"""

import contextlib
import http.client
import json
import os
import pwd
import re
import signal
import socket

from .netns import FILES, LabError, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("IOT_INSPECTOR",
                        os.path.join(ROOT, "build/release/iot-inspector"))
RUN_DIR = "/run/iot-inspector"
CARRIERS = ("keeper", "guard", "engine", "hub")  # interception needs them all
PROCESSES = CARRIERS + ("discover", "upload")
DATA_DIR = FILES + "/data"


class ApiError(LabError):
    """The API refused: status and code."""

    def __init__(self, status, code, text):
        super().__init__(f"{status} {code}: {text}")
        self.status, self.code, self.text = status, code, text


def data_owner():
    """The ordinary user that the inspector becomes when root starts it."""
    for name in ("iot-inspector", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise LabError("no user to run the inspector as")


def make_data_dir(host):
    path = host.path(DATA_DIR)
    if not os.path.isdir(path):
        os.mkdir(path, 0o700)
        owner = data_owner()
        os.chown(path, owner.pw_uid, owner.pw_gid)


def import_list(host, name, text):
    """A list that the owner imports, before the inspector is started."""
    make_data_dir(host)
    host.run([BINARY, "data", "--data-dir", DATA_DIR, "import",
              host.write(name, text)], env=clean_environment())


class Inspector:
    """One run of `iot-inspector run`; options are its command line's, started
    those of its process.

    on_reply, if given, sees (method, path, status, headers, body) of every
    reply, so that a test can hold them to the API's description."""

    def __init__(self, host, *options, interface="eth0", service=True,
                 on_reply=None, port=0, **started):
        if not os.access(BINARY, os.X_OK):
            raise LabError(f"there is no {BINARY}: ./dev build makes it")
        self.host = host
        self._on_reply = on_reply
        self._cookie = ""
        self.url = ""
        words = ["run", "--no-browser", "--data-dir", DATA_DIR]
        if service:
            words.append("--service")
        if interface:
            words += ["--interface", interface]
        make_data_dir(host)
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        fd = self._listener.fileno()
        self._log_start = self._log_size()
        self.process = host.serve(
            [BINARY, *words, "--listen-fd", fd, *options], pass_fds=[fd],
            env=clean_environment(), **started)
        self._listener.close()

    def __enter__(self):
        try:
            self.login()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    # the process

    def _log_path(self):
        return self.host.path(f"{FILES}/log/{os.path.basename(BINARY)}")

    def _log_size(self):
        try:
            return os.path.getsize(self._log_path())
        except FileNotFoundError:
            return 0

    def output(self):
        """What this run printed so far."""
        with open(self._log_path(), encoding="utf-8",
                  errors="replace") as file:
            file.seek(self._log_start)
            return file.read()

    def wait_url(self):
        """Wait until the page is served; its one-time URL."""
        def ready():
            found = re.search(r"^open (http://\S+)\n", self.output(), re.M)
            if not found and self.process.poll() is not None:
                raise LabError(f"the inspector ended with "
                               f"{self.process.returncode}: {self.output()}")
            return found
        self.url = wait_until(ready, "the inspector to print its URL")[1]
        return self.url

    def login(self):
        """Trade the one-time URL for a session."""
        status, headers, _ = self.request(
            "GET", "/start?" + self.wait_url().split("?", 1)[1])
        if status != 303:
            raise LabError(f"{self.url} gave {status}")
        self._cookie = headers["Set-Cookie"].split(";")[0]

    def stop(self, how=signal.SIGTERM, deadline=20):
        """End it as a user or systemd does; returns the exit status."""
        # another process may be the keeper by now
        keeper = self.pids().get("keeper")
        if keeper:
            with contextlib.suppress(ProcessLookupError):
                os.kill(keeper, how)
        else:
            self.process.send_signal(how)
        return self.wait_end(deadline)

    def wait_end(self, deadline=20):
        """Wait for it to end by itself; returns the exit status."""
        try:
            wait_until(lambda: self.process.poll() is not None
                       and not self.pids(), "the inspector to end", deadline)
        except LabError as error:
            self.kill()
            raise LabError(f"{error}\n{self.output()}") from None
        return self.process.returncode

    def kill(self):
        """End every process of it at once, with no chance to restore."""
        while self.pids() or self.process.poll() is None:
            # one that sees another die puts the network back until it dies
            for how in (signal.SIGSTOP, signal.SIGKILL):
                for pid in self.pids().values():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, how)
            if self.process.poll() is None:
                self.process.kill()

    def pids(self):
        """{"guard": pid, …} of the processes that are alive in the host."""
        space = os.stat(f"/proc/{self.host.pid}/ns/pid").st_ino
        found, parents = {}, {}
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if not entry.isdigit():
                    continue
                with open(f"/proc/{entry}/stat", encoding="ascii",
                          errors="replace") as file:
                    name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
                state, parent, *_ = rest.split()
                if (name.startswith("ii-") and state not in "ZX"
                        and os.stat(f"/proc/{entry}/ns/pid").st_ino == space):
                    parents[int(entry)] = int(parent), name[3:]
        for pid, (parent, name) in parents.items():
            # what was forked a moment ago still has its parent's name
            if parents.get(parent, (0, ""))[1] != name:
                found[name] = pid
        return found

    def wait_whole(self, deadline=15):
        """Until all six processes run; returns their pids."""
        def whole():
            found = self.pids()
            return set(found) >= set(PROCESSES) and found
        return wait_until(whole, "all processes of the inspector to run",
                          deadline)

    # the API

    def request(self, method, path, body=None, headers=None, timeout=20):
        """(status, headers, bytes) of one request with our session."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=timeout)
        sent = {"Cookie": self._cookie} if self._cookie else {}
        if body is not None:
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            content = reply.read()
        if self._on_reply:
            self._on_reply(method, path, reply.status, reply.headers, content)
        return reply.status, reply.headers, content

    def _json(self, *request):
        status, _, content = self.request(*request)
        answer = json.loads(content)
        if status != 200:
            error = answer.get("error", {})
            raise ApiError(status, error.get("code"), error.get("text"))
        return answer

    def get(self, path):
        return self._json("GET", path)

    def post(self, path, body=None):
        return self._json("POST", path, body or {})

    def events(self, timeout=20):
        """The live stream: (event, data) pairs, until it is closed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=timeout)
        with contextlib.closing(connection):
            connection.request("GET", "/api/events",
                               headers={"Cookie": self._cookie})
            reply = connection.getresponse()
            if reply.status != 200:
                raise ApiError(reply.status, None, reply.read())
            event, data = "", ""
            for line in reply:
                line = line.decode().rstrip("\n")
                if line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("data:"):
                    data += line[5:].strip()
                elif not line and event:
                    yield event, json.loads(data)
                    event, data = "", ""

    # what a person does on the page

    def status(self):
        return self.get("/api/status")

    def consent(self, exclude=()):
        """Agree to the text shown, and wait until the network is known."""
        version = self.status()["consent"]["text_version"]
        self.post("/api/consent", {"version": version,
                                   "exclude": list(exclude)})
        wait_until(lambda: self.status()["network"]["gateway"],
                   "the inspector to know its network")

    def devices(self):
        """{address: device}"""
        return {device["address"]: device
                for device in self.get("/api/devices")["devices"]}

    def find(self, address, deadline=20):
        """The device at an address, waited for. One of IPv6 may be shown
        without its end, which tells its MAC."""
        def found():
            for device in self.get("/api/devices")["devices"]:
                for shown in (device["address"],
                              *device.get("addresses", ())):
                    if shown == address or (shown and shown.endswith("…")
                                            and address.startswith(shown[:-1])):
                        return device
            return None
        return wait_until(found,
                          f"{address} to be listed", deadline, 0.02)

    def device(self, address):
        return self.get("/api/devices/" + self.find(address)["id"])

    def watch(self, address, on=True, thing=True):
        """Its switch; thing: the owner says that it is one, so that what it
        does is not withheld until that is found out."""
        if on and thing:
            self.post(f"/api/devices/{self.find(address)['id']}/open")
        return self.post(f"/api/devices/{self.find(address)['id']}/watch",
                         {"watch": on})

    def wait_phase(self, address, *phases, deadline=20):
        """Until the watch of the device is in one of the phases."""
        path = "/api/devices/" + self.find(address)["id"]
        last = {}

        def reached():
            last.update(self.get(path)["watch"])
            return last["phase"] in phases and last
        try:
            return wait_until(reached, "", deadline, 0.01)
        except LabError:
            raise LabError(f"{address} is {last}, not {phases} after "
                           f"{deadline} s\n{self.output()}") from None

    def endpoints(self, address):
        """[endpoint…] of the last 15 minutes."""
        device = self.find(address)["id"]
        return self.get(f"/api/devices/{device}/endpoints")["endpoints"]


def leave_record(host, text):
    """An undo record, as an earlier run would leave it; gives its path."""
    folder, owner = host.path(RUN_DIR), data_owner()
    os.makedirs(folder, 0o700, exist_ok=True)
    with open(folder + "/undo", "w", encoding="ascii") as file:
        file.write(text)
    for path in (folder, file.name):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return file.name


def clean_environment():
    """Ours, without the person who called sudo: a lab's data is a lab's."""
    return {key: value for key, value in os.environ.items()
            if not key.startswith(("SUDO_", "PKEXEC_", "DOAS_"))
            and key != "XDG_DATA_HOME"}


def run_once(host, *words, timeout=20):
    """A command that is to end by itself: (status, stdout, stderr)."""
    done = host.run([BINARY, *words], check=False, timeout=timeout,
                    env=clean_environment())
    return done.returncode, done.stdout, done.stderr
