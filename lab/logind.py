# SPDX-License-Identifier: GPL-3.0-or-later
"""What of systemd-logind a sleep needs, on a system bus of the host's own.

    with Logind(home.inspector) as logind:
        logind.sleep()   # returns when nobody holds it off any more
        logind.wake()

The bus is a real dbus-daemon. logind itself cannot run in a namespace:
devices/logind.py stands in its place."""

import os
import socket
import subprocess
import sys

from .netns import LabError, wait_until

BUS = "/run/dbus/system_bus_socket"
CONFIG = f"""<busconfig>
  <type>system</type>
  <listen>unix:path={BUS}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true"/><allow receive_type="method_call"/>
    <allow receive_type="method_return"/><allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""
DELAY_MOST_S = 5.0  # InhibitDelayMaxSec
_STAND_IN = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "devices", "logind.py")


def _listens(path):
    """Its file is there a moment before it does."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


class Logind:
    def __init__(self, host):
        self._host = host
        os.makedirs(host.path(os.path.dirname(BUS)), exist_ok=True)
        config = host.write("bus.conf", CONFIG)
        self._bus = host.serve(["dbus-daemon", "--nofork", "--nopidfile",
                                "--config-file=" + config])
        wait_until(lambda: _listens(host.path(BUS)), "the bus")
        self._logind = host.popen(
            [sys.executable, _STAND_IN, BUS, str(DELAY_MOST_S)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._expect("ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in (self._logind, self._bus):
            process.kill()
            process.wait()
        self._logind.stdin.close()
        self._logind.stdout.close()
        os.unlink(self._host.path(BUS))

    def _expect(self, *words):
        line = self._logind.stdout.readline().split()
        if line[:len(words)] != list(words):
            raise LabError(f"logind said {line}, not {words}")
        return line[len(words):]

    def _ask(self, word):
        self._logind.stdin.write(word + "\n")
        self._logind.stdin.flush()

    def inhibitors(self):
        """Who holds off a sleep."""
        self._ask("list")
        return self._expect("inhibitors")

    def sleep(self):
        """Say that the computer is to sleep, and wait as long as a computer
        would. How many seconds that was."""
        self._ask("sleep")
        return float(self._expect("asleep")[0])

    def wake(self):
        self._ask("wake")
        self._expect("awake")
