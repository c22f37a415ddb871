# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev package makes starts where nothing was installed for it."""

import gzip
import http.client
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import lab.inspector
import pytest
from bare import BUILD, ROOT
from lab.home import Home
from lab.inspector import Inspector

PROGRAM = ROOT / "build/release/iot-inspector"
SINGLE = BUILD / "iot-inspector"


def version():
    return subprocess.run([PROGRAM, "--version"], check=True, text=True,
                          capture_output=True).stdout


def a_capture():
    return sorted((ROOT / "tests").rglob("*.pcap"))[0]


def inspect_from(bare_root, program, home, tmp_path, monkeypatch):
    """Starts the program in the bare root, on the inspector's host."""
    host = home.inspector
    for folder in ("proc", "dev", "run"):
        host.run(["mount", "--bind", "/" + folder, bare_root.path / folder])
    # the root's users, not those of the machine around it
    data = Path(host.path(lab.inspector.DATA_DIR))
    data.mkdir(0o700)
    os.chown(data, bare_root.ordinary_user(), -1)
    starter = tmp_path / "iot-inspector"
    starter.write_text('#!/bin/sh\nexec chroot %s %s "$@"\n'
                       % (bare_root.path, program))
    starter.chmod(0o755)
    monkeypatch.setattr(lab.inspector, "BINARY", str(starter))
    return Inspector(host)


def assert_it_inspects(bare_root, program, tmp_path, monkeypatch):
    with Home(devices=["bulb"]) as home:
        with inspect_from(bare_root, program, home, tmp_path,
                          monkeypatch) as inspector:
            status, _, page = inspector.request("GET", "/")
            assert status == 200 and b"<html" in page
            inspector.consent()
            assert inspector.find(home.bulb.address)
            assert inspector.stop() == 0


def test_the_single_file_says_the_same_as_the_program(bare_root):
    bare_root.add(SINGLE, "/iot-inspector")
    assert bare_root.run("/iot-inspector", "--version").stdout == version()
    bare_root.add(a_capture(), "/a.pcap", 0o644)
    expected = subprocess.run([PROGRAM, "read", "--json", a_capture()],
                              check=True, text=True, capture_output=True)
    told = bare_root.run("/iot-inspector", "read", "--json", "/a.pcap")
    assert told.stdout == expected.stdout != ""


def test_the_single_file_inspects_a_home_and_leaves_no_file(
        bare_root, tmp_path, monkeypatch):
    bare_root.add(SINGLE, "/iot-inspector")
    before = bare_root.files()
    assert_it_inspects(bare_root, "/iot-inspector", tmp_path, monkeypatch)
    assert bare_root.files() == before


def test_the_single_file_without_proc_gives_one_clear_line(bare_root):
    bare_root.add(SINGLE, "/iot-inspector")
    done = subprocess.run(["chroot", bare_root.path, "/iot-inspector"],
                          text=True, capture_output=True)
    assert done.returncode == 127
    assert done.stderr.count("\n") == 1 and "/proc" in done.stderr


def test_a_single_file_cut_short_gives_one_clear_line(bare_root, tmp_path):
    whole = SINGLE.read_bytes()
    (tmp_path / "cut").write_bytes(whole[:len(whole) // 2])
    bare_root.add(tmp_path / "cut", "/iot-inspector")
    done = bare_root.run("/iot-inspector", check=False)
    assert done.returncode == 127
    assert done.stderr.count("\n") == 1 and "not whole" in done.stderr


def install(bare_root, name="iot-inspector", deb=None):
    """With apt, which brings what the package says it depends on."""
    deb = deb or next(BUILD.glob(name + "_*.deb"))
    bare_root.add(deb, "/%s.deb" % name, 0o644)
    shutil.copy("/etc/resolv.conf", bare_root.path / "etc/resolv.conf")
    policy = bare_root.path / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    bare_root.run("apt-get", "update", "-qq")
    bare_root.run("apt-get", "install", "-y", "-qq",
                  "--no-install-recommends", "/%s.deb" % name)


def test_the_deb_installs_inspects_and_goes_again(
        bare_root, tmp_path, monkeypatch):
    install(bare_root)
    assert bare_root.run("iot-inspector", "--version").stdout == version()
    user = bare_root.run("getent", "passwd", "iot-inspector").stdout
    assert user.split(":")[5:] == ["/var/lib/iot-inspector",
                                   "/usr/sbin/nologin\n"]
    unit = bare_root.path / "usr/lib/systemd/system/iot-inspector.service"
    assert "ExecStopPost=/usr/bin/iot-inspector restore" in unit.read_text()
    enabled = list((bare_root.path / "etc/systemd").rglob("iot-inspector*"))
    assert enabled == []
    assert_it_inspects(bare_root, "/usr/bin/iot-inspector", tmp_path,
                       monkeypatch)
    bare_root.run("dpkg", "--purge", "iot-inspector")
    left = {name for name in bare_root.files() if "iot-inspector" in name}
    assert left == {"iot-inspector.deb"}


def of_before(name, folder):
    """The package, as if it were of an earlier version."""
    deb, = BUILD.glob(name + "_*.deb")
    subprocess.run(["dpkg-deb", "-R", deb, folder / "tree"], check=True)
    control = folder / "tree/DEBIAN/control"
    control.write_text(re.sub("^Version: .*", "Version: 0.0.1",
                              control.read_text(), flags=re.MULTILINE))
    subprocess.run(["dpkg-deb", "-b", folder / "tree", folder / "old.deb"],
                   check=True, stdout=subprocess.DEVNULL)
    return folder / "old.deb"


def upgrade(bare_root, name):
    """What systemd was asked for meanwhile: the root has none, so what is
    asked is noted."""
    (bare_root.path / "run/systemd/system").mkdir(parents=True)
    systemctl = bare_root.path / "usr/bin/systemctl"
    systemctl.write_text('#!/bin/sh\necho "$*" >>/asked\n')
    systemctl.chmod(0o755)
    deb, = BUILD.glob(name + "_*.deb")
    bare_root.add(deb, "/%s.deb" % name, 0o644)
    bare_root.run("dpkg", "-i", "/%s.deb" % name)
    return (bare_root.path / "asked").read_text().splitlines()


def test_the_collectors_deb_installs_serves_upgrades_and_goes_again(
        bare_root, tmp_path):
    install(bare_root, "iot-collector", of_before("iot-collector", tmp_path))
    assert bare_root.run("iot-collector", "--version").stdout.split()[1:] == \
        version().split()[1:]
    manual = bare_root.path / "usr/share/man/man8/iot-collector.8.gz"
    assert b"iot\\-collector" in gzip.decompress(manual.read_bytes())
    assert list((bare_root.path / "etc/systemd").rglob("iot-coll*")) == []
    (bare_root.path / "text").write_text("What you share.\n")
    bare_root.run("iot-collector", "consent", "/text", "--approval", "IRB 7",
                  "--contact", "study@example.org", "--retention-days", "9")
    asked = upgrade(bare_root, "iot-collector")
    # one that runs is not stopped, and goes on with the new program
    assert asked[-1] == "try-restart iot-collector.service"
    assert set(asked[:-1]) == {"daemon-reload"}
    assert bare_root.run("dpkg-query", "-f", "${Version}", "-W",
                         "iot-collector").stdout == version().split()[-1]
    serving = subprocess.Popen(
        ["chroot", bare_root.path, "/usr/bin/iot-collector", "serve",
         "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        port = re.search(r"ready: http://127.0.0.1:(\d+)",
                         serving.stdout.readline()).group(1)
        connection = http.client.HTTPConnection("127.0.0.1", int(port),
                                                timeout=30)
        connection.request("GET", "/v1/consent")
        assert json.load(connection.getresponse())["retention_days"] == 9
        connection.close()
    finally:
        serving.terminate()
        assert serving.wait(30) == 0
        serving.stdout.close()
    bare_root.run("dpkg", "--purge", "iot-collector")
    left = {name for name in bare_root.files() if "iot-collector" in name}
    assert left and all(name == "iot-collector.deb" or
                        name.startswith("var/lib/iot-collector")
                        for name in left)


@pytest.mark.skipif(not shutil.which("systemd-analyze"),
                    reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_collectors_unit(tmp_path):
    unit = (ROOT / "packaging/iot-collector.service").read_text()
    program = ROOT / "build/release/iot-collector"
    (tmp_path / "iot-collector.service").write_text(
        unit.replace("/usr/bin/iot-collector", str(program)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no",
         tmp_path / "iot-collector.service"], text=True, check=False,
        capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_study_has_its_engine_with_it(bare_root):
    install(bare_root, "iot-study")
    bare_root.run("iot-study", "simulate", "--homes", "3", "--seed", "1",
                  "/a.fleet")
    told = bare_root.run("iot-study", "standardise", "/a.fleet").stdout
    assert "labelled devices standardised" in told
    # what it ships to try it with is there, and is read
    doc = "/usr/share/doc/iot-study"
    assert (bare_root.path / doc[1:] / "study.md").exists()
    bare_root.run("iot-study", "import", "--strict", doc + "/sample",
                  "/sample.fleet")
    bare_root.run("apt-get", "purge", "-y", "-qq", "iot-study")
    assert not (bare_root.path / "usr/lib/iot-inspector").exists()
