# SPDX-License-Identifier: GPL-3.0-or-later
"""A watched device: every name and byte. Others: only what they announce."""

import time

import pytest

from lab import measure, stored, truth
from lab.home import Home
from lab.inspector import Inspector
from lab.internet import RESOLVER
from lab.netns import wait_until

WINDOW_S = 5
STORED_S = 3  # after its end, what is known of a window is in the database


@pytest.fixture(scope="module")
def home():
    # without IPv6, all of a device's traffic is there to be intercepted
    with Home(ipv6=False) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        yield made


def all_windows_closed():
    """Wait until what happened so far is in closed windows, and stored."""
    end = (time.time() // WINDOW_S + 1) * WINDOW_S + STORED_S
    time.sleep(end - time.time())


def watched(inspector, device):
    measure.watch(inspector, device)


@pytest.mark.sanitized
def test_interception_begins_and_loses_nothing(home, inspector, figure):
    crossings = measure.Crossings(home, home.tv, home.inspector)
    inspector.find(home.tv.address)
    with measure.pinging(home.tv, RESOLVER) as pings:
        time.sleep(0.3)  # pings before
        began = time.monotonic()
        inspector.watch(home.tv.address)
        wait_until(lambda: all(crossings.count()), "both ways", 5)
        took = time.monotonic() - began
        inspector.wait_phase(home.tv.address, "active")
        time.sleep(1)    # pings meanwhile
    figure(f"intercepted both ways {took * 1000:.0f} ms after the switch; "
           f"{pings}")
    assert measure.is_intercepted(home, home.tv, home.inspector)
    assert not pings.lost, str(pings)
    assert took < 1
    crossings.close()


@pytest.mark.parametrize("name", ["tv", "camera", "plug"])
@pytest.mark.sanitized
def test_every_name_and_every_flow_of_a_watched_device(home, inspector, name,
                                                       figure):
    device = getattr(home, name)
    watched(inspector, device)
    before = set(truth.flows(device))
    asked = {entry["name"] for entry in device.once() if entry["name"]}
    all_windows_closed()

    true = truth.flows(device)
    new = [key for key in true
           if key not in before and not key[0].startswith("239.")
           and key[0] != home.inspector.address]  # what we ask it ourselves
    wrong = stored.wait_same(home.inspector, device, true,
                             lambda key: key in new)
    kept = stored.flows(home.inspector, device)
    total = [sum(kept.get(key, (truth.NOTHING,) * 2)[way].bytes
                 for key in new) for way in (0, 1)]
    real = [sum(true[key][way].frame_bytes for key in new)
            for way in (0, 1)]
    figure(f"{len(new)} flows, {sum(real)} frame bytes, stored "
           f"{sum(total)}, {len(wrong)} differ; {len(asked)} names")
    assert not wrong, "\n".join(wrong)
    for got, expected in zip(total, real):
        assert truth.agree(got, expected) is None

    found = stored.names(home.inspector, device)
    assert asked <= set(found)
    for entry in truth.diary(device):
        if entry["address"] and entry["name"] in asked:
            assert entry["address"] in {a for a, _ in found[entry["name"]]}
    shown = {row["endpoint"] for row in inspector.endpoints(device.address)}
    assert asked - shown <= {"pool.ntp.org"} & asked or asked <= shown


def test_the_live_stream_tells_of_traffic_as_it_happens(home, inspector):
    watched(inspector, home.tv)
    home.tv.live()
    try:
        for event, data in inspector.events():
            if event == "window" and data["endpoints"]:
                names = {row["endpoint"] for row in data["endpoints"]}
                if names & {"api.roku.com", "video.cdn.example"}:
                    break
    finally:
        home.tv.stop_living()


def test_nothing_is_kept_of_what_unwatched_devices_do(home, inspector):
    home.phone.once()
    home.laptop.once()
    all_windows_closed()
    for device in (home.phone, home.laptop):
        assert stored.flows(home.inspector, device) == {}
        assert stored.names(home.inspector, device) == {}
        for table in ("question", "hello", "http"):
            assert stored.rows(home.inspector, table, device) == 0


def test_a_device_no_longer_watched_leaves_no_more(home, inspector):
    watched(inspector, home.bulb)
    home.bulb.once()
    inspector.watch(home.bulb.address, False)
    measure.wait_true(home, home.bulb, 3)
    inspector.wait_phase(home.bulb.address, "off")
    all_windows_closed()
    before = stored.flows(home.inspector, home.bulb)
    home.bulb.once()
    all_windows_closed()
    assert stored.flows(home.inspector, home.bulb) == before != {}
