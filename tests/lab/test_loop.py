# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of the three programs, closed with homes of real traffic: devices
live, inspectors share, a collector takes, the study reads its export; and the
study's tables stand beside what each device itself says that it did."""

import collections
import csv
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import measure, stored, truth
from lab.group import Group, PROGRAM, join, join_internets
from lab.home import Home
from lab.inspector import Inspector
from lab.netns import LabError, wait_until
from lab.truth import NOTHING, THINGS, Count

WINDOW_S = 5
STUDY = os.path.join(os.path.dirname(PROGRAM), "iot-study")
# What the owners type: the vendor as people write it.
TYPED = {name: thing._replace(vendor=vendor) for (name, thing), vendor in zip(
    THINGS.items(), ("Roku", "wyze ", "Philips", "TP-Link", "amazon", "HP"))}
METHODS = ("domain_vendor", "discovery", "oui")
# Whether the vendor is in a domain, in a reply, in the manufacturer's name;
# None: it says nothing of the kind.
SPEAKS = {
    "tv": (True, True, True),
    "camera": (True, None, True),
    "bulb": (False, None, True),
    "plug": (True, None, True),
    "speaker": (True, False, True),
    "printer": (True, True, False),
}
# Under a public suffix: what the lab calls .example is nobody's.
DOMAINS = {
    "tv": {"roku.com", "tubi.tv", "doubleclick.net", "scorecardresearch.com"},
    "camera": {"wyzecam.com"},
    "bulb": {"meethue.com", "ntp.org"},
    "plug": {"tplinkcloud.com", "tplinkra.com"},
    "speaker": {"amazon.com"},
    "printer": {"hpeprint.com"},
}
PLAIN = {"tv": (1, 1, 1), "plug": (1, 1, 0)}  # any, to others, to trackers
TRACKED, OUTDATED = {"tv"}, {"tv"}


def standard(name):
    return THINGS[name].vendor.lower()


def study(*words):
    done = subprocess.run([STUDY, *map(str, words)], text=True, timeout=60,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def add(flows, key, row):
    """A row of an export's or a release's flows, as lab.truth counts them."""
    sent, got = flows.get(key, (NOTHING, NOTHING))
    flows[key] = (Count(sent.packets + int(row["out_packets"]),
                        sent.bytes + int(row["out_bytes"])),
                  Count(got.packets + int(row["in_packets"]),
                        got.bytes + int(row["in_bytes"])))


def key_of(row, remote):
    protocol = {"6": "tcp", "17": "udp"}.get(row["protocol"], row["protocol"])
    return (remote, protocol, int(row["remote_port"]), int(row["device_port"]))


def is_far(key):
    return not key[0].startswith(("192.168.", "224.", "239.", "255.", "["))


class House:
    """A home whose devices are watched, labelled and shared."""

    def __init__(self, home, inspector, group):
        self.inspector, self.devices = inspector, home.devices
        inspector.consent()
        for device in self.devices:
            measure.watch(inspector, device)
        join(inspector, group)
        inspector.post("/api/research/settings",
                       {"fields": {"interaction": True}})
        for device in self.devices:
            typed = TYPED[device.name]
            inspector.post(
                f"/api/devices/{inspector.find(device.address)['id']}/label",
                {**typed._asdict(), "source": "typed"})
        self.before = {d.name: truth.flows(d) for d in self.devices}

    def true(self, device):
        """What it sent to and got from the Internet since it was shared."""
        before = self.before[device.name]
        return {key: count for key, count in truth.flows(device).items()
                if is_far(key) and key not in before}


def live(houses):
    """Each device does once what it does, all at the same time, in windows
    that begin after all was agreed to."""
    agreed = time.time() // WINDOW_S
    wait_until(lambda: time.time() // WINDOW_S > agreed, "the next window")
    for house in houses:
        house.inspector.post("/api/research/view",
                             {"view": "device", "seconds": 90})
    with ThreadPoolExecutor(len(THINGS)) as pool:
        list(pool.map(lambda device: device.once(),
                      [d for house in houses for d in house.devices]))


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    if not os.path.exists(STUDY):
        raise LabError(f"there is no {STUDY}")
    folder = tmp_path_factory.mktemp("loop")
    # without IPv6 the kernel's counters have nothing that is not ours
    with Home(["tv", "bulb", "printer"], ipv6=False) as first, \
            Home(["camera", "plug", "speaker"], ipv6=False) as second:
        group = Group(first.internet)
        join_internets(first.internet, second.internet)
        with Inspector(first.inspector) as one, \
                Inspector(second.inspector) as other:
            with ThreadPoolExecutor() as pool:
                houses = list(pool.map(House, (first, second), (one, other),
                                       (group, group)))
            live(houses)
            true = {device.name: house.true(device)
                    for house in houses for device in house.devices}
            try:
                wait_until(lambda: not missing(group, true), "", 60, 0.5)
            except LabError:
                raise LabError("not all traffic came to the collector: "
                               f"{missing(group, true)}") from None
            export = group.host.path(group.export())
            yield Loop(folder, export, true)


def who_is_who(export):
    """{device: its name in the lab}: an export has identifiers of its own."""
    by_name = {thing.name: name for name, thing in THINGS.items()}
    return {row["device"]: by_name[row["name"]]
            for row in rows(export + "/labels.csv")}


def missing(group, true):
    """Where the collector's flows are not what the devices did, yet."""
    export = group.host.path(group.export())
    names, found = who_is_who(export), collections.defaultdict(dict)
    for row in rows(export + "/flows.csv"):
        add(found[names.get(row["device"])], key_of(row, row["remote"]), row)
    wrong = {name: stored.differences(found[name], flows, wanted=is_far)
             for name, flows in true.items()}
    if len(rows(export + "/views.csv")) < 2:
        wrong["views"] = ["not of both homes"]
    return {name: lines for name, lines in wrong.items() if lines}


class Loop:
    """The export as a fleet, its report and its release."""

    def __init__(self, folder, export, true):
        self.true, self.folder = true, folder
        fleet = folder / "fleet"
        with open(folder / "truth.csv", "w", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(("id", "vendor", "name", "category"))
            for key, name in who_is_who(export).items():
                thing = THINGS[name]
                out.writerow((key, *thing))
        study("import", "--strict", export, fleet)
        study("report", fleet, "--out", folder / "report",
              "--min-devices", 1, "--truth", folder / "truth.csv")
        study("release", fleet, "--out", folder / "release", "--full")

    def table(self, name):
        return rows(self.folder / "report" / f"{name}.csv")

    def by_vendor(self, name):
        return {row["vendor"]: row for row in self.table(name)}

    def released(self, name):
        return rows(self.folder / "release" / f"{name}.csv")


def test_every_device_and_its_label(loop):
    users = {row["figure"]: float(row["value"]) for row in loop.table("users")}
    assert users["all users"] == users["active users"] == 2
    assert users["monitored devices"] == users["labelled devices"] == 6
    table2 = loop.by_vendor("table2")
    assert set(table2) == {standard(name) for name in THINGS}
    for name, thing in THINGS.items():
        row = table2[standard(name)]
        assert (row["devices"], row["users"]) == ("1", "1"), name
    labels = {tuple(row[column].strip() for column in truth.Thing._fields)
              for row in loop.released("labels")}
    assert labels == {tuple(text.strip() for text in typed)
                      for typed in TYPED.values()}


def test_how_often_each_validator_is_wrong(loop):
    score = {(row["standard"], row["validator"]): row
             for row in loop.table("score") if row["rule"] == "alone"}
    for standard_by in ("paper", "improved"):
        for place, method in enumerate(METHODS):
            row = score[standard_by, method]
            assert row["truth"] == "real"
            assert (row["right_labels"], row["wrong_labels"]) == ("6", "0")
            silent = sum(said[place] is not True for said in SPEAKS.values())
            assert float(row["false_negative"]) == pytest.approx(
                silent / len(SPEAKS), abs=1e-6), row


def test_every_byte(loop):
    vendor = {row["device"]: row["vendor"] for row in loop.released("labels")}
    endpoint = {row["endpoint"]: row for row in loop.released("endpoints")}
    found = collections.defaultdict(dict)
    for row in loop.released("flows"):
        if row["local"] != "true":
            add(found[vendor[row["device"]].strip().lower()],
                key_of(row, endpoint[row["endpoint"]]["addr"]), row)
    assert set(found) == {standard(name) for name in THINGS}
    for name, flows in loop.true.items():
        assert flows
        assert not stored.differences(found[standard(name)], flows,
                                      wanted=is_far), name


def test_every_way_of_validating(loop):
    table1 = {row["method"]: row for row in loop.table("table1")}
    assert float(table1["domain_common"]["no_data"]) == 1
    for place, method in enumerate(METHODS):
        counted = collections.Counter(said[place] for said in SPEAKS.values())
        for column, value in (("validated", True), ("not_validated", False),
                              ("no_data", None)):
            assert float(table1[method][column]) == pytest.approx(
                counted[value] / len(SPEAKS), abs=1e-6), (method, column)


def test_whom_they_talk_to_and_how(loop):
    domains, plain = loop.by_vendor("domains"), loop.by_vendor("table4")
    tracking, tls = loop.by_vendor("tracking"), loop.by_vendor("tls")
    for name in THINGS:
        vendor = standard(name)
        assert float(domains[vendor]["most"]) == len(DOMAINS[name]), name
        assert tuple(float(plain[vendor][column]) for column in (
            "any_plaintext", "to_non_trackers", "to_trackers")) == \
            PLAIN.get(name, (0, 0, 0)), name
        assert float(tracking[vendor]["to_trackers"]) == (name in TRACKED)
        if name == "plug":
            assert vendor not in tls  # it has no TLS
        else:
            assert float(tls[vendor]["outdated_paper"]) == (name in OUTDATED)


def test_what_follows_from_all_of_it(loop):
    """Tables whose rows are counts of what the others say of each device."""
    agreeing = [sum(word is True for word in said) for said in SPEAKS.values()]
    assert {int(row["at_least"]): int(row["devices"])
            for row in loop.table("agreement")} == {
        n: sum(count >= n for count in agreeing) for n in (1, 2, 3, 4)}
    steps = {row["step"]: int(row["devices"])
             for row in loop.table("population")}
    assert steps["validated"] == sum(count > 0 for count in agreeing)
    assert {step: steps[step] for step in ("labelled", "standardised")} == {
        "labelled": 6, "standardised": 6}
    assert steps["plaintext"] == len(PLAIN)
    assert steps["to a tracker"] == len(TRACKED)
    assert steps["outdated TLS (paper)"] == len(OUTDATED)
    assert {int(row["at_most"]): int(row["vendors"])
            for row in loop.table("domain_counts")} == {
        n: sum(len(names) <= n for names in DOMAINS.values())
        for n in (1, 2, 10)}
    for figure, group in (("figure4", "< 10 devices"),
                          ("figure5", ">= 1 label")):
        counted = collections.Counter()
        for row in loop.table(figure):
            counted[row["users_with"]] += int(row["users"])
        assert counted == {group: 2}
    assert sum(int(row["new"]) for row in loop.table("figure3")) == 2


def test_how_long_the_page_was_looked_at(loop):
    views = {row["view"]: float(row["hours"]) for row in loop.table("views")}
    assert views == {"device": pytest.approx(2 * 90 / 3600)}
