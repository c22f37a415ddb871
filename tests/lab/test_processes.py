# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes, each with the privilege it needs and no other."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from lab import measure
from lab.home import Home
from lab.inspector import (BINARY, PROCESSES, RUN_DIR, Inspector, data_owner)
from lab.internet import RESOLVER
from lab.netns import wait_until

CAP_NET_ADMIN, CAP_NET_RAW = 1 << 12, 1 << 13
NETWORK = CAP_NET_ADMIN | CAP_NET_RAW
SECCOMP_FILTER = 2
FIRST_PAUSE_S = 0.1  # keeper.h: KEEPER_BACKOFF_FIRST_MS


HOME = {"devices": ["tv"], "inspectors": 2}


@pytest.fixture(scope="module")
def inspector(home):
    made = Inspector(home.inspector)
    made.wait_url()
    yield made
    made.stop()


def facts(pid):
    """/proc/PID/status as {field: words}."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return {line.split(":")[0]: line.split(":", 1)[1].split()
                for line in file}


def wait_confined(inspector, name):
    wait_until(lambda: int(facts(inspector.wait_whole()[name])["Seccomp"][0])
               == SECCOMP_FILTER, f"{name} to confine itself")


@pytest.mark.parametrize("name, capabilities", [
    ("keeper", NETWORK), ("guard", NETWORK), ("engine", 0), ("hub", 0),
    ("discover", 0), ("upload", 0)])
def test_no_process_has_more_privilege_than_it_needs(inspector, name,
                                                     capabilities):
    owner = data_owner()
    if not capabilities:
        wait_confined(inspector, name)  # the last that it does to itself
    said = facts(inspector.wait_whole()[name])
    assert set(said["Uid"]) == {str(owner.pw_uid)}
    assert set(said["Gid"]) == {str(owner.pw_gid)}
    assert said["Groups"] in ([], [str(owner.pw_gid)])
    for kind in ("CapEff", "CapPrm", "CapBnd"):
        assert int(said[kind][0], 16) & ~capabilities == 0, kind
    assert int(said["CapEff"][0], 16) == capabilities
    assert said["NoNewPrivs"] == ["1"]


@pytest.mark.parametrize("name", ["engine", "hub", "discover", "upload"])
def test_what_reads_from_outside_is_confined(inspector, name):
    wait_confined(inspector, name)


def test_what_an_instance_leaves_is_its_users_alone(home, inspector):
    about = os.stat(home.inspector.path(RUN_DIR))
    assert about.st_mode & 0o777 == 0o700
    assert about.st_uid == data_owner().pw_uid
    def listed():
        return {line.split()[0] for line in home.inspector.read(
            RUN_DIR + "/processes").splitlines()}
    wait_until(lambda: listed() == set(PROCESSES), "all to be listed", 15)


def test_a_process_at_rest_answers_and_is_left_alone(inspector):
    """Longer than the keeper waits for one that does not."""
    before = inspector.wait_whole(40)
    time.sleep(20)  # keeper.h: KEEPER_HUNG_MS, and two rounds of asking
    assert inspector.wait_whole() == before


def memory_holds(pid, text):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, \
            open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            place, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            memory.seek(start)
            if text in memory.read(end - start):
                return True
    return False


def test_who_parses_the_network_has_no_key_to_the_page(inspector):
    """Nor when it is started again, after the address was printed."""
    token = inspector.url.split("token=")[1].split(".")[0].encode()
    before = inspector.wait_whole(40)
    os.kill(before["engine"], signal.SIGKILL)
    wait_until(lambda: inspector.pids().get("engine", before["engine"])
               != before["engine"], "another engine", 40)
    pids = inspector.wait_whole(40)
    assert memory_holds(pids["keeper"], token)
    assert not memory_holds(pids["engine"], token)
    assert not memory_holds(pids["discover"], token)
    assert not memory_holds(pids["upload"], token)


ANNA, HER_HOME = 4711, "/run/lab/anna"
BROWSER = """#!/bin/sh
file=${1#file://}
{ id -ru; id -rG; stat -c "%a %u" "$file"; cat "$file"; } >~/shown
printf '%s\\n' "$0" "$@" >~/called
"""


def anna_called_sudo(host):
    """The environment of a program that a person started so; she is known in
    the host alone."""
    for name in ("passwd", "group"):
        with open("/etc/" + name, encoding="utf-8") as file:
            text = file.read()
        line = {"passwd": f"anna:x:{ANNA}:{ANNA}::{HER_HOME}:/bin/sh\n",
                "group": f"anna:x:{ANNA}:\n"}[name]
        host.run(["mount", "--bind", host.write(name, text + line, 0o644),
                  "/etc/" + name])
    for folder in (HER_HOME, f"/run/user/{ANNA}"):
        os.makedirs(host.path(folder), 0o700)
        os.chown(host.path(folder), ANNA, ANNA)
    return {"PATH": os.environ["PATH"], "SUDO_UID": str(ANNA)}


def about_file(path):
    """None where it is gone: a database's journal, since it was listed."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat()
    return None


def test_who_calls_sudo_has_page_and_data_as_an_ordinary_user(home):
    """xdg-open and the browser are called with a file that leads there: the
    key to the page is in nobody's arguments."""
    host = home.inspector2
    environment = anna_called_sudo(host)
    browser = host.write("browser", BROWSER, 0o755)
    process = host.serve([BINARY, "run", "--interface", "eth0"],
                         env={**environment, "BROWSER": browser})
    try:
        wait_until(lambda: host.exists(HER_HOME + "/called"), "the browser",
                   15)
        opened = wait_until(lambda: host.read(HER_HOME + "/called"), "a call")
        name = opened.splitlines()[1]
        assert name.startswith(f"file:///run/user/{ANNA}/")
        assert "token" not in opened
        who, groups, rights, shown = host.read(HER_HOME + "/shown").split(
            "\n", 3)
        assert (who, groups) == (str(ANNA), str(ANNA))
        assert rights == f"600 {ANNA}"
        assert "http://127.0.0.1:" in shown and "/start?token=" in shown
        data = wait_until(lambda: list(Path(host.path(
            HER_HOME + "/.local/share/iot-inspector")).glob("*")), "data")
        for about in (*filter(None, map(about_file, data)),
                      data[0].parent.stat()):
            assert about.st_uid == ANNA
            assert about.st_mode & 0o077 == 0
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    wait_until(lambda: not host.exists(name.removeprefix("file://")),
               "the file to be removed")


def test_a_reader_that_stops_reading_delays_no_restore():
    """Standard error is a pipe that is full."""
    with Home(["tv"], ipv6=False) as home:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x" * 4096)
        os.set_blocking(writer, True)
        with Inspector(home.inspector, stderr=writer) as inspector:
            inspector.consent()
            measure.watch(inspector, home.tv)
            with measure.pinging(home.tv, RESOLVER) as pings:
                os.kill(inspector.wait_whole()["guard"], signal.SIGKILL)
                measure.wait_true(home, home.tv, 2)
                measure.wait_active(inspector, home.tv, 20)
            assert not pings.lost, str(pings)
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("name", ["guard", "engine", "hub", "discover",
                                  "upload"])
def test_a_process_that_ends_is_started_again(inspector, name, how):
    before = inspector.wait_whole(40)
    os.kill(before[name], how)
    wait_until(lambda: inspector.pids().get(name, before[name])
               != before[name], f"{name} to be started again", 40)
    after = inspector.wait_whole(40)
    assert after["keeper"] == before["keeper"]


def test_who_dies_again_and_again_is_started_later_each_time(inspector):
    for turn in range(3):
        pid = inspector.wait_whole(40)["discover"]
        died = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: inspector.pids().get("discover", pid) != pid,
                   "discover to be started again", 40)
        assert time.monotonic() - died >= FIRST_PAUSE_S * 2 ** turn


def test_after_the_keepers_end_guard_is_the_keeper(inspector):
    before = inspector.wait_whole(40)
    os.kill(before["keeper"], signal.SIGKILL)
    wait_until(lambda: inspector.pids().get("keeper", before["keeper"])
               != before["keeper"], "another keeper", 20)
    wait_until(lambda: not {before["engine"], before["hub"]}
               & set(inspector.pids().values()), "its children to end")
    after = inspector.wait_whole(40)
    assert after["keeper"] == before["guard"]


def test_all_end_together(inspector):
    inspector.wait_whole(40)
    inspector.stop()
    assert inspector.pids() == {}
