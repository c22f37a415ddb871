# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole program in the lab's home, every reply of it held to the
contract as well: what it says of a TV that lives."""

import json
import os
import sys

import pytest

from contract import TREE
from hub import CONTRACT

sys.path.insert(0, str(TREE))

from lab.home import Home  # noqa: E402
from lab.inspector import Inspector  # noqa: E402
from lab.netns import wait_until  # noqa: E402

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root, to make network namespaces")

TRACKER = "scribe.logs.roku.com"  # the TV's, over TLS


def check(method, path, status, headers, body):
    CONTRACT.check_reply(method, path, status, {
        name.lower(): value for name, value in headers.items()}, body)


@pytest.fixture(scope="module")
def home():
    with Home(devices=["tv"]) as made:
        made.tv.live()
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    """Watches the TV."""
    with Inspector(home.inspector, on_reply=check) as made:
        made.consent()
        made.watch(home.tv.address)
        made.wait_phase(home.tv.address, "active", deadline=20)
        yield made


def test_a_tv_is_seen_as_it_is(home, inspector):
    tv = home.tv.address
    device = inspector.find(tv)["id"]
    row = wait_until(
        lambda: [row for row in inspector.endpoints(tv)
                 if row["endpoint"] == TRACKER], "the tracker", 20)[0]
    assert row["name_source"] == "dns" and row["ports"] == ["tcp/443"]
    assert row["registered_domain"] == "roku.com" and not row["local"]
    assert row["in_bytes"] > 0 and row["out_bytes"] > 0
    series = inspector.get("/api/devices/%s/traffic?top=20" % device)["series"]
    assert TRACKER in [one["endpoint"] for one in series]
    status = inspector.status()
    assert [i["device"] for i in status["network"]["intercepted"]] == [device]
    assert [p["name"] for p in status["processes"] if p["pid"]] == [
        "keeper", "guard", "engine", "hub", "discover", "upload"]
    assert status["network"]["gateway"] == home.router.address
    assert status["counters"]["hub"]["messages_refused"] == 0
    assert status["faults"] == []


def test_the_live_stream_follows_the_tv(home, inspector):
    device = inspector.find(home.tv.address)["id"]
    for name, data in inspector.events(timeout=30):
        CONTRACT.check_event(name, json.dumps(data))
        if name == "window" and data["device"] == device and any(
                e["endpoint"] == TRACKER for e in data["endpoints"]):
            return
    pytest.fail("the stream ended")
