# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's kernel holds of its network, asked by rtnetlink(7): on a busy
machine a program that asks would take as long as what is measured by it."""

import socket
import struct

from .netns import DEADLINE, LabError

_NETLINK_ROUTE = 0
_ERROR, _DONE = 2, 3
_GET_ADDRESSES, _GET_NEIGHBOURS = 22, 30
_REQUEST_DUMP = 0x1 | 0x300
_HEADER = struct.Struct("=IHHII")   # length, type, flags, sequence, port
_ATTRIBUTE = struct.Struct("=HH")   # length, type
_ADDRESS = struct.Struct("=BBBBI")  # family, prefix, flags, scope, interface
_NEIGHBOUR = struct.Struct("=BxxxiHBB")  # family, interface, state, …
_IFA_ADDRESS, _IFA_LOCAL, _IFA_FLAGS = 1, 2, 8
_NDA_DST, _NDA_LLADDR = 1, 2
_NOARP = 0x40       # a neighbour's state: of a group, nobody's
_TENTATIVE = 0x40   # an address's flag
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def _messages(sock, kind, layout, family):
    """(fields, {attribute: bytes}) of each entry of the kernel's table."""
    body = bytes([_FAMILIES[family]]).ljust(layout.size, b"\0")
    sock.send(_HEADER.pack(_HEADER.size + len(body), kind, _REQUEST_DUMP, 1,
                           0) + body)
    while True:
        data = sock.recv(1 << 16)
        while data:
            length, got, *_ = _HEADER.unpack_from(data)
            if got == _DONE:
                return
            if got == _ERROR:
                raise LabError(f"rtnetlink refused a dump: {data[:length]}")
            message = data[_HEADER.size:length]
            yield (layout.unpack_from(message),
                   _attributes(message[layout.size:]))
            data = data[length + 3 & ~3:]


def _attributes(data):
    found = {}
    while data:
        length, kind = _ATTRIBUTE.unpack_from(data)
        found[kind] = data[_ATTRIBUTE.size:length]
        data = data[length + 3 & ~3:]
    return found


def _open(host, interface):
    """A socket of the host's, and the number of its interface."""
    with host.inside():
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                             _NETLINK_ROUTE)
        try:
            sock.settimeout(DEADLINE)
            return sock, socket.if_nametoindex(interface)
        except BaseException:
            sock.close()
            raise


def neighbours(host, interface="eth0", family=4):
    """{address: MAC} as the host's kernel holds it now."""
    sock, index = _open(host, interface)
    table = {}
    with sock:
        for (_, its, state, *_), said in _messages(
                sock, _GET_NEIGHBOURS, _NEIGHBOUR, family):
            if its == index and _NDA_LLADDR in said and not state & _NOARP:
                address = socket.inet_ntop(_FAMILIES[family], said[_NDA_DST])
                table[address] = said[_NDA_LLADDR].hex(":")
    return table


def addresses6(host, interface="eth0"):
    """The host's IPv6 addresses, link-local ones first."""
    sock, index = _open(host, interface)
    found = []
    with sock:
        for (*_, its), said in _messages(sock, _GET_ADDRESSES, _ADDRESS, 6):
            flags, = struct.unpack("=I", said[_IFA_FLAGS])
            if its == index and not flags & _TENTATIVE:
                found.append(socket.inet_ntop(
                    socket.AF_INET6, said.get(_IFA_LOCAL, said[_IFA_ADDRESS])))
    return sorted(found, key=lambda a: not a.startswith("fe80"))
