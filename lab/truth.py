# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device really did: its own diary, and its kernel's counters.

The diary is JSON lines that the device's script writes. The counters are nft
sets keyed by remote address, protocol, remote port and own port: what came in
is counted in the device, what went out where its cable meets the switch (the
device's own kernel would count before segmentation). They see every packet
the device sent or got, whoever carried it. Frame bytes are IP bytes plus an
Ethernet header for each packet (with offloads on, for each merged segment).
"""

import collections
import json

from .netns import FILES, LabError

DIARY = FILES + "/diary.jsonl"
ETHERNET_BYTES = 14

# What each device is: what its owner bought, not what anybody found out.
Thing = collections.namedtuple("Thing", "vendor name category")
THINGS = {
    "tv": Thing("Roku", "Streaming Stick", "media player"),
    "camera": Thing("Wyze", "Cam v2", "camera"),
    "bulb": Thing("Philips", "Hue Bridge", "hub"),
    "plug": Thing("TP-Link", "HS110", "plug"),
    "speaker": Thing("Amazon", "Echo Dot", "speaker"),
    "printer": Thing("HP", "OfficeJet Pro 8020", "printer"),
}

Count = collections.namedtuple("Count", "packets bytes")
Count.frame_bytes = property(lambda c: c.bytes + ETHERNET_BYTES * c.packets)
NOTHING = Count(0, 0)

def _table(name, side, hook):
    """An nft table with one chain that counts by remote and ports."""
    sets = rules = ""
    for ip, field in (("ip", "protocol"), ("ip6", "nexthdr")):
        key = (f"{ip} {side}addr . meta l4proto . "
               f"th {side}port . th {'sd'[side == 's']}port")
        sets += f"""
    set {ip}_flows {{
        typeof {key}
        flags dynamic
        size 65535
        counter
    }}"""
        rules += f"\n{ip} {field} {{ tcp, udp }} add @{ip}_flows {{ {key} }}"
    return (f"table {name} {{ {sets}\nchain count {{\n"
            f"type filter hook {hook}\n{rules}\n}}\n}}\n")


def start(device):
    """Count every TCP and UDP packet of the device from now on."""
    device.nft(_table("inet truth", "s", "input priority -500"))
    device.switch.nft(_table(f"netdev truth_{device.name}", "d",
                             f"ingress device {device.name} priority 0"))


def flows(device):
    """{(remote, protocol, remote port, own port): (sent, got)} so far."""
    found = {}
    for way, place, table in (
            (0, device.switch, f"netdev truth_{device.name}"),
            (1, device, "inet truth")):
        out = place.run(["nft", "-j", "list", "table", *table.split()],
                        net_only=True).stdout
        for item in json.loads(out)["nftables"]:
            for element in item.get("set", {}).get("elem", []):
                key, count = _count(element["elem"])
                pair = list(found.get(key, (NOTHING, NOTHING)))
                pair[way] = count
                found[key] = tuple(pair)
    return found


def _count(element):
    remote, protocol, port, own = element["val"]["concat"]
    return ((remote, str(protocol), int(port), int(own)),
            Count(element["counter"]["packets"],
                  element["counter"]["bytes"]))


def diary(host):
    """The device's own entries, oldest first."""
    if not host.exists(DIARY):
        return []
    return [json.loads(line) for line in host.read(DIARY).splitlines()]


def names(host):
    """{name: addresses contacted or answered} by the diary."""
    found = {}
    for entry in diary(host):
        if entry.get("name"):
            found.setdefault(entry["name"], set()).update(
                entry.get("addresses", ()))
    return found


def agree(found, expected, share=0.01):
    """None when found is within share of expected, else how it differs."""
    if abs(found - expected) <= share * expected:
        return None
    return f"{found} is not within {share:.0%} of {expected}"


def check_diary(host):
    """The diary and the counters must tell the same story."""
    counted = flows(host)
    for entry in diary(host):
        if entry["kind"] != "http" or not entry["address"]:
            continue
        key = (entry["address"], "tcp", entry["port"], entry["own_port"])
        if key not in counted:
            raise LabError(f"{host.name}: diary has {entry['name']} "
                           f"{key}, the counters do not")
        sent, got = counted[key]
        if sent.bytes < entry["sent"] or got.bytes < entry["received"]:
            raise LabError(f"{host.name}: counters {counted[key]} hold "
                           f"less than the diary's {entry}")
