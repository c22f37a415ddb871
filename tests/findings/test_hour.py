# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in an hour of a home, by the program itself: nothing that is
not so, and all that is."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import home as lab

TREE = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("IOT_INSPECTOR",
                        str(TREE / "build/release/iot-inspector"))
TV, CAMERA = "02:00:00:00:00:14", "02:00:00:00:00:15"
PLUG = "02:00:00:00:00:17"


def read(path, home, *options):
    path.write_bytes(home.pcap())
    ran = subprocess.run([BINARY, "read", *options, str(path)],
                         capture_output=True, text=True, timeout=120,
                         check=True)
    return ran.stdout


def judged(path, home):
    """{device: line}, "" being the home."""
    lines = map(json.loads, read(path, home, "--json").splitlines())
    return {line.get("device", ""): line for line in lines
            if "findings" in line}


def found(judged_, class_):
    return Counter((device, finding["kind"])
                   for device, line in judged_.items()
                   for finding in line["findings"]
                   if finding["class"] == class_)


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    home = lab.Home()
    lab.normal_hour(home)
    return judged(tmp_path_factory.mktemp("hour") / "hour.pcap", home)


def test_a_normal_hour_alarms_nobody(hour):
    assert found(hour, "alert") == {}
    assert found(hour, "change") == {}


def test_and_its_weaknesses_are_those_it_has(hour):
    assert found(hour, "weakness") == {(TV, "plaintext_http"): 1,
                                       (TV, "outdated_tls"): 1}


def test_its_postures_count_what_was_done(hour):
    posture = hour[TV]["posture"]
    assert posture["http_requests"] == 57
    assert posture["in_clear"] == ["image.tv.example"]
    assert posture["offered"]["tls_1_0"] == 2
    assert posture["offered"]["hellos"] == 3 * 170 + 2
    assert posture["paper"]["offered_outdated"] == 2
    assert posture["current"]["offered_outdated"] == 2
    assert posture["resolvers"] == [lab.ROUTER]
    assert hour[CAMERA]["posture"]["encrypted_bytes"] > 20e6


@pytest.mark.parametrize("seed", range(2, 5))
def test_other_hours_alarm_nobody_either(tmp_path, seed):
    home = lab.Home(seed)
    lab.normal_hour(home)
    assert found(judged(tmp_path / "hour.pcap", home), "alert") == {}


def test_a_camera_that_was_taken_over_is_found(tmp_path):
    home = lab.Home()
    lab.normal_hour(home)
    lab.infect(home)
    alerts = found(judged(tmp_path / "hour.pcap", home), "alert")
    assert alerts == {(CAMERA, kind): 1 for kind in (
        "host_scan", "port_scan", "infection_ports", "syn_flood")}


def test_a_flood_of_udp_is_found(tmp_path):
    home = lab.Home()
    lab.normal_hour(home)
    lab.flood_udp(home)
    alerts = found(judged(tmp_path / "hour.pcap", home), "alert")
    assert alerts == {(CAMERA, "udp_flood"): 1}


def fan_outs(path, home):
    return {device: finding
            for device, line in judged(path, home).items()
            for finding in line["findings"] if finding["kind"] == "fan_out"}


def test_far_more_hosts_than_in_a_day_of_habit_are_found(tmp_path):
    home = lab.Home()
    lab.fan_out(lab.sparse_days(home, hosts=2))
    found = fan_outs(tmp_path / "day.pcap", home)
    assert set(found) == {PLUG}
    assert found[PLUG]["class"] == "alert"
    assert "never more than 2 before" in found[PLUG]["evidence"][0]


@pytest.mark.parametrize("why,habit,at,hosts", [
    ("it goes on as ever", 2, None, 0),
    ("its habit is not known yet", 2, 20 * lab.HOUR, 130),
    ("it always has many", 20, lab.DAY + lab.HOUR, 110),
    ("so few are not many", 2, lab.DAY + lab.HOUR, 80),
])
def test_that_is_no_fan_out(tmp_path, why, habit, at, hosts):
    home = lab.Home()
    device = lab.sparse_days(home, habit)
    if at:
        lab.fan_out(device, at, hosts)
    assert fan_outs(tmp_path / "day.pcap", home) == {}, why


def test_a_second_dhcp_server_is_found(tmp_path):
    home = lab.Home()
    lab.normal_hour(home)
    lab.Device(home, 40).dhcp(2000, server="192.168.7.66")
    alerts = found(judged(tmp_path / "hour.pcap", home), "alert")
    assert alerts == {("", "rogue_dhcp"): 1}


def test_a_resolver_of_its_own_is_found(tmp_path):
    home = lab.Home()
    lab.normal_hour(home)
    lab.Device(home, 23).resolve(2000, "cloud.plug.example", "198.51.100.33",
                                 resolver="8.8.8.8")
    weak = found(judged(tmp_path / "hour.pcap", home), "weakness")
    assert weak[PLUG, "hard_coded_dns"] == 1


def test_the_summary_says_it_to_people(tmp_path):
    home = lab.Home()
    lab.camera(home)
    lab.infect(home)
    text = read(tmp_path / "hour.pcap", home)
    assert "    alarm: It knocks on the doors" in text
    assert "Unplug it." in text
