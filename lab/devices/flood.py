# SPDX-License-Identifier: GPL-3.0-or-later
"""Small UDP packets at a steady rate.

Usage: flood.py ADDRESS PORT BYTES RATE SECONDS. The kernel cuts each send
into BURST packets (udp(7), UDP_SEGMENT), so one process is enough for
100,000 a second. Prints how many were sent, and in what time.
"""

import socket
import sys
import time

BURST = 50
UDP_SEGMENT = 103


def main():
    address, port, size, rate = sys.argv[1], *map(int, sys.argv[2:5])
    seconds = float(sys.argv[5])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    sock.connect((address, port))
    burst = b"x" * size * BURST
    began = time.monotonic()
    sent = 0
    while sent < rate * seconds:
        due = began + sent / rate
        while (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        sock.send(burst)
        sent += BURST
    print(sent, time.monotonic() - began)


main()
