# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work is said in one clear line."""

import socket

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import BINARY, Inspector, run_once
from lab.internet import RESOLVER
from lab.netns import wait_until
from lab.router import ADDRESS4


@pytest.fixture(scope="module")
def home():
    with Home(["tv"]) as made:
        yield made


def the_one_line(result):
    status, out, err = result
    assert status != 0
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("iot-inspector: ")
    return lines[0]


def fault(inspector, *words):
    """A fault that has one of the words, waited for."""
    def said():
        for each in inspector.status()["faults"]:
            if any(word in each["text"].lower() for word in words):
                return each["text"]
        return None
    return wait_until(said, f"the page to say {words}", 15)


def test_no_privilege(home):
    done = home.inspector.run(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
         BINARY, "run", "--no-browser"], check=False, timeout=10)
    line = the_one_line((done.returncode, done.stdout, done.stderr))
    assert "sudo" in line or "root" in line


def test_no_such_interface(home):
    line = the_one_line(run_once(home.inspector, "run", "--no-browser",
                                 "--interface", "nope0"))
    assert "nope0" in line


def test_an_interface_without_ethernet_frames(home):
    home.inspector.ip("tuntap add tun9 mode tun", "link set tun9 up",
                      "addr add 10.9.9.1/24 dev tun9")
    try:
        line = the_one_line(run_once(home.inspector, "run", "--no-browser",
                                     "--interface", "tun9"))
        assert "tun9" in line and "Ethernet" in line
    finally:
        home.inspector.ip("link del tun9")


def test_another_instance(home):
    with Inspector(home.inspector):
        line = the_one_line(run_once(home.inspector, "run", "--no-browser"))
        assert "running" in line


def test_a_port_that_is_taken(home):
    with home.inspector.inside():
        taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        port = taken.getsockname()[1]
        line = the_one_line(run_once(home.inspector, "run", "--no-browser",
                                     "--port", port))
        assert str(port) in line


@pytest.mark.parametrize("words", [
    ["--nonsense"], ["--port", "x"], ["--port", "70000"],
    ["--exclude", "not-a-mac"], ["--max-devices", "0"],
    ["--max-devices", "many"], ["--listen-fd", "77"], ["what"]])
def test_an_option_that_makes_no_sense(home, words):
    status, out, err = run_once(home.inspector, "run", "--no-browser", *words)
    assert status != 0 and out == ""
    assert len(err.splitlines()) == 1
    assert words[-1].lstrip("-") in err


def test_no_gateway(home):
    home.inspector.ip("route del default")
    try:
        with Inspector(home.inspector) as inspector:
            version = inspector.status()["consent"]["text_version"]
            inspector.post("/api/consent", {"version": version})
            said = wait_until(
                lambda: [c["note"] for c in
                         inspector.get("/api/interfaces")["candidates"]
                         if c["name"] == "eth0" and not c["usable"]]
                or [f["text"] for f in inspector.status()["faults"]],
                "what is missing", 10)
            assert any("gateway" in text or "router" in text
                       for text in said), said
    finally:
        home.inspector.ip(f"route add default via {ADDRESS4}")


def test_an_access_point_that_isolates_its_clients():
    with Home(["tv", "phone"], isolate=True) as home:
        with Inspector(home.inspector) as inspector:
            inspector.consent()
            fault(inspector, "isolat", "access point")


def candidates(inspector):
    return {c["name"]: c for c in
            inspector.get("/api/interfaces")["candidates"]}


def test_of_two_networks_the_person_chooses():
    """Also the one that this computer's own traffic does not leave by."""
    with Home(["tv"]) as other:
        other.inspector.ip("link add net2 type veth peer name net2b",
                           "addr add 10.77.0.2/24 dev net2",
                           "link set net2 up", "link set net2b up",
                           "route add default via 10.77.0.1 metric 50",
                           f"route add default via {ADDRESS4} metric 600",
                           f"route del default via {ADDRESS4} metric 0")
        with Inspector(other.inspector, interface=None) as inspector:
            version = inspector.status()["consent"]["text_version"]
            inspector.post("/api/consent", {"version": version})
            wait_until(lambda: inspector.status()["state"] == "choosing",
                       "the inspector to ask", 10)
            usable = [name for name, c in candidates(inspector).items()
                      if c["usable"]]
            assert sorted(usable) == ["eth0", "net2"]
            inspector.post("/api/interface", {"name": "eth0"})
            with measure.pinging(other.tv, RESOLVER) as pings:
                measure.watch(inspector, other.tv)
            assert not pings.lost, str(pings)


def test_a_vpn_does_not_take_a_devices_packets(figure):
    """Nor when it comes up while the device is watched."""
    with Home(["tv"]) as other:
        before = other.inspector.run(["ip", "rule"]).stdout
        with Inspector(other.inspector, interface=None) as inspector:
            inspector.consent()
            with measure.pinging(other.tv, RESOLVER) as pings:
                measure.watch(inspector, other.tv)
                other.inspector.ip(
                    "tuntap add tun9 mode tun", "link set tun9 up",
                    "addr add 10.9.9.1/24 dev tun9",
                    "route add 0.0.0.0/1 dev tun9",
                    "route add 128.0.0.0/1 dev tun9")
                wait_until(lambda: pings_of(other.tv), "a ping with the VPN")
                inspector.watch(other.tv.address, False)
                measure.wait_true(other, other.tv, 5)
                measure.watch(inspector, other.tv)
            figure(str(pings))
            assert not pings.lost, str(pings)
        assert other.inspector.run(["ip", "rule"]).stdout == before


def test_what_this_computer_forwards_for_containers_goes_on(home):
    """Answers to them come in at the interface that is watched."""
    home.inspector.ip("tuntap add tun8 mode tun", "link set tun8 up",
                      "addr add 172.17.0.1/16 dev tun8")
    try:
        with Inspector(home.inspector) as inspector:
            inspector.consent()
            measure.watch(inspector, home.tv)
            way = home.inspector.run(["ip", "route", "get", "172.17.0.2",
                                      "from", RESOLVER, "iif", "eth0"])
            assert " dev tun8" in way.stdout
    finally:
        home.inspector.ip("link del tun8")


def pings_of(device):
    return device.run(["ping", "-c1", "-W1", RESOLVER],
                      check=False).returncode == 0


def test_the_only_sensible_interface_is_taken_by_itself(home):
    """A tunnel, a bridge of containers and an unused one do not matter."""
    home.inspector.ip("tuntap add tun9 mode tun", "link set tun9 up",
                      "addr add 10.9.9.1/24 dev tun9",
                      "link add docker0 type bridge",
                      "addr add 172.17.0.1/16 dev docker0",
                      "link set docker0 up")
    try:
        with Inspector(home.inspector, interface=None) as inspector:
            inspector.consent()
            assert inspector.status()["network"]["interface"] == "eth0"
    finally:
        home.inspector.ip("link del tun9", "link del docker0")
