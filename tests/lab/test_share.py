# SPDX-License-Identifier: GPL-3.0-or-later
"""Two homes and a research group's collector: consent, watching, uploading,
a label, rights, receipts; nothing of what may not leave is there; and what other
homes know is given back."""

import contextlib
import json
import os
import socket
import sys

import pytest

from lab import stun, truth
from lab.group import Group, join, join_internets, research, wait_state
from lab.home import Home
from lab.inspector import Inspector
from lab.netns import wait_until

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "collector"))
import upload  # noqa: E402

# of the Internet, without a name in the lab's DNS
NAMELESS = "203.0.113.201"
OTHER_NAMELESS = "203.0.113.202"
# of the first home, as the Internet sees it
PUBLIC = "192.0.2.77"
DOMAIN = "smith.example"  # its router's, in advertisements


@pytest.fixture(scope="module")
def homes():
    with Home(["tv", "phone"], wan=PUBLIC, domain=DOMAIN) as first, \
            Home(["camera"]) as second:
        # homes are believed on their first day
        group = Group(first.internet, "--crowd-days", "1", "--crowd-every",
                      "1")
        join_internets(first.internet, second.internet)
        with Inspector(first.inspector) as one, \
                Inspector(second.inspector) as other:
            for inspector, device in ((one, first.tv), (other, second.camera)):
                inspector.consent()
                inspector.watch(device.address)
                device.live()
            yield group, (one, first.tv), (other, second.camera)


def addresses(one, device):
    """Whom the owner is shown that the device spoke with."""
    rows = one.get(f"/api/devices/{one.find(device.address)['id']}/endpoints")
    return {address for row in rows["endpoints"]
            for address in row["addresses"]}


def meet(one, device, group):
    """The device learns by which address the home is seen; then it speaks with
    that one and another, and says the name of a host at home and another,
    until the others are the collector's. The owner is shown both addresses."""
    def told():
        assert stun.ask(device, group.host) == PUBLIC
        return stun.SERVER[0] in addresses(one, device)

    def met():
        for address in (PUBLIC, OTHER_NAMELESS):
            out.sendto(b"hello", (address, 9))
        for name in ("nas." + DOMAIN, "nas.jones.example"):
            device.curl(f"http://{stun.SERVER[0]}/204", "-H", "Host: " + name)
        held = group.exported()
        return (any(OTHER_NAMELESS in row for row in held["flows"])
                and any("nas.jones.example" in row for row in held["http"]))

    # its answers come by the inspector once both ends are intercepted
    wait_until(told, "that it was told, on the owner's page", 30, 0.5)
    with device.inside():
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with out:
        wait_until(met, "what it met to be the collector's", 40, 1)
    assert {PUBLIC, OTHER_NAMELESS} <= addresses(one, device)


def test_two_homes_share_label_and_erase(homes):
    group, (one, tv), (other, camera) = homes
    accounts = {join(one, group), join(other, group)}
    assert len(accounts) == 2
    device = one.find(tv.address)["id"]
    one.post(f"/api/devices/{device}/label", {
        "name": "Streaming stick", "category": "television",
        "vendor": "Roku", "source": "typed"})
    meet(one, tv, group)
    for inspector in (one, other):
        wait_until(lambda i=inspector: research(i)["spool"]["sent"] >= 2,
                   f"two windows to be sent: {research(inspector)}", 40)
        assert research(inspector)["spool"]["refused"] == 0
        assert research(inspector)["trouble"] is None
    # what was met last may be of a window that is sent next
    wait_until(lambda: any("api.roku.com" in row
                           for row in group.exported()["names"]),
               "the name that the TV was told to be sent", 40, 1)
    held = group.exported()
    assert len(held["accounts"]) == 2 and len(held["devices"]) >= 2
    assert held["flows"] and held["names"] and held["hellos"]
    assert any("Streaming stick" in row for row in held["labels"])
    everything = "\n".join(sum(held.values(), []))
    for mine in (tv, camera):
        for spelling in (mine.mac, mine.mac.replace(":", ""), mine.address):
            assert spelling not in everything, spelling
            assert not group.holds(spelling.encode()), spelling
    for mine in (PUBLIC, DOMAIN):
        assert mine not in everything and not group.holds(mine.encode())

    # what it holds of the first home, to the first home alone
    one.post("/api/research/held")
    wait_until(lambda: research(one)["held"]["state"] != "fetching", "held", 20)
    assert research(one)["held"]["state"] == "ready", research(one)["trouble"]
    status, _, body = one.request("GET", "/api/research/held")
    lines = [json.loads(line) for line in body.splitlines()]
    assert status == 200 and lines[-1] == {"end": True}
    assert "Streaming stick" in body.decode()

    # one device, then everything: receipts, and nothing left
    one.post("/api/research/delete", {"what": "device", "device": device})
    wait_until(lambda: research(one)["receipts"], "a receipt", 30)
    assert research(one)["receipts"][0]["rows"] > 0
    assert not group.holds(bytes.fromhex(device[:32]))
    assert not group.holds(b"Streaming stick")
    other.post("/api/research/withdraw", {"erase": True})
    wait_state(other, "off")
    receipt = research(other)["receipts"][-1]
    assert receipt["what"] == "everything" and receipt["rows"] > 0
    assert len(group.exported()["accounts"]) == 1


def test_no_process_but_the_courier_speaks_with_the_collector(homes):
    _, (one, _), _ = homes
    pids = one.wait_whole()
    status = open(f"/proc/{pids['upload']}/status", encoding="ascii").read()
    assert "Seccomp:\t2" in status and "CapEff:\t0000000000000000" in status
    inodes = {}
    for name, pid in pids.items():
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                link = os.readlink(f"/proc/{pid}/fd/{fd}")
            except FileNotFoundError:
                continue
            inodes.setdefault(link, set()).add(name)
    # it has the database of nobody open, nor anybody's capture
    assert not [link for link, who in inodes.items()
                if "upload" in who and link.endswith((".db", ".db-wal"))]


STATE_OF = """
import sqlite3, sys
print(sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True, timeout=30)
      .execute("SELECT value FROM value WHERE name = 'state'").fetchone()[0].decode())
"""


def test_the_secret_is_in_the_spool_alone(homes):
    """Who has the account's secret can read and delete what is held."""
    _, (one, _), _ = homes
    files = [os.path.join(folder, name)
             for folder, _, names in os.walk(one.host.path("/run/lab"))
             for name in names]
    spool = next(f for f in files if f.endswith("/sharing.db"))
    assert os.stat(spool).st_mode & 0o077 == 0
    # by SQLite itself, in the host: files copied one after the other may be
    # of two moments
    state = one.host.run([sys.executable, "-c", STATE_OF,
                          spool.removeprefix(one.host.path(""))]).stdout
    secret = json.loads(state)["secret"].encode()
    assert len(secret) == 64
    for file in files:
        if os.path.isfile(file) and "/sharing.db" not in file:
            # a log that was written back may go after it was listed
            with contextlib.suppress(FileNotFoundError), \
                    open(file, "rb") as opened:
                assert secret not in opened.read(), file


def share_made_up(group, device, names):
    """Three more homes with such a device, which know the nameless address."""
    consent = group.ask(0, "/v1/consent")["hash"]
    ms = (upload.END + 5) * 1000 - 3000
    known = [[0, ms, NAMELESS, "relay.example.net", "dns", None, 0]] + [
        [0, ms, "198.51.100.1", name, "dns", None, 0] for name in names]
    for home in range(1, 4):
        group.ask(home, "/v1/account", json.dumps(
            {"consent": consent, "client": "0.1.0"}))
        group.ask(home, "/v1/upload", upload.pack(upload.lines(
            upload.header(consent), upload.segment(
                1, flows=0, question=[], http=[], hello=[], clue=[], view=[],
                device=[[upload.device_id(home, 0),
                         device.mac.replace(":", "")[:6], 1]], name=known,
                label=[[0, "Cam v2", "camera", "Wyze", "typed"]]))),
            **{"Content-Type": "application/x-ndjson",
               "Content-Encoding": "zstd"})


def test_what_other_homes_know_is_given_back(homes):
    group, _, (other, camera) = homes
    share_made_up(group, camera, sorted(truth.names(camera)))
    join(other, group)
    device = "/api/devices/" + other.find(camera.address)["id"]
    with camera.inside():
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def rows():
        out.sendto(b"hello", (NAMELESS, 9))
        return {row["addresses"][0]: row
                for row in other.get(device + "/endpoints")["endpoints"]}

    def named():
        row = rows().get(NAMELESS)
        return row if row and row["name_source"] else None

    row = wait_until(named, "a name of other homes", 40)
    assert (row["endpoint"], row["name_source"]) == ("relay.example.net", "crowd")
    assert row["doubt"] and "relay.example.net?" in row["sentence"]
    guess = wait_until(lambda: other.get(device + "/label")["crowd"],
                       "what others call it", 40)[0]
    assert (guess["name"], guess["category"], guess["vendor"],
            guess["homes"]) == ("Cam v2", "camera", "Wyze", 3)
    normal = wait_until(lambda: [row for row in rows().values()
                                 if row["normal"]], "what is normal", 40)
    out.close()
    assert {(row["normal"]["homes"], row["normal"]["share"])
            for row in normal} == {(3, 1)}
    assert NAMELESS not in {row["addresses"][0] for row in normal}
    # every question can be seen
    questions = other.get("/api/research/sent")["questions"]
    assert {one["path"] for one in questions} == {"/v1/ask/device",
                                                  "/v1/ask/normal"}
