# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup can be put in the place of the store; what was erased stays so."""

import json
import sqlite3

import upload
from program import content
from test_delete import device, private
from test_token import add, read


def files(folder):
    return b"".join(content(path) for path in folder.iterdir())


def test_a_backup_of_a_running_collector_is_a_store(collector, tmp_path):
    home = collector.inspector()
    home.upload(1, 2, flows=3)
    collector.command("backup", str(tmp_path / "copy"))
    before = collector.stats()
    home.upload(3)
    collector.stop()
    collector.command("restore", str(tmp_path / "copy"))
    after = collector.stats()
    for stats in (before, after):
        for name in ("bytes", "free_bytes", "written"):
            del stats[name]
    assert after == before
    for path in collector.data_dir.glob("*.db"):
        with sqlite3.connect(path) as store:
            assert store.execute("PRAGMA integrity_check").fetchone() == \
                ("ok",)
        store.close()
    collector.start()
    # what the backup had counts once, what it had not is taken
    assert home.upload(1, 2, 3).json["accepted"] == [[1, 3]]
    assert collector.stats()["segments"] == 3


def test_what_was_erased_since_the_backup_is_erased_again(collector,
                                                          tmp_path):
    homes = [collector.inspector(number) for number in (1, 2, 3)]
    for home, word in zip(homes, ("allgone", "devicegone", "namesgone")):
        home.send(upload.pack(home.body(private(1, home.number, word))))
    collector.command("backup", str(tmp_path / "copy"))
    assert b"allgone" in files(tmp_path / "copy")
    homes[0].erase("everything")
    homes[1].erase("device", device=device(2, 0))
    homes[2].erase("names")
    collector.stop()
    said = collector.command("restore", str(tmp_path / "copy")).stdout
    assert said.splitlines()[0] == "erased again: 3"
    held = files(collector.data_dir)
    for word in (b"allgone", b"devicegone", b"namesgone.example.com",
                 bytes.fromhex(homes[0].account)):
        assert word not in held
    assert collector.stats()["accounts"] == 2
    collector.start()
    assert homes[0].upload(2).status == 401


def test_what_the_group_decided_since_the_backup_holds(collector, tmp_path):
    home = collector.inspector()
    _, withdrawn = add(collector)
    collector.command("backup", str(tmp_path / "copy"))
    second = collector.set_consent("Another text.\n")
    collector.command("consent", "--withdraw", "1")
    _, added = add(collector)
    collector.command("token", "withdraw", "1")
    collector.command("purge", "--published", "2026-01-02")
    collector.command("export", str(tmp_path / "export"))
    texts = ("consent",), ("token", "list"), ("token", "log")
    before = [collector.command(*words).stdout for words in texts]
    collector.stop()
    # as a shell completes it, and as systemd links it
    data_dir = collector.data_dir
    link = tmp_path / "link"
    link.symlink_to(data_dir)
    collector.data_dir = str(link) + "/"
    collector.command("restore", str(tmp_path / "copy"))
    assert link.is_symlink() and not list(link.glob(".*"))
    collector.data_dir = data_dir
    assert [collector.command(*words).stdout for words in texts] == before
    with sqlite3.connect(data_dir / "collector.db") as store:
        assert store.execute(
            "SELECT value FROM setting WHERE key = 'published'").fetchone()
    store.close()
    collector.start()
    assert home.upload(1).status == 412
    assert home.join(second).status == 200
    assert read(collector, withdrawn).status == 401
    assert read(collector, added).status == 200


def test_a_lost_store_is_restored_with_what_another_backup_erased(
        make_collector, tmp_path):
    collector = make_collector()
    home = collector.inspector()
    home.send(upload.pack(home.body(private(1, 1, "gone"))))
    collector.command("backup", str(tmp_path / "monday"))
    home.erase("everything")
    collector.command("backup", str(tmp_path / "tuesday"))
    collector.stop()
    empty = tmp_path / "new"
    collector.data_dir = empty
    collector.command("restore", str(tmp_path / "monday"), "--tombstones",
                      str(tmp_path / "tuesday"))
    assert b"gone" not in files(empty)
    collector.start()


def test_a_restored_collector_is_known_by_its_certificate(make_collector,
                                                          tmp_path):
    collector = make_collector(tls=True)
    home = collector.inspector()
    assert home.upload(1).status == 200
    known = collector.fingerprint
    collector.command("backup", str(tmp_path / "copy"))
    collector.stop()
    collector.data_dir = tmp_path / "elsewhere"
    collector.command("restore", str(tmp_path / "copy"))
    for folder in (tmp_path / "copy", collector.data_dir):
        assert (folder / "trial-key.pem").stat().st_mode & 0o77 == 0
    collector.start()
    assert collector.fingerprint == known
    assert home.upload(2).status == 200


def test_a_running_collector_is_not_restored_over(collector, tmp_path):
    collector.inspector().upload(1)
    collector.command("backup", str(tmp_path / "copy"))
    done = collector.command("restore", str(tmp_path / "copy"), check=False)
    assert (done.returncode, done.stderr) == (
        1, "iot-collector: %s: another collector uses it\n"
        % collector.data_dir)
    again = collector.command("backup", str(tmp_path / "copy"), check=False)
    assert again.stderr == "iot-collector: %s: File exists\n" % (
        tmp_path / "copy")
    assert json.loads(collector.command("stats", "--json").stdout)[
        "segments"] == 1
