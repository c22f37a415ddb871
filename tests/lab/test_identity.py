# SPDX-License-Identifier: GPL-3.0-or-later
"""Every device of the lab is recognised by what it announces and does: things
stay open, somebody's computers are locked, and nothing of those is shown."""

import pytest

from lab.home import DEVICES, KNOWN, Home
from lab.inspector import Inspector
from lab.netns import LabError, wait_until

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
COMPUTERS = ("phone", "laptop", "iphone", "android", "macbook", "windows",
             "linux")


@pytest.fixture(scope="module")
def home():
    with Home([*DEVICES, *KNOWN]) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    """All are watched, without the owner's word for what they are, and join
    and live once."""
    with Inspector(home.inspector) as made:
        made.consent()
        for device in home.devices:
            made.watch(device.address, thing=False)
        for device in home.devices:
            device.rejoin()
            device.live()
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
