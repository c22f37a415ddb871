# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a device is, held to what devices of the reference captures say of
themselves: in DHCP, mDNS, SSDP and User-Agents, as tshark reads them. What
each word means is written here anew, so that the rules are not their own
judge. `--score` compares, as a person with a list of his devices would."""

import csv
import ipaddress
import json
import re

import pytest

import reference

# words -> category and vendor (empty: they do not say)
COMPUTERS = (
    (r"\biPhone\b", "phone", "Apple"),
    (r"\biPad\b", "tablet", "Apple"),
    (r"MacBook", "laptop", ""),
    (r"model=(MacBook|iMac|Macmini|MacPro)|osxvers=", "computer", "Apple"),
    (r"_apple-mobdev2?\._tcp", "phone", "Apple"),
    (r"\(Macintosh;", "computer", ""),
    (r"Windows NT \d|^MSFT 5\.0$|^Microsoft-(CryptoAPI|Windows)|"
     r"^Microsoft BITS", "computer", ""),
    (r"\(X11;|Kubuntu|Konqueror", "computer", ""),
    (r"Android [^)]*\).*\bMobile\b", "phone", ""),
    (r"_workstation\._tcp|_udisks-ssh\._tcp|^pop-os$|^ubuntu\.local$",
     "computer", ""),
    (r"_sftp-ssh\._tcp|_kdeconnect", "computer", ""),
)
THINGS = (
    (r"TL-WDR3600|InternetGatewayDevice", "router", ""),
    (r"^ArubaAP$", "router", "Aruba"),
    (r"Roku/DVP|roku:ecp", "tv", "Roku"),
    (r"md=Chromecast", "tv", "Google"),
    (r"model=AppleTV|AppleTV\d", "tv", "Apple"),
)


def words():
    """(capture, MAC) -> what it says of itself."""
    said = {}

    def say(name, mac, *texts):
        said.setdefault((name, mac), set()).update(t for t in texts if t)

    for row in reference.table("tshark_dhcp"):
        if row["op"] == "1" and row["eth_src"] == row["chaddr"]:
            say(row["file"], row["eth_src"], row["opt12_hostname"],
                row["opt60_vendor_class"], row["opt81_fqdn"])
    for row in reference.table("tshark_mdns"):
        # those that answer; of others they may know a thing or two
        if row["section"] == "AN" and row["type"] in ("TXT", "SRV", "A"):
            say(row["file"], row["eth_src"], row["name"], row["data"])
    for row in reference.table("tshark_ssdp"):
        if row["kind"] != "req" or row["nts"]:
            say(row["file"], row["eth_src"], row["server"], row["usn"])
    return said


def agents():
    """(capture, address) -> the User-Agents from there."""
    said = {}
    for row in reference.table("tshark_http"):
        if row["kind"] == "req" and row["encap"] == "0":
            said.setdefault((row["file"], row["src"]),
                            set()).add(row["user_agent"])
    return said


def meaning(texts, table):
    for pattern, category, vendor in table:
        if any(re.search(pattern, text) for text in texts):
            return category, vendor
    return None


def is_local(address):
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def devices_of(name):
    """MAC -> addresses, of the hosts of a capture that it says are devices."""
    ran = reference.run("--json", reference.CAPTURES / name)
    found = {}
    for line in ran.stdout.splitlines():
        record = json.loads(line)
        if "window" in record:
            found.setdefault(record["device"],
                             set()).update(record["addresses"])
    return found


@pytest.fixture(scope="module")
def labelled():
    """capture -> {MAC: (category, vendor)} of devices whose words say it.
    Words of both sides are one MAC's that speaks for others: no label."""
    said, asked = words(), agents()
    names = {name for name, _ in said} | {name for name, _ in asked}
    found = {}
    for name in sorted(names):
        for mac, addresses in devices_of(name).items():
            texts = set(said.get((name, mac), ()))
            for address in addresses:
                texts |= asked.get((name, address), set())
            computer = meaning(texts, COMPUTERS)
            thing = meaning(texts, THINGS)
            if bool(computer) != bool(thing):
                found.setdefault(name, {})[mac] = computer or thing
    return found


def score(tmp_path, name, devices):
    labels, result = tmp_path / "labels.csv", tmp_path / "score.json"
    with open(labels, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [mac, name.rsplit("/", 1)[1], category, vendor]
            for mac, (category, vendor) in devices.items())
    ran = reference.run("--labels", labels, f"--score={result}",
                        reference.CAPTURES / name)
    assert ran.returncode in (0, 1), ran.stderr
    return json.loads(result.read_text("utf-8"))


@reference.needed
def test_no_computer_is_taken_for_a_thing(labelled, tmp_path, capsys):
    sides = {side: dict.fromkeys(("computer", "thing", "unknown"), 0)
             for side in ("computer", "thing")}
    vendors = dict.fromkeys(("right", "another", "unknown"), 0)
    wrong = []
    for name, devices in labelled.items():
        found = score(tmp_path, name, devices)
        assert found["labelled"] == len(devices), name
        for side, counts in found["computer_or_not"].items():
            for verdict, count in counts.items():
                sides[side][verdict] += count
        for vendor in found["vendors"]:
            for verdict in vendors:
                vendors[verdict] += vendor[verdict]
        wrong += [(name, entry["mac"], entry["found"])
                  for entry in found["wrong"]]
    with capsys.disabled():
        print("\n%-24s%10s%10s%10s" % ("is, and is taken for", *sides["thing"]))
        for side, counts in sides.items():
            print("%-24s" % side + "%10d%10d%10d" % tuple(counts.values()))
        print("%-24s%10s%10s%10s" % ("vendor", *vendors))
        print("%-24s%10d%10d%10d" % ("all", *vendors.values()))
    assert sides["computer"]["thing"] == 0, wrong
    assert sides["thing"]["computer"] == 0, wrong
    assert sum(sides["computer"].values()) >= 40
    # all but those that say it in one word among others'
    assert sides["computer"]["computer"] >= 0.9 * sum(
        sides["computer"].values())
    assert vendors["another"] == 0, wrong
