# SPDX-License-Identifier: GPL-3.0-or-later
"""An hour of a home, made frame by frame in a moment: what devices like those
of the lab do when nothing is wrong, with the mishaps that are part of it, and
what a device does that was taken over."""

import random
import struct

START = 1_700_000_000  # a multiple of five
HOUR = 3600
DAY = 24 * HOUR
ROUTER_MAC, ROUTER = b"\x02\0\0\0\0\x01", "192.168.7.1"
EVERYONE = b"\xff" * 6
TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MSS = 1400


def ip_bytes(text):
    return bytes(map(int, text.split(".")))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ipv4(source, target, protocol, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64,
                       protocol, 0, ip_bytes(source), ip_bytes(target))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(source, target, sport, dport, payload):
    return ipv4(source, target, UDP, struct.pack(
        ">HHHH", sport, dport, 8 + len(payload), 0) + payload)


def tcp(source, target, sport, dport, seq, ack, flags, payload=b""):
    options = b"\x02\x04\x05\xb4" if flags & SYN else b""
    return ipv4(source, target, TCP, struct.pack(
        ">HHIIBBHHH", sport, dport, seq & 0xffffffff, ack & 0xffffffff,
        (20 + len(options)) // 4 << 4, flags, 65000, 0, 0) + options + payload)


def block(data, size):
    return len(data).to_bytes(size, "big") + data


def u16s(*numbers):
    return b"".join(n.to_bytes(2, "big") for n in numbers)


def hello(name, version=0x0303, versions=(0x0304, 0x0303),
          suites=(0x1301, 0x1302, 0xc02f)):
    """A ClientHello in its record (RFC 8446 4.1.2)."""
    server = block(b"\0" + block(name.encode(), 2), 2)
    extensions = u16s(0) + block(server, 2)
    extensions += u16s(10) + block(block(u16s(0x1d, 0x17), 2), 2)
    if versions:
        extensions += u16s(43) + block(block(u16s(*versions), 1), 2)
    body = (u16s(version) + bytes(32) + block(bytes(32), 1)
            + block(u16s(*suites), 2) + block(b"\0", 1) + block(extensions, 2))
    return b"\x16\x03\x01" + block(b"\1" + block(body, 3), 2)


def dns_name(name):
    return b"".join(block(part.encode(), 1)
                    for part in name.split(".")) + b"\0"


class Home:
    """Frames with their times; devices by number."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.frames = []
        self.port = 20000

    def add(self, at, frame):
        self.frames.append((at, frame))

    def pcap(self):
        out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)]
        for at, frame in sorted(self.frames, key=lambda item: item[0]):
            out += [struct.pack("<IIII", START + int(at),
                                int(at % 1 * 1e6), len(frame), len(frame)),
                    frame]
        return b"".join(out)


class Device:
    def __init__(self, home, number):
        self.home, self.address = home, "192.168.7.%d" % number
        self.mac = b"\x02\0\0\0\0" + bytes([number])
        self.random = home.random

    def out(self, at, packet, to=ROUTER_MAC):
        self.home.add(at, to + self.mac + b"\x08\0" + packet)

    def back(self, at, packet, by=ROUTER_MAC):
        self.home.add(at, self.mac + by + b"\x08\0" + packet)

    def next_port(self):
        self.home.port = 20000 + (self.home.port - 19999) % 40000
        return self.home.port

    def dhcp(self, at, server=ROUTER, resolvers=(ROUTER,)):
        """A request that all hear, and an answer to all."""
        def message(op, *options):
            head = struct.pack(">BBBBIHH4s4s4s4s", op, 1, 6, 0, 7, 0, 0x8000,
                               bytes(4), ip_bytes(self.address) if op == 2
                               else bytes(4), bytes(4), bytes(4))
            body = head + self.mac + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63"
            for code, value in options:
                body += bytes([code]) + block(value, 1)
            return body + b"\xff"
        chosen = (54, ip_bytes(server))
        self.out(at, udp("0.0.0.0", "255.255.255.255", 68, 67,
                         message(1, (53, b"\3"), chosen)), EVERYONE)
        answer = udp(server, "255.255.255.255", 67, 68, message(
            2, (53, b"\5"), chosen, (3, ip_bytes(server)),
            (6, b"".join(map(ip_bytes, resolvers)))))
        self.home.add(at + .01, EVERYONE + ROUTER_MAC + b"\x08\0" + answer)

    def resolve(self, at, name, address, resolver=ROUTER):
        port = self.next_port()
        question = dns_name(name) + u16s(1, 1)
        self.out(at, udp(self.address, resolver, port, 53, u16s(
            7, 0x0100, 1, 0, 0, 0) + question))
        self.back(at + .02, udp(resolver, self.address, 53, port, u16s(
            7, 0x8180, 1, 1, 0, 0) + question + b"\xc0\x0c" + u16s(1, 1)
            + struct.pack(">IH", 60, 4) + ip_bytes(address)))

    def connect(self, at, remote, port, says, sends=0, gets=2000, lasts=1.0,
                linger=0.0):
        """A connection: what is said first, content both ways while it lasts,
        closed when it was idle for a while."""
        own, near, far = self.next_port(), 1000, 5000
        ends = (self.address, remote, own, port)
        ends_back = (remote, self.address, port, own)
        self.out(at, tcp(*ends, near, 0, SYN))
        self.back(at + .02, tcp(*ends_back, far, near + 1, SYN | ACK))
        near, far = near + 1, far + 1
        self.out(at + .021, tcp(*ends, near, far, ACK))
        self.out(at + .022, tcp(*ends, near, far, PSH | ACK, says))
        near += len(says)
        chunks = [(True, MSS)] * (sends // MSS) + [(False, MSS)] * (
            gets // MSS + 1)
        for i, (up, size) in enumerate(chunks):
            when = at + .05 + lasts * i / len(chunks)
            if up:
                self.out(when, tcp(*ends, near, far, ACK, bytes(size)))
                near += size
            else:
                self.back(when, tcp(*ends_back, far, near, ACK, bytes(size)))
                far += size
                self.out(when + .001, tcp(*ends, near, far, ACK))
        end = at + .1 + lasts + linger
        self.out(end, tcp(*ends, near, far, FIN | ACK))
        self.back(end + .02, tcp(*ends_back, far, near + 1, FIN | ACK))
        self.out(end + .021, tcp(*ends, near + 1, far + 1, ACK))

    def web(self, at, name, remote, **how):
        self.resolve(at, name, remote)
        self.connect(at + .05, remote, 443, hello(name), **how)

    def plain(self, at, name, remote):
        self.resolve(at, name, remote)
        self.connect(at + .05, remote, 80, (
            "GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % name).encode())

    def fail(self, at, remote, port, refused=False, own=None):
        own = own or self.next_port()
        self.out(at, tcp(self.address, remote, own, port, 1000, 0, SYN))
        if refused:
            self.back(at + .02, tcp(remote, self.address, port, own, 0, 1001,
                                    RST | ACK))

    def time(self, at, remote="198.51.100.123"):
        port = self.next_port()
        self.out(at, udp(self.address, remote, port, 123,
                         b"\x23" + bytes(47)))
        self.back(at + .03, udp(remote, self.address, 123, port,
                                b"\x24" + bytes(47)))


def host(i):
    return "203.0.%d.%d" % (113 + i // 200, 1 + i % 200)


def tv(home):
    device = Device(home, 20)
    for t in range(5, HOUR - 200, 20):
        for _ in range(3):  # of 80 hosts, each closed long after its last use
            i = home.random.randrange(80)
            device.web(t + home.random.random(), "cdn%d.video.example" % i,
                       host(i), gets=20000, linger=home.random.randrange(90))
        if t % 60 == 5:
            device.plain(t + 3, "image.tv.example", "198.51.100.20")
    for t in (100, 2000):
        device.resolve(t, "firmware.tv.example", "198.51.100.14")
        device.connect(t + 1, "198.51.100.14", 443, hello(
            "firmware.tv.example", 0x0301, (), (0xc013, 0x002f)))
    for i in range(30, 42):  # which of its neighbours can play music?
        device.fail(1000 + i / 10, "192.168.7.%d" % i, 8008, refused=True)
    device.dhcp(1)
    return device


def camera(home):
    device = Device(home, 21)
    device.dhcp(2)
    for t in range(10, HOUR - 20, 10):
        device.connect(t, "198.51.100.21", 443, hello("up.camera.example"),
                       sends=60000, lasts=8)
    for i in range(9000):  # somebody looks: video by UDP, with reports back
        at = 1800 + i / 300
        device.out(at, udp(device.address, "198.51.100.22", 40000, 5004,
                           bytes(1000)))
        if i % 60 == 0:
            device.back(at, udp("198.51.100.22", device.address, 5004, 40000,
                                bytes(60)))
    return device


def plug(home):
    device = Device(home, 23)
    for t in range(20, HOUR - 20, 60):
        device.time(t)
        device.web(t + 1, "cloud.plug.example", "198.51.100.33")
    for t in range(1200, 1800, 2):  # its cloud is down: it tries and tries
        device.fail(t, "198.51.100.33", 443)
        device.fail(t + 1, "198.51.100.34", 8883)
    device.dhcp(3)
    device.dhcp(1803)
    return device


def laptop(home):
    device = Device(home, 31)
    device.dhcp(4)
    for i in range(150):
        at = 300 + i * 2 + home.random.random()
        device.web(at, "www%d.example" % i, host(200 + i), gets=30000,
                   linger=home.random.randrange(200))
    for i in range(15):  # advertisers that nobody reaches today
        device.fail(320 + i, host(400 + i), 443)
        device.fail(321 + i, host(400 + i), 443)
    device.connect(900, "198.51.100.90", 443, hello("speed.example"),
                   sends=20_000_000, lasts=12)
    return device


def printer(home):
    device = Device(home, 25)
    for t in range(60, HOUR, 300):
        device.web(t, "ink.printer.example", "198.51.100.60")
        device.connect(t + 9, "192.168.7.31", 9100, b"status\r\n")
    return device


def normal_hour(home):
    for make in (tv, camera, plug, laptop, printer):
        make(home)


def infect(home, number=21, at=2400):
    """What Mirai does: knock at strangers' telnet, look round at home, and
    flood whom it is told to."""
    device = Device(home, number)
    for i in range(300):
        device.fail(at + i / 20, "198.18.%d.%d" % (i % 250, 7),
                    23 if i % 10 else 2323)
    for i in range(1, 60):
        device.fail(at + 20 + i / 10, "192.168.7.%d" % (100 + i), 80,
                    refused=i % 3 == 0)
    for port in range(1000, 1040):
        device.fail(at + 30 + port % 40 / 10, ROUTER, port, refused=True)
    for i in range(3000):
        device.fail(at + 60 + i / 300, "198.51.100.80", 80,
                    own=1024 + i * 7 % 60000)


def flood_udp(home, number=21, at=2400):
    device = Device(home, number)
    for i in range(48000):
        device.out(at + i / 2400, udp(device.address, "198.51.100.80", 5000,
                                      53, bytes(20)))


def sparse_days(home, hosts=1, number=23, until=DAY + 2 * HOUR):
    """A thing that asks the time of the same few hosts, and no more."""
    device = Device(home, number)
    for t in range(0, until, 600):
        for i in range(hosts):
            device.time(t + i / 10, "198.51.100.%d" % (1 + i))
    return device


def fan_out(device, at=DAY + HOUR, hosts=130):
    """Talks to strangers, all of whom answer."""
    for i in range(hosts):
        device.time(at + i, host(i))
