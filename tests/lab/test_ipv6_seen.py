# SPDX-License-Identifier: GPL-3.0-or-later
"""A device that speaks IPv6 is as visible as one that speaks IPv4, whichever
of its addresses it speaks from; of others nothing more is seen."""

import contextlib
import subprocess
import time

import pytest

from lab import measure, stored, truth
from lab.home import Home
from lab.inspector import Inspector
from lab.internet import NAMES
from lab.netns import wait_until
from lab.router import NET6

TARGET = NAMES["six.example"][0]
WINDOW_S = 5
STORED_S = 3  # after its end, what is known of a window is in the database


# UPnP by the link's addresses alone; whatever it is asked is noted.
UPNP = """
import http.server, socket, subprocess, threading
noted = open("/run/lab/asked", "a", buffering=1)
own = subprocess.run(["ip", "-6", "-o", "addr", "show", "dev", "eth0",
                      "scope", "link"], capture_output=True, text=True,
                     check=True).stdout.split("inet6 ")[1].split("/")[0]

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        noted.write("GET %s %s\\n" % (self.path, self.client_address[0]))
        body = (b"<root><device><modelName>Cam Six</modelName>"
                b"<manufacturer>Wyze</manufacturer></device></root>")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

threading.Thread(target=Server(("::", 8060), Page).serve_forever,
                 daemon=True).start()
search = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
search.bind(("::", 1900))
noted.write("ready\\n")
while True:
    text, peer = search.recvfrom(2000)
    noted.write("%s %s\\n" % (text.split()[0].decode(), peer[0]))
    search.sendto(("HTTP/1.1 200 OK\\r\\nST: upnp:rootdevice\\r\\n"
                   "USN: uuid:6::upnp:rootdevice\\r\\nSERVER: Six/1\\r\\n"
                   "LOCATION: http://[%s]:8060/description.xml\\r\\n\\r\\n"
                   % own).encode(), peer)
"""


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "camera", "phone"], ipv6_only=("camera",)) as made:
        camera = made.camera
        camera.run(["sh", "-c", ": >/run/lab/asked"])
        camera.serve(["/usr/bin/python3", camera.write("upnp.py", UPNP)])
        wait_until(lambda: "ready" in camera.read("/run/lab/asked"),
                   "the camera to listen", 10)
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        yield made


def shown_address(inspector, device):
    """What the page calls a device that has no IPv4 address."""
    def listed():
        return [address for address, shown in inspector.devices().items()
                if shown.get("oui") == device.mac[:8]]
    return wait_until(listed, f"{device.name} to be listed", 10)[0]


def watch(inspector, device):
    if device.ipv6_only:
        device.address = shown_address(inspector, device)
    inspector.watch(device.address)
    measure.wait_active6(inspector, device, TARGET)


def all_windows_closed():
    end = (time.time() // WINDOW_S + 1) * WINDOW_S + STORED_S
    time.sleep(end - time.time())


def assert_all_is_stored(home, device, before, figure):
    """Each flow by IPv6 since before, within 1 % of its bytes."""
    true = truth.flows(device)
    new = {key for key in true
           if key not in before and ":" in key[0]
           and not key[0].startswith("ff")}
    wrong = stored.wait_same(home.inspector, device, true,
                             lambda key: key in new)
    figure(f"{len(new)} flows, "
           f"{sum(true[k][w].frame_bytes for k in new for w in (0, 1))} "
           f"frame bytes, {len(wrong)} differ")
    assert new
    assert not wrong, "\n".join(wrong)


@pytest.mark.sanitized
@pytest.mark.parametrize("name", ["tv", "camera"])
def test_every_name_and_flow_by_ipv6_is_seen(home, inspector, name, figure):
    device = getattr(home, name)
    watch(inspector, device)
    assert measure.is_intercepted6(home, device, home.inspector)
    before = set(truth.flows(device))
    for url in ("https://six.example/64k", "http://six.example/1k",
                "https://www.wikipedia.org/1m", "https://mail.example/1k"):
        device.curl(url, "-6", "-o", "/dev/null")
    all_windows_closed()
    assert_all_is_stored(home, device, before, figure)
    found = stored.names(home.inspector, device)
    for asked in ("six.example", "www.wikipedia.org", "mail.example"):
        six = {a for a in NAMES[asked] if ":" in a}
        assert six <= {a for a, _ in found[asked]}, found[asked]
    shown = {row["endpoint"] for row in inspector.endpoints(device.address)}
    assert {"six.example", "www.wikipedia.org", "mail.example"} <= shown


def test_a_device_without_ipv4_is_shown_as_watched(home, inspector):
    watch(inspector, home.camera)
    phase = inspector.wait_phase(home.camera.address, "active")
    assert phase["ipv6"]["phase"] == "active"
    assert not any("." in address for address in
                   inspector.device(home.camera.address)["addresses"])


@contextlib.contextmanager
def rules_changing(host):
    """What becomes of its routing rules meanwhile; a list, filled after."""
    said = []
    process = host.popen(["ip", "-6", "monitor", "rule"],
                         stdout=subprocess.PIPE, text=True)
    try:
        yield said
    finally:
        time.sleep(0.2)  # what is on its way
        process.kill()
        said += process.stdout.read().splitlines()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("announced", [True, False])
def test_an_address_made_up_meanwhile_is_intercepted_too(
        home, inspector, announced, figure):
    """By what it says when it makes the address, and, where that was not
    heard, by what the router asks."""
    device = home.tv
    watch(inspector, device)
    part = "abc" if announced else "def"
    own = f"{NET6}{part}:{1000 + time.time_ns() % 9000}"
    device.sysctl("ipv6/conf/eth0/accept_dad", int(announced))
    before = set(truth.flows(device))
    with measure.pinging(device, TARGET) as pings, \
            rules_changing(home.inspector) as changes:
        began = time.monotonic()
        device.ip(f"addr add {own}/64 dev eth0")
        wait_until(lambda: own in measure.addresses6(device),
                   "the address to be its own", 10)
        if not announced:
            device.run(["ping", "-c1", "-W2", "-I", own, TARGET])

        def intercepted():
            return home.router.neighbours(6).get(own) == home.inspector.mac
        wait_until(intercepted, f"{own} to be intercepted", 5)
        took = time.monotonic() - began
    figure(f"after {took:.2f} s; {pings}")
    assert not pings.lost, str(pings)
    assert not changes  # there is no moment without them
    device.curl("https://six.example/64k", "-6", "--interface", own,
                "-o", "/dev/null")
    all_windows_closed()
    assert_all_is_stored(home, device, before, figure)
    device.sysctl("ipv6/conf/eth0/accept_dad", 0)


def test_an_address_that_goes_to_another_device_is_given_back(
        home, inspector):
    """The router learns whose it is, though that one says nothing to it."""
    own = f"{NET6}99:{1000 + time.time_ns() % 9000}"
    home.tv.ip(f"addr add {own}/64 dev eth0")
    watch(inspector, home.tv)

    def router_has(mac):
        return home.router.neighbours(6).get(own) == mac

    home.tv.run(["ping", "-c1", "-W2", "-I", own, TARGET])
    wait_until(lambda: router_has(home.inspector.mac), "interception", 5)
    home.phone.sysctl("ipv6/conf/eth0/accept_dad", 1)
    home.tv.ip(f"addr del {own}/64 dev eth0")
    home.phone.ip(f"addr add {own}/64 dev eth0")
    try:
        # its kernel takes two seconds until the address is its own
        wait_until(lambda: router_has(home.phone.mac), "the truth", 2 + 10)
        time.sleep(2.5)  # a poisoner's period, and more
        assert router_has(home.phone.mac)
        assert measure.is_intercepted6(home, home.tv, home.inspector)
    finally:
        home.phone.ip(f"addr del {own}/64 dev eth0")
        home.phone.sysctl("ipv6/conf/eth0/accept_dad", 0)


def test_nothing_is_kept_of_what_an_unwatched_device_says_by_ipv6(
        home, inspector):
    home.phone.curl("https://six.example/64k", "-6", "-o", "/dev/null")
    all_windows_closed()
    assert stored.flows(home.inspector, home.phone) == {}
    assert stored.names(home.inspector, home.phone) == {}
    assert measure.is_true6(home, home.phone)


def test_a_device_without_ipv4_is_asked_by_its_link_address(home, inspector):
    """By its own address alone: nobody else hears the question."""
    camera = home.camera
    address = shown_address(inspector, camera)
    inspector.post(f"/api/devices/{inspector.find(address)['id']}/open")

    def told():
        found = inspector.get(
            f"/api/devices/{inspector.find(address)['id']}/clues")["clues"]
        return {clue["kind"]: clue["text"] for clue in found}
    found = wait_until(lambda: "upnp_model" in told() and told(),
                       "what it describes", 30, 0.2)
    assert found["upnp_model"] == "Cam Six"
    assert found["ssdp_server"] == "Six/1"
    asked = camera.read("/run/lab/asked").splitlines()
    assert any(line.startswith("M-SEARCH fe80::") for line in asked)
    assert [line for line in asked if line.startswith("GET")][0].startswith(
        "GET /description.xml fe80::")
