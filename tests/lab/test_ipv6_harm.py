# SPDX-License-Identifier: GPL-3.0-or-later
"""Do no harm by IPv6: what would cut a device off is seen, said and undone;
IPv4 stays as it is."""

import os
import time

import pytest
from scapy.all import (Ether, ICMPv6ND_RA, ICMPv6ND_RS,
                       ICMPv6NDOptSrcLLAddr, IPv6, raw)

from lab import measure
from lab.home import Home
from lab.inspector import RUN_DIR, Inspector
from lab.internet import NAMES
from lab.netns import wait_until

TARGET = NAMES["six.example"][0]
ALL_NODES, ALL_ROUTERS = "33:33:00:00:00:01", "33:33:00:00:00:02"
RELEASED_S = 5
BLOCKS = {
    "a firewall": ("""nft "add table ip6 x; add chain ip6 x forward { \
        type filter hook forward priority 0; policy drop; }" """,
                   "nft delete table ip6 x"),
    "another way": ("ip -6 rule add iif eth0 blackhole prio 5000",
                    "ip -6 rule del prio 5000"),
}


@pytest.fixture(scope="module")
def home():
    with Home(["tv", "phone"]) as made:
        yield made


@pytest.fixture
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        yield made


def watch(inspector, device):
    measure.watch(inspector, device)
    measure.wait_active6(inspector, device, TARGET)


def ipv6_of(inspector, device):
    return inspector.device(device.address)["watch"]["ipv6"]


def answered(device):
    return device.run(["ping", "-c1", "-W1", TARGET],
                      check=False).returncode == 0


def wait_released(inspector, device):
    wait_until(lambda: ipv6_of(inspector, device)["phase"] == "released",
               "IPv6 to be given back", RELEASED_S)
    return ipv6_of(inspector, device)


@pytest.mark.parametrize("when", ["before", "while"])
@pytest.mark.parametrize("block", BLOCKS)
def test_only_ipv6_is_given_back_when_its_path_is_bad(
        home, inspector, block, when, figure):
    make, unmake = BLOCKS[block]
    if when == "while":
        watch(inspector, home.tv)
    else:  # an earlier run's choice is gone on with
        inspector.watch(home.tv.address, False)
        measure.wait_true6(home, home.tv, RELEASED_S)
    with measure.pinging(home.tv, TARGET) as pings:
        home.inspector.run(["sh", "-ec", make])
        try:
            began = time.monotonic()
            if when == "before":
                measure.watch(inspector, home.tv)
            six = wait_released(inspector, home.tv)
            took = time.monotonic() - began
            assert six["reason"]
            measure.wait_true6(home, home.tv, RELEASED_S)
            wait_until(lambda: answered(home.tv), "the Internet by IPv6",
                       RELEASED_S)
            inspector.wait_phase(home.tv.address, "active")
            assert measure.is_intercepted(home, home.tv, home.inspector)
        finally:
            home.inspector.run(["sh", "-ec", unmake])
    figure(f"released after {took:.2f} s; {pings}")
    assert when == "while" or not pings.lost, str(pings)


def advertisement(host, lifetime):
    return raw(Ether(src=host.mac, dst=ALL_NODES)
               / IPv6(src=measure.addresses6(host)[0], dst="ff02::1", hlim=255)
               / ICMPv6ND_RA(routerlifetime=lifetime, prf=3)
               / ICMPv6NDOptSrcLLAddr(lladdr=host.mac))


def test_with_a_second_router_ipv6_is_given_back(home, inspector):
    watch(inspector, home.tv)
    measure.send_frames(home.phone, [advertisement(home.phone, 1800)])
    try:
        six = wait_released(inspector, home.tv)
        assert "more than one" in six["reason"]
        measure.wait_true6(home, home.tv, RELEASED_S)
        assert measure.is_intercepted(home, home.tv, home.inspector)
    finally:
        measure.send_frames(home.phone, [advertisement(home.phone, 0)])
    measure.wait_active6(inspector, home.tv, TARGET, 20)


def test_what_the_router_advertises_is_answered_at_once(
        home, inspector, figure):
    """Its advertisement has its true MAC: until it is said again, what the
    device sends goes round us."""
    watch(inspector, home.tv)
    asks = raw(Ether(src=home.phone.mac, dst=ALL_ROUTERS)
               / IPv6(src="::", dst="ff02::2", hlim=255) / ICMPv6ND_RS())
    heard = inspector.status()["counters"]["guard"]["repoisons"]
    with measure.pinging(home.tv, TARGET) as pings:
        measure.send_frames(home.phone, [asks])
        wait_until(lambda: inspector.status()["counters"]["guard"]
                   ["repoisons"] > heard, "it to be said again", 10)
        measure.wait_intercepted6(home, home.tv, home.inspector, 1)
    figure(str(pings))
    assert not pings.lost


def test_no_redirect_is_sent(home, inspector):
    home.switch.nft("""
    table netdev redirects {
        counter sent { }
        chain count {
            type filter hook ingress device inspector priority 30
            icmpv6 type nd-redirect counter name sent
        }
    }""")
    try:
        watch(inspector, home.tv)
        with measure.pinging(home.tv, TARGET):
            time.sleep(1)  # of pings
        said = home.switch.run(["nft", "list", "counter", "netdev",
                                "redirects", "sent"], net_only=True).stdout
        assert "packets 0" in said
    finally:
        home.switch.nft("delete table netdev redirects")


def test_an_excluded_device_is_asked_nothing(home):
    # whom the kernel answered in an earlier test it looks for by itself
    home.inspector.ip("neigh flush all")
    home.switch.nft(f"""
    table netdev excluded6 {{
        counter told {{ }}
        chain count {{
            type filter hook ingress device inspector priority 20
            ether daddr {home.phone.mac} meta protocol ip6 \
                counter name told
            ether daddr {ALL_NODES} icmpv6 type echo-request \
                counter name told
        }}
    }}""")
    try:
        with Inspector(home.inspector, "--exclude",
                       home.phone.mac) as inspector:
            inspector.consent()
            watch(inspector, home.tv)
            assert answered(home.phone)
            time.sleep(2.5)  # a poisoner's period, and more
            said = home.switch.run(
                ["nft", "list", "counter", "netdev", "excluded6", "told"],
                net_only=True).stdout
            assert "packets 0" in said
            assert measure.is_true6(home, home.phone)
    finally:
        home.switch.nft("delete table netdev excluded6")


def test_a_kernel_that_forwards_everywhere_or_nowhere(home, figure):
    """Before Linux 6.17: all interfaces forward, and accept_ra keeps what
    they learnt; what is not the watched interface's is kept back."""
    host = home.inspector
    force = "/proc/sys/net/ipv6/conf/eth0/force_forwarding"
    keys = [f"ipv6/conf/{which}/{name}" for which in ("all", "default",
                                                      "eth0", "lo")
            for name in ("forwarding", "accept_ra")]
    if host.exists(force):
        host.run(["mount", "--bind", "/dev/null", force])
    try:
        before = {key: host.sysctl(key) for key in keys}
        routes = ["ip", "-6", "route", "show", "default"]
        assert "proto ra" in host.run(routes).stdout
        with Inspector(host) as inspector:
            inspector.consent()
            with measure.pinging(home.tv, TARGET) as pings:
                watch(inspector, home.tv)
                assert host.sysctl("ipv6/conf/all/forwarding") == "1"
                assert host.sysctl("ipv6/conf/eth0/accept_ra") == "2"
                assert "proto ra" in host.run(routes).stdout
                rules = host.run(["nft", "list", "table", "ip6",
                                  "iot-inspector"]).stdout
                assert 'iif != "eth0" drop' in rules
                inspector.watch(home.tv.address, False)
                measure.wait_true6(home, home.tv, 5)
            figure(str(pings))
            assert not pings.lost
            wait_until(lambda: {key: host.sysctl(key) for key in keys}
                       == before, f"settings as before, {before}", 10)
            assert "proto ra" in host.run(routes).stdout
            # what somebody else switches on meanwhile is theirs
            watch(inspector, home.tv)
            host.sysctl("ipv6/conf/all/forwarding", 1)
            inspector.watch(home.tv.address, False)
            wait_until(lambda: not host.exists(RUN_DIR + "/undo"),
                       "all to be put back", 10)
            assert host.sysctl("ipv6/conf/all/forwarding") == "1"
            assert "proto ra" in host.run(routes).stdout
    finally:
        host.sysctl("ipv6/conf/all/forwarding", 0)
        for which in ("all", "default", "eth0", "lo"):
            key = f"ipv6/conf/{which}/accept_ra"
            host.sysctl(key, before[key])
        if os.path.exists(host.path(force)):
            host.run(["umount", force], check=False)
