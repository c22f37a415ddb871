# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever way a home ends, the machine is as it was."""

import os
import signal
import subprocess
import sys

import pytest

from lab import home as lab_home
from lab.home import Home
from lab.netns import wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
LAB = os.path.join(ROOT, "lab", "lab")


def network_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def networks_in_use():
    return {network_of(pid) for pid in os.listdir("/proc") if pid.isdigit()}


def interfaces():
    return sorted(os.listdir("/sys/class/net"))


def assert_gone(networks, pids):
    # a dead process has no namespaces any more before it is buried
    wait_until(lambda: not networks & networks_in_use()
               and not any(map(lab_home.started, pids)),
               "the home's namespaces and processes to be gone")


def test_nothing_is_left_after_an_ordinary_end():
    before = interfaces()
    with Home(["tv"], dumb=2) as home:
        home.tv.live()
        pids = [host.pid for host in home._all]
        networks = {network_of(pid) for pid in pids}
        assert interfaces() == before
        assert len(networks & networks_in_use()) == len(pids)
        assert home.name in lab_home.homes()
        name = home.name
    assert_gone(networks, pids)
    assert name not in lab_home.homes()
    assert interfaces() == before


def test_nothing_is_left_after_an_exception():
    with pytest.raises(ZeroDivisionError):
        with Home(["tv"]) as home:
            pids = [host.pid for host in home._all]
            networks = {network_of(pid) for pid in pids}
            1 / 0
    assert_gone(networks, pids)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM,
                                 signal.SIGINT])
def test_nothing_is_left_after_a_signal_to_the_launcher(how):
    name = f"test-{os.getpid()}-{how.value}"
    with subprocess.Popen([sys.executable, LAB, "--home", name, "up",
                           "--dumb", "2"], stdout=subprocess.PIPE,
                          text=True) as launcher:
        try:
            for line in launcher.stdout:
                if line.startswith(name):
                    break
            hosts = lab_home.homes()[name]["hosts"]
            networks = {network_of(pid) for pid in hosts.values()}
            said = subprocess.run(
                [sys.executable, LAB, "--home", name, "exec", "tv",
                 "hostname"], stdout=subprocess.PIPE, text=True, check=True)
            assert said.stdout == "tv\n"
        finally:
            launcher.send_signal(how)
    assert_gone(networks, hosts.values())
    assert name not in lab_home.homes()
    if how == signal.SIGKILL:
        assert name in lab_home.clean()
    assert not os.path.exists(f"{lab_home.STATE}/{name}.json")
