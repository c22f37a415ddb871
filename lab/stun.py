# SPDX-License-Identifier: GPL-3.0-or-later
"""STUN (RFC 8489): a device asks the Internet by which address it is seen."""

import os
import socket
import struct

from .internet import NAMES
from .netns import DEADLINE

SERVER = (NAMES["speedtest.example"][0], 3478)
_COOKIE = 0x2112a442
_REQUEST, _SUCCESS, _XOR_MAPPED_ADDRESS = 1, 0x101, 0x20


def _answer(request, source):
    """A Binding success: who sent the request."""
    address, = struct.unpack("!I", socket.inet_aton(source[0]))
    value = struct.pack("!xBHI", 1, source[1] ^ _COOKIE >> 16,
                        address ^ _COOKIE)
    return (struct.pack("!HH", _SUCCESS, len(value) + 4) + request[4:20]
            + struct.pack("!HH", _XOR_MAPPED_ADDRESS, len(value)) + value)


def ask(device, internet):
    """Asks from the device, answers in the Internet; gives the address that
    the device was told."""
    with internet.inside():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(SERVER)
    with device.inside():
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with server, client:
        server.settimeout(DEADLINE)
        client.settimeout(DEADLINE)
        client.sendto(struct.pack("!HHI", _REQUEST, 0, _COOKIE)
                      + os.urandom(12), SERVER)
        request, source = server.recvfrom(1500)
        server.sendto(_answer(request, source), source)
        told, = struct.unpack_from("!I", client.recv(1500), 28)
    return socket.inet_ntoa(struct.pack("!I", told ^ _COOKIE))
