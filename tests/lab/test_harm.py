# SPDX-License-Identifier: GPL-3.0-or-later
"""Do no harm: what would cut a device off is seen, said and undone."""

import time

import pytest

from lab import measure
from lab.inspector import ApiError, Inspector
from lab.internet import RESOLVER
from lab.netns import wait_until

RELEASED_S = 5

# as a careful person and as Docker set them up; what the page calls them
FIREWALLS = {
    "inet filter": """nft "add table inet filter
        add chain inet filter forward { type filter hook forward priority \
            filter; policy drop; }" """,
    "Docker": """
        iptables -P FORWARD DROP
        iptables -N DOCKER-USER
        iptables -A DOCKER-USER -j RETURN
        iptables -A FORWARD -j DOCKER-USER
        iptables -A FORWARD -o docker0 -j ACCEPT""",
    # answers, and pings: no device's connection could ever begin
    "iptables": """
        iptables -P FORWARD DROP
        iptables -N before-forward
        iptables -A FORWARD -j before-forward
        iptables -A before-forward -m conntrack             --ctstate RELATED,ESTABLISHED -j ACCEPT
        iptables -A before-forward -p icmp --icmp-type echo-request             -j ACCEPT""",
    "inet router": """nft "add table inet router
        add chain inet router forward { type filter hook forward priority             filter; }
        add rule inet router forward ct state established,related accept
        add rule inet router forward meta l4proto icmp accept
        add rule inet router forward counter reject" """,
}


HOME = {"devices": ["tv", "camera"], "inspectors": 2, "ipv6": False}


def answered(device):
    return device.run(["ping", "-c1", "-W1", RESOLVER],
                      check=False).returncode == 0


def firewall_fault(inspector, name):
    for fault in inspector.status()["faults"]:
        if name in fault["text"]:
            return fault
    return None


@pytest.mark.parametrize("name", FIREWALLS)
@pytest.mark.parametrize("when", ["before", "while"])
def test_a_firewall_that_drops_is_named_and_the_device_released(
        home, name, when, figure):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        inspector.watch(home.tv.address, False)
        measure.wait_true(home, home.tv, RELEASED_S)
        try:
            with measure.pinging(home.tv, RESOLVER) as pings:
                if when == "before":
                    home.inspector.run(["sh", "-ec", FIREWALLS[name]])
                    inspector.watch(home.tv.address)
                else:
                    measure.watch(inspector, home.tv)
                    home.inspector.run(["sh", "-ec", FIREWALLS[name]])
                began = time.monotonic()
                phase = inspector.wait_phase(home.tv.address, "released",
                                             deadline=RELEASED_S)
                took = time.monotonic() - began
                measure.wait_true(home, home.tv, RELEASED_S)
                wait_until(lambda: answered(home.tv), "the Internet again",
                           RELEASED_S)
            figure(f"released after {took:.2f} s; {pings}")
            if when == "before":  # it was never taken
                assert not pings.lost, str(pings)
            with measure.talking(home.tv):  # with rules, its frames tell
                fault = wait_until(lambda: firewall_fault(inspector, name),
                                   f"{name} to be named", 10)
            assert fault["fix"], fault
            assert phase["reason"]
            assert took < RELEASED_S

            # the command that is offered helps
            home.inspector.run(["sh", "-c", fault["fix"].removeprefix(
                "sudo ")])
            if inspector.device(home.tv.address)["watch"]["phase"] == \
                    "released":
                inspector.watch(home.tv.address, False)
                inspector.watch(home.tv.address)
            measure.wait_active(inspector, home.tv, 40)
            wait_until(lambda: firewall_fault(inspector, name) is None,
                       "the fault to be over", 40)
        finally:
            home.inspector.nft("flush ruleset")
    assert measure.is_true(home, home.tv)


def test_an_excluded_device_is_left_alone(home):
    with Inspector(home.inspector, "--exclude", home.tv.mac) as inspector:
        inspector.consent(exclude=[home.camera.mac.upper()])
        for device in (home.tv, home.camera):
            listed = inspector.find(device.address)
            assert set(listed) == {"id", "excluded", "address", "lock"}
            with pytest.raises(ApiError) as refused:
                inspector.watch(device.address)
            assert refused.value.code == "excluded"
        home.tv.once()
        time.sleep(2.5)  # a poisoner's period, and more
        assert measure.is_true(home, home.tv)
        # what the command line excludes, the page cannot bring back
        with pytest.raises(ApiError) as fixed:
            inspector.post("/api/devices/%s/exclude" %
                           inspector.find(home.tv.address)["id"],
                           {"exclude": False})
        assert fixed.value.code == "fixed"
        inspector.post("/api/devices/%s/exclude" %
                       inspector.find(home.camera.address)["id"],
                       {"exclude": False})


def test_nothing_is_sent_to_an_excluded_device(home):
    """Not by name, and no scan asks for the address it is known by."""
    # whom the kernel spoke with in an earlier test it looks for by itself
    home.inspector.ip("neigh flush all")
    home.switch.nft(f"""
    table netdev excluded {{
        counter told {{ }}
        chain count {{
            type filter hook ingress device inspector priority 20
            ether daddr {home.tv.mac} counter name told
            arp operation request arp daddr ip {home.tv.address} \
                ether daddr ff:ff:ff:ff:ff:ff counter name told
        }}
    }}""")
    try:
        with Inspector(home.inspector, "--exclude", home.tv.mac) as inspector:
            inspector.consent()
            home.tv.run(["ping", "-c1", "-W1", "192.168.77.222"], check=False)
            inspector.find(home.tv.address)  # it spoke, and is known

            def scans():
                return inspector.status()["counters"]["guard"]["scans"]
            before = wait_until(scans, "the first scan to end", 15)
            home.switch.run(["nft", "reset", "counters"], net_only=True)
            inspector.post("/api/scan")
            wait_until(lambda: scans() > before, "another scan to end", 15)
            said = home.switch.run(["nft", "list", "counter", "netdev",
                                    "excluded", "told"], net_only=True).stdout
            assert "packets 0" in said
    finally:
        home.switch.nft("delete table netdev excluded")


def test_an_excluded_device_is_not_scanned_when_it_was_not_heard_yet(home):
    """The address that it had in the last run is left out of the first scan."""
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        path = f"/api/devices/{inspector.find(home.camera.address)['id']}"
        inspector.post(path + "/exclude", {"exclude": True})
    home.inspector.ip("neigh flush all")
    home.switch.nft(f"""
    table netdev unheard {{
        counter asked {{ }}
        chain count {{
            type filter hook ingress device inspector priority 20
            arp operation request arp daddr ip {home.camera.address} \
                counter name asked
        }}
    }}""")
    try:
        with Inspector(home.inspector) as inspector:
            wait_until(lambda: inspector.status()["counters"]["guard"]
                       ["scans"], "the first scan", 15)
            said = home.switch.run(["nft", "list", "counter", "netdev",
                                    "unheard", "asked"], net_only=True).stdout
            assert "packets 0" in said
            inspector.post(path + "/exclude", {"exclude": False})
    finally:
        home.switch.nft("delete table netdev unheard")


def test_a_device_excluded_while_watched_is_restored(home):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        with measure.pinging(home.tv, RESOLVER) as pings:
            inspector.post("/api/devices/%s/exclude" %
                           inspector.find(home.tv.address)["id"],
                           {"exclude": True})
            assert measure.wait_true(home, home.tv, 5) < 2
        assert not pings.lost
        inspector.post("/api/devices/%s/exclude" %
                       inspector.find(home.tv.address)["id"],
                       {"exclude": False})


BEACON = 0x88b5


def beacon(sender, instance, *devices):
    """The frame by which an inspector says whom it watches."""
    return (b"\xff" * 6 + raw(sender.mac) + BEACON.to_bytes(2, "big") +
            b"IoTI\x01" + instance.to_bytes(8, "big") +
            bytes([len(devices)]) + b"".join(raw(d.mac) for d in devices))


def raw(mac):
    return bytes.fromhex(mac.replace(":", ""))


def test_who_forges_beacons_cannot_end_a_watch_unseen(home, figure):
    """The device is given back, not left, and the page says to whom."""
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        forged = [beacon(home.camera, 1, home.tv)]
        with measure.pinging(home.tv, RESOLVER) as pings:
            began = time.monotonic()
            measure.send_frames(home.camera, forged)
            took = measure.wait_true(home, home.tv, 5)
            phase = inspector.wait_phase(home.tv.address, "peer")
            assert home.camera.address in phase["reason"]
            assert home.camera.mac[:8] + ":xx:xx:xx" in phase["reason"]
            while time.monotonic() - began < 8:
                measure.send_frames(home.camera, forged)
                assert measure.is_true(home, home.tv)
                time.sleep(0.5)  # kept up
        figure(f"given back after {took:.2f} s; {pings}")
        assert not pings.lost, str(pings)
        # and when it stops, the watch goes on
        measure.wait_active(inspector, home.tv, 15)


def test_a_beacon_in_a_devices_name_keeps_it_unwatched_for_a_while_only(home):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        inspector.watch(home.tv.address, False)
        measure.wait_true(home, home.tv, 5)
        measure.send_frames(home.camera, [beacon(home.tv, 1)])
        inspector.watch(home.tv.address)
        phase = inspector.wait_phase(home.tv.address, "peer")
        assert "runs on it" in phase["reason"]
        measure.wait_active(inspector, home.tv, 20)


def test_two_inspectors_share_a_home(home, figure):
    with Inspector(home.inspector) as one, Inspector(home.inspector2) as two:
        one.consent()
        two.consent()
        with measure.pinging(home.tv, RESOLVER) as pings, \
                measure.pinging(home.camera, RESOLVER) as more:
            one.watch(home.tv.address)
            two.watch(home.camera.address)
            one.wait_phase(home.tv.address, "active")
            two.wait_phase(home.camera.address, "active")
            assert measure.is_intercepted(home, home.tv, home.inspector)
            assert measure.is_intercepted(home, home.camera, home.inspector2)

            # the one who comes second leaves the device to the first
            two.watch(home.tv.address)
            two.wait_phase(home.tv.address, "peer")
            time.sleep(2.5)  # a poisoner's period, and more
            assert one.device(home.tv.address)["watch"]["phase"] == "active"
            assert measure.is_intercepted(home, home.tv, home.inspector)
        figure(f"{pings}; {more}")
        assert not pings.lost and not more.lost
    for device in (home.tv, home.camera):
        assert measure.is_true(home, device)
