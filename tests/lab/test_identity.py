# SPDX-License-Identifier: GPL-3.0-or-later
"""Every device of the lab is recognised by what it announces and does: things
stay open, somebody's computers are locked, and nothing of those is shown."""

import csv
import json
import subprocess

import pytest

from lab.home import DEVICES, KNOWN, Home
from lab.inspector import BINARY, Inspector
from lab.netns import FILES, LabError, wait_until

# device: vendor and category, None where its words do not say
THINGS = {
    "tv": ("Roku", "tv"),
    "camera": ("Wyze", "camera"),
    "bulb": ("Philips Hue", "light"),
    "plug": ("TP-Link", "plug"),
    "speaker": ("Amazon", "speaker"),
    "printer": ("HP", "printer"),
    "shield": ("Nvidia", "tv"),
    "firetv": ("Amazon", "tv"),
}
COMPUTERS = {
    "phone": ("", "phone"),
    "laptop": ("", "laptop"),
    "iphone": ("Apple", "phone"),
    "android": ("Samsung", "phone"),
    "macbook": ("Apple", "laptop"),
    "windows": ("", "computer"),
    "linux": ("", "computer"),
}
CAPTURE = FILES + "/lab.pcap"


@pytest.fixture(scope="module")
def home():
    with Home([*DEVICES, *KNOWN]) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    """All are watched, without the owner's word for what they are, join and
    live; the switch keeps what passes."""
    home.switch.ip("link set br0 promisc on")
    home.switch.serve(["tcpdump", "-i", "br0", "-U", "-B", "32768", "-w",
                       CAPTURE, "-Z", "root"])
    wait_until(lambda: home.switch.exists(CAPTURE), "tcpdump to begin")
    with Inspector(home.inspector) as made:
        made.consent()
        for device in home.devices:
            made.watch(device.address, thing=False)
        for device in home.devices:
            device.rejoin()
            if device is not home.shield:
                device.live()
        # it joins as a telephone would, and says only later what it is
        wait_until(lambda: home.shield.dhcp_name in str(
            made.find(home.shield.address)), "its DHCP to be heard", 15)
        home.shield.live()
        yield made


def wait_state(inspector, host, state):
    def reached():
        device = inspector.find(host.address)
        return device["lock"]["state"] == state and device
    try:
        return wait_until(reached, "", 60, 0.1)
    except LabError:
        raise LabError(f"{host.name} is not {state}: "
                       f"{inspector.find(host.address)}") from None


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_stays_open_and_is_recognised(home, inspector, name):
    host = getattr(home, name)
    wait_state(inspector, host, "open")

    def recognised():
        who = inspector.find(host.address)["identity"]
        return (who["vendor"], who["category"]) == THINGS[name] and who
    try:
        who = wait_until(recognised, "", 60, 0.1)
    except LabError:
        raise LabError(f"{name} is taken for "
                       f"{inspector.find(host.address)}") from None
    assert who["confidence"] >= 60
    assert who["evidence"] and all(e["says"] for e in who["evidence"])


@pytest.mark.parametrize("name", COMPUTERS)
def test_somebodys_computer_is_locked_and_says_why(home, inspector, name):
    host = getattr(home, name)
    device = wait_state(inspector, host, "locked")
    assert device["lock"]["by"] == "evidence"
    assert len(device["lock"]["reasons"]) > 1
    # nothing but that it is there
    assert set(device) == {"id", "excluded", "address", "lock"}
    assert host.dhcp_name not in str(device)


def test_no_thing_was_locked_by_all_of_that(home, inspector):
    states = {name: inspector.find(getattr(home, name).address)["lock"]["state"]
              for name in THINGS}
    assert set(states.values()) == {"open"}, states


def test_a_capture_of_it_is_scored_without_a_fault(home, inspector, tmp_path,
                                                   figure):
    labels = tmp_path / "labels.csv"
    with open(labels, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [getattr(home, name).mac, name, category, vendor]
            for name, (vendor, category) in (THINGS | COMPUTERS).items())
    result = tmp_path / "score.json"
    ran = subprocess.run(
        [BINARY, "read", "--labels", labels, f"--score={result}",
         home.switch.path(CAPTURE)],
        capture_output=True, text=True, timeout=60, check=False)
    # the last frame may be half written: the capture goes on
    assert ran.returncode in (0, 1), ran.stderr
    for line in ran.stdout.splitlines():
        figure(line)
    found = json.loads(result.read_text("utf-8"))
    assert found["labelled"] == len(THINGS) + len(COMPUTERS)
    assert found["wrong"] == []
    assert found["computer_or_not"] == {
        "computer": {"computer": len(COMPUTERS), "thing": 0, "unknown": 0},
        "thing": {"computer": 0, "thing": len(THINGS), "unknown": 0}}
    assert sum(v["unknown"] for v in found["vendors"]) == 0
