# SPDX-License-Identifier: GPL-3.0-or-later
"""A locked device is unlocked in its own browser, and by nothing else."""

import pytest

from lab.home import Home
from lab.inspector import ApiError, Inspector
from lab.netns import wait_until

PORTS = range(8590, 8600)


@pytest.fixture(scope="module")
def home():
    with Home(["phone", "tv"], ipv6=False) as made:
        yield made


@pytest.fixture(scope="module")
def inspector(home):
    with Inspector(home.inspector) as made:
        made.consent()
        yield made


def path_of(inspector, device, what=""):
    return f"/api/devices/{inspector.find(device.address)['id']}{what}"


def lock_of(inspector, device):
    return inspector.get(path_of(inspector, device))["lock"]


def fetch(host, url, *options):
    """Status and text that its browser gets; (0, "") without an answer."""
    done = host.run(["curl", "-s", "-m10", "-w", "\n%{http_code}", *options,
                     url], check=False)
    text, status = done.stdout.rsplit("\n", 1)
    return int(status), text


def listens(home):
    """Ports that the inspector's host serves to the LAN."""
    table = home.inspector.run(["ss", "-Htln"]).stdout.split()
    return [word for word in table
            if word.startswith(home.inspector.address + ":")]


@pytest.fixture
def url(home, inspector):
    """The phone is locked, and being unlocked."""
    inspector.post(path_of(inspector, home.phone, "/lock"))
    assert lock_of(inspector, home.phone)["state"] == "locked"
    inspector.post(path_of(inspector, home.phone, "/unlock"))
    return wait_until(
        lambda: (lock_of(inspector, home.phone)["unlock"] or {}).get("url"),
        "the address to open", 10)


def test_nothing_is_served_to_the_lan_unless_asked(home, inspector):
    inspector.find(home.phone.address)
    assert listens(home) == []


@pytest.mark.sanitized
def test_the_phones_own_browser_unlocks_it(home, inspector, url):
    status, page = fetch(home.phone, url)
    assert status == 200 and "<form" in page
    assert lock_of(inspector, home.phone)["state"] == "locked"
    status, page = fetch(home.phone, url, "-d", "")
    assert status == 200 and "is unlocked" in page
    lock = lock_of(inspector, home.phone)
    assert (lock["state"], lock["by"]) == ("open", "possession")
    wait_until(lambda: not listens(home), "the page to be gone", 5)
    inspector.watch(home.phone.address, thing=False)
    inspector.wait_phase(home.phone.address, "checking", "active")
    inspector.watch(home.phone.address, on=False)


@pytest.mark.sanitized
def test_another_devices_browser_does_not(home, inspector, url):
    status, page = fetch(home.tv, url, "-d", "")
    assert status == 200 and "not the device" in page
    lock = lock_of(inspector, home.phone)
    assert lock["state"] == "locked"
    assert lock["unlock"]["other"] == home.tv.address


def test_only_its_own_path_and_host_are_answered(home, inspector, url):
    base = url.rsplit("/", 1)[0]
    for wrong in ("/", "/start", "/api/status", "/aaaaaaaaaa", "/%00"):
        assert fetch(home.phone, base + wrong) == (404, fetch(
            home.phone, base + "/x")[1])
    assert fetch(home.phone, url, "-H", "Host: evil.example")[0] == 404
    assert fetch(home.phone, url, "-d", "", "-H",
                 "Origin: http://evil.example")[0] == 404
    assert lock_of(inspector, home.phone)["state"] == "locked"


def test_who_guesses_ends_it(home, inspector, url):
    base = url.rsplit("/", 1)[0]
    script = f"for i in $(seq 120); do curl -s -m2 {base}/$i; done"
    home.tv.run(["sh", "-c", script], check=False)
    wait_until(lambda: lock_of(inspector, home.phone)["unlock"]["failed"],
               "the page to be gone", 10)
    assert listens(home) == []
    assert fetch(home.phone, url)[0] == 0


def test_without_a_lock_there_is_nothing_to_unlock(home, inspector):
    tv = path_of(inspector, home.tv)
    inspector.post(tv + "/open")
    with pytest.raises(ApiError, match="wrong_state"):
        inspector.post(tv + "/unlock")
