# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inspector stored, read from its database."""

import collections
import contextlib
import ipaddress
import json
import os
import sys

from .inspector import DATA_DIR
from .netns import LabError, wait_until
from .truth import Count, NOTHING

_QUERY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "query.py")
_PROTOCOLS = {6: "tcp", 17: "udp"}
_FLOWS = """
SELECT remote.addr, protocol, remote_port, device_port,
       sum(flow.out_packets), sum(flow.out_bytes),
       sum(flow.in_packets), sum(flow.in_bytes)
FROM flow JOIN device ON device.id = flow.device
     JOIN remote ON remote.id = flow.remote
WHERE device.mac = ? GROUP BY 1, 2, 3, 4"""
_NAMES = """
SELECT host.name, remote.addr, name.source
FROM name JOIN device ON device.id = name.device
     JOIN host ON host.id = name.host JOIN remote ON remote.id = name.remote
WHERE device.mac = ?"""
_SOURCES = ("dns", "sni", "http_host")


def select(host, sql, device):
    """Rows of a SELECT with the device's MAC in place of its one question
    mark; blobs are in hexadecimal."""
    out = host.run([sys.executable, _QUERY, DATA_DIR + "/iot-inspector.db", sql,
                    device.mac.replace(":", "")]).stdout
    return json.loads(out)


def _address(text):
    return str(ipaddress.ip_address(bytes.fromhex(text)))


def flows(host, device):
    """As truth.flows(), of frame bytes, as stored by the inspector there."""
    found = {}
    for address, protocol, remote_port, own_port, *counts in \
            select(host, _FLOWS, device):
        key = (_address(address),
               _PROTOCOLS.get(protocol, str(protocol)), remote_port, own_port)
        found[key] = (Count(*counts[:2]), Count(*counts[2:]))
    return found


def names(host, device):
    """{name: {(address, source), …}}"""
    found = collections.defaultdict(set)
    for name, address, source in select(host, _NAMES, device):
        found[bytes.fromhex(name).decode()].add(
            (_address(address), _SOURCES[source]))
    return dict(found)


def rows(host, table, device):
    """How many rows of a table are of the device."""
    return select(host, f"SELECT count(*) FROM {table} JOIN device "
                  f"ON device.id = {table}.device WHERE device.mac = ?",
                  device)[0][0]


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


def wait_same(host, device, true, wanted, deadline=15):
    """Until the flows that are stored of the device are the true ones: a busy
    machine stores a window later. Gives the differences that are left."""
    left = []

    def same():
        left[:] = differences(flows(host, device), true, wanted=wanted)
        return not left
    with contextlib.suppress(LabError):
        wait_until(same, "", deadline, 0.2)
    return left
