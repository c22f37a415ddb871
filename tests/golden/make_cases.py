#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make_cases.py [CASE...]: makes the captures of the golden tests, all or some.

A case is a function here whose name is the capture's and whose documentation is
the line in CASE.txt that says what is in it. Frames are put together by scapy,
which knows nothing of this project; TLS is written out by hand. What the
program should say of them is CASE.json: see test_golden.py."""

import gzip
import struct
import sys
from pathlib import Path

from scapy.all import (ARP, BOOTP, DHCP, DNS, DNSQR, DNSRR, CookedLinux,
                       Dot1AD, Dot1Q, Ether, ICMP, ICMPv6ND_NA,
                       ICMPv6NDOptDstLLAddr, IP, IPv6, Raw, TCP, UDP,
                       fragment, fragment6, IPv6ExtHdrFragment)
from scapy.contrib.coap import CoAP
from scapy.layers.dhcp6 import (DHCP6_Solicit, DUID_LLT, DHCP6OptClientFQDN,
                                DHCP6OptClientId, DHCP6OptOptReq,
                                DHCP6OptVendorClass, VENDOR_CLASS_DATA)
from scapy.layers.llmnr import LLMNRQuery, LLMNRResponse
from scapy.layers.netbios import (NBNS_ADD_ENTRY, NBNSHeader,
                                  NBNSNodeStatusResponse,
                                  NBNSNodeStatusResponseService,
                                  NBNSRegistrationRequest)
from scapy.layers.ntp import NTPHeader

HERE = Path(__file__).resolve().parent
START = 1_700_000_000  # a multiple of five
LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_SLL2 = 0, 1, 101, 113, 276

TV, CAMERA, ROUTER, SPY = ("02:00:00:00:00:%02x" % n
                           for n in (0x20, 0x21, 0x01, 0x66))
TV_IP, CAMERA_IP, ROUTER_IP = "192.168.7.20", "192.168.7.21", "192.168.7.1"
SERVER, OTHER = "93.184.216.34", "198.51.100.7"
EVERYONE = "ff:ff:ff:ff:ff:ff"


class Capture:
    """Frames with their times, in order."""

    def __init__(self, link=LINK_ETHERNET):
        self.link = link
        self.frames = []

    def add(self, seconds, frame):
        self.frames.append((START * 10**9 + round(seconds * 10**9),
                            frame if isinstance(frame, bytes)
                            else bytes(frame)))

    def pcap(self):
        out = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144,
                          self.link)
        for ns, frame in self.frames:
            out += struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame),
                               len(frame)) + frame
        return out


def out(packet, device=TV, address=TV_IP, remote=SERVER, router=ROUTER):
    """Ethernet and IP from a device to a remote host."""
    return Ether(src=device, dst=router) / IP(src=address, dst=remote,
                                              id=1) / packet


def back(packet, device=TV, address=TV_IP, remote=SERVER, router=ROUTER):
    return Ether(src=router, dst=device) / IP(src=remote, dst=address,
                                              id=1) / packet


def block(data, size):
    """Data behind its length of so many bytes."""
    return len(data).to_bytes(size, "big") + data


def u16s(*numbers):
    return b"".join(n.to_bytes(2, "big") for n in numbers)


def extension(kind, data):
    return u16s(kind) + block(data, 2)


def hello(name=b"tv.example.com", version=0x0303, versions=(0x0304, 0x0303),
          suites=(0x1301, 0x1302, 0xc02f), extra=b"", session=bytes(32)):
    """A ClientHello message (RFC 8446 4.1.2)."""
    extensions = b""
    if name is not None:
        extensions += extension(0, block(b"\0" + block(name, 2), 2))
    extensions += extension(10, block(u16s(0x001d, 0x0017), 2))
    extensions += extension(11, block(b"\0", 1))
    extensions += extension(13, block(u16s(0x0403, 0x0804), 2))
    extensions += extension(16, block(block(b"h2", 1) + block(b"http/1.1", 1),
                                      2))
    if versions:
        extensions += extension(43, block(u16s(*versions), 1))
    body = (u16s(version) + bytes(range(32)) + block(session, 1)
            + block(u16s(*suites), 2) + block(b"\0", 1)
            + block(extensions + extra, 2))
    return b"\1" + block(body, 3)


def record(data, kind=0x16, version=0x0301):
    return bytes([kind]) + u16s(version) + block(data, 2)


class Stream:
    """A TCP connection between a device and a remote host."""

    def __init__(self, capture, at=0.0, sport=40000, dport=443, seq=1000,
                 peer=9000, **ends):
        self.capture, self.at, self.ends = capture, at, ends
        self.ports = {"sport": sport, "dport": dport}
        self.seq, self.peer = seq, peer

    def step(self):
        self.at += 0.01
        return self.at

    def put(self, data=b"", flags="PA", seq=None):
        packet = TCP(**self.ports, flags=flags,
                     seq=(self.seq if seq is None else seq) & 0xffffffff,
                     ack=self.peer & 0xffffffff) / Raw(data)
        self.capture.add(self.step(), out(packet, **self.ends))
        if seq is None:
            self.seq += len(data) + ("S" in flags) + ("F" in flags)

    def get(self, data=b"", flags="PA", seq=None):
        packet = TCP(sport=self.ports["dport"], dport=self.ports["sport"],
                     flags=flags,
                     seq=(self.peer if seq is None else seq) & 0xffffffff,
                     ack=self.seq & 0xffffffff) / Raw(data)
        self.capture.add(self.step(), back(packet, **self.ends))
        if seq is None:
            self.peer += len(data) + ("S" in flags) + ("F" in flags)

    def open(self):
        self.put(flags="S")
        self.get(flags="SA")
        self.put(flags="A")
        return self

    def close(self):
        self.put(flags="FA")
        self.get(flags="FA")
        self.put(flags="A")


def ask(capture, at, name, answers, device=TV, address=TV_IP, port=50000,
        kind="A"):
    """A question to the router and its answer."""
    question = DNSQR(qname=name, qtype=kind)
    chain = None
    for answer in answers:
        chain = answer if chain is None else chain / answer
    capture.add(at, out(UDP(sport=port, dport=53)
                        / DNS(id=7, rd=1, qd=question),
                        device, address, ROUTER_IP))
    capture.add(at + 0.002, back(UDP(sport=53, dport=port)
                                 / DNS(id=7, qr=1, rd=1, ra=1, qd=question,
                                       an=chain),
                                 device, address, ROUTER_IP))


def name_then_tls():
    """a TV asks for a name by a CNAME, opens TLS to its address and closes"""
    c = Capture()
    ask(c, 0.1, "tv.example.com",
        [DNSRR(rrname="tv.example.com", type="CNAME", ttl=60,
               rdata="edge.example.net"),
         DNSRR(rrname="edge.example.net", type="A", ttl=60, rdata=SERVER)])
    s = Stream(c, 0.2).open()
    s.put(record(hello()))
    s.get(record(b"\2" + block(bytes(80), 3), version=0x0303))
    s.put(record(bytes(300), kind=0x17, version=0x0303))
    s.get(record(bytes(1200), kind=0x17, version=0x0303))
    s.close()
    return c


def hello_in_pieces():
    """a hello over two records and three segments, which come out of order,
    one of them twice; the last piece is in the next window"""
    c = Capture()
    message = hello(name=b"pieces.example.com", suites=range(0xc001, 0xc0a0),
                    extra=extension(21, bytes(900)))
    data = record(message[:500]) + record(message[500:])
    s = Stream(c, 4.9).open()
    first, second, third = data[:300], data[300:900], data[900:]
    s.put(third, seq=s.seq + 900)
    s.put(first, seq=s.seq)
    s.put(first, seq=s.seq)
    s.at = 5.1
    s.put(second, seq=s.seq + 300)
    return c


def hello_twice():
    """two hellos in one connection, the second after a HelloRetryRequest"""
    c = Capture()
    s = Stream(c).open()
    s.put(record(hello(name=b"twice.example.com")))
    s.get(record(b"\2" + block(bytes(90), 3), version=0x0303)
          + record(b"\1", kind=0x14, version=0x0303))
    s.put(record(b"\1", kind=0x14, version=0x0303)
          + record(hello(name=b"twice.example.com",
                         extra=extension(51, block(u16s(0x17)
                                                   + block(bytes(65), 2), 2))),
                   version=0x0303))
    return c


def hello_later():
    """TLS that begins later in a stream: after STARTTLS, behind CONNECT, and in
    the data of a SYN"""
    c = Capture()
    s = Stream(c, 0, 41000, 587).open()
    s.get(b"220 mail.example.com ESMTP\r\n")
    s.put(b"EHLO tv\r\n")
    s.get(b"250-mail.example.com\r\n250 STARTTLS\r\n")
    s.put(b"STARTTLS\r\n")
    s.get(b"220 go ahead\r\n")
    s.put(record(hello(name=b"mail.example.com")))
    s = Stream(c, 1, 41001, 8080, remote=OTHER).open()
    s.put(b"CONNECT shop.example.com:443 HTTP/1.1\r\n"
          b"Host: shop.example.com:443\r\n\r\n")
    s.get(b"HTTP/1.1 200 OK\r\n\r\n")
    s.put(record(hello(name=b"shop.example.com")))
    s = Stream(c, 2, 41002, 443)
    s.put(record(hello(name=b"fast.example.com")), flags="S")
    return c


def old_tls():
    """hellos of SSL 3 and TLS 1.0 with weak suites and no extensions, GREASE,
    and an SSL 2 frame"""
    c = Capture()
    for port, version in ((42000, 0x0300), (42001, 0x0301)):
        body = (u16s(version) + bytes(32) + b"\0"
                + block(u16s(0x0004, 0x000a, 0x0003, 0x0018), 2)
                + block(b"\1\0", 1))
        Stream(c, port - 42000, port).open().put(record(b"\1" + block(body, 3),
                                                        version=0x0300))
    Stream(c, 2, 42002).open().put(record(hello(
        name=None, suites=(0x0a0a, 0x1301), versions=(0x7a7a, 0x0304),
        extra=extension(0x1a1a, b""))))
    specs = b"\0\0\5\0\0\x0a\7\0\xc0"
    body = b"\1" + u16s(0x0301, len(specs), 0, 16) + specs + bytes(16)
    Stream(c, 3, 42003).open().put(u16s(0x8000 | len(body)) + body)
    return c


def http():
    """two requests at once, a head in three segments, one on a port of its
    own without a Host, and a long one that never ends"""
    c = Capture()
    s = Stream(c, 0, 43000, 80).open()
    s.put(b"GET /secret/path HTTP/1.1\r\nHost: One.Example.com.\r\n"
          b"User-Agent: Set-Top/1.0\r\n\r\n"
          b"POST /more HTTP/1.1\r\nuser-agent: Set-Top/1.0\r\n"
          b"HOST: two.example.com:8080\r\nContent-Length: 0\r\n\r\n")
    s = Stream(c, 1, 43001, 80, remote=OTHER).open()
    for piece in (b"GE", b"T / HTTP/1.1\r\nHo", b"st: split.example.com\r\n"
                  b"\r\n"):
        s.put(piece)
    Stream(c, 2, 43002, 4711, remote=OTHER).open().put(
        b"M-SEARCH * HTTP/1.1\r\nUser-Agent:\r\n\r\n")
    s = Stream(c, 3, 43003, 80).open()
    s.put(b"GET / HTTP/1.1\r\nCookie: ")
    for _ in range(14):
        s.put(b"x" * 1400)
    return c


def hostile_text():
    """names that are formulas, carry quotes, control characters, bytes that
    are no text, or turn the line round"""
    c = Capture()
    for i, name in enumerate((b"=cmd|' /C calc'!A0", b"@sum.example.com",
                              b'quo"te,comma.example.com',
                              b"bell\x07\x1b[31m.example.com\r\nx",
                              b"\xff\xfe.example.com",
                              "abc\u202egnp.example.com".encode(),
                              b"back\\slash.example.com", b"-1+2", b"x" * 300)):
        Stream(c, i / 10, 44000 + i).open().put(record(hello(name=name)))
        Stream(c, i / 10 + .05, 44100 + i, 80).open().put(
            b"GET / HTTP/1.1\r\nHost: "
            + name.replace(b"\r\n", b"\t") + b"\r\nUser-Agent: =1+1\r\n\r\n")
    for i, name in enumerate((b"=cmd|' /C calc'!A0", b"+1", b'a",b')):
        mac = "02:00:00:00:00:3%d" % i
        c.add(2 + i / 10, Ether(src=mac, dst=EVERYONE)
              / IP(src="0.0.0.0", dst="255.255.255.255", id=1)
              / UDP(sport=68, dport=67)
              / BOOTP(chaddr=bytes.fromhex(mac.replace(":", "")))
              / DHCP(options=[("message-type", "request"), ("hostname", name),
                              "end"]))
    ask(c, 3, "tab\tand.quote\"s.example.com",
        [DNSRR(rrname="tab\tand.quote\"s.example.com", rdata=SERVER)])
    return c


def sequences():
    """sequence numbers that wrap in the middle of a window, a segment twice, a
    lost one, a keep-alive, and a FIN"""
    c = Capture()
    s = Stream(c, 0, 45000, 9, seq=2**32 - 1500, peer=2**32 - 10).open()
    s.put(bytes(1000))
    s.put(bytes(1000))
    s.put(bytes(1000), seq=s.seq - 1000)
    s.seq += 700
    s.put(bytes(300))
    s.get(bytes(50))
    s.put(b"\0", flags="A", seq=s.seq - 1)
    s.at = 5.5
    s.put(bytes(10))
    s.close()
    return c


def windows():
    """a flow over the edges of windows: at 4.999999999 s, at 5 s, a packet of
    the window before that comes late, and one after two windows of silence"""
    c = Capture()
    for at, size in ((0, 1), (4.999999999, 2), (5, 3), (4.9, 4), (9.5, 5),
                     (20, 6)):
        c.add(at, out(UDP(sport=46000, dport=9) / Raw(bytes(size))))
    c.add(21, back(UDP(sport=9, dport=46000) / Raw(bytes(100))))
    return c


def both_legs():
    """what one who intercepts by ARP spoofing captures: each packet on its way
    in and on its way out; and what a router captures, whose two sides have
    different MACs"""
    c = Capture()
    s = Stream(c, 0, 47000, 80).open()
    s.put(b"GET / HTTP/1.1\r\nHost: twice.example.com\r\n\r\n")
    s.get(bytes(1000))
    direct, c.frames = c.frames, []
    for ns, frame in direct:
        frame = Ether(frame)
        first, second = frame.copy(), frame.copy()
        first.dst = second.src = SPY
        second[IP].ttl -= 1
        del second[IP].chksum
        c.frames += [(ns, bytes(first)), (ns + 200_000, bytes(second))]
    for i in range(6):
        frame = out(TCP(sport=47001, dport=80, flags="A", seq=i * 10, ack=1)
                    / Raw(bytes(10)), CAMERA, CAMERA_IP, OTHER)
        frame[IP].id = 100 + i
        c.add(1 + i / 10, frame.copy())
        frame.src, frame.dst = "02:00:00:00:01:01", "02:00:00:00:01:02"
        frame[IP].ttl -= 1
        c.add(1.0001 + i / 10, frame)
    return c


def fragments():
    """DNS answers in fragments of IPv4 and IPv6, in and out of order, a request
    in TCP in fragments, one that lacks its end, and later ones alone"""
    c = Capture()
    answers = DNSRR(rrname="big.example.com", type="TXT", ttl=5,
                    rdata=[b"x" * 200] * 7)
    answers /= DNSRR(rrname="big.example.com", type="A", rdata=SERVER)
    message = DNS(id=3, qr=1, qd=DNSQR(qname="big.example.com"), an=answers)
    packet = IP(src=ROUTER_IP, dst=TV_IP, id=77) / UDP(sport=53,
                                                       dport=48000) / message
    parts = fragment(packet, 600)
    for i, part in enumerate((parts[2], parts[0], parts[1])):
        c.add(0.1 + i / 100, Ether(src=ROUTER, dst=TV) / part)
    packet6 = (IPv6(src="fd00::1", dst="fd00::20")
               / IPv6ExtHdrFragment(id=9)
               / UDP(sport=53, dport=48001)
               / DNS(id=4, qr=1, qd=DNSQR(qname="six.example.com"),
                     an=DNSRR(rrname="six.example.com", type="TXT",
                              rdata=[b"y" * 250] * 6)
                     / DNSRR(rrname="six.example.com", type="AAAA",
                             rdata="2001:db8::6")))
    for i, part in enumerate(fragment6(packet6, 700)):
        c.add(1 + i / 100, Ether(src=ROUTER, dst=TV) / part)
    request = (b"GET / HTTP/1.1\r\nHost: cut.example.com\r\nUser-Agent: "
               + b"z" * 200 + b"\r\n\r\n")
    for i, part in enumerate(fragment(
            IP(src=TV_IP, dst=SERVER, id=5)
            / TCP(sport=48002, dport=80, seq=1, ack=1, flags="PA")
            / Raw(request), 104)):
        c.add(2 + i / 100, Ether(src=TV, dst=ROUTER) / part)
    for i, part in enumerate(fragment(
            IP(src=TV_IP, dst=SERVER, id=6)
            / UDP(sport=48003, dport=53)
            / DNS(qd=DNSQR(qname="never.example.com")) / Raw(bytes(100)),
            64)[:-1]):
        c.add(3 + i / 100, Ether(src=TV, dst=ROUTER) / part)
    for i, part in enumerate(fragment(
            IP(src=TV_IP, dst=OTHER, id=8) / UDP(sport=1, dport=2)
            / Raw(bytes(200)), 104)[1:]):
        c.add(4 + i / 100, Ether(src=TV, dst=ROUTER) / part)
    return c


def announcements():
    """what devices say to everyone: DHCP, ARP, mDNS, SSDP"""
    c = Capture()
    for at, kind, extra in ((0, "discover", []),
                            (1, "request", [("requested_addr", TV_IP)])):
        c.add(at, Ether(src=TV, dst=EVERYONE)
              / IP(src="0.0.0.0", dst="255.255.255.255", id=1)
              / UDP(sport=68, dport=67)
              / BOOTP(chaddr=bytes.fromhex(TV.replace(":", "")), xid=1)
              / DHCP(options=[("message-type", kind), *extra,
                              ("hostname", b"Living-Room-TV"),
                              ("vendor_class_id", b"acme 1.0"),
                              ("param_req_list", [1, 3, 6, 15, 119]),
                              ("client_id", b"\1\2\0\0\0\0\x20"),
                              (81, b"\0\0\0tv.example."), "end"]))
    c.add(1.5, Ether(src=TV, dst=EVERYONE)
          / ARP(op=1, hwsrc=TV, psrc=TV_IP, pdst=ROUTER_IP))
    c.add(1.6, Ether(src=ROUTER, dst=TV)
          / ARP(op=2, hwsrc=ROUTER, psrc=ROUTER_IP, hwdst=TV, pdst=TV_IP))
    records = (DNSRR(rrname="_googlecast._tcp.local", type="PTR", ttl=120,
                     rdata="Living Room._googlecast._tcp.local")
               / DNSRR(rrname="living-room.local", type="A", ttl=120,
                       rdata=TV_IP)
               / DNSRR(rrname="Living Room._googlecast._tcp.local", type="TXT",
                       ttl=4500, rdata=[b"md=TV 9000", b"id=1"]))
    c.add(2, Ether(src=TV, dst="01:00:5e:00:00:fb")
          / IP(src=TV_IP, dst="224.0.0.251", id=1, ttl=255)
          / UDP(sport=5353, dport=5353) / DNS(qr=1, aa=1, qd=None, an=records))
    c.add(3, Ether(src=TV, dst="01:00:5e:7f:ff:fa")
          / IP(src=TV_IP, dst="239.255.255.250", id=1)
          / UDP(sport=1900, dport=1900)
          / Raw(b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
                b"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
                b"USN: uuid:1::upnp:rootdevice\r\nSERVER: Linux UPnP/1.1 TV/9\r\n"
                b"LOCATION: http://192.168.7.20:80/d.xml\r\n\r\n"))
    c.add(4, Ether(src=TV, dst="33:33:00:00:00:01")
          / IPv6(src="fe80::20", dst="ff02::1")
          / ICMPv6ND_NA(tgt="fe80::20")
          / ICMPv6NDOptDstLLAddr(lladdr=TV))
    return c


def dns_records():
    """DNS over TCP in two segments, HTTPS and other records, a name error, an
    update, and a name that points at itself"""
    c = Capture()
    s = Stream(c, 0, 49000, 53, remote=ROUTER_IP).open()
    question = bytes(DNS(id=1, rd=1, qd=DNSQR(qname="tcp.example.com")))
    answer = bytes(DNS(id=1, qr=1, qd=DNSQR(qname="tcp.example.com"),
                       an=DNSRR(rrname="tcp.example.com", rdata=OTHER)))
    s.put(block(question, 2))
    stream = block(answer, 2) * 2
    s.get(stream[:30])
    s.get(stream[30:])
    https = b"\0\1\0" + u16s(1) + block(block(b"h2", 1), 2) + u16s(4) + block(
        bytes([93, 184, 216, 34]), 2)
    ask(c, 1, "svc.example.com",
        [DNSRR(rrname="svc.example.com", type=65, rdata=https)], kind=65)
    c.add(2, back(UDP(sport=53, dport=50000)
                  / DNS(id=9, qr=1, rcode=3,
                        qd=DNSQR(qname="none.example.com")), remote=ROUTER_IP))
    update = bytes(DNS(id=2, opcode=5, qd=DNSQR(qname="example.com", qtype=6),
                       ns=DNSRR(rrname="me.example.com", rdata=TV_IP)))
    c.add(3, out(UDP(sport=50000, dport=53) / Raw(update), remote=ROUTER_IP))
    loop = bytes.fromhex("000581800001000100000000") + b"\xc0\x0c\0\1\0\1"
    c.add(4, back(UDP(sport=53, dport=50000)
                  / Raw(loop + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes(4)),
                  remote=ROUTER_IP))
    return c


def whose_traffic():
    """three devices behind a router, one of which only talks to another; their
    DNS at a resolver on the Internet; a broadcast and a ping"""
    c = Capture()
    ask(c, 0.1, "cam.example.org",
        [DNSRR(rrname="cam.example.org", rdata=OTHER)], CAMERA, CAMERA_IP)
    Stream(c, 0.5, 51000, device=CAMERA, address=CAMERA_IP,
           remote=OTHER).open().put(bytes(3000))
    Stream(c, 1, 51001, remote=OTHER).open().get(bytes(500))
    for at, source, target in ((2, TV, CAMERA), (2.1, CAMERA, TV)):
        c.add(at, Ether(src=source, dst=target)
              / IP(src=TV_IP if source == TV else CAMERA_IP,
                   dst=CAMERA_IP if source == TV else TV_IP, id=1)
              / UDP(sport=6666, dport=6666) / Raw(bytes(20)))
    c.add(3, Ether(src="02:00:00:00:00:22", dst=TV)
          / IP(src="192.168.7.22", dst=TV_IP, id=1) / ICMP())
    c.add(4, Ether(src=TV, dst=EVERYONE)
          / IP(src=TV_IP, dst="192.168.7.255", id=1)
          / UDP(sport=137, dport=137) / Raw(b"x"))
    return c


def tags():
    """802.1Q, QinQ, LLC/SNAP, 802.3 lengths, an unknown type, padding"""
    c = Capture()
    inner = IP(src=TV_IP, dst=SERVER, id=1) / UDP(sport=52000, dport=9)
    c.add(0, Ether(src=TV, dst=ROUTER) / Dot1Q(vlan=7) / inner)
    c.add(1, Ether(src=TV, dst=ROUTER) / Dot1AD(vlan=100) / Dot1Q(vlan=7)
          / inner)
    packet = bytes(inner / Raw(b"snap"))
    c.add(2, bytes(Ether(src=TV, dst=ROUTER, type=len(packet) + 8))
          + bytes.fromhex("aaaa030000000800") + packet)
    c.add(3, Ether(src=TV, dst=ROUTER, type=0x88cc) / Raw(bytes(46)))
    c.add(4, bytes(Ether(src=TV, dst=ROUTER) / inner / Raw(b"p")) + bytes(17))
    return c


def cooked():
    """Linux cooked capture: source MACs alone"""
    c = Capture(LINK_SLL)
    for at, kind, mac, packet in (
            (0, 0, TV, IP(src=TV_IP, dst=SERVER, id=1)
             / UDP(sport=53000, dport=9) / Raw(b"one")),
            (1, 4, ROUTER, IP(src=SERVER, dst=TV_IP, id=1)
             / UDP(sport=9, dport=53000) / Raw(b"three"))):
        c.add(at, CookedLinux(pkttype=kind, lladdrtype=1, lladdrlen=6,
                              src=bytes.fromhex(mac.replace(":", "")) + b"\0\0",
                              proto=0x800) / packet)
    return c


def cooked_twice():
    """cooked capture of all interfaces of a router whose Wi-Fi is bridged: each
    packet on the port and on the bridge, then on its way out"""
    c = Capture(LINK_SLL)
    for i in range(3):
        for step, (mac, ttl, kind) in enumerate(
                ((TV, 64, 0), (TV, 64, 0), (ROUTER, 63, 4))):
            packet = (IP(src=TV_IP, dst=SERVER, id=10 + i, ttl=ttl)
                      / TCP(sport=53001, dport=80, flags="A", seq=i * 100,
                            ack=1) / Raw(bytes(100)))
            c.add(i + step / 1000, CookedLinux(
                pkttype=kind, lladdrtype=1, lladdrlen=6, proto=0x800,
                src=bytes.fromhex(mac.replace(":", "")) + b"\0\0") / packet)
    return c


def raw_ip():
    """IP without a link: devices have no MAC"""
    c = Capture(LINK_RAW)
    c.add(0, IP(src=TV_IP, dst=SERVER, id=1) / UDP(sport=54000, dport=9)
          / Raw(b"four"))
    c.add(1, IPv6(src="fd00::20", dst="2001:db8::1")
          / UDP(sport=54001, dport=9) / Raw(b"six"))
    return c


def several_interfaces():
    """pcapng of three interfaces, whose links and clocks differ, with a name
    resolution block, and a simple packet; the second section is big-endian"""
    def block_of(order, kind, body):
        body += bytes(-len(body) % 4)
        size = len(body) + 12
        return (struct.pack(order + "II", kind, size) + body
                + struct.pack(order + "I", size))

    def section(order):
        return block_of(order, 0x0a0d0d0a,
                        struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))

    def interface(order, link, options=b"", snap=262144):
        return block_of(order, 1, struct.pack(order + "HHI", link, 0, snap)
                        + options)

    def packet(order, number, units, frame):
        return block_of(order, 6, struct.pack(
            order + "IIIII", number, units >> 32, units & 0xffffffff,
            len(frame), len(frame)) + frame)

    def udp(port):
        return IP(src=TV_IP, dst=SERVER, id=1) / UDP(sport=port, dport=9)

    ether = Ether(src=TV, dst=ROUTER)
    nano = struct.pack("<HHBxxx", 9, 1, 9)
    binary = struct.pack("<HHBxxxHHqHH", 9, 1, 0x80 | 10, 14, 8, 100, 0, 0)
    data = (section("<") + interface("<", LINK_ETHERNET)
            + interface("<", LINK_RAW, nano)
            + interface("<", LINK_NULL, binary)
            + block_of("<", 4, struct.pack("<HH", 0, 0))
            + packet("<", 0, START * 10**6 + 1, bytes(ether / udp(1)))
            + packet("<", 1, (START + 1) * 10**9 + 1, bytes(udp(2)))
            + packet("<", 2, (START + 2 - 100) * 1024 + 512,
                     struct.pack("<I", 2) + bytes(udp(3)))
            + block_of("<", 3, struct.pack("<I", 42) + bytes(ether / udp(4)))
            + section(">") + interface(">", LINK_ETHERNET)
            + packet(">", 0, (START + 4) * 10**6, bytes(ether / udp(5))))
    return data


def compressed():
    """the same as name_then_tls, gzip-compressed in two members"""
    data = name_then_tls().pcap()
    return b"".join(gzip.compress(part, mtime=0)
                    for part in (data[:700], data[700:]))


def two_clocks():
    """frames of two captures, years apart, shuffled together"""
    c = Capture()
    for i in range(4):
        c.add(i / 10, out(UDP(sport=55000, dport=9) / Raw(b"now")))
        c.add(i / 10 + 86400 * 1000,
              out(UDP(sport=55000, dport=9) / Raw(b"later")))
    return c


def names_of_the_lan():
    """what devices call themselves beside mDNS: LLMNR for itself and for
    another, NetBIOS names registered and listed, a workgroup, DHCPv6, a DHCP
    client id and FQDN, and Tuya's broadcasts, in clear and encrypted"""
    c = Capture()
    query = LLMNRQuery(id=1, qd=DNSQR(qname="den-pc"))
    c.add(0.1, Ether(src=CAMERA, dst="01:00:5e:00:00:fc")
          / IP(src=CAMERA_IP, dst="224.0.0.252", id=1)
          / UDP(sport=53000, dport=5355) / query)
    for at, address in ((0.2, TV_IP), (0.3, "192.168.7.99")):
        answer = LLMNRResponse(id=1, qr=1, qd=DNSQR(qname="den-pc"), an=DNSRR(
            rrname="den-pc", ttl=30, rdata=address))
        c.add(at, Ether(src=TV, dst=CAMERA) / IP(src=TV_IP, dst=CAMERA_IP, id=1)
              / UDP(sport=5355, dport=53000) / answer)
    for at, name, kind, group in ((1.0, b"DEN-PC", 0x20, 0),
                                  (1.1, b"WORKGROUP", 0x1e, 1)):
        c.add(at, Ether(src=TV, dst=EVERYONE)
              / IP(src=TV_IP, dst="192.168.7.255", id=1)
              / UDP(sport=137, dport=137)
              / NBNSHeader(OPCODE=5, NM_FLAGS=0x11, QDCOUNT=1, ARCOUNT=1)
              / NBNSRegistrationRequest(QUESTION_NAME=name, SUFFIX=0x4141
                                        + (kind >> 4 << 8) + (kind & 15),
                                        RR_NAME=0xc00c, G=group,
                                        NB_ADDRESS=TV_IP))
    services = [NBNSNodeStatusResponseService(
        NETBIOS_NAME=name.ljust(15), SUFFIX=kind, NAME_FLAGS=flags)
        for name, kind, flags in ((b"CAM", 0, 4), (b"CAM", 0x20, 4),
                                  (b"WORKGROUP", 0, 0x84))]
    c.add(1.2, Ether(src=CAMERA, dst=TV) / IP(src=CAMERA_IP, dst=TV_IP, id=1)
          / UDP(sport=137, dport=137)
          / NBNSHeader(RESPONSE=1, OPCODE=0, ANCOUNT=1)
          / NBNSNodeStatusResponse(RR_NAME=b"*", NUM_NAMES=3,
                                   NODE_NAME=services,
                                   RDLENGTH=1 + 3 * 18 + 52))
    c.add(2.0, Ether(src=TV, dst="33:33:00:01:00:02")
          / IPv6(src="fe80::20", dst="ff02::1:2") / UDP(sport=546, dport=547)
          / DHCP6_Solicit(trid=7)
          / DHCP6OptClientId(duid=DUID_LLT(timeval=5, lladdr=TV))
          / DHCP6OptOptReq(reqopts=[17, 23, 24, 39])
          / DHCP6OptVendorClass(enterprisenum=311, vcdata=[
              VENDOR_CLASS_DATA(data=b"MSFT 5.0")])
          / DHCP6OptClientFQDN(fqdn="den-pc"))
    c.add(2.1, Ether(src=TV, dst=EVERYONE)
          / IP(src="0.0.0.0", dst="255.255.255.255", id=1)
          / UDP(sport=68, dport=67)
          / BOOTP(chaddr=bytes.fromhex(TV.replace(":", "")))
          / DHCP(options=[("message-type", "request"),
                          ("client_id", b"\1" + bytes.fromhex(
                              TV.replace(":", ""))),
                          ("client_FQDN", b"\0\0\0den-pc"), "end"]))
    said = (b'{"ip":"192.168.7.21","gwId":"x","productKey":"keyqp3mxh9xd7vcf",'
            b'"version":"3.1"}')
    for at, port, content in ((3.0, 6666, bytes(4) + said),
                              (3.1, 6667, bytes(range(4, 164)))):
        c.add(at, Ether(src=CAMERA, dst=EVERYONE)
              / IP(src=CAMERA_IP, dst="255.255.255.255", id=1)
              / UDP(sport=49154, dport=port)
              / Raw(struct.pack(">IIII", 0x55aa, 0, 0x13, len(content) + 8)
                    + content + struct.pack(">II", 0xc5c5c5c5, 0xaa55)))
    return c


def say(capture, at, port, data, sport=50001, reply=None, remote=SERVER):
    """A datagram to a remote port, and what comes back."""
    capture.add(at, out(UDP(sport=sport, dport=port) / data, remote=remote))
    if reply is not None:
        capture.add(at + 0.01, back(UDP(sport=port, dport=sport) / reply,
                                    remote=remote))


def what_it_is():
    """conversations known by what is said in them: NTP, CoAP, STUN on a port of
    its own, Matter, MQTT in two pieces with a user, RTSP with a password, FTP,
    telnet, SSH, HTTP with Basic; and mail, which begins as FTP does"""
    c = Capture()
    say(c, 0.0, 123, NTPHeader(version=4, mode=3, ref=0, orig=0, recv=0,
                               sent=1), 123,
        NTPHeader(version=4, mode=4, stratum=2, ref=0, orig=0, recv=0, sent=2))
    say(c, 0.1, 5683, CoAP(type=0, code=1, msg_id=7, token=b"ab", options=[
        ("Uri-Host", "coap.example.com"), ("Uri-Path", "state")]))
    say(c, 0.2, 3500, Raw(u16s(0x0001, 12, 0x2112, 0xa442) + bytes(12)
                          + u16s(0x8022, 5) + b"tv1.0\0\0\0"))
    say(c, 0.3, 5540, Raw(b"\4\0\0\0" + struct.pack("<I", 9) + bytes(8)
                          + b"\5\x20\1\0\0\0" + b"\x15\x18"))
    data = b"\x10" + block(block(b"MQTT", 2) + b"\4\xc2" + u16s(60)
                           + block(b"camera-7", 2) + block(b"ada", 2)
                           + block(b"secret", 2), 1)
    s = Stream(c, 1, 41000, 1883).open()
    s.put(data[:9])
    s.put(data[9:])
    s = Stream(c, 1.2, 41001, 8554).open()
    s.put(b"DESCRIBE rtsp://ada:secret@cam.example.com/1 RTSP/1.0\r\n"
          b"CSeq: 1\r\n\r\n")
    s = Stream(c, 1.4, 41002, 2121).open()
    s.get(b"220 (vsFTPd 3.0.3)\r\n")
    s.put(b"USER ada\r\n")
    s.get(b"331 Please specify the password.\r\n")
    s.put(b"PASS secret\r\n")
    s = Stream(c, 1.6, 41003, 23).open()
    s.get(b"\xff\xfd\x18\xff\xfd\x20")
    s.put(b"\xff\xfb\x18\xff\xfc\x20")
    s.get(b"\r\nrouter login: ")
    s.put(b"ada\r\n")
    s = Stream(c, 1.8, 41004, 22).open()
    s.get(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    s.put(b"SSH-2.0-dropbear_2022.83\r\n")
    s = Stream(c, 2.0, 41005, 8080).open()
    s.put(b"GET / HTTP/1.1\r\nHost: cam.example.com\r\n"
          b"Authorization: Basic YWRhOnNlY3JldA==\r\n\r\n")
    s = Stream(c, 2.2, 41006, 25, remote=OTHER).open()
    s.get(b"220 mail.example.com ESMTP\r\n")
    s.put(b"EHLO tv\r\n")
    return c


def begins_in_clear():
    """what may change to TLS, on ports of its own: mail that logs in by SMTP,
    POP3 and IMAP, mail without a login, a directory, messages by XMPP and AMQP
    and calls in clear; SMTP, POP3 and FTP that change to TLS; and mail that only
    says what it can"""
    c = Capture()

    def talk(at, sport, dport, *said):
        s = Stream(c, at, sport, dport).open()
        for i, words in enumerate(said):
            (s.put if i % 2 else s.get)(words)
        return s

    hello_smtp = (b"220 mail.example.com ESMTP\r\n", b"EHLO tv\r\n",
                  b"250-mail.example.com\r\n250 STARTTLS\r\n")
    talk(0, 41000, 2525, *hello_smtp, b"AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n")
    talk(0.2, 41001, 1110, b"+OK ready\r\n", b"USER ada\r\n", b"+OK\r\n",
         b"PASS secret\r\n")
    talk(0.4, 41002, 1143, b"* OK ready\r\n", b"a1 LOGIN ada secret\r\n")
    talk(0.6, 41003, 2526, *hello_smtp, b"MAIL FROM:<tv@example.com>\r\n")
    talk(0.8, 41004, 3389, b"", b"\x30\x18\2\1\1\x60\x13\2\1\3\4\6cn=ada"
         b"\x80\6secret")
    talk(1.0, 41005, 15222, b"", b"<?xml version='1.0'?><stream:stream "
         b"to='example.com' xmlns='jabber:client'>", b"<stream:features/>",
         b"<auth mechanism='PLAIN'>AGFkYQBzZWNyZXQ=</auth>")
    talk(1.2, 41006, 15672, b"", b"AMQP\0\0\x09\1")
    register = (b"REGISTER sip:example.com SIP/2.0\r\n"
                b"User-Agent: HT801 1.0\r\n"
                b'Authorization: Digest username="ada"\r\n\r\n')
    talk(1.4, 41007, 7060, b"", register)
    say(c, 1.6, 7061, Raw(register))
    talk(1.8, 41008, 2527, *hello_smtp, b"STARTTLS\r\n", b"220 go ahead\r\n",
         record(hello(name=b"mail.example.com")))
    talk(2.0, 41009, 1111, b"+OK ready\r\n", b"STLS\r\n", b"+OK\r\n",
         record(hello(name=b"pop.example.com")))
    talk(2.2, 41010, 2121, b"220 welcome\r\n", b"AUTH TLS\r\n", b"234 go\r\n",
         record(hello(name=b"ftp.example.com")))
    talk(2.4, 41011, 25, *hello_smtp)
    return c


def alpn_of(*names):
    return extension(16, block(b"".join(block(n, 1) for n in names), 2))


def hidden_names():
    """DNS that is encrypted: over TLS by its port and by ALPN, over HTTPS by
    the resolver's name and by its address; and hellos that hide the name, by
    ECH and by ESNI"""
    c = Capture()
    for i, (port, remote, how) in enumerate((
            (853, SERVER, {"name": b"dns.example.com"}),
            (443, SERVER, {"name": b"DNS.Google"}),
            (443, "8.8.8.8", {"name": None}),
            (443, SERVER, {"extra": extension(0xfe0d, bytes(40))}),
            (443, SERVER, {"name": None, "extra": extension(0xffce,
                                                            bytes(40))}))):
        Stream(c, i / 10, 42100 + i, port, remote=remote).open().put(
            record(hello(**how)))
    body = (u16s(0x0303) + bytes(33) + block(u16s(0x1301), 2) + block(b"\0", 1)
            + block(alpn_of(b"dot"), 2))
    Stream(c, 1, 42110, 8853).open().put(record(b"\1" + block(body, 3)))
    return c


def server_hello(version, extensions=b"", suite=0xc02b):
    body = (u16s(version) + bytes(32) + b"\0" + u16s(suite) + b"\0"
            + (block(extensions, 2) if extensions else b""))
    return b"\2" + block(body, 3)


def certificates():
    """what servers answer: TLS 1.2 with a certificate in one record with the
    hello, and in records and segments of its own that cross a window; an
    earlier session taken up again; TLS 1.3, which hides it"""
    c = Capture()
    der = (HERE / "certificate.der").read_bytes()
    certificate = b"\x0b" + block(block(block(der, 3) + block(bytes(900), 3),
                                        3), 3)
    done = b"\x0e" + block(b"", 3)

    def connect(at, port):
        s = Stream(c, at, port).open()
        s.put(record(hello()))
        return s

    s = connect(0, 43001)
    s.get(record(server_hello(0x0303) + certificate + done, version=0x0303))
    s = connect(4.9, 43002)
    data = (record(server_hello(0x0301, suite=0x0005), version=0x0301)
            + record(certificate[:200], version=0x0301)
            + record(certificate[200:] + done, version=0x0301))
    s.get(data[:150])
    s.at = 5.2
    s.get(data[400:], seq=s.peer + 250)
    s.get(data[150:400], seq=s.peer)
    s = connect(6, 43003)
    s.get(record(server_hello(0x0303), version=0x0303)
          + record(b"\1", kind=0x14, version=0x0303))
    s = connect(7, 43004)
    s.get(record(server_hello(0x0303, extension(43, u16s(0x0304)), 0x1301),
                 version=0x0303)
          + record(b"\1", kind=0x14, version=0x0303)
          + record(bytes(900), kind=0x17, version=0x0303))
    return c


def dtls():
    """hellos of DTLS 1.2 and 1.0 as OpenSSL writes them, with the cookie that
    the server asks for; one in three fragments, the last first"""
    c = Capture()
    seeds = HERE.parent.parent / "fuzz/dtls.in"
    for at, (version, port) in enumerate((("dtls1_2", 45001),
                                          ("dtls1", 45002))):
        for i, way in enumerate("cscs"):
            data = (seeds / ("%s-%d-%s" % (version, i, way))).read_bytes()
            ports = {"sport": port, "dport": 5684}
            if way == "s":
                ports = {"sport": 5684, "dport": port}
            c.add(at + i / 100, (out if way == "c" else back)(
                UDP(**ports) / Raw(data)))
    whole = (seeds / "dtls1_2-0-c").read_bytes()
    body = bytes(a ^ 1 if 2 <= i < 34 else a  # another random
                 for i, a in enumerate(whole[25:]))
    third = len(body) // 3
    for i, (begin, end) in enumerate(((2 * third, len(body)), (0, third),
                                      (third, 2 * third))):
        piece = (b"\1" + len(body).to_bytes(3, "big") + b"\0\0"
                 + begin.to_bytes(3, "big") + block(body[begin:end], 3))
        c.add(3 + i / 100, out(UDP(sport=45003, dport=443) / Raw(
            b"\x16\xfe\xff" + bytes(8) + block(piece, 2))))
    return c


CASES = [name_then_tls, hello_in_pieces, hello_twice, hello_later, old_tls,
         http, hostile_text, sequences, windows, both_legs, fragments,
         announcements, dns_records, whose_traffic, tags, cooked, cooked_twice, raw_ip,
         several_interfaces, compressed, two_clocks,
         names_of_the_lan, what_it_is,
         begins_in_clear, hidden_names, certificates,
         dtls]


def main(wanted):
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        made = case()
        data = made if isinstance(made, bytes) else made.pcap()
        suffix = ("pcapng" if data[:4] == b"\x0a\x0d\x0d\x0a"
                  else "pcap.gz" if data[:2] == b"\x1f\x8b" else "pcap")
        (HERE / ("%s.%s" % (case.__name__, suffix))).write_bytes(data)
        about = " ".join(case.__doc__.split())
        (HERE / (case.__name__ + ".txt")).write_text(
            "%s (made by make_cases.py)\n" % about)


if __name__ == "__main__":
    main(sys.argv[1:])
