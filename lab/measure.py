# SPDX-License-Identifier: GPL-3.0-or-later
"""Measuring what interception does to a device: pings, ARP, the way taken."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

from .netlink import addresses6, neighbours
from .netns import LabError, wait_until
from .internet import NAMES, RESOLVER
from .router import ADDRESS4, MAC as ROUTER_MAC

_PINGER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "devices",
                       "pinger.py")


class Pings:
    """What became of the pings: see devices/pinger.py."""

    def __init__(self):
        self.sent = self.received = self.duplicates = 0
        self.lost = []

    def __str__(self):
        text = f"{len(self.lost)} of {self.sent} pings lost"
        if self.lost:
            text += (f" within {self.lost[-1] - self.lost[0]:.3f} s from "
                     f"{self.lost[0]:.3f} on")
        return text


@contextlib.contextmanager
def pinging(device, address):
    """A ping a millisecond from the device meanwhile; gives Pings, filled
    when it is over."""
    result = Pings()
    process = device.popen([sys.executable, _PINGER, address],
                           stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout.readline() != "ready\n":
            raise LabError(f"{device.name}: the pinger did not start")
        yield result
        process.terminate()
        vars(result).update(json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def poisoned_by(home, device):
    """Whose MAC device and router have for each other: (device's entry for
    the router, router's entry for the device), each None when there is no
    entry or it is the true one."""
    of_router = neighbours(device).get(ADDRESS4)
    of_device = home.router.neighbours().get(device.address)
    return (of_router if of_router != ROUTER_MAC else None,
            of_device if of_device != device.mac else None)


def is_true(home, device):
    """Device and router have each other's true MAC, or nothing."""
    return poisoned_by(home, device) == (None, None)


def is_intercepted(home, device, inspector):
    return poisoned_by(home, device) == (inspector.mac, inspector.mac)


def wait_true(home, device, deadline):
    """Until the ARP entries are true; gives how long that took."""
    began = time.monotonic()
    wait_until(lambda: is_true(home, device),
               f"true ARP entries of {device.name} and the router", deadline)
    return time.monotonic() - began


def wait_intercepted(home, device, inspector, deadline):
    wait_until(lambda: is_intercepted(home, device, inspector),
               f"{device.name} to be intercepted by {inspector.name}",
               deadline)


def entries6(home, device):
    """The MACs that device and router have for each other's IPv6 addresses:
    ({router's address: MAC}, {device's address: MAC}), what they have none
    for left out."""
    held, router = neighbours(device, family=6), home.router.neighbours(6)
    return ({a: held[a] for a in addresses6(home.router) if a in held},
            {a: router[a] for a in addresses6(device) if a in router})


def is_true6(home, device):
    """Device and router have each other's true MAC, or nothing."""
    of_router, of_device = entries6(home, device)
    return (set(of_router.values()) <= {ROUTER_MAC}
            and set(of_device.values()) <= {device.mac})


def is_intercepted6(home, device, inspector):
    """Every entry of the two is the inspector's, and both have some."""
    return all(set(macs.values()) == {inspector.mac}
               for macs in entries6(home, device))


def wait_true6(home, device, deadline):
    """Until the IPv6 entries are true; gives how long that took."""
    began = time.monotonic()
    wait_until(lambda: is_true6(home, device),
               f"true IPv6 entries of {device.name} and the router", deadline)
    return time.monotonic() - began


def wait_intercepted6(home, device, inspector, deadline):
    wait_until(lambda: is_intercepted6(home, device, inspector),
               f"{device.name} to be intercepted by {inspector.name}",
               deadline)


class Crossings:
    """Counts at the switch what is carried to the inspector's host of a
    device's traffic with others, each way."""

    def __init__(self, home, device, inspector):
        self._switch, self._table = home.switch, f"crossing_{device.name}"
        other = f"ip {{}} != {inspector.address}"
        self._switch.nft(f"""
        table bridge {self._table} {{
            counter from_device {{ }}
            counter to_device {{ }}
            chain count {{
                type filter hook forward priority 0
                oifname "{inspector.name}" ip saddr {device.address} \
                    {other.format("daddr")} counter name from_device
                oifname "{inspector.name}" ip daddr {device.address} \
                    {other.format("saddr")} counter name to_device
            }}
        }}""")

    def count(self):
        """Packets so far: (from the device, to the device)."""
        out = self._switch.run(["nft", "-j", "list", "counters", "table",
                                "bridge", self._table], net_only=True).stdout
        found = {item["counter"]["name"]: item["counter"]["packets"]
                 for item in json.loads(out)["nftables"]
                 if "counter" in item}
        return found["from_device"], found["to_device"]

    def close(self):
        self._switch.nft(f"delete table bridge {self._table}")


class Crossings6:
    """The same of IPv6, neighbour discovery left out: by MAC, for a device
    has many addresses."""

    def __init__(self, home, device, inspector):
        self._switch, self._table = home.switch, f"crossing6_{device.name}"
        addresses = ", ".join(addresses6(device))
        own = ", ".join(addresses6(inspector))
        self._switch.nft(f"""
        table bridge {self._table} {{
            counter from_device {{ }}
            counter to_device {{ }}
            chain count {{
                type filter hook forward priority 0
                oifname "{inspector.name}" ether saddr {device.mac} \
                    ip6 hoplimit != 255 ip6 daddr != {{ {own} }} \
                    counter name from_device
                oifname "{inspector.name}" ether saddr {ROUTER_MAC} \
                    ip6 hoplimit != 255 ip6 daddr {{ {addresses} }} \
                    counter name to_device
            }}
        }}""")

    count = Crossings.count
    close = Crossings.close


class Sent:
    """Counts at the switch the frames that a host sends: the ARP and IP that
    a computer at rest would not. (DHCP and neighbour discovery are not the
    inspector's doing, nor is what its kernel answers for its own address: the
    router asks for it 5 s after each lease.)"""

    def __init__(self, home, host):
        self._switch, self._table = home.switch, f"sent_{host.name}"
        self._switch.nft(f"""
        table netdev {self._table} {{
            counter asked {{ }}
            counter announced {{ }}
            chain count {{
                type filter hook ingress device {host.name} priority 10
                arp operation reply arp saddr ip {host.address} \
                    arp saddr ether {host.mac} accept
                ether type arp counter name asked
                udp dport {{ 1900, 5353 }} counter name announced
            }}
        }}""")

    def count(self):
        out = self._switch.run(["nft", "-j", "list", "counters", "table",
                                "netdev", self._table], net_only=True).stdout
        return sum(item["counter"]["packets"]
                   for item in json.loads(out)["nftables"]
                   if "counter" in item)


def send_frames(host, frames, interface="eth0"):
    """Put raw frames on the host's cable, few enough at a time that the next
    one's queue (net.core.netdev_max_backlog) holds them."""
    with host.inside():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with sock:
        for i, frame in enumerate(frames):
            sock.sendto(frame, (interface, 0))
            if i % 200 == 199:
                time.sleep(0.01)


@contextlib.contextmanager
def talking(device, address=RESOLVER):
    """A ping ten times a second meanwhile: a device that says nothing shows
    nobody whether its path is good."""
    process = device.popen(["ping", "-n", "-i", "0.1", address],
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def wait_active6(inspector, device, target, deadline=20):
    """Let the device talk by IPv6 until that path is found good."""
    path = "/api/devices/" + inspector.find(device.address)["id"]

    def ipv6():
        return inspector.get(path)["watch"]["ipv6"]
    with talking(device, target):
        try:
            wait_until(lambda: ipv6()["phase"] == "active", "", deadline, 0.01)
        except LabError:
            raise LabError(f"the IPv6 of {device.name} is {ipv6()} after "
                           f"{deadline} s\n{inspector.output()}") from None


def kill6(home, device, inspector, victim, target):
    """One of the inspector's processes is killed and started again, while the
    device, watched by IPv6, pings target: after how long the truth was back,
    and its pings."""
    inspector.wait_whole(30)
    wait_active6(inspector, device, target, 40)
    pid = inspector.wait_whole()[victim]
    with pinging(device, target) as pings:
        time.sleep(0.1)  # pings before
        wait_intercepted6(home, device, home.inspector, 10)
        os.kill(pid, signal.SIGKILL)
        took = wait_true6(home, device, 5)
        wait_until(lambda: inspector.pids().get(victim, pid) != pid,
                   f"{victim} to be started again", 30)
        wait_intercepted6(home, device, home.inspector, 30)
    return took, pings


def watch(inspector, device, deadline=20):
    """Watch a device, and let it talk until its path is found good."""
    inspector.watch(device.address)
    wait_active(inspector, device, deadline)


def wait_active(inspector, device, deadline=20):
    with talking(device):
        inspector.wait_phase(device.address, "active", deadline=deadline)


class Family:
    """What of the above is of IPv4, or of IPv6."""

    def __init__(self, name, target, is_true, is_intercepted, crossings):
        self.name, self.target = name, target
        self.is_true, self.is_intercepted = is_true, is_intercepted
        self.crossings = crossings


FAMILIES = (
    Family("IPv4", RESOLVER, is_true, is_intercepted, Crossings),
    Family("IPv6", NAMES["six.example"][0], is_true6, is_intercepted6,
           Crossings6),
)


@contextlib.contextmanager
def pinging_by_both(device):
    """pinging() by IPv4 and IPv6 at once; gives {family's name: Pings}."""
    with contextlib.ExitStack() as stack:
        yield {family.name: stack.enter_context(
            pinging(device, family.target)) for family in FAMILIES}


def assert_none_lost(pings):
    assert not any(p.lost for p in pings.values()), told(pings)


def told(pings):
    return "; ".join(f"{name}: {result}" for name, result in pings.items())


def watch_both(inspector, device, deadline=20):
    """Watch a device until its path is found good by IPv4 and IPv6."""
    inspector.watch(device.address)
    wait_active_by_both(inspector, device, deadline)


def wait_active_by_both(inspector, device, deadline=20):
    with talking(device):
        wait_active6(inspector, device, FAMILIES[1].target, deadline)
        inspector.wait_phase(device.address, "active", deadline=deadline)


def all_true(home, device):
    return all(family.is_true(home, device) for family in FAMILIES)


def all_intercepted(home, device, inspector):
    return all(family.is_intercepted(home, device, inspector)
               for family in FAMILIES)


def wait_all_true(home, device, deadline):
    """Until all entries were seen true; gives {family's name: how long}."""
    began, took = time.monotonic(), {}

    def look():
        for family in FAMILIES:
            if family.name not in took and family.is_true(home, device):
                took[family.name] = time.monotonic() - began
        return len(took) == len(FAMILIES)
    wait_until(look, f"true entries of {device.name} and the router",
               deadline)
    return took


def assert_direct(home, device, seconds=0.5):
    """Entries are true and stay so; nothing comes to the inspector's host, of
    pings that go on meanwhile."""
    with contextlib.ExitStack() as stack:
        counted = []
        for family in FAMILIES:
            crossings = family.crossings(home, device, home.inspector)
            stack.callback(crossings.close)
            counted.append((crossings, crossings.count()))
        time.sleep(seconds)  # of pings
        for crossings, before in counted:
            assert crossings.count() == before
        assert all_true(home, device)


SYSCTLS = ("ipv4/ip_forward", "ipv4/conf/all/send_redirects",
           "ipv4/conf/eth0/send_redirects", "ipv4/conf/default/send_redirects",
           "ipv4/conf/all/forwarding", "ipv4/conf/eth0/forwarding") + tuple(
    f"ipv6/conf/{which}/{name}" for which in ("all", "default", "eth0", "lo")
    for name in ("forwarding", "accept_ra"))


def computer(home):
    """What of the inspector's computer must be as before."""
    host = home.inspector
    state = {key: host.sysctl(key) for key in SYSCTLS}
    force = "ipv6/conf/eth0/force_forwarding"
    if host.exists("/proc/sys/net/" + force):
        state[force] = host.sysctl(force)
    for words in (["ip", "rule"], ["ip", "-6", "rule"],
                  ["nft", "list", "tables"]):
        state[" ".join(words)] = host.run(words).stdout
    for family in ("-4", "-6"):
        routes = host.run(["ip", family, "route", "show", "table",
                           "all"]).stdout
        state["routes " + family] = sorted(
            line.split(" expires")[0].strip() for line in routes.splitlines())
    return state


def wait_computer(home, before):
    wait_until(lambda: computer(home) == before,
               f"settings as before, {before}", 5)
