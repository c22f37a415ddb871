# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inspector stored, read from its database as any tool could."""

import collections
import contextlib
import ipaddress
import sqlite3

from .inspector import DATA_DIR
from .truth import Count, NOTHING

_PROTOCOLS = {6: "tcp", 17: "udp"}
_FLOWS = """
SELECT remote.addr, protocol, remote_port, device_port,
       sum(out_packets), sum(out_bytes), sum(in_packets), sum(in_bytes)
FROM flow JOIN device ON device.id = flow.device
     JOIN remote ON remote.id = flow.remote
WHERE device.mac = ? GROUP BY 1, 2, 3, 4"""
_NAMES = """
SELECT host.name, remote.addr, name.source
FROM name JOIN device ON device.id = name.device
     JOIN host ON host.id = name.host JOIN remote ON remote.id = name.remote
WHERE device.mac = ?"""
_SOURCES = ("dns", "sni", "http_host")


@contextlib.contextmanager
def _database(host):
    path = host.path(DATA_DIR + "/inspector.db")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro",
                                            uri=True)) as database:
        yield database


def _mac(device):
    return bytes.fromhex(device.mac.replace(":", ""))


def flows(host, device):
    """As truth.flows(), of frame bytes, as stored by the inspector there."""
    with _database(host) as database:
        rows = database.execute(_FLOWS, [_mac(device)]).fetchall()
    found = {}
    for address, protocol, remote_port, own_port, *counts in rows:
        key = (str(ipaddress.ip_address(address)),
               _PROTOCOLS.get(protocol, str(protocol)), remote_port, own_port)
        found[key] = (Count(*counts[:2]), Count(*counts[2:]))
    return found


def names(host, device):
    """{name: {(address, source), …}}"""
    found = collections.defaultdict(set)
    with _database(host) as database:
        for name, address, source in database.execute(_NAMES, [_mac(device)]):
            found[name.decode()].add(
                (str(ipaddress.ip_address(address)), _SOURCES[source]))
    return dict(found)


def rows(host, table, device):
    """How many rows of a table are of the device."""
    with _database(host) as database:
        return database.execute(
            f"SELECT count(*) FROM {table} JOIN device "
            f"ON device.id = {table}.device WHERE device.mac = ?",
            [_mac(device)]).fetchone()[0]


def differences(stored, true, share=0.01, wanted=lambda key: True):
    """Where stored flows are not within share of the true ones' frame bytes:
    lines to read, empty when all agree."""
    lines = []
    for key in sorted(set(stored) | set(true), key=str):
        if not wanted(key):
            continue
        have = stored.get(key, (NOTHING, NOTHING))
        real = true.get(key, (NOTHING, NOTHING))
        for way, got, expected in zip(("out", "in"), have, real):
            if abs(got.bytes - expected.frame_bytes) > \
                    share * expected.frame_bytes:
                lines.append(f"{key} {way}: stored {got}, true packets "
                             f"{expected.packets}, frame bytes "
                             f"{expected.frame_bytes}")
    return lines
