# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices are asked what they are, each by itself, and only those who may be."""

import textwrap

import pytest

from lab.home import Home
from lab.inspector import Inspector
from lab.netns import wait_until

# What a television has: UPnP's search answered, and its description served.
# Whatever it is asked is noted, with whom it comes from.
UPNP = textwrap.dedent('''
    import http.server, socket, sys, threading
    address, port, document, location = sys.argv[1:]
    noted = open("/run/lab/asked", "a", buffering=1)

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            noted.write("GET %s %s\\n" % (self.path, self.client_address[0]))
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/description.xml")
                self.end_headers()
                return
            body = open(document, "rb").read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer((address, int(port)), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    search = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    search.bind(("", 1900))
    noted.write("ready\\n")
    while True:
        text, peer = search.recvfrom(2000)
        if not text.startswith(b"M-SEARCH"):
            continue
        noted.write("M-SEARCH %s\\n" % peer[0])
        search.sendto(("HTTP/1.1 200 OK\\r\\nST: upnp:rootdevice\\r\\n"
                       "USN: uuid:1::upnp:rootdevice\\r\\n"
                       "SERVER: Linux/4 UPnP/1.0 Lab/1\\r\\n"
                       "LOCATION: %s\\r\\n\\r\\n" % location).encode(), peer)
''')
DESCRIPTION = '''<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<friendlyName>Bedroom TV 3c5ab4112233</friendlyName>
<manufacturer>Roku</manufacturer>
<modelName>Roku Ultra</modelName><modelNumber>4800X</modelNumber>
<deviceList><device><modelName>Other</modelName></device></deviceList>
</device></root>
'''
BOMB = ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]>'
        '<root><device><modelName>&a;</modelName></device></root>')


def has_upnp(host, location, document=DESCRIPTION):
    """Makes it a UPnP device; what it was asked is told by asked()."""
    program = host.write("upnp.py", UPNP)
    path = host.write("description.xml", document)
    host.run(["sh", "-c", ": >/run/lab/asked"])
    process = host.serve(["/usr/bin/python3", program, host.address, "8060",
                          path, location])
    wait_until(lambda: "ready" in asked(host), "the device to listen", 10)
    return process


def asked(host):
    return host.read("/run/lab/asked").splitlines()


def clues(inspector, device):
    path = f"/api/devices/{inspector.find(device.address)['id']}/clues"
    found = {}
    for clue in inspector.get(path)["clues"]:
        found.setdefault(clue["kind"], set()).add(clue["text"])
    return found


def counters(inspector):
    return inspector.status()["counters"]["discover"]


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "printer", "plug", "camera", "phone", "speaker"],
              ipv6=False) as made:
        has_upnp(made.tv, f"http://{made.tv.address}:8060/description.xml")
        # not its own address, a redirect, and a document with entities
        has_upnp(made.plug, f"http://{made.tv.address}:8060/stolen")
        has_upnp(made.camera, f"http://{made.camera.address}:8060/moved")
        has_upnp(made.speaker,
                 f"http://{made.speaker.address}:8060/description.xml", BOMB)
        has_upnp(made.phone,
                 f"http://{made.phone.address}:8060/description.xml")
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector, "--exclude", home.phone.mac) as made:
        made.consent()
        for device in (home.tv, home.printer, home.plug, home.camera,
                       home.speaker):
            made.post(f"/api/devices/{made.find(device.address)['id']}/open")
        wait_until(lambda: counters(made)["asked"] >= 5, "all to be asked", 30)
        yield made


@pytest.mark.sanitized
def test_a_television_tells_its_name_and_model(home, inspector):
    told = wait_until(lambda: "upnp_model" in clues(inspector, home.tv)
                      and clues(inspector, home.tv), "the model", 15)
    assert told["upnp_model"] == {"Roku Ultra"}
    assert told["upnp_model_number"] == {"4800X"}
    assert told["upnp_manufacturer"] == {"Roku"}
    # what is like a MAC in its name is not told
    assert told["upnp_friendly_name"] == {"Bedroom TV 3c5ab4xxxxxx"}
    assert "Linux/4 UPnP/1.0 Lab/1" in told["ssdp_server"]
    assert asked(home.tv).count(
        f"GET /description.xml {home.inspector.address}") == 1


def test_only_a_devices_own_description_is_fetched(home, inspector):
    wait_until(lambda: counters(inspector)["descriptions_failed"] >= 2,
               "the refusals", 15)
    assert "upnp_model" not in clues(inspector, home.plug)
    assert "upnp_model" not in clues(inspector, home.camera)
    assert not [line for line in asked(home.tv) if "stolen" in line]
    assert [line for line in asked(home.camera) if "GET" in line] == [
        f"GET /moved {home.inspector.address}"]


def test_a_description_with_entities_is_refused(home, inspector):
    wait_until(lambda: counters(inspector)["descriptions_malformed"] == 1,
               "the refusal", 15)
    assert "upnp_model" not in clues(inspector, home.speaker)


def test_who_is_excluded_is_asked_nothing(home, inspector):
    assert asked(home.tv) != ["ready"]
    assert asked(home.phone) == ["ready"]


@pytest.mark.sanitized
def test_a_printer_tells_its_services(home, inspector):
    home.printer.once()
    told = wait_until(
        lambda: "mdns_instance" in clues(inspector, home.printer)
        and clues(inspector, home.printer), "what it says", 15)
    assert any("HP OfficeJet" in text for text in told["mdns_instance"])
