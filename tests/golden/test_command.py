# SPDX-License-Identifier: GPL-3.0-or-later
"""The command itself: what it reads from, where it writes, and what it says
when something is wrong."""

import gzip
import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import time

import pytest

import reference
from test_golden import CAPTURES, HERE, SHEETS

CAPTURE = CAPTURES["name_then_tls"]
DATA = CAPTURE.read_bytes()
FILE_HEADER, FRAME_HEADER = 24, 16


def frame_offsets():
    """Where each frame's record begins."""
    at = FILE_HEADER
    while at < len(DATA):
        yield at
        at += FRAME_HEADER + int.from_bytes(DATA[at + 8:at + 12], "little")


def counters(output):
    """name -> value of the facts' last line."""
    return json.loads(output.splitlines()[-1])


def test_standard_input_is_read():
    ran = reference.run("--json", "-", input=DATA)
    assert ran.returncode == 0
    assert ran.stdout == reference.run("--json", CAPTURE).stdout != b""


def test_a_pipe_is_read_as_it_comes(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([reference.BINARY, "read", "--facts", "-", pipe],
                          stdout=subprocess.PIPE) as reader:
        with open(pipe, "wb") as file:
            file.write(DATA[:1000])
            file.flush()
            file.write(DATA[1000:])
        assert counters(reader.stdout.read())["frames"] == 12


def test_several_files_are_read_each_by_itself():
    once = reference.run("--facts", "-", CAPTURE).stdout.splitlines()[:-1]
    twice = reference.run("--facts", "-", CAPTURE, CAPTURE).stdout
    assert twice.splitlines()[:-1] == once * 2
    assert counters(twice)["frames"] == 24


@pytest.mark.parametrize("cut", [1, 20, 23, 24, 30, 500, 1100, len(DATA) - 1])
def test_a_cut_file_is_read_to_where_it_ends(tmp_path, cut):
    path = tmp_path / "cut.pcap"
    path.write_bytes(DATA[:cut])
    whole = [at for at in frame_offsets() if at < cut]
    ran = reference.run("--facts", "-", path)
    if cut < FILE_HEADER:
        assert ran.returncode == 1
        assert ran.stderr.decode().startswith('could not open "%s": ' % path)
        return
    at_edge = cut == FILE_HEADER
    frames = 0 if at_edge else len(whole) - 1
    assert counters(ran.stdout)["frames"] == frames
    assert ran.returncode == (0 if at_edge else 1)
    if not at_edge:
        what = ("a frame's header" if cut - whole[-1] < FRAME_HEADER
                else "a frame")
        assert ran.stderr.decode() == (
            'could not read all of "%s": the file ends in the middle of %s '
            "(at byte %d)\n" % (path, what, whole[-1]))


def test_a_frame_of_impossible_length_ends_the_reading(tmp_path):
    at = list(frame_offsets())[5]
    path = tmp_path / "damaged.pcap"
    path.write_bytes(DATA[:at + 8] + b"\xff" * 4 + DATA[at + 12:])
    ran = reference.run("--facts", "-", path)
    assert ran.returncode == 1
    assert counters(ran.stdout)["frames"] == 5
    assert ran.stderr.decode() == (
        'could not read all of "%s": a frame of 4294967295 bytes, more than '
        "any link has (at byte %d)\n" % (path, at))


@pytest.mark.parametrize("content, reason", [
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "not a capture file (magic 0x89504e47)"),
    (b"", "not a capture file (0 bytes)"),
    (b"ab", "not a capture file (2 bytes)"),
    (gzip.compress(b"hello world"), "not a capture file (magic 0x68656c6c)"),
    (gzip.compress(DATA)[:3], "the compressed data is cut off"),
])
def test_a_foreign_file_is_refused(tmp_path, content, reason):
    path = tmp_path / "cam.pcap"
    path.write_bytes(content)
    ran = reference.run(path)
    assert ran.returncode == 1
    assert ran.stderr.decode() == 'could not open "%s": %s\n' % (path, reason)


def test_what_is_not_there_is_said(tmp_path):
    for path, reason in ((tmp_path / "none", "No such file or directory"),
                         (tmp_path, "Is a directory")):
        ran = reference.run(path)
        assert ran.returncode == 1
        assert ran.stderr.decode() == 'could not open "%s": %s\n' % (path,
                                                                    reason)


def test_names_of_files_are_escaped(tmp_path):
    path = tmp_path / "red\x1b[31m"
    path.write_bytes(b"?")
    assert b'red\\x1b[31m": not' in reference.run(path).stderr


def test_the_good_files_are_read_though_one_is_bad(tmp_path):
    ran = reference.run("--facts", "-", tmp_path / "none", CAPTURE)
    assert ran.returncode == 1
    assert counters(ran.stdout)["frames"] == 12


@pytest.mark.parametrize("damage, reason", [
    (lambda data: data[:len(data) // 2], b"the compressed data is cut off"),
    (lambda data: data[:len(data) // 2] + b"\xff" * 20
     + data[len(data) // 2 + 20:], b"the compressed data is damaged"),
])
def test_damaged_compression_is_read_to_the_damage(tmp_path, damage, reason):
    path = tmp_path / "damaged.gz"
    path.write_bytes(damage(gzip.compress(DATA)))
    ran = reference.run("--facts", "-", path)
    assert ran.returncode == 1
    assert reason in ran.stderr and b"(at byte " in ran.stderr
    assert 0 < counters(ran.stdout)["frames"] < 12


def test_a_link_that_is_not_decoded_is_said(tmp_path):
    path = tmp_path / "air.pcap"
    path.write_bytes(DATA[:20] + (105).to_bytes(4, "little") + DATA[24:])
    ran = reference.run("--facts", "-", path)
    assert ran.returncode == 1
    assert counters(ran.stdout)["unsupported"] == 12
    assert b": link type 105 is not decoded (12 frames)\n" in ran.stderr


def test_a_full_disk_is_reported():
    with open("/dev/full", "wb") as full:
        for ways in ([], ["--json"], ["--facts", "-"]):
            ran = subprocess.run([reference.BINARY, "read", *ways, CAPTURE],
                                 stdout=full, stderr=subprocess.PIPE,
                                 check=False)
            assert ran.returncode == 1
            assert ran.stderr == (b'could not write "-": '
                                  b"No space left on device\n")
    ran = reference.run("--facts", "/dev/full", CAPTURE)
    assert ran.returncode == 1
    assert b'could not write "/dev/full": No space' in ran.stderr


def test_a_closed_pipe_is_reported():
    with subprocess.Popen([reference.BINARY, "read", "--json"]
                          + [CAPTURE] * 200, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as reader:
        reader.stdout.close()
        assert reader.stderr.read() == b'could not write "-": Broken pipe\n'
        assert reader.wait(30) == 1


def csv(folder, *more):
    return reference.run("--csv", folder, "--secret", HERE / "secret", *more,
                         CAPTURE)


def test_tables_take_the_place_of_older_ones(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "flows.csv").write_text("old")
    (folder / "mine.txt").write_text("mine")
    assert csv(folder).returncode == 0
    assert (folder / "flows.csv").read_text().startswith("user_key,")
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [name + ".csv" for name in SHEETS] + ["mine.txt"])


def test_nothing_changes_where_a_table_cannot_be_written(tmp_path):
    folder = tmp_path / "out"
    (folder / "dns.csv.part").mkdir(parents=True)
    (folder / "flows.csv").write_text("old")
    ran = csv(folder)
    assert ran.returncode == 1
    assert b"dns.csv\": Is a directory" in ran.stderr
    assert (folder / "flows.csv").read_text() == "old"
    assert sorted(p.name for p in folder.iterdir()) == ["dns.csv.part",
                                                        "flows.csv"]


@pytest.mark.parametrize("place, reason", [
    ("file", "File exists|Not a directory"),
    ("none/out", "No such file or directory"),
])
def test_a_place_for_tables_that_is_none_is_said(tmp_path, place, reason):
    (tmp_path / "file").write_text("")
    ran = csv(tmp_path / place)
    assert ran.returncode == 1
    assert any(r in ran.stderr.decode() for r in reason.split("|"))


def test_an_interrupt_leaves_nothing_half_written(tmp_path):
    folder, pipe = tmp_path / "out", tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([reference.BINARY, "read", "--csv", folder,
                           "--secret", HERE / "secret", "--facts",
                           tmp_path / "facts", pipe], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as reader:
        with open(pipe, "wb") as file:
            file.write(DATA[:FILE_HEADER])
            file.flush()
            wait_for(lambda: (folder / "flows.csv.part").exists())
            reader.send_signal(signal.SIGINT)
            assert reader.wait(30) == 128 + signal.SIGINT
        assert reader.stderr.read() == b""
    assert list(folder.iterdir()) == []
    assert not list(tmp_path.glob("facts*"))


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_secret_is_made_once_and_is_mine_alone(tmp_path):
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    ids = []
    for folder in ("one", "two"):
        ran = subprocess.run([reference.BINARY, "read", "--csv",
                              tmp_path / folder, CAPTURE], env=home,
                             capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr
        ids.append((tmp_path / folder / "devices.csv").read_bytes())
    key = tmp_path / ".local/share/iot-inspector/device-key"
    assert ids[0] == ids[1]
    assert len(key.read_bytes()) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    other = csv(tmp_path / "three")
    assert other.returncode == 0
    assert (tmp_path / "three/devices.csv").read_bytes() != ids[0]


def test_a_secret_of_the_wrong_length_is_refused(tmp_path):
    (tmp_path / "short").write_text("short")
    ran = reference.run("--csv", tmp_path / "out", "--secret",
                        tmp_path / "short", CAPTURE)
    assert ran.returncode == 1
    assert b"it is not 32 bytes long" in ran.stderr
    assert not (tmp_path / "out").exists()


def test_labels_fill_the_label_columns(tmp_path):
    (tmp_path / "labels.csv").write_bytes(
        b"\xef\xbb\xbfmac,name,category,vendor\r\n\r\n"
        b'02:00:00:00:00:20,"The ""big"" TV, up",TV,=Acme\r\n'
        b"02-00-00-00-00-01,router\n")
    assert csv(tmp_path / "out", "--labels",
               tmp_path / "labels.csv").returncode == 0
    rows = (tmp_path / "out/devices.csv").read_text().splitlines()
    assert any(row.endswith(',"The ""big"" TV, up",TV,\'=Acme,,,')
               for row in rows)
    assert any(row.endswith(",router,,,,,") for row in rows)


@pytest.mark.parametrize("labels, reason", [
    (b"nonsense,tv\n", "line 1 does not begin with a MAC address"),
    (b'02:00:00:00:00:20,"tv\n', "line 1 has a quote without its end"),
])
def test_wrong_labels_are_refused_by_line(tmp_path, labels, reason):
    (tmp_path / "labels.csv").write_bytes(labels)
    ran = csv(tmp_path / "out", "--labels", tmp_path / "labels.csv")
    assert ran.returncode == 1
    assert reason in ran.stderr.decode()


def test_local_ranges_and_the_router_can_be_given():
    def devices(*ways):
        records = reference.run("--json", *ways,
                                CAPTURES["whose_traffic"]).stdout
        return {(r["device"], r["gateway"])
                for r in map(json.loads, records.splitlines())
                if "window" in r}

    tv, router = "02:00:00:00:00:20", "02:00:00:00:00:01"
    assert {(tv, False), (router, True)} <= devices()
    assert {(tv, True), (router, False)} <= devices("--gateway", tv)
    # with nothing left on the Internet there is no router either
    assert (router, False) in devices("--local", "198.51.100.0/24")
    # every host, in one flow each: the router only answered
    assert devices("--all") == {(mac, False) for mac, gateway in devices()
                                if not gateway}


@pytest.mark.parametrize("wrong, reason", [
    ([], "no FILE given"),
    (["--local", "10.0.0.0/33", "x"], "not an address range"),
    (["--gateway", "0:1", "x"], "not a MAC address"),
    (["--labels", "x", "x"], "labels are for --csv"),
    (["--json", "--facts", "-", "x"], "--json goes to standard output"),
    (["--csv"], "requires an argument"),
    (["--nonsense", "x"], "unrecognized option"),
    (["--local", "10.0.0.0/8"] * 33 + ["x"], "too many ranges"),
])
def test_wrong_use_is_one_line(wrong, reason):
    ran = reference.run(*wrong)
    assert ran.returncode == 2
    assert reason in ran.stderr.decode()
    assert ran.stderr.count(b"\n") == 1


def test_help_is_no_error():
    ran = reference.run("--help")
    assert ran.returncode == 0 and not ran.stderr
    for option in (b"--json", b"--csv", b"--facts", b"--all", b"--local",
                   b"--gateway", b"--labels", b"--secret"):
        assert option in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) < 80


def test_a_slow_file_has_a_bar_on_the_terminal(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    terminal, end = pty.openpty()
    with subprocess.Popen([reference.BINARY, "read", "--json", pipe],
                          stdout=subprocess.DEVNULL, stderr=end) as reader:
        os.close(end)
        shown = b""
        with open(pipe, "wb") as file:
            file.write(DATA[:FILE_HEADER])
            while b"MiB read" not in shown:
                file.write(DATA[FILE_HEADER:] * 400)
                while select.select([terminal], [], [], 0)[0]:
                    shown += os.read(terminal, 4096)
        assert reader.wait(30) == 0
        shown += os.read(terminal, 65536)
    os.close(terminal)
    assert b"MiB read\r\x1b[K" in shown


def test_a_long_file_has_a_bar_that_says_how_far(tmp_path):
    path = tmp_path / "long.pcap.gz"  # 4 GB, of which the beginning is read
    path.write_bytes(gzip.compress(DATA[:FILE_HEADER])
                     + gzip.compress(DATA[FILE_HEADER:] * 4000) * 400)
    terminal, end = pty.openpty()
    with subprocess.Popen([reference.BINARY, "read", "--json", path],
                          stdout=subprocess.DEVNULL, stderr=end) as reader:
        os.close(end)
        shown = b""
        while not re.search(rb"\[#*\.+\] +\d+ % of \S*long.pcap.gz", shown):
            shown += os.read(terminal, 4096)
        reader.send_signal(signal.SIGINT)
        assert reader.wait(30) == 128 + signal.SIGINT
    os.close(terminal)
