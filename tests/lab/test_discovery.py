# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is there: all of them, by address and by what they announce."""

import time

import pytest
from scapy.all import (DNSQR, DNSRR, IP, UDP, Ether, LLMNRQuery,
                       LLMNRResponse, raw)

from lab import measure
from lab.home import DEVICES, Home
from lab.inspector import Inspector
from lab.netns import wait_until
from lab.router import ADDRESS4


@pytest.fixture(scope="module")
def home():
    with Home(dumb=30) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector) as made:
        made.began = time.monotonic()
        made.consent()
        yield made


@pytest.mark.sanitized
def test_a_scan_finds_every_device(home, inspector, figure):
    everyone = {d.address for d in [*home.devices, *home.dumb]}
    everyone.add(ADDRESS4)
    wait_until(lambda: everyone <= set(inspector.devices()),
               "every device to be found", 15)
    figure(f"{len(everyone)} devices of a /24 found in "
           f"{time.monotonic() - inspector.began:.1f} s")


def test_only_the_router_is_the_gateway(home, inspector):
    gateways = [address for address, device in inspector.devices().items()
                if device.get("gateway")]
    assert gateways == [ADDRESS4]


def test_no_device_is_found_that_is_not_there(home, inspector):
    real = {d.address for d in [*home.people, *home.dumb]} | {ADDRESS4}
    assert set(inspector.devices()) <= real


def test_only_the_makers_half_of_a_mac_is_told(home, inspector):
    for device in home.devices:
        told = inspector.find(device.address)
        private = device.name == "phone"  # made up, as phones do
        assert told["private_mac"] == private
        assert told["oui"] == (None if private else device.mac[:8])
        assert device.mac not in str(told)


@pytest.mark.sanitized
def test_a_device_that_comes_later_is_heard(home, inspector):
    late = home.dumb[3]
    late.ip("link set eth0 down", "link set eth0 address c4:29:96:21:00:01",
            "addr add 192.168.77.150/24 dev eth0", "link set eth0 up")
    late.run(["ping", "-c1", "-W1", "-I", "192.168.77.150",
              home.inspector.address], check=False)
    inspector.find("192.168.77.150", deadline=5)


@pytest.mark.sanitized
def test_a_device_that_gets_another_address_is_the_same_one(home, inspector):
    moving = home.dumb[4]
    before = inspector.find(moving.address)
    moving.ip("addr flush dev eth0", "addr add 192.168.77.151/24 dev eth0")
    moving.run(["ping", "-c1", "-W1", home.inspector.address], check=False)
    after = inspector.find("192.168.77.151")
    assert after["id"] == before["id"]
    assert after["first_seen"] == before["first_seen"]


@pytest.mark.sanitized
def test_names_are_those_the_devices_announce(home, inspector):
    home.printer.once()
    home.tv.live()
    texts = wait_until(
        lambda: [n["text"] for n in
                 inspector.find(home.printer.address)["names"]],
        "the printer's name", 15)
    home.tv.stop_living()
    assert any("HP OfficeJet" in text or "printer" in text for text in texts)


def test_the_name_told_to_dhcp_is_heard_from_everyone(home, inspector):
    for device in (home.plug, home.bulb):
        device.rejoin()
        wait_until(lambda: {"kind": "dhcp_hostname",
                            "text": device.dhcp_name}
                   in inspector.find(device.address)["names"],
                   f"the name {device.dhcp_name}", 15)


@pytest.mark.parametrize("response", [True, False])
def test_the_name_it_answers_to_by_llmnr_is_heard(home, inspector, response):
    """Told to the group in an answer, or asked for as RFC 4795 4.1 has it;
    what a person looks for is no name of the device."""
    device = home.camera if response else home.bulb
    name = f"kitchen-{response:d}"
    # it is a thing: what it says of itself is not withheld
    inspector.post(f"/api/devices/{inspector.find(device.address)['id']}/open")
    question = DNSQR(qname=name, qtype="A" if response else "ALL")
    frames = [LLMNRQuery(id=1, qd=DNSQR(qname="mistyped")),
              LLMNRResponse(id=1, qd=question,
                            an=DNSRR(rrname=name, rdata=device.address))
              if response else LLMNRQuery(id=1, qd=question)]
    frames = [
        raw(Ether(src=device.mac, dst="01:00:5e:00:00:fc")
            / IP(src=device.address, dst="224.0.0.252", ttl=1)
            / UDP(sport=port, dport=5355) / frame)
        for port, frame in zip((53000, 5355 if response else 53000), frames)]

    def told():
        measure.send_frames(device, frames)
        return [n for n in inspector.find(device.address)["names"]
                if n["kind"] == "llmnr_name"]
    wait_until(told, "the name", 15, 0.5)
    assert [n["text"] for n in told()] == [name]


def test_more_devices_than_the_limit_are_hidden_and_counted():
    with Home([], dumb=30) as home, \
            Inspector(home.inspector, "--max-devices", 5) as inspector:
        inspector.consent()
        hidden = wait_until(
            lambda: inspector.get("/api/devices")["hidden"] >= 20
            and inspector.get("/api/devices"), "hidden devices", 15)
        assert len(hidden["devices"]) <= 5
