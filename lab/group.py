# SPDX-License-Identifier: GPL-3.0-or-later
"""A research group's collector in the lab's Internet, and what it exports."""

import base64
import contextlib
import http.client
import json
import os
import ssl

from .inspector import BINARY
from .netns import FILES, LabError, wait_until

PROGRAM = os.path.join(os.path.dirname(BINARY), "iot-collector")
# of the group's machine, which is in the Internet of every home that joins
ADDRESS, PORT = "203.0.113.200", 8443
URL = f"https://{ADDRESS}:{PORT}"
DATA = FILES + "/collector"
TEXT = "We study whom things at home talk to.\n"


class Group:
    """The collector, on a host of the first home's Internet."""

    def __init__(self, host, *options):
        if not os.path.exists(PROGRAM):
            raise LabError(f"there is no {PROGRAM}")
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
                    "--key", FILES + "/group.key", *options])
        wait_until(lambda: PORT in host.ports("tcp"), "the collector")
        host.run([PROGRAM, "consent", "--data-dir", DATA,
                  host.write("text", TEXT), "--approval", "IRB 7",
                  "--contact", "study@example.org", "--retention-days", "30"])

    def ask(self, home, path, body=None, **headers):
        """What it answers to a home that is a number."""
        context = ssl.create_default_context(cadata=self.certificate)
        login = base64.b64encode(b"%032x:%064x" % (home, home)).decode()
        with self.host.inside():
            connection = http.client.HTTPSConnection(ADDRESS, PORT,
                                                     context=context)
            connection.connect()
        connection.request("GET" if body is None else "POST", path, body,
                           {"Authorization": "Basic " + login, **headers})
        reply = connection.getresponse()
        said = reply.read()
        connection.close()
        if reply.status not in (200, 201):
            raise LabError(f"{path}: {reply.status} {said}")
        return json.loads(said)

    def export(self):
        """The folder of its export, as the host names it."""
        folder = DATA + "-export"
        self.host.run(["rm", "-rf", folder])
        self.host.run([PROGRAM, "export", "--data-dir", DATA, folder])
        return folder

    def exported(self):
        """{table: [rows as text]}"""
        folder = self.export()
        return {name[:-4]: self.host.read(f"{folder}/{name}").splitlines()[1:]
                for name in os.listdir(self.host.path(folder))
                if name.endswith(".csv")}

    def holds(self, what):
        """Whether any of its files has these bytes."""
        for folder, _, names in os.walk(self.host.path(DATA)):
            for name in names:
                # a log that was written back may go after it was listed
                with contextlib.suppress(FileNotFoundError), \
                        open(os.path.join(folder, name), "rb") as file:
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


def research(inspector):
    return inspector.get("/api/research")


def wait_state(inspector, state):
    return wait_until(lambda: research(inspector)["state"] == state
                      and research(inspector),
                      f"{state}, not {research(inspector)}", 30)


def join(inspector, group):
    """The owner reads the group's text and agrees; gives the account."""
    inspector.post("/api/research/collector",
                   {"url": URL, "certificate": group.certificate})
    offer = wait_state(inspector, "offered")["offer"]
    assert offer["text"] == TEXT and offer["approval"] == "IRB 7"
    inspector.post("/api/research/consent", {"hash": offer["hash"]})
    return wait_state(inspector, "sharing")["account"]
