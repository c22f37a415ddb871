#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bare root file systems: a Debian with nothing but what every one has.
Started as a program, it makes those that are not there yet."""

import os
import platform
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/package"
# of this machine's release, or of those named, as in "bookworm trixie"
SUITES = os.environ.get("IOT_SUITES", "").split() or [
    platform.freedesktop_os_release()["VERSION_CODENAME"]]


@contextmanager
def in_memory():
    """A folder for a tree that does not outlive its test: nothing waits for
    the disk, and what else does is not held up."""
    with tempfile.TemporaryDirectory() as path:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "bare",
                        path], check=True)
        try:
            yield Path(path)
        finally:
            subprocess.run(["umount", "--lazy", path], check=True)


def tarball(suite):
    """Made once: a tree of root's files would be in the clone's way."""
    tar = BUILD / ("bare-%s.tar" % suite)
    if not tar.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        with in_memory() as tree:
            subprocess.run(["debootstrap", "--variant=minbase", suite, tree],
                           check=True, stdout=subprocess.DEVNULL,
                           timeout=900)
            subprocess.run(["tar", "-C", tree, "--exclude=./dev/*",
                            "--exclude=./var/cache/apt/archives/*.deb",
                            "-cf", "%s.part" % tar, "."], check=True)
        os.rename("%s.part" % tar, tar)
    return tar


class BareRoot:
    def __init__(self, path):
        self.path = path

    def run(self, *words, check=True):
        """In the root, with a /proc of its own; the network is ours."""
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c",
             'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" &&'
             ' exec chroot "$0" "$@"', self.path, *words],
            check=check, text=True, capture_output=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                 "DEBIAN_FRONTEND": "noninteractive"})

    def add(self, source, inner, mode=0o755):
        target = self.path / inner.lstrip("/")
        shutil.copy(source, target)
        target.chmod(mode)

    def ordinary_user(self):
        """The id of whom the inspector becomes when root starts it."""
        lines = (self.path / "etc/passwd").read_text().splitlines()
        users = {line.split(":")[0]: int(line.split(":")[2])
                 for line in lines}
        return users.get("iot-inspector", users["nobody"])

    def files(self):
        """All there is, so that what was left behind can be told."""
        return {str(path.relative_to(self.path))
                for path in self.path.rglob("*")}


@contextmanager
def bare_root_of(suite):
    with in_memory() as path:
        subprocess.run(["tar", "-C", path, "-xf", tarball(suite)], check=True)
        path.chmod(0o755)  # the tarball has a temporary folder's
        yield BareRoot(path)


if __name__ == "__main__":
    for wanted in SUITES:
        tarball(wanted)
