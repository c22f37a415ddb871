# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine can see, and what it does with what is made to hurt."""

import random
import time

import pytest
from scapy.all import (ARP, DNS, DNSQR, IP, TCP, UDP, Ether, IPv6,
                       IPv6ExtHdrFragment, Raw, raw)

from lab import measure
from lab.eavesdrop import Eavesdropper
from lab.home import Home
from lab.inspector import Inspector
from lab.internet import RESOLVER
from lab.netns import wait_until

ANNOUNCED_PORTS = {67, 68, 137, 547, 1900, 5353, 5355, 6666, 6667}


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "phone", "printer"]) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        measure.watch(made, home.tv)
        yield made


def guard_counter(inspector, name):
    return inspector.status()["counters"]["guard"][name]


def is_announcement(frame):
    """To everyone or to a group, of a kind that is meant for everyone."""
    packet = Ether(frame)
    if not frame[0] & 1:
        return False
    if ARP in packet:
        return True
    return UDP in packet and packet[UDP].dport in ANNOUNCED_PORTS


def test_of_unwatched_devices_only_announcements_reach_the_engine(
        home, inspector, figure):
    ear = Eavesdropper(home.inspector, inspector.pids()["engine"])
    mine, phone = home.inspector.address, home.phone
    phone.once()
    phone.run(["ping", "-c3", "-i", "0.2", "-W1", mine])
    phone.run(["curl", "-s", "-m", "1", f"http://{mine}/"], check=False)
    phone.run(["ping", "-c2", "-i", "0.2", "-b", "192.168.77.255"],
              check=False)
    home.printer.once()
    home.tv.once()
    frames = ear.frames()
    ear.close()
    addresses = {home.tv.address, *measure.addresses6(home.tv)}
    of_tv = [f for f in frames if home.tv.mac in (Ether(f).src, Ether(f).dst)
             or getattr(Ether(f).payload, "dst", 0) in addresses]
    others = [f for f in frames if f not in of_tv]
    figure(f"{len(of_tv)} frames of the watched device, "
           f"{len(others)} of others")
    assert len(of_tv) > 50
    assert others
    wrong = [Ether(f).summary() for f in others if not is_announcement(f)]
    assert not wrong, "\n".join(wrong[:20])


def test_nothing_is_captured_before_consent(home):
    """Without consent there is no capture socket at all."""
    from lab.eavesdrop import filters
    with Home(["tv"]) as other:
        crossing = measure.Sent(other, other.inspector)
        with Inspector(other.inspector) as unasked:
            pids = unasked.wait_whole()
            other.tv.once()
            time.sleep(2)  # the time it has to do wrong
            for name, pid in pids.items():
                assert filters(pid) == [], name
            assert unasked.get("/api/devices")["devices"] == []
            assert crossing.count() == 0


def hostile_frames(home, seed):
    """Frames as a broken or malicious device may send them."""
    chance = random.Random(seed)
    head = Ether(src=home.tv.mac, dst=home.inspector.mac)
    ip = IP(src=home.tv.address, dst=RESOLVER)
    yield raw(head)[:14]
    yield raw(head / ip)[:20]
    yield raw(head / IP(src=home.tv.address, dst=RESOLVER, ihl=15))
    yield raw(head / IP(src=home.tv.address, dst=RESOLVER, len=65535) / UDP())
    yield raw(head / IP(src=home.tv.address, dst=RESOLVER, len=1) / UDP())
    yield raw(head / ip / TCP(dport=443, dataofs=15))
    yield raw(head / ip / TCP(dport=443, dataofs=1))
    yield raw(head / ip / UDP(dport=53, len=3))
    yield raw(head / ip / UDP(dport=53) / Raw(b"\0\1\1\0" + b"\xff" * 8
                                              + b"\xc0\x0c" * 200))
    yield raw(head / IPv6(src="fe80::1", dst="fe80::2", nh=0)
              / Raw(b"\0\xff" * 300))
    yield raw(head / IPv6(src="fe80::1", dst="fe80::2")
              / IPv6ExtHdrFragment(offset=8191, m=1) / Raw(b"x" * 8))
    yield raw(Ether(src=home.tv.mac, dst="ff:ff:ff:ff:ff:ff")
              / ARP(hwlen=255, plen=255))
    good = [raw(head / ip / UDP(sport=5000 + i, dport=53)
                / DNS(qd=DNSQR(qname="x." * i + "example")))
            for i in range(1, 20)]
    good += [raw(head / ip / TCP(sport=6000 + i, dport=443, flags="PA")
                 / Raw(b"\x16\x03\x01\x02\0\1\0\1\xfc\3\3" + bytes(i)))
             for i in range(20)]
    for _ in range(3000):
        frame = bytearray(chance.choice(good))
        for _ in range(chance.randint(1, 6)):
            frame[chance.randrange(14, len(frame))] = chance.randrange(256)
        yield bytes(frame[:chance.randint(14, len(frame))])


@pytest.mark.sanitized
def test_hostile_frames_neither_end_the_engine_nor_the_watch(home, inspector):
    before = inspector.wait_whole()
    frames = list(hostile_frames(home, 1))

    def counted():
        for i in range(0, len(frames), 100):
            measure.send_frames(home.tv, frames[i:i + 100])
            time.sleep(0.02)  # a device, not a flood, which loses some
        return inspector.status()["counters"]["engine"]["malformed"] > 50
    wait_until(counted, "malformed frames to be counted", 60)
    assert inspector.pids() == before
    assert all(p["restarts"] == 0 for p in inspector.status()["processes"])
    poisons = guard_counter(inspector, "poisons")
    wait_until(lambda: guard_counter(inspector, "poisons") > poisons + 1,
               "two rounds, within which it is reported what became of them")
    # no router passes on what is broken: that is no bad path of ours
    said = inspector.status()
    assert said["counters"]["guard"]["released"] == 0, inspector.output()
    assert measure.is_intercepted(home, home.tv, home.inspector)
    home.tv.once()


@pytest.mark.sanitized
def test_hostile_arp_changes_no_truth(home, inspector):
    """A device that claims to be the router, and others with nonsense."""
    gateway = home.router
    liar = Ether(src=home.phone.mac, dst="ff:ff:ff:ff:ff:ff")
    lies = [raw(liar / ARP(op=2, hwsrc=home.phone.mac, psrc=psrc,
                           hwdst=home.phone.mac, pdst=psrc))
            for psrc in ("0.0.0.0", "255.255.255.255", "224.0.0.1",
                         "10.9.8.7", home.inspector.address)]
    lies += [frame[:n] for frame in lies for n in (15, 20, 30, 41)]
    measure.send_frames(home.phone, lies)
    measure.wait_active(inspector, home.tv)
    listed = inspector.devices()
    assert not {"0.0.0.0", "255.255.255.255", "224.0.0.1",
                "10.9.8.7"} & set(listed)
    assert listed[gateway.address]["gateway"]
