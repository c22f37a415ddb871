# SPDX-License-Identifier: GPL-3.0-or-later
"""Four processes, each with the privilege it needs and no other."""

import os
import signal

import pytest

from lab.home import Home
from lab.inspector import PROCESSES, RUN_DIR, Inspector, data_owner
from lab.netns import wait_until

CAP_NET_ADMIN, CAP_NET_RAW = 1 << 12, 1 << 13
NETWORK = CAP_NET_ADMIN | CAP_NET_RAW
SECCOMP_FILTER = 2


@pytest.fixture(scope="module")
def home():
    with Home(["tv"]) as made:
        yield made


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


@pytest.mark.parametrize("name, capabilities", [
    ("keeper", NETWORK), ("guard", NETWORK), ("engine", 0), ("hub", 0)])
def test_no_process_has_more_privilege_than_it_needs(inspector, name,
                                                     capabilities):
    owner = data_owner()
    said = facts(inspector.wait_whole()[name])
    assert set(said["Uid"]) == {str(owner.pw_uid)}
    assert set(said["Gid"]) == {str(owner.pw_gid)}
    assert said["Groups"] in ([], [str(owner.pw_gid)])
    for kind in ("CapEff", "CapPrm", "CapBnd"):
        assert int(said[kind][0], 16) & ~capabilities == 0, kind
    assert int(said["CapEff"][0], 16) == capabilities
    assert said["NoNewPrivs"] == ["1"]


@pytest.mark.parametrize("name", ["engine", "hub"])
def test_what_reads_from_outside_is_confined(inspector, name):
    wait_until(lambda: int(facts(inspector.wait_whole()[name])["Seccomp"][0])
               == SECCOMP_FILTER, f"{name} to confine itself")


def test_what_an_instance_leaves_is_its_users_alone(home, inspector):
    about = os.stat(home.inspector.path(RUN_DIR))
    assert about.st_mode & 0o777 == 0o700
    assert about.st_uid == data_owner().pw_uid
    listed = dict(line.split() for line in
                  home.inspector.read(RUN_DIR + "/processes").splitlines())
    assert set(listed) == set(PROCESSES)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("name", ["guard", "engine", "hub"])
def test_a_process_that_ends_is_started_again(inspector, name, how):
    before = inspector.wait_whole(40)
    os.kill(before[name], how)
    wait_until(lambda: inspector.pids().get(name, before[name])
               != before[name], f"{name} to be started again", 40)
    after = inspector.wait_whole(40)
    assert after["keeper"] == before["keeper"]


def test_after_the_keepers_end_guard_is_the_keeper(inspector):
    before = inspector.wait_whole(40)
    os.kill(before["keeper"], signal.SIGKILL)
    wait_until(lambda: inspector.pids().get("keeper", before["keeper"])
               != before["keeper"], "another keeper", 20)
    after = inspector.wait_whole(40)
    assert after["keeper"] == before["guard"]
    assert not {after["engine"], after["hub"]} & set(before.values())


def test_all_end_together(inspector):
    inspector.wait_whole(40)
    inspector.stop()
    assert inspector.pids() == {}
