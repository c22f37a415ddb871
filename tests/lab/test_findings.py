# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inspector finds of devices that do no good, and that it finds
nothing where there is nothing."""

import os
import sys
import time
from importlib.util import find_spec

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import Inspector, import_list
from lab.internet import NAMES, QUIC_NAME
from lab.netns import FILES, wait_until
from lab.router import MAC as ROUTER_MAC, NET4

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "lab/devices")
WINDOW_S, STORED_S = 5, 3
STORED_DEADLINE_S = WINDOW_S + STORED_S + 12
WATCHED = ("tv", "camera", "bulb", "plug")
ROGUE = """no-resolv
no-hosts
port=0
interface=eth0
bind-interfaces
keep-in-foreground
user=root
pid-file=
no-ping
dhcp-broadcast
dhcp-leasefile=/run/lab/rogue-leases
dhcp-range=%s.150,%s.160,1h
dhcp-option=option:router,%s.18
""" % (NET4, NET4, NET4)


@pytest.fixture(scope="module")
def home():
    # without IPv6, all of a device's traffic is there to be intercepted
    with Home(devices=[*WATCHED, "laptop"], ipv6=False) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    import_list(home.inspector, "bad.txt",
                "! Title: Malicious hosts of the lab\n||captive.apple.com^\n")
    with Inspector(home.inspector) as made:
        made.consent()
        for name in WATCHED:
            measure.watch(made, getattr(home, name))
        yield made


@pytest.fixture(scope="module")
def lived(home, inspector):
    """Each watched device did once what it always does."""
    for name in WATCHED:
        getattr(home, name).once()
    all_windows_closed()


def script(device, name, *arguments):
    device.run([sys.executable, os.path.join(SCRIPTS, name), *arguments])


def all_windows_closed():
    end = (time.time() // WINDOW_S + 1) * WINDOW_S + STORED_S
    time.sleep(end - time.time())


def findings(inspector, device=None, class_=None):
    path = "/api/findings"
    if device:
        path = f"/api/devices/{inspector.find(device.address)['id']}/findings"
    return {found["kind"]: found for found in inspector.get(path)["findings"]
            if class_ in (None, found["class"])}


def wait_finding(inspector, kind, device=None):
    return wait_until(lambda: findings(inspector, device).get(kind),
                      f"{kind} to be found", STORED_DEADLINE_S, 0.2)


def of_device(inspector, device, what):
    return inspector.get(
        f"/api/devices/{inspector.find(device.address)['id']}/{what}")


def test_devices_that_do_what_they_always_do_alarm_nobody(home, inspector,
                                                          lived):
    assert findings(inspector, class_="alert") == {}
    for name in WATCHED:
        wait_until(lambda: of_device(inspector, getattr(home, name),
                                     "posture")["sums"]["windows"],
                   f"a window of {name} to be judged", STORED_DEADLINE_S, 0.2)


def test_plaintext_and_old_tls_are_found_with_their_evidence(home, inspector,
                                                             lived):
    found = wait_finding(inspector, "plaintext_http", home.tv)
    assert found["advice"] == "update"
    found = wait_finding(inspector, "outdated_tls", home.tv)
    assert found["subject"] == "firmware.tv.example"
    assert "TLS 1.0" in found["evidence"][0]["text"]

    def told():
        posture = of_device(inspector, home.tv, "posture")
        in_clear, trackers = ({item["name"] for item in posture[what]}
                              for what in ("in_clear", "trackers"))
        return ({"image.roku.com", "b.scorecardresearch.com"} <= in_clear
                and "ad.doubleclick.net" in trackers
                and posture["sums"]["got"]["tls_1_0"] and posture)
    # they may be of several windows
    posture = wait_until(told, "all that it did to be told",
                         STORED_DEADLINE_S, 0.2)
    assert posture["sums"]["paper"]["offered_outdated"] == 1
    assert posture["sums"]["current"]["offered_outdated"] == 1
    assert posture["sums"]["got"]["tls_1_0"] == 1
    # what encrypts is told apart
    assert "outdated_tls" not in findings(inspector, home.camera)
    assert "plaintext_http" not in findings(inspector, home.camera)


def test_a_resolver_of_its_own_is_found(home, inspector, lived):
    # the camera asks the router: so the network has a resolver
    home.tv.curl("http://news.example/")
    found = wait_finding(inspector, "hard_coded_dns", home.tv)
    assert found["subject"] == "8.8.8.8"
    assert "hard_coded_dns" not in findings(inspector, home.camera)


def test_questions_over_tls_https_and_quic_are_resolvers_too(home, inspector):
    home.bulb.run(["openssl", "s_client", "-connect", "8.8.8.8:853",
                   "-servername", "dns.google", "-alpn", "dot"],
                  text_in="", check=False)
    home.plug.run(["curl", "-sS", "--cacert", FILES + "/ca.pem", "-m", "5",
                   "--resolve", "dns.google:443:8.8.8.8",
                   "https://dns.google/dns-query"], check=False)
    # nobody answers it there; its hello says what it wants
    home.bulb.run(["kdig", "+quic", "+retry=0", "+time=2", "@8.8.8.8",
                   "example.com"], check=False)

    def ways(device):
        return {(item["name"], item["note"]) for item in of_device(
            inspector, device, "posture")["resolvers"]}
    wait_until(lambda: ("8.8.8.8", "DoT") in ways(home.bulb), "DoT", 20, 0.2)
    wait_until(lambda: ("8.8.8.8", "DoH") in ways(home.plug), "DoH", 20, 0.2)
    wait_until(lambda: ("8.8.8.8", "DoQ") in ways(home.bulb), "DoQ", 20, 0.2)
    assert findings(inspector, home.bulb)["hard_coded_dns"]


def seen_as_quic(home, inspector, argv, connections=1):
    """The bulb gets a megabyte each time, and it is seen as what it is."""
    def posture():
        return of_device(inspector, home.bulb, "posture")

    def by_quic():
        return sum(i["count"] for i in posture()["fingerprints"]
                   if i["name"].startswith("q13"))
    before, hellos = posture()["sums"], by_quic()
    home.bulb.run(argv)
    wait_until(lambda: by_quic() >= hellos + connections, "its hellos", 20, 0.2)
    wait_until(lambda: posture()["sums"]["encrypted_bytes"]
               > before["encrypted_bytes"] + (connections << 20),
               "its bytes", 20, 0.2)
    after = posture()["sums"]
    assert after["offered"]["no_sni"] == before["offered"]["no_sni"]
    assert (after["offered"]["tls_1_3"]
            >= before["offered"]["tls_1_3"] + connections)
    assert QUIC_NAME in {
        row["endpoint"] for row in inspector.endpoints(home.bulb.address)}


@pytest.fixture(scope="module")
def speaks_drafts(home):
    """The ngtcp2 here is older than its 1.0, and version 2 is one of them."""
    return "v2draft" in home.bulb.run(["gtlsclient", "--help"]).stdout


@pytest.mark.parametrize("version", ["v1", "draft 29", "v2"])
def test_quic_by_ngtcp2_is_seen_as_what_it_is(home, inspector, speaks_drafts,
                                              version):
    if speaks_drafts:
        version = {"draft 29": "0xff00001d", "v2": "v2draft"}.get(version,
                                                                  version)
    elif version == "draft 29":
        pytest.skip("this release's ngtcp2 speaks no draft any more")
    seen_as_quic(home, inspector, [
        "gtlsclient", "-q", "-v", version, "--exit-on-all-streams-close",
        QUIC_NAME, "443", f"https://{QUIC_NAME}/1m"])


@pytest.mark.skipif(not find_spec("aioquic"),
                    reason="this release has no python3-aioquic")
@pytest.mark.parametrize("how", [("1", "long", "again"), ("2",)])
def test_quic_by_aioquic_is_seen_as_what_it_is(home, inspector, speaks_drafts,
                                               how):
    version, *ways = how
    if version == "2" and speaks_drafts:
        pytest.skip("this release's ngtcp2 serves no version 2")
    seen_as_quic(home, inspector, [
        sys.executable, os.path.join(SCRIPTS, "quic.py"), version, QUIC_NAME,
        NAMES[QUIC_NAME][0], "443", "/1m", *ways], 1 + ("again" in ways))


def test_coverage_tells_how_much_was_seen(home, inspector, lived):
    coverage = of_device(inspector, home.camera, "coverage")
    assert coverage["time"] > 0.8
    assert coverage["content"] > 0.99, coverage
    assert coverage["seen_bytes"] > 1 << 20
    assert coverage["resisted_by"] is None


def test_an_infected_camera_is_an_alarm(home, inspector):
    script(home.camera, "infected.py", "hosts")
    found = wait_finding(inspector, "infection_ports", home.camera)
    assert found["advice"] == "unplug" and found["severity"] == "alarm"
    wait_finding(inspector, "host_scan", home.camera)
    script(home.camera, "infected.py", "ports")
    wait_finding(inspector, "port_scan", home.camera)
    script(home.camera, "infected.py", "flood")
    wait_finding(inspector, "syn_flood", home.camera)
    # it alone
    for name in ("tv", "bulb", "plug"):
        assert findings(inspector, getattr(home, name), "alert") == {}
    reply = inspector.post(f"/api/findings/{found['id']}/recheck")
    assert not reply["gone"] and reply["wait_s"] > 0


def test_a_host_that_an_imported_list_has_as_malicious_is_an_alarm(
        home, inspector, lived):
    home.plug.run(["curl", "-s", "-m5", "-o", "/dev/null",
                   "http://captive.apple.com/"])
    found = wait_finding(inspector, "known_bad", home.plug)
    assert found["severity"] == "alarm"
    assert found["subject"] == "captive.apple.com"
    assert "Malicious hosts of the lab" in found["evidence"][0]["text"]
    now = int(time.time() * 1000)
    path = (f"/api/devices/{inspector.find(home.plug.address)['id']}/endpoints"
            f"?from={now - 600_000}&to={now + 60_000}")
    row = next(row for row in inspector.get(path)["endpoints"]
               if row["endpoint"] == "captive.apple.com")
    assert row["listed"] == {"category": "malicious",
                             "list": "Malicious hosts of the lab"}
    assert "has as malicious" in row["sentence"]
    # whom nobody warns of is nobody's alarm
    assert "known_bad" not in findings(inspector, home.tv)


def test_a_flood_by_udp_is_an_alarm(home, inspector):
    flood = home.bulb.popen([sys.executable,
                             os.path.join(SCRIPTS, "infected.py"), "udp"])
    try:
        # three windows of five minutes that may end among them
        found = wait_until(
            lambda: findings(inspector, home.bulb).get("udp_flood"),
            "the flood to be found", 60, 0.5)
    finally:
        flood.kill()
        flood.wait()
    assert found["severity"] == "alarm"
    assert "UDP packets to" in found["evidence"][0]["text"]


def test_a_second_dhcp_server_is_found(home, inspector):
    server = home.laptop.serve(["dnsmasq", "-C", home.laptop.write(
        "rogue.conf", ROGUE)])
    client = None
    try:
        wait_until(lambda: 67 in home.laptop.ports("udp"), "it to serve")
        # a device that joins anew asks everyone
        client = home.bulb.popen(
            ["dhclient", "-4", "-d", "-1", "-lf", FILES + "/other",
             "-pf", FILES + "/other.pid", "-sf", "/bin/true", "eth0"])
        found = wait_finding(inspector, "rogue_dhcp")
    finally:
        server.kill()
        if client:
            client.kill()
            client.wait()
    assert found["subject"] == home.laptop.address
    assert f"beside {NET4}.1" in found["evidence"][0]["text"]


def test_who_says_to_be_the_router_is_found(home, inspector):
    script(home.laptop, "spoofer.py", home.laptop.mac, ROUTER_MAC)
    found = wait_finding(inspector, "spoofer")
    assert home.laptop.mac[:8] in found["evidence"][0]["text"]
    assert home.laptop.mac not in found["evidence"][0]["text"]
    assert any("router" in fault["text"]
               for fault in inspector.status()["faults"])
