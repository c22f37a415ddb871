# SPDX-License-Identifier: GPL-3.0-or-later
"""Two homes and a research group's collector: consent, watching, uploading,
a label, rights, receipts; and nothing of what may not leave is there."""

import json
import os
import shutil
import sqlite3

import pytest

from lab.home import Home
from lab.inspector import BINARY, Inspector
from lab.netns import FILES, LabError, wait_until

PROGRAM = os.path.join(os.path.dirname(BINARY), "iot-collector")
# of the group's machine, which is in both homes' Internet
ADDRESS, PORT = "203.0.113.200", 8443
URL = f"https://{ADDRESS}:{PORT}"
DATA = FILES + "/collector"
TEXT = "We study whom things at home talk to.\n"


class Group:
    """The collector, on a host of the first home's Internet."""

    def __init__(self, host):
        self.host = host
        host.ip(f"addr add {ADDRESS}/32 dev lo")
        host.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                  FILES + "/group.key", "-out", FILES + "/group.pem", "-days",
                  "2", "-subj", "/CN=group", "-addext",
                  f"subjectAltName=IP:{ADDRESS}"])
        self.certificate = host.read(FILES + "/group.pem")
        os.makedirs(host.path(DATA), mode=0o700)
        host.serve([PROGRAM, "serve", "--data-dir", DATA, "--listen",
                    f"0.0.0.0:{PORT}", "--cert", FILES + "/group.pem",
                    "--key", FILES + "/group.key"])
        wait_until(lambda: PORT in host.ports("tcp"), "the collector")
        host.run([PROGRAM, "consent", "--data-dir", DATA,
                  host.write("text", TEXT), "--approval", "IRB 7",
                  "--contact", "study@example.org", "--retention-days", "30"])

    def export(self):
        """{table: [rows as text]}"""
        folder = DATA + "-export"
        self.host.run(["rm", "-rf", folder])
        self.host.run([PROGRAM, "export", "--data-dir", DATA, folder])
        return {name[:-4]: self.host.read(f"{folder}/{name}").splitlines()[1:]
                for name in os.listdir(self.host.path(folder))
                if name.endswith(".csv")}

    def holds(self, what):
        """Whether any of its files has these bytes."""
        for folder, _, names in os.walk(self.host.path(DATA)):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    if what in file.read():
                        return True
        return False


def join_internets(first, second):
    """The second home's Internet leads to the group's machine too."""
    first.ip(f"link add uni type veth peer name uni netns "
             f"{second.net_path}",
             "addr add 10.99.0.1/30 dev uni", "link set uni up")
    second.ip("addr add 10.99.0.2/30 dev uni", "link set uni up",
              f"route add {ADDRESS}/32 via 10.99.0.1")
    second.sysctl("ipv4/ip_forward", 1)
    second.nft("table ip group { chain out { type nat hook postrouting "
               "priority 100; oifname uni masquerade; }; }")


@pytest.fixture(scope="module")
def homes():
    if not os.path.exists(PROGRAM):
        raise LabError(f"there is no {PROGRAM}")
    with Home(["tv", "phone"]) as first, Home(["camera"]) as second:
        group = Group(first.internet)
        join_internets(first.internet, second.internet)
        with Inspector(first.inspector) as one, \
                Inspector(second.inspector) as other:
            for inspector, device in ((one, first.tv), (other, second.camera)):
                inspector.consent()
                inspector.watch(device.address)
                device.live()
            yield group, (one, first.tv), (other, second.camera)


def research(inspector):
    return inspector.get("/api/research")


def wait_state(inspector, state):
    return wait_until(lambda: research(inspector)["state"] == state
                      and research(inspector),
                      f"{state}, not {research(inspector)}", 30)


def join(inspector, group):
    inspector.post("/api/research/collector",
                   {"url": URL, "certificate": group.certificate})
    offer = wait_state(inspector, "offered")["offer"]
    assert offer["text"] == TEXT and offer["approval"] == "IRB 7"
    inspector.post("/api/research/consent", {"hash": offer["hash"]})
    return wait_state(inspector, "sharing")["account"]


def test_two_homes_share_label_and_erase(homes):
    group, (one, tv), (other, camera) = homes
    accounts = {join(one, group), join(other, group)}
    assert len(accounts) == 2
    device = one.find(tv.address)["id"]
    one.post(f"/api/devices/{device}/label", {
        "name": "Streaming stick", "category": "television",
        "vendor": "Roku", "source": "typed"})
    for inspector in (one, other):
        wait_until(lambda i=inspector: research(i)["spool"]["sent"] >= 2,
                   f"two windows to be sent: {research(inspector)}", 40)
        assert research(inspector)["spool"]["refused"] == 0
        assert research(inspector)["trouble"] is None
    held = group.export()
    assert len(held["accounts"]) == 2 and len(held["devices"]) >= 2
    assert held["flows"] and held["names"] and held["hellos"]
    assert any("Streaming stick" in row for row in held["labels"])
    assert any("api.roku.com" in row for row in held["names"])
    everything = "\n".join(sum(held.values(), []))
    for mine in (tv, camera):
        for spelling in (mine.mac, mine.mac.replace(":", ""), mine.address):
            assert spelling not in everything, spelling
            assert not group.holds(spelling.encode()), spelling

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
    assert len(group.export()["accounts"]) == 1


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


def test_the_secret_is_in_the_spool_alone(homes, tmp_path):
    """Who has the account's secret can read and delete what is held."""
    _, (one, _), _ = homes
    files = [os.path.join(folder, name)
             for folder, _, names in os.walk(one.host.path("/run/lab"))
             for name in names]
    spool = next(f for f in files if f.endswith("/sharing.db"))
    assert os.stat(spool).st_mode & 0o077 == 0
    for end in ("", "-wal"):
        shutil.copy(spool + end, tmp_path / ("copy.db" + end))
    state = sqlite3.connect(tmp_path / "copy.db").execute(
        "SELECT value FROM value WHERE name = 'state'").fetchone()
    secret = json.loads(state[0])["secret"].encode()
    assert len(secret) == 64
    for file in files:
        if os.path.isfile(file) and "/sharing.db" not in file:
            with open(file, "rb") as opened:
                assert secret not in opened.read(), file
