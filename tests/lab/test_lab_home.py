# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab itself: what it claims to be is what it is."""

import time

import pytest

from lab import truth
from lab.home import DEVICES, Home
from lab.internet import IPERF_PORT, NAMES, PUBLIC_RESOLVER, RESOLVER
from lab.router import ADDRESS4


@pytest.mark.alone
def test_a_home_with_fifty_devices_is_up_within_five_seconds():
    began = time.monotonic()
    with Home(dumb=50) as home:
        took = time.monotonic() - began
        print(f"up in {took:.2f} s")
        home.tv.run(["ping", "-c1", "-W2", home.dumb[49].address])
    assert took < 5


def test_every_device_has_the_lease_and_the_name_set_aside(home):
    leases = home.router.read("/run/lab/leases")
    for device in home.devices:
        mac, octet, name = DEVICES[device.name]
        assert device.address.endswith(f".{octet}")
        assert f"{mac} {device.address} {name}" in leases


def test_devices_reach_each_other_and_dumb_ones_answer(home):
    for other in [home.printer, *home.dumb]:
        home.tv.run(["ping", "-c1", "-W2", other.address])


def test_every_name_resolves_to_its_addresses(home):
    for name in ("api.roku.com", "pool.ntp.org", "www.wikipedia.org"):
        out = home.phone.run(["getent", "ahosts", name]).stdout
        assert {line.split()[0] for line in out.splitlines()} == \
            set(NAMES[name])


def test_a_stubborn_device_asks_its_own_resolver(home):
    home.tv.once()
    asked = {key[0] for key in truth.flows(home.tv) if key[2] == 53}
    assert asked == {PUBLIC_RESOLVER}


@pytest.mark.parametrize("version", ["tls1", "tls1_1", "tls1_2", "tls1_3"])
def test_every_tls_version_is_spoken(home, version):
    out = home.laptop.run(
        ["openssl", "s_client", "-connect", "www.wikipedia.org:443", "-4",
         "-servername", "www.wikipedia.org", "-" + version, "-cipher",
         "ALL:@SECLEVEL=0", "-CAfile", "/run/lab/ca.pem", "-brief"])
    said = out.stdout + out.stderr
    spoken = "TLSv" + version[3:].replace("_", ".")
    assert f"Protocol version: {spoken}\n" in said
    assert "Verification: OK" in said


def test_ipv6_works_by_what_the_router_announces(home):
    assert home.laptop.curl("https://six.example/").startswith("hello")


@pytest.mark.parametrize("name", list(DEVICES))
def test_a_devices_diary_agrees_with_its_kernel(home, name):
    device = getattr(home, name)
    assert device.once()
    truth.check_diary(device)
    failed = [entry for entry in truth.diary(device)
              if entry["kind"] == "http" and entry["error"]]
    assert not failed


def test_a_speed_test_runs(home):
    home.laptop.run(["iperf3", "-c", "speedtest.example", "-4", "-p",
                     IPERF_PORT, "-n", "10M"])


def test_an_isolated_client_reaches_the_router_alone():
    with Home(["tv", "phone"], isolate=True) as home:
        home.tv.run(["ping", "-c1", "-W2", ADDRESS4])
        home.tv.run(["ping", "-c1", "-W2", RESOLVER])
        lost = home.tv.run(["ping", "-c1", "-W1", home.phone.address],
                           check=False)
        assert lost.returncode == 1


def test_a_router_that_ignores_arp_keeps_what_it_has():
    with Home(["tv"], ignore_arp=True) as home:
        assert home.router.neighbours()[home.tv.address] == home.tv.mac
        home.inspector.ip(f"addr add {home.tv.address}/24 dev eth0")
        home.inspector.run(["ping", "-c1", "-W1", "-I", home.tv.address,
                            ADDRESS4], check=False)
        assert home.router.neighbours()[home.tv.address] == home.tv.mac


def test_without_offloads_no_frame_is_longer_than_the_wire_allows():
    with Home(["camera"], offloads=False) as home:
        home.camera.once()
        for sent, got in truth.flows(home.camera).values():
            assert sent.bytes <= sent.packets * 1500
            assert got.bytes <= got.packets * 1500
