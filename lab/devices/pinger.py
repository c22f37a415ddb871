# SPDX-License-Identifier: GPL-3.0-or-later
"""A ping a millisecond, each accounted for.

Usage: pinger.py ADDRESS, of IPv4 or IPv6. Ends on SIGTERM, half a second after the last ping
was sent, and prints one JSON line: sent, received, duplicates, and the time
(seconds since the epoch) at which each lost one was sent.
"""

import json
import select
import signal
import socket
import struct
import sys
import time

PERIOD = 0.001
LAST_WAIT = 0.5
_HEADER = struct.Struct("!BBHHH")


def _checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def _echo(number, six):
    body = struct.pack("!QQ", number, 0)
    if six:  # the kernel makes the checksum
        return _HEADER.pack(128, 0, 0, 0x1107, number & 0xffff) + body
    head = _HEADER.pack(8, 0, 0, 0x1107, number & 0xffff)
    return _HEADER.pack(8, 0, _checksum(head + body), 0x1107,
                        number & 0xffff) + body


def main():
    running = [True]
    signal.signal(signal.SIGTERM, lambda *_: running.clear())
    six = ":" in sys.argv[1]
    sock = (socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                          socket.IPPROTO_ICMPV6) if six else
            socket.socket(socket.AF_INET, socket.SOCK_RAW,
                          socket.IPPROTO_ICMP))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.connect((sys.argv[1], 0))
    sock.setblocking(False)
    sent, seen, duplicates = [], set(), 0
    print("ready", flush=True)
    due = time.monotonic()
    end = None
    while end is None or (time.monotonic() < end and len(seen) < len(sent)):
        now = time.monotonic()
        if not running and end is None:
            end = now + LAST_WAIT
        if end is None and now >= due:
            try:
                sock.send(_echo(len(sent), six))
            except OSError:
                pass  # counted as sent: no answer will come
            sent.append(time.time())
            due = max(due + PERIOD, now)  # late ones are not caught up
        wait = 0.01 if end else max(0, due - time.monotonic())
        if not select.select([sock], [], [], wait)[0]:
            continue
        packet = sock.recv(2048)
        icmp = packet if six else packet[(packet[0] & 15) * 4:]
        if len(icmp) >= 24 and icmp[0] == (129 if six else 0) and icmp[4:6] == b"\x11\x07":
            number = struct.unpack("!Q", icmp[8:16])[0]
            duplicates += number in seen
            seen.add(number)
    lost = [when for i, when in enumerate(sent) if i not in seen]
    print(json.dumps({"sent": len(sent), "received": len(seen),
                      "duplicates": duplicates, "lost": lost}), flush=True)


main()
